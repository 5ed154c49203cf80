import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { der } from "../encoding/der.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { algorithmByName, isAlgorithmOfKey, SIGNATURE_ALGORITHMS } from "./algorithms.ts";
import { DIGEST_BYTES, digest } from "./digest.ts";
import { publicKeyFromBytes } from "./keys.ts";
import { privateKeyFromSeed } from "./private-key.ts";
import { createSigner } from "./signer.ts";
import { verifyDigestSignature, verifySignature, verifySignatureInBackground } from "./verify.ts";

const message = utf8Encode("message");
const keys = (["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const).map((keyType) =>
  privateKeyFromSeed(keyType, Uint8Array.of(3)),
);
const rsa = publicKeyFromBytes("rsa", der.sequence(der.integer(2n ** 2048n - 159n), der.integer(65537)));

describe("a signature", () => {
  for (const key of keys) {
    for (const algorithm of SIGNATURE_ALGORITHMS.filter((candidate) => isAlgorithmOfKey(candidate, key.publicKey))) {
      it(`by ${algorithm.name} is for its message, key and algorithm alone`, async () => {
        const signature = await createSigner(key, algorithm).sign(message);
        assert.equal(verifySignature(key.publicKey, algorithm, message, signature), true);
        assert.equal(await verifySignatureInBackground(key.publicKey, algorithm, message, signature), true);
        const otherKey = privateKeyFromSeed(algorithm.keyType as "ed25519", Uint8Array.of(4)).publicKey;
        assert.equal(verifySignature(otherKey, algorithm, message, signature), false);
        assert.equal(verifySignature(key.publicKey, algorithm, utf8Encode("Message"), signature), false);
        for (const other of SIGNATURE_ALGORITHMS) {
          if (other === algorithm) continue;
          assert.equal(verifySignature(key.publicKey, other, message, signature), false, other.name);
          assert.equal(await verifySignatureInBackground(key.publicKey, other, message, signature), false, other.name);
          if (other.hash === undefined) continue;
          const messageDigest = digest(other.hash, message);
          assert.equal(verifyDigestSignature(key.publicKey, other, messageDigest, signature), false, other.name);
        }
      });
    }
  }
});

describe("whatever the signature is, the answer is no", () => {
  for (const key of [...keys.map(({ publicKey }) => publicKey), rsa]) {
    it(`of a key of ${key.keyType}`, async () => {
      const random = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        fc.tuple(fc.bigInt(), fc.bigInt()).map(([r, s]) => der.sequence(der.integer(r), der.integer(s))),
        fc.constantFrom(0, 255).map((octet) => new Uint8Array(256).fill(octet)),
      );
      await fc.assert(
        fc.asyncProperty(random, async (signature) => {
          for (const algorithm of SIGNATURE_ALGORITHMS) {
            assert.equal(verifySignature(key, algorithm, message, signature), false);
            assert.equal(await verifySignatureInBackground(key, algorithm, message, signature), false);
            if (algorithm.hash === undefined) continue;
            assert.equal(verifyDigestSignature(key, algorithm, digest(algorithm.hash, message), signature), false);
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});

it("a digest of another length than the hash's is of no signature", async () => {
  const [key] = keys as [(typeof keys)[number]];
  const algorithm = algorithmByName("PKIX_ECDSA_P256_SHA_256");
  const signature = await createSigner(key, algorithm).sign(message);
  const messageDigest = digest("sha256", message);
  assert.equal(verifyDigestSignature(key.publicKey, algorithm, messageDigest, signature), true);
  assert.equal(verifyDigestSignature(key.publicKey, algorithm, messageDigest.subarray(1), signature), false);
  assert.equal(verifyDigestSignature(key.publicKey, algorithm, Uint8Array.of(...messageDigest, 0), signature), false);
  for (const length of [0, ...Object.values(DIGEST_BYTES)]) {
    for (const other of SIGNATURE_ALGORITHMS) {
      if (other.hash !== undefined)
        assert.equal(verifyDigestSignature(rsa, other, new Uint8Array(length), new Uint8Array(256)), false);
    }
  }
});

it("pure Ed25519 asks for the message", () => {
  const key = privateKeyFromSeed("ed25519", Uint8Array.of(3)).publicKey;
  const verification = (): unknown =>
    verifyDigestSignature(key, algorithmByName("PKIX_ED25519"), new Uint8Array(64), new Uint8Array(64));
  assert.throws(verification, (error) => isSigstoreError(error, "artifact-bytes-required"));
});

it("slices of larger buffers and Node's Buffers are taken as they stand", async () => {
  for (const key of keys) {
    const signer = createSigner(key);
    const signature = await signer.sign(message);
    const buffer = Buffer.concat([Buffer.from("x"), message, signature, Buffer.from("y")]);
    const ofMessage = buffer.subarray(1, 1 + message.length);
    const ofSignature = buffer.subarray(1 + message.length, -1);
    assert.equal(verifySignature(signer.publicKey, signer.algorithm, ofMessage, ofSignature), true);
  }
});
