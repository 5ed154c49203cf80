/** Checkpoints of public logs with their published keys, out of the bundles of sigstore-conformance. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { importPublicKey } from "../crypto/keys.ts";
import { base64Decode } from "../encoding/base64.ts";
import { utf8Decode } from "../encoding/text.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { parseCosignature } from "./cosignature.ts";
import { noteVerifier } from "./note-key.ts";
import { parseVerifierKey } from "./verifier-key.ts";

function checkpointOf(caseName: string): string {
  const path = vectorsPath("sigstore-conformance", "bundle-verify", caseName, "bundle.sigstore.json") ?? "";
  const [, envelope] = /"envelope":\s*("(?:[^"\\]|\\.)*")/.exec(utf8Decode(readFileSync(path))) ?? [];
  return String(JSON.parse(envelope ?? '""'));
}

test("Rekor v1: the origin names the tree, the signature line the host", { skip: skipReason }, () => {
  const key = importPublicKey(
    base64Decode(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
    ),
  );
  const { checkpoint } = openCheckpoint(checkpointOf("happy-path-v0.3"), [noteVerifier("rekor.sigstore.dev", key)]);
  assert.match(checkpoint.origin, /^rekor\.sigstore\.dev - \d+$/);
});

test("Rekor v2 of staging: the log and its three witnesses", { skip: skipReason }, () => {
  const verifiers = [
    "log2025-alpha3.rekor.sigstage.dev+d3d3a70c+AZQ93VXPMmj9uZj7U/7CefQ9yy8RgYFv6mKzOseipjqp",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "staging.witness.transparency.goog/ring-any-bells+2e1a8dc9+BG5JTpLc3FJtwzgh1Uv+Qelz9qeOH2bfWjS1s0s+y4rL",
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
  ].map(parseVerifierKey);
  const { checkpoint, note } = openCheckpoint(checkpointOf("rekor2-dsse-happy-path"), verifiers);
  assert.equal(checkpoint.origin, "log2025-alpha3.rekor.sigstage.dev");
  assert.deepEqual([note.verified.length, note.unknown.length], [4, 0]);
  const [, witness] = note.verified;
  assert.equal(
    new Date(Number(parseCosignature(witness?.signature ?? new Uint8Array(0)).timeSeconds) * 1000).getUTCFullYear(),
    2026,
  );
});
