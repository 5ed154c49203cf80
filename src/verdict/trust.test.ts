import assert from "node:assert/strict";
import { it } from "node:test";
import { loadTrust } from "./trust.ts";

it("a trusted root without a name is called by its whole fingerprint", () => {
  const trustedRoot = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}';
  const { instance, fingerprintHex } = loadTrust({ trustedRoot, source: "test" });
  assert.equal(fingerprintHex.length, 64);
  assert.equal(instance, `custom:${fingerprintHex}`);
});
