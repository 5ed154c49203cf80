/** Seeded bytes and keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { verifySignature } from "../crypto/verify.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { seededBytes, seededRandom } from "./seed.ts";
import { VirtualKeys } from "./virtual-keys.ts";

test("seeded bytes follow from seed and label, and a longer answer begins as a shorter", () => {
  assert.equal(hexEncode(seededBytes("seed", "label", 4)), hexEncode(seededBytes("seed", "label", 100)).slice(0, 8));
  const distinct = [
    seededBytes("a", "bc", 32),
    seededBytes("ab", "c", 32),
    seededBytes("a", "bd", 32),
    seededBytes("b", "bc", 32),
  ];
  assert.equal(new Set(distinct.map(hexEncode)).size, 4);
  assert.equal(seededBytes("seed", "label", 0).length, 0);
});

test("a seeded source gives other bytes at every call, the same in every run", () => {
  const [one, other] = [seededRandom("seed", "label"), seededRandom("seed", "label")];
  const first = hexEncode(one(20));
  assert.equal(first, hexEncode(other(20)));
  assert.notEqual(first, hexEncode(one(20)));
});

test("signers of every algorithm sign what verifies, with the same key for the same label", async () => {
  const message = utf8Encode("message");
  for (const algorithm of [
    "PKIX_ECDSA_P256_SHA_256",
    "PKIX_ECDSA_P384_SHA_384",
    "PKIX_ECDSA_P521_SHA_512",
    "PKIX_ED25519",
    "PKIX_ED25519_PH",
    "PKIX_RSA_PKCS1V15_2048_SHA256",
    "PKIX_RSA_PKCS1V15_3072_SHA256",
    "PKIX_RSA_PSS_4096_SHA256",
  ] as const) {
    const signer = new VirtualKeys("seed").signer("label", algorithm);
    assert.ok(verifySignature(signer.publicKey, signer.algorithm, message, await signer.sign(message)));
    assert.deepEqual(new VirtualKeys("seed").signer("label", algorithm).publicKey.spki, signer.publicKey.spki);
  }
});
