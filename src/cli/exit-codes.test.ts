import assert from "node:assert/strict";
import { test } from "node:test";
import { SigstoreError } from "../errors.ts";
import { combineExitCodes, exitCodeOfError } from "./exit-codes.ts";

test("of several targets the first present of 3, 6, 1, 5, 4", () => {
  assert.equal(combineExitCodes([]), 1);
  assert.equal(combineExitCodes([0, 0]), 0);
  assert.equal(combineExitCodes([0, 4]), 4);
  assert.equal(combineExitCodes([4, 5, 0]), 5);
  assert.equal(combineExitCodes([5, 1, 4]), 1);
  assert.equal(combineExitCodes([1, 6, 5]), 6);
  assert.equal(combineExitCodes([6, 3, 1]), 3);
});

test("nothing but a yes of each is a yes", () => {
  assert.equal(combineExitCodes([0, 2, 0]), 2);
});

test("what Ctrl-C ended is 130, and what a person declined is not", () => {
  assert.equal(exitCodeOfError(new SigstoreError("cancelled", "x", { details: { isInterrupted: true } })), 130);
  assert.equal(exitCodeOfError(new SigstoreError("cancelled", "x")), 1);
});

test("errors: usage 2, no signature 5, malformed evidence 3, everything else broken", () => {
  assert.equal(exitCodeOfError(new SigstoreError("usage", "x")), 2);
  assert.equal(exitCodeOfError(new SigstoreError("pattern-unsupported", "x")), 2);
  assert.equal(exitCodeOfError(new SigstoreError("bundle-not-found", "x")), 5);
  assert.equal(exitCodeOfError(new SigstoreError("bundle-ambiguous", "x")), 3);
  assert.equal(exitCodeOfError(new SigstoreError("input-too-large", "x")), 3);
  assert.equal(exitCodeOfError(new SigstoreError("file-unreadable", "x")), 1);
  assert.equal(exitCodeOfError(new SigstoreError("trusted-root-invalid", "x")), 1);
  assert.equal(exitCodeOfError(new SigstoreError("internal", "x")), 1);
  assert.equal(exitCodeOfError(new SigstoreError("instance-unknown", "x")), 2);
  assert.equal(exitCodeOfError(new SigstoreError("service-answer-refused", "x")), 3);
  assert.equal(exitCodeOfError(new SigstoreError("service-unavailable", "x")), 1);
});
