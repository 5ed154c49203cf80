/** The suite counts what it should, and fails when it should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Suite, withoutArguments } from "./suite.ts";

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

/** Runs a suite and answers its lines and the exit code that it asked for. */
async function record(without: string[], play: (suite: Suite) => Promise<void> | void): Promise<[string[], number]> {
  const before = process.exitCode;
  const lines: string[] = [];
  const suite = new Suite("example", { print: (line) => lines.push(...line.split("\n")), without });
  await play(suite);
  process.exitCode = 0;
  suite.finish();
  const code = exitCode();
  process.exitCode = before;
  return [lines, code];
}

test("passed cases are listed with their detail, and the closing line stands alone", async () => {
  const [lines, code] = await record([], async (suite) => {
    assert.equal(await suite.case("a", () => "3 of 3"), true);
    assert.equal(await suite.case("b", async () => {}), true);
  });
  assert.deepEqual(lines, ["ok    a  3 of 3", "ok    b", "2 passed, 0 failed"]);
  assert.equal(code, 0);
});

test("a case that throws fails the suite and is shown with its error", async () => {
  const [lines, code] = await record([], async (suite) => {
    assert.equal(await suite.case("a", () => Promise.reject(new Error("expected 1, got 2"))), false);
  });
  assert.equal(lines[0], "FAIL  a");
  assert.match(lines[1] ?? "", /expected 1, got 2/);
  assert.equal(lines.at(-1), "0 passed, 1 failed");
  assert.equal(code, 1);
});

test("a suite in which no case ran fails, also when all were skipped", async () => {
  const [lines, code] = await record([], (suite) => suite.skip("a", "needs the internet"));
  assert.equal(lines.at(-1), "0 passed, 1 failed, 1 skipped");
  assert.ok(lines.includes("skip  a  needs the internet"));
  assert.equal(code, 1);
});

test("an absent peer is a failure unless --without names it", async () => {
  const play = async (suite: Suite): Promise<void> => {
    await suite.case("a", () => {});
    assert.equal(suite.needs("cosign", false, "not on PATH"), false);
    assert.equal(suite.needs("openssl", true, "not on PATH"), true);
  };
  const [failing, code] = await record([], play);
  assert.equal(failing.at(-1), "1 passed, 1 failed");
  assert.equal(code, 1);
  const [allowed, allowedCode] = await record(["cosign"], play);
  assert.equal(allowed.at(-1), "1 passed, 0 failed, 1 skipped");
  assert.equal(allowedCode, 0);
});

test("--without is read in both forms", () => {
  assert.deepEqual(withoutArguments(["--without", "a", "--count=3", "--without=b", "--without"]), ["a", "b"]);
});
