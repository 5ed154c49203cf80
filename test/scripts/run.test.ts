/**
 * Runs the scripts in cases/: the command from outside, as a user has it.
 *
 * The first command of every script, and each that reads what nobody may read or writes to a file, runs in a process of its
 * own; the others in this process, on the same code with a world of ours. SIGSTORE_SCRIPTS=process runs all of them in processes.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/main.ts";
import type { World } from "../../src/cli/world.ts";
import { skipReason } from "../vectors-path.ts";
import { Fixtures, SCRIPT_NOW_MS } from "./fixtures.ts";
import { findViolations, readSchema } from "./json-schema.ts";
import { findMismatch, parseScript } from "./script.ts";
import type { CommandStep, Script } from "./script.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HERE));
const PROGRAM = join(ROOT, "bin", "sigstore.ts");
const DAY_MS = 86_400_000;
/** The user that exists everywhere and owns nothing. */
const NOBODY = 65_534;
/** The user's own files, below the folder of the script. */
const HOME = "home";
const ALWAYS_PROCESS = process.env["SIGSTORE_SCRIPTS"] === "process";

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
  readonly talk: string;
}

for (const name of readdirSync(join(HERE, "cases")).toSorted()) {
  const script = parseScript(readFileSync(join(HERE, "cases", name), "utf8"));
  test(`${name}: ${script.title}`, { skip: reasonToSkip(script) }, async () => runScript(name, script));
}

function reasonToSkip(script: Script): string | false {
  if (script.steps.some((step) => step.kind === "fixture" && step.name === "vector") && skipReason !== false)
    return skipReason;
  return isDenying(script) && !canBeNobody()
    ? "as root every file can be read, and this checkout cannot be run as another user"
    : false;
}

function isDenying({ steps }: Script): boolean {
  return steps.some((step) => step.kind === "fixture" && step.name === "deny");
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function canBeNobody(): boolean {
  if (!isRoot()) return true;
  return spawnSync(process.execPath, [PROGRAM, "version"], { uid: NOBODY, gid: NOBODY, env: {} }).status === 0;
}

async function runScript(name: string, script: Script): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sigstore-script-"));
  const back = process.cwd();
  try {
    chmodSync(folder, 0o755);
    process.chdir(folder);
    const fixtures = new Fixtures(folder);
    for (const [file, content] of script.files) fixtures.write(file, content);
    let runs = 0;
    for (const step of script.steps) {
      if (step.kind === "fixture") {
        await fixtures.make(step);
        continue;
      }
      runs += 1;
      const inProcess = runs > 1 && !ALWAYS_PROCESS && !isDenying(script) && step.outputFile === undefined;
      check(
        `${name}:${step.line}`,
        step,
        inProcess ? await runHere(step) : runProcess(step, folder, isDenying(script)),
      );
    }
  } finally {
    process.chdir(back);
    rmSync(folder, { recursive: true, force: true });
  }
}

function runProcess(step: CommandStep, folder: string, asNobody: boolean): Outcome {
  const input = step.input === undefined ? "ignore" : openSync(step.input, "r");
  const output = step.outputFile === undefined ? "pipe" : openSync(step.outputFile, "w");
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...step.words], {
      cwd: folder,
      env: { ...cacheVariable(asNobody), SIGSTORE_HOME: join(folder, HOME), ...step.environment },
      encoding: "utf8",
      stdio: [input, output, "pipe"],
      ...(asNobody && isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    return { exitCode: status, output: typeof output === "number" ? "" : stdout, talk: stderr };
  } finally {
    for (const descriptor of [input, output]) if (typeof descriptor === "number") closeSync(descriptor);
  }
}

function cacheVariable(asNobody: boolean): Record<string, string> {
  const { NODE_COMPILE_CACHE: cache } = process.env;
  return cache === undefined || asNobody ? {} : { NODE_COMPILE_CACHE: cache };
}

async function runHere(step: CommandStep): Promise<Outcome> {
  const descriptor = openSync(step.input ?? "/dev/null", "r");
  const written = { output: "", talk: "" };
  const world: World = {
    environment: { SIGSTORE_HOME: join(process.cwd(), HOME), ...step.environment },
    inputDescriptor: descriptor,
    outputIsTerminal: false,
    talkIsTerminal: false,
    nowMs: () => SCRIPT_NOW_MS + DAY_MS,
    writeOutput: (text) => {
      written.output += text;
    },
    writeTalk: (text) => {
      written.talk += text;
    },
  };
  try {
    return { exitCode: await runCommandLine(step.words, world), ...written };
  } finally {
    closeSync(descriptor);
  }
}

function check(place: string, step: CommandStep, { exitCode, output, talk }: Outcome): void {
  const everything = `\nstdout:\n${output}\nstderr:\n${talk}`;
  assert.equal(exitCode, step.exitCode, `${place}: exit code ${exitCode}, expected ${step.exitCode}${everything}`);
  assert.doesNotMatch(`${output}${talk}`, /^ +at .*:\d+:\d+\)?$/m, `${place}: shows a stack trace`);
  const talkMismatch = findMismatch(step.talk, talk);
  assert.ok(talkMismatch === undefined, `${place}: stderr ${talkMismatch ?? ""}`);
  if (step.schema !== undefined) {
    checkDocument(place, step, JSON.parse(output));
    return;
  }
  const mismatch = findMismatch(step.output, output);
  assert.ok(mismatch === undefined, `${place}: stdout ${mismatch ?? ""}`);
}

function checkDocument(place: string, step: CommandStep, document: unknown): void {
  assert.deepEqual(
    findViolations(readSchema(`${step.schema ?? ""}.json`), document),
    [],
    `${place}: does not meet ${step.schema ?? ""}`,
  );
  assert.deepEqual(
    Object.keys(document as object).slice(0, 2),
    ["apiVersion", "kind"],
    `${place}: apiVersion and kind come first`,
  );
  for (const [path, json] of step.members) {
    const found = path
      .split(".")
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
    assert.deepEqual(found, JSON.parse(json), `${place}: ${path}`);
  }
}
