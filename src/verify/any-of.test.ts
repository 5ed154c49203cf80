import assert from "node:assert/strict";
import { it } from "node:test";
import { SigstoreError } from "../errors.ts";
import { verifyWithAnyOf } from "./any-of.ts";

const refuse = (code: "sct-signature-invalid" | "sct-log-not-valid-then"): never => {
  throw new SigstoreError(code, "expected, got");
};

it("answers for the first candidate that passes", () => {
  assert.equal(
    verifyWithAnyOf([1, 2, 3], (one) => (one < 2 ? refuse("sct-signature-invalid") : one)),
    2,
  );
});

it("throws the first refusal when none passes", () => {
  const verify = (one: number): never => refuse(one === 1 ? "sct-log-not-valid-then" : "sct-signature-invalid");
  assert.throws(() => verifyWithAnyOf([1, 2], verify), { code: "sct-log-not-valid-then" });
});

it("does not take a bug for a refusal", () => {
  const verify = (): never => {
    throw new RangeError("a bug");
  };
  assert.throws(() => verifyWithAnyOf([1, 2], verify), RangeError);
});

it("never passes for want of candidates", () => {
  assert.throws(() => verifyWithAnyOf([], () => true), /at least one candidate/);
});
