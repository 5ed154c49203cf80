/**
 * Runs node:test files and ends with the closing line of every suite: `npm run unit`, `across`, `unit:browser`,
 * `scripts`, `vectors`.
 *
 * `node tools/run.mjs tools/run-tests.ts SUITE [PATH…]`; with paths, only the files below them. All files run in one
 * process: a process for each would take longer to start than most of them take to run. Failures are shown in full,
 * skipped tests by name and reason; `--list` shows the passed ones too.
 */
import { matchesGlob, relative } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { closingLine } from "../test/suite.ts";
import { filesBelow, ROOT } from "./files.ts";
import { Tally } from "./tally.ts";
import type { TestEvent } from "./tally.ts";

/** Which files belong to a suite, as patterns from the root. `browser` expects to run with `--conditions=browser`. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  unit: ["src/**/*.test.ts"],
  across: ["tools/**/*.test.ts", "test/*.test.ts", "test/{browser,crash,fuzz}/**/*.test.ts"],
  browser: ["src/crypto/**/*.test.ts", "src/tlog/**/*.test.ts", "src/verify/**/*.test.ts", "test/vectors/**/*.test.ts"],
  scripts: ["test/scripts/**/*.test.ts"],
  vectors: ["test/vectors/**/*.test.ts"],
};

/** A test that takes longer hangs. */
const TEST_TIMEOUT_MS = 180_000;

function selectFiles(patterns: readonly string[], paths: readonly string[]): string[] {
  const wanted = paths.map((path) => relative(ROOT, path));
  const all = [...new Set(["src", "test", "tools"].flatMap((folder) => filesBelow(`${ROOT}/${folder}`, ".test.ts")))];
  return all.toSorted().filter((file) => {
    const path = relative(ROOT, file);
    const chosen = wanted.length === 0 || wanted.some((one) => path === one || path.startsWith(`${one}/`));
    return chosen && patterns.some((pattern) => matchesGlob(path, pattern));
  });
}

async function runFiles(files: readonly string[], list: boolean): Promise<Tally> {
  const tally = new Tally();
  const stream = run({ files: [...files], isolation: "none", cwd: ROOT, timeout: TEST_TIMEOUT_MS });
  stream.on("test:pass", (event: TestEvent) => {
    tally.add(event, false);
    if (list) console.log(`ok    ${event.name}`);
  });
  stream.on("test:fail", (event: TestEvent) => tally.add(event, true));
  await finished(stream.resume());
  return tally;
}

async function main(name: string, args: readonly string[]): Promise<void> {
  const patterns = SUITES[name];
  if (patterns === undefined) throw new TypeError(`expected one of ${Object.keys(SUITES).join(", ")}, got ${name}`);
  const files = selectFiles(
    patterns,
    args.filter((argument) => !argument.startsWith("--")),
  );
  if (files.length === 0) {
    console.log(`no test file matches ${[...patterns, ...args].join(" ")}\n${closingLine(0, 1, 0)}`);
    process.exitCode = 1;
    return;
  }
  const tally = await runFiles(files, args.includes("--list"));
  report(tally);
}

function report({ passed, failures, skipped }: Tally): void {
  for (const { name, place, error } of failures)
    console.log(`FAIL  ${name}  ${place}\n${error.stack ?? error.message}\n`);
  for (const one of skipped) console.log(`skip  ${one}`);
  const nothingRan = passed + failures.length === 0;
  if (nothingRan) console.log("no test ran");
  console.log(closingLine(passed, failures.length + Number(nothingRan), skipped.length));
  process.exitCode = failures.length > 0 || nothingRan ? 1 : 0;
}

const [suite = "", ...rest] = process.argv.slice(2);
await main(suite, rest);
