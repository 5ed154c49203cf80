/**
 * `npm run fuzz -- [--count N] [--seed S] [--only NAME] [--at N | --input TEXT]`: every parser on hostile bytes, and whole
 * verifications of changed bundles and trusted roots. `--differential [--count N] [--without PEER]`: the same changes put to
 * other verifiers too.
 *
 * Everything follows from the seed; every failure is told with what repeats it. See README.md beside this file.
 */
import { Suite } from "../suite.ts";
import type { FailedInput, TargetReport } from "./campaign.ts";
import { runDifferential } from "./differential/run-differential.ts";
import { readOptions } from "./options.ts";
import type { FuzzOptions } from "./options.ts";
import { supervise } from "./supervisor.ts";
import { Table } from "./table.ts";

try {
  const options = readOptions(process.argv.slice(2));
  const suite = new Suite("fuzz");
  if (options.differential) await runDifferential(options, suite);
  else await runTargets(options, suite);
  suite.finish();
} catch (error) {
  // A wish that makes no sense; whatever else is thrown is our bug.
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`fuzz: ${error.message}\n`);
  process.exitCode = 2;
}

async function runTargets(options: FuzzOptions, suite: Suite): Promise<void> {
  const { seed } = options;
  const parsers = new Table("parser inputs");
  const verifications = new Table("whole verifications");
  const reports: TargetReport[] = [];
  await supervise(options, {
    report: (report) => reports.push(report),
    lost: (target, index, reason) =>
      suite.fail(`${target} input ${index}`, `${reason}\n${repeatText(seed, target, index)}`),
  });
  for (const report of reports) {
    (report.name.startsWith("verify/") ? verifications : parsers).add(report);
    if (report.failures.length === 0) await suite.case(report.name, () => summarize(report));
    else
      suite.fail(
        report.name,
        report.failures.map((failure) => describeFailure(seed, report.name, failure)).join("\n\n"),
      );
  }
  for (const table of [parsers, verifications]) if (table.inputs > 0) process.stdout.write(`\n${table.toText()}\n`);
}

/** What to print beside a target that did not fail. */
function summarize({ inputs, milliseconds, slowestMs }: TargetReport): string {
  const perInput = Math.round((1000 * milliseconds) / Math.max(1, inputs));
  return `${inputs} inputs, ${perInput} µs each, slowest ${slowestMs.toFixed(0)} ms`;
}

function describeFailure(seed: string, target: string, { index, reason, encoded }: FailedInput): string {
  return `input ${index}: ${reason}\n${repeatText(seed, target, index)}\nor:     npm run fuzz -- --only ${target} --input '${encoded}'`;
}

function repeatText(seed: string, target: string, index: number): string {
  return `repeat: npm run fuzz -- --seed ${seed} --only ${target} --at ${index}`;
}
