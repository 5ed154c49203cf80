/** SCTs over precertificates and certificates, with and without extensions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../crypto/digest.ts";
import { verifySignature } from "../crypto/verify.ts";
import { utf8Encode } from "../encoding/text.ts";
import {
  leafIndexOfSct,
  parseSct,
  type SctEntry,
  sctSignatureInput,
  serializeLeafIndexExtension,
  serializeSct,
} from "../formats/sct.ts";
import { VirtualKeys } from "../testing/virtual-keys.ts";
import { signSct } from "./sct.ts";

const keys = new VirtualKeys("ct");
const ENTRIES: readonly SctEntry[] = [
  { type: "precertificate", issuerKeyHash: new Uint8Array(32).fill(7), tbs: utf8Encode("a TBS") },
  { type: "x509", certificate: utf8Encode("a certificate") },
];

for (const [algorithm, signatureAlgorithm] of [
  ["PKIX_ECDSA_P256_SHA_256", 3],
  ["PKIX_RSA_PKCS1V15_2048_SHA256", 1],
] as const) {
  for (const entry of ENTRIES) {
    test(`an SCT by ${algorithm} of a ${entry.type} entry verifies, and comes back from its bytes`, async () => {
      const signer = keys.signer("log", algorithm);
      const request = { entry, timestampMs: 1_772_366_400_123n, extensions: serializeLeafIndexExtension(258n) };
      const sct = await signSct(signer, request);
      assert.deepEqual([sct.version, sct.hashAlgorithm, sct.signatureAlgorithm], [0, 4, signatureAlgorithm]);
      assert.deepEqual(sct.logId, sha256(signer.publicKey.spki));
      assert.ok(verifySignature(signer.publicKey, signer.algorithm, sctSignatureInput(request), sct.signature));
      assert.deepEqual(parseSct(serializeSct(sct)), sct);
      assert.equal(leafIndexOfSct(sct), 258n);
    });
  }
}

test("a CT log has a P-256 or RSA key, as RFC 6962 wants it", async () => {
  const request = {
    entry: { type: "x509", certificate: utf8Encode("a certificate") },
    timestampMs: 0n,
    extensions: new Uint8Array(0),
  } as const;
  for (const algorithm of [
    "PKIX_ECDSA_P384_SHA_384",
    "PKIX_ECDSA_P384_SHA_256",
    "PKIX_ED25519",
    "PKIX_RSA_PSS_2048_SHA256",
  ] as const) {
    await assert.rejects(signSct(keys.signer("log", algorithm), request), TypeError);
  }
});
