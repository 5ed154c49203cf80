/** The runner and the orchestrator count what they should, and nothing found is a failure. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./files.ts";
import { Tally } from "./tally.ts";
import { countsOf } from "./test.ts";

function runSuite(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [join(ROOT, "tools", "run-tests.ts"), ...args], { encoding: "utf8" });
}

test("a suite without any file fails", () => {
  const { status, stdout } = runSuite("unit", "src/nowhere");
  assert.equal(status, 1);
  assert.match(stdout, /^no test file matches .*\n0 passed, 1 failed\n$/);
});

test("paths choose files, and the closing line is the last", () => {
  const { status, stdout } = runSuite("across", "test/suite.test.ts");
  assert.equal(status, 0);
  assert.match(stdout, /^5 passed, 0 failed\n$/);
});

test("groups are not counted, skipped tests and groups are named, and a failure inside is counted once", () => {
  const tally = new Tally();
  const parts = Object.assign(new Error("1 subtest failed"), { failureType: "subtestsFailed" });
  tally.add({ name: "a", details: {} }, false);
  tally.add({ name: "b", skip: "needs a TPM", details: {} }, false);
  tally.add({ name: "c", details: { error: new Error("expected 1, got 2") } }, true);
  tally.add({ name: "group of c", details: { type: "suite", error: parts } }, true);
  tally.add({ name: "group", details: { type: "suite" } }, false);
  tally.add({ name: "group of d", skip: "needs minisign", details: { type: "suite" } }, false);
  assert.equal(tally.passed, 1);
  assert.deepEqual(tally.skipped, ["b (needs a TPM)", "group of d (needs minisign)"]);
  assert.deepEqual(
    tally.failures.map(({ name, error }) => `${name}: ${error.message}`),
    ["c: expected 1, got 2"],
  );
});

test("a step counts its cases, or one; one that failed never counts as passed whole", () => {
  const step = (ok: boolean, output: string): number[] => countsOf({ step: "x", ok, output, seconds: 0 });
  assert.deepEqual(step(true, "skip a\n12 passed, 0 failed, 1 skipped"), [12, 0, 1]);
  assert.deepEqual(step(true, "nothing found"), [1, 0, 0]);
  assert.deepEqual(step(false, "12 passed, 3 failed"), [12, 3, 0]);
  assert.deepEqual(step(false, "12 passed, 0 failed"), [12, 1, 0]);
  assert.deepEqual(step(false, "a crash"), [0, 1, 0]);
  assert.deepEqual(step(true, "12 passed, 0 failed\nsomething after it"), [1, 0, 0]);
});
