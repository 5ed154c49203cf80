import assert from "node:assert/strict";
import { it } from "node:test";
import { boundedMessage, SigstoreError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

it("keeps what is hostile in a message from filling the screen", () => {
  const { message } = new SigstoreError("note-invalid", `expected a name, got ${"x".repeat(100_000)}`);
  assert.equal(message.length, LIMITS.messageLength + 1);
  assert.match(message, /^expected a name, got x+…$/);
});

it("leaves a message alone that can be read", () => {
  const text = "x".repeat(LIMITS.messageLength);
  assert.equal(boundedMessage(text), text);
});
