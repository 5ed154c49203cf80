import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { platform } from "#platform";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { algorithmByName } from "./algorithms.ts";
import { externalKeyConformance } from "./external-key.conformance.ts";
import { type ExternalKey, externalKeyInMemory, signerOfExternalKey } from "./external-key.ts";
import { generatePrivateKey, privateKeyFromSeed } from "./private-key.ts";

const seed = Uint8Array.of(1);
const keyTypes = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "ml-dsa-65"] as const;
const keys = keyTypes.map((keyType) => privateKeyFromSeed(keyType, seed));
if (platform.name === "node") keys.push(generatePrivateKey("rsa-2048"));

for (const key of keys) {
  describe(`the key in memory behind the port: ${key.keyType}`, () => {
    for (const { name, run } of externalKeyConformance(async () => externalKeyInMemory(key))) it(name, run);
  });
}

const good = externalKeyInMemory(privateKeyFromSeed("ed25519", seed));
const other = externalKeyInMemory(privateKeyFromSeed("ed25519", Uint8Array.of(2)));

it("the service's own choice of algorithm is the signer's, unless another that it names is asked for", () => {
  assert.equal(signerOfExternalKey(good).algorithm.name, "PKIX_ED25519");
  assert.equal(signerOfExternalKey(good, algorithmByName("PKIX_ED25519_PH")).algorithm.name, "PKIX_ED25519_PH");
  assert.throws(() => signerOfExternalKey(good, algorithmByName("ML_DSA_44")), TypeError);
  assert.throws(() => signerOfExternalKey({ ...good, algorithms: [] }), TypeError);
});

it("a signature of another key, or in another form, is not handed out", async () => {
  const rotated: ExternalKey = { ...other, publicKey: good.publicKey };
  for (const name of ["PKIX_ED25519", "PKIX_ED25519_PH"] as const) {
    const signer = signerOfExternalKey(rotated, algorithmByName(name));
    await assert.rejects(signer.sign(utf8Encode("message")), (error) =>
      isSigstoreError(error, "service-answer-invalid"),
    );
  }
});

describe("the conformance suite notices a key that", () => {
  const bad: Readonly<Record<string, ExternalKey>> = {
    "names no algorithm": { ...good, algorithms: [] },
    "names one twice": { ...good, algorithms: [...good.algorithms, ...good.algorithms] },
    "names one of another key": { ...good, algorithms: [algorithmByName("ML_DSA_44")] },
    "gives another public key": { ...good, publicKey: other.publicKey },
    "signs no messages": {
      publicKey: good.publicKey,
      algorithms: good.algorithms,
      signDigest: async (algorithm, digest) => good.signDigest(algorithm, digest),
    },
    "takes any digest": {
      ...good,
      signDigest: async (algorithm, digest) =>
        digest.length === 64 ? good.signDigest(algorithm, digest) : new Uint8Array(64),
    },
    "writes into what it signs": {
      ...good,
      signDigest: async (algorithm, digest) => {
        const signature = await good.signDigest(algorithm, digest);
        digest.fill(0);
        return signature;
      },
    },
  };
  for (const [name, key] of Object.entries(bad)) {
    it(name, async () => {
      const outcomes = await Promise.allSettled(externalKeyConformance(async () => key).map(async ({ run }) => run()));
      assert.ok(outcomes.some(({ status }) => status === "rejected"));
    });
  }
});
