/**
 * `npm test`: every rule and every quick suite, two at a time.
 *
 * `npm test -- NAME…` runs only the named steps. A step is an npm script of package.json. Each is shown with its time
 * when it ends; a failed one with its whole output, a passed one with what it skipped. The last line adds up the cases
 * of all steps; a step without a closing line of its own counts as one case.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { closingLine } from "../test/suite.ts";
import { ROOT } from "./files.ts";

/** The steps; the slow ones first, so that the quick ones fill the other core meanwhile. */
const STEPS = [
  "unit",
  "across",
  "unit:browser",
  "scripts",
  "vectors",
  "check:docs",
  "check:package",
  "types",
  "lint",
  "format",
  "dead",
  "check:imports",
  "check:exports",
  "check:sizes",
];

const AT_ONCE = 2;

/** A step that takes longer hangs. */
const STEP_TIMEOUT_MS = 600_000;

const CLOSING_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m;

/** How a step ended. */
export interface Outcome {
  readonly step: string;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** The command of an npm script; the launcher already put the right Node first on PATH. */
function commandOf(step: string): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const command = scripts[step];
  if (command === undefined) throw new TypeError(`package.json has no script ${step}`);
  return command;
}

async function runStep(step: string): Promise<Outcome> {
  const started = performance.now();
  const child = spawn("sh", ["-c", `exec ${commandOf(step)}`], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: STEP_TIMEOUT_MS,
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => chunks.push(bytes));
  const status = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  const output = Buffer.concat(chunks).toString("utf8").trimEnd();
  return { step, ok: status === 0, output, seconds: (performance.now() - started) / 1000 };
}

/** Passed, failed and skipped cases of a step; a failed step fails at least one. */
export function countsOf({ ok, output }: Outcome): [number, number, number] {
  const found = CLOSING_LINE.exec(output.split("\n").at(-1) ?? "");
  const [passed, failed, skipped] = (found ?? ["", ok ? "1" : "0", "0", "0"]).slice(1).map((text) => Number(text ?? 0));
  return [passed ?? 0, ok ? (failed ?? 0) : Math.max(1, failed ?? 0), skipped ?? 0];
}

function show(outcome: Outcome): void {
  const { step, ok, output, seconds } = outcome;
  const lines = output.split("\n");
  console.log(
    `${ok ? "ok  " : "FAIL"}  ${step.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s  ${ok ? (lines.at(-1) ?? "") : ""}`,
  );
  const details = ok ? lines.filter((line) => line.startsWith("skip ")) : lines;
  for (const line of details) console.log(`        ${line}`);
}

async function runAll(steps: readonly string[]): Promise<Outcome[]> {
  const waiting = [...steps];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const outcome = await runStep(step);
      show(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

async function main(chosen: readonly string[]): Promise<void> {
  const outcomes = await runAll(chosen.length > 0 ? chosen : STEPS);
  const failing = outcomes.filter(({ ok }) => !ok).map(({ step }) => step);
  if (failing.length > 0) {
    console.log(`failed: ${failing.join(", ")}`);
    process.exitCode = 1;
  }
  const totals = outcomes.map((outcome) => countsOf(outcome));
  const sum = (column: 0 | 1 | 2): number => totals.reduce((total, counts) => total + counts[column], 0);
  console.log(closingLine(sum(0), sum(1), sum(2)));
}

if (import.meta.main) await main(process.argv.slice(2));
