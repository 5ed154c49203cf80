import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { platform } from "#platform";
import { algorithmByName, isAlgorithmOfKey, SIGNATURE_ALGORITHMS } from "./algorithms.ts";
import { generatePrivateKey, type PrivateKey, privateKeyFromSeed } from "./private-key.ts";
import { signerConformance } from "./signer.conformance.ts";
import { createSigner, type Signer } from "./signer.ts";

const seed = Uint8Array.of(1);
const keys: PrivateKey[] = (
  ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"] as const
).map((keyType) => privateKeyFromSeed(keyType, seed));
if (platform.name === "node") keys.push(generatePrivateKey("rsa-2048"));

for (const key of keys) {
  for (const algorithm of SIGNATURE_ALGORITHMS.filter((candidate) => isAlgorithmOfKey(candidate, key.publicKey))) {
    describe(`the signer in memory by ${algorithm.name}`, () => {
      for (const { name, run } of signerConformance(async () => createSigner(key, algorithm))) it(name, run);
    });
  }
}

describe(
  "the RSA sizes of the registry sign",
  { skip: platform.name === "node" ? false : "browsers have no RSA private keys" },
  () => {
    for (const kind of ["rsa-3072", "rsa-4096"] as const) {
      it(kind, async () => {
        const key = generatePrivateKey(kind);
        const fitting = SIGNATURE_ALGORITHMS.filter(
          (algorithm) => algorithm.modulusBits === key.publicKey.modulusBits && algorithm.keyType === "rsa",
        );
        assert.equal(fitting.length, 2);
        for (const algorithm of fitting) {
          for (const { run } of signerConformance(async () => createSigner(key, algorithm)).slice(0, 4)) await run();
        }
      });
    }
  },
);

it("signs by the default algorithm of the key", () => {
  assert.equal(createSigner(privateKeyFromSeed("ecdsa-p384", seed)).algorithm.name, "PKIX_ECDSA_P384_SHA_384");
  assert.equal(createSigner(privateKeyFromSeed("ed25519", seed)).algorithm.name, "PKIX_ED25519");
});

it("refuses an algorithm of another key", () => {
  assert.throws(
    () => createSigner(privateKeyFromSeed("ed25519", seed), algorithmByName("PKIX_ECDSA_P256_SHA_256")),
    TypeError,
  );
});

describe("the conformance suite notices a signer that", () => {
  const good = createSigner(privateKeyFromSeed("ecdsa-p256", seed));
  const bad: Readonly<Record<string, Signer>> = {
    "has another algorithm": { ...good, algorithm: algorithmByName("PKIX_ED25519") },
    "signs another message": { ...good, sign: async (message) => good.sign(message.slice(1)) },
    "has no signDigest": {
      publicKey: good.publicKey,
      algorithm: good.algorithm,
      sign: async (message) => good.sign(message),
    },
    "takes any digest": { ...good, signDigest: async () => new Uint8Array(64) },
    "has another key": { ...good, publicKey: privateKeyFromSeed("ecdsa-p256", Uint8Array.of(2)).publicKey },
  };
  for (const [name, signer] of Object.entries(bad)) {
    it(name, async () => {
      const outcomes = await Promise.allSettled(signerConformance(async () => signer).map(async ({ run }) => run()));
      assert.ok(outcomes.some(({ status }) => status === "rejected"));
    });
  }
});
