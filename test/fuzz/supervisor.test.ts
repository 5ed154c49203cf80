import assert from "node:assert/strict";
import { test } from "node:test";
import type { TargetReport } from "./campaign.ts";
import { readOptions } from "./options.ts";
import { SELF_CHECK } from "./self-check.ts";
import { supervise } from "./supervisor.ts";

/** Runs the targets that fail on purpose and answers what was heard of each. */
async function runSelfCheck(
  only: string,
  hangMs: number = 60_000,
): Promise<{ reports: readonly TargetReport[]; lost: readonly string[] }> {
  const reports: TargetReport[] = [];
  const lost: string[] = [];
  const options = readOptions(["--only", `${SELF_CHECK}${only}`, "--count", "9"]);
  const listener = {
    report: (report: TargetReport) => reports.push(report),
    lost: (target: string, index: number, reason: string) => lost.push(`${target} ${index}: ${reason}`),
  };
  await supervise(options, listener, hangMs);
  return { reports, lost };
}

const FAILURES = {
  crash: /^RangeError: Maximum call stack/,
  wrong: /^verified what it should not$/,
  slow: /processor time/,
  hungry: /bytes of memory/,
};

for (const [name, reason] of Object.entries(FAILURES)) {
  test(`an input that fails is told, with what repeats it: ${name}`, async () => {
    const { reports } = await runSelfCheck(name);
    assert.deepEqual(
      reports.map(({ failures }) => failures.map(({ index, encoded }) => [index, encoded])),
      [[[0, "the input"]]],
    );
    assert.match(reports[0]?.failures[0]?.reason ?? "", reason);
  });
}

test("a target without failures is told as such", async () => {
  const { reports, lost } = await runSelfCheck("sound");
  assert.deepEqual(
    reports.map(({ inputs, failures }) => [inputs, failures.length]),
    [[1, 0]],
  );
  assert.deepEqual(lost, []);
});

test("an input that hangs is named, and what comes after it is run", async () => {
  const { reports, lost } = await runSelfCheck("hang", 1500);
  assert.deepEqual(lost, [`${SELF_CHECK}hang 0: no answer within 1.5 s, 3 times`]);
  assert.deepEqual(
    reports.map(({ name, inputs }) => [name, inputs]),
    [
      [`${SELF_CHECK}hang`, 0],
      [`${SELF_CHECK}hang-over`, 1],
    ],
  );
});
