import assert from "node:assert/strict";
import { test } from "node:test";
import { isSigstoreError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { nearestName } from "./nearest.ts";
import { parseArguments } from "./parse.ts";

const COMMAND: Command = {
  name: "verify",
  summary: "test",
  usage: "TARGET…",
  description: [],
  options: [
    { name: "identity", value: "SUBJECT", repeatable: true, summary: "x" },
    { name: "bundle", value: "FILE", summary: "x" },
    { name: "instance", value: "NAME", choices: ["public", "staging"], summary: "x" },
    { name: "explain", summary: "x" },
  ],
  operands: { label: "TARGET", minimum: 1, maximum: 3, completes: "file" },
  examples: [],
  run: async () => 0,
};

function refusal(...words: readonly string[]): { message: string; hint: string | undefined } {
  try {
    parseArguments(COMMAND, words);
  } catch (error) {
    assert.ok(isSigstoreError(error, "usage"));
    return { message: error.message, hint: error.hint };
  }
  throw new Error("was accepted");
}

test("values follow their option or stand after =", () => {
  const parsed = parseArguments(COMMAND, ["--bundle", "b.json", "--identity=a=b", "--identity", "c", "--explain", "x"]);
  assert.equal(parsed.value("bundle"), "b.json");
  assert.deepEqual(parsed.values("identity"), ["a=b", "c"]);
  assert.equal(parsed.flag("explain"), true);
  assert.equal(parsed.flag("json"), false);
  assert.equal(parsed.value("instance"), undefined);
  assert.deepEqual(parsed.operands, ["x"]);
});

test("options and operands may mix, - is an operand, -- ends the options", () => {
  const parsed = parseArguments(COMMAND, ["x", "--explain", "-", "--", "--bundle"]);
  assert.deepEqual(parsed.operands, ["x", "-", "--bundle"]);
  assert.equal(parsed.value("bundle"), undefined);
  assert.equal(parseArguments(COMMAND, ["--bundle", "-", "x"]).value("bundle"), "-");
});

test("help needs no operands", () => {
  assert.equal(parseArguments(COMMAND, ["--help"]).flag("help"), true);
  assert.equal(parseArguments(COMMAND, ["-h"]).flag("help"), true);
});

test("what is refused says what was expected", () => {
  assert.deepEqual(refusal("--bundel", "x"), {
    message: "expected an option of sigstore verify, got --bundel",
    hint: "did you mean --bundle?",
  });
  assert.deepEqual(refusal("--bundle=", "x"), {
    message: "expected FILE after --bundle, got an empty text",
    hint: "is a shell variable unset?",
  });
  assert.equal(refusal("x", "--bundle").message, "expected FILE after --bundle, got nothing");
  assert.equal(refusal("--bundle", "a", "--bundle", "b", "x").message, "expected --bundle once, got it twice");
  assert.equal(refusal("--explain=no", "x").message, "expected --explain without a value, got --explain=no");
  assert.equal(
    refusal("--instance", "prod", "x").message,
    "expected one of public, staging after --instance, got prod",
  );
  assert.equal(refusal("-b", "x").message, "expected an option of sigstore verify, got -b");
  assert.equal(refusal("-bundle", "x").hint, "did you mean --bundle?");
  assert.equal(refusal("--no-explain", "x").hint, "there are no negative options: leave --explain out");
  assert.equal(refusal("a", "b", "c", "d").message, "expected at most 3 operands, got 4");
  assert.equal(refusal().message, "expected TARGET, got none");
});

test("what Node could not read is not taken for a name", () => {
  assert.equal(refusal("x\u{fffd}").message, "expected words in UTF-8, got x\u{fffd}");
  assert.equal(refusal("--", "x\u{fffd}").message, "expected words in UTF-8, got x\u{fffd}");
  assert.equal(refusal("--bundle", "x\u{fffd}", "x").message, "expected words in UTF-8, got x\u{fffd}");
});

test("an option that is named like a member of every object is unknown", () => {
  assert.equal(refusal("--constructor", "x").message, "expected an option of sigstore verify, got --constructor");
  assert.equal(refusal("--__proto__", "x").message, "expected an option of sigstore verify, got --__proto__");
});

test("the nearest name is offered when it is near", () => {
  const names = ["verify", "inspect", "completion", "help", "version"];
  assert.equal(nearestName("verfiy", names), "verify");
  assert.equal(nearestName("insp", names), "inspect");
  assert.equal(nearestName("hlep", names), "help");
  assert.equal(nearestName("frobnicate", names), undefined);
  assert.equal(nearestName("x".repeat(100), names), undefined);
});
