import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { der } from "../encoding/der.ts";
import { isSigstoreError } from "../errors.ts";
import {
  algorithmByCliName,
  algorithmByKeyDetails,
  algorithmByName,
  compatibleAlgorithms,
  defaultAlgorithm,
  isAlgorithmOfKey,
  SIGNATURE_ALGORITHMS,
} from "./algorithms.ts";
import { publicKeyFromBytes } from "./keys.ts";
import { privateKeyFromSeed } from "./private-key.ts";

const seed = Uint8Array.of(1);
const rsaKey = (bits: number): ReturnType<typeof publicKeyFromBytes> =>
  publicKeyFromBytes("rsa", der.sequence(der.integer(2n ** BigInt(bits) - 1n), der.integer(65537)));

describe("the registry", () => {
  it("finds each algorithm by name, number and command name, and none twice", () => {
    for (const algorithm of SIGNATURE_ALGORITHMS) {
      assert.equal(algorithmByName(algorithm.name), algorithm);
      assert.equal(algorithmByKeyDetails(algorithm.keyDetails), algorithm);
      if (algorithm.cliName !== undefined) assert.equal(algorithmByCliName(algorithm.cliName), algorithm);
    }
    assert.equal(new Set(SIGNATURE_ALGORITHMS.map(({ keyDetails }) => keyDetails)).size, SIGNATURE_ALGORITHMS.length);
  });

  it("has the numbers of sigstore_common.proto", () => {
    const numbers = Object.fromEntries(SIGNATURE_ALGORITHMS.map(({ name, keyDetails }) => [name, keyDetails]));
    assert.deepEqual(numbers, {
      PKCS1_RSA_PKCS1V5: 1,
      PKCS1_RSA_PSS: 2,
      PKIX_RSA_PKCS1V5: 3,
      PKIX_RSA_PSS: 4,
      PKIX_ECDSA_P256_SHA_256: 5,
      PKIX_ED25519: 7,
      PKIX_ED25519_PH: 8,
      PKIX_RSA_PKCS1V15_2048_SHA256: 9,
      PKIX_RSA_PKCS1V15_3072_SHA256: 10,
      PKIX_RSA_PKCS1V15_4096_SHA256: 11,
      PKIX_ECDSA_P384_SHA_384: 12,
      PKIX_ECDSA_P521_SHA_512: 13,
      PKIX_RSA_PSS_2048_SHA256: 16,
      PKIX_RSA_PSS_3072_SHA256: 17,
      PKIX_RSA_PSS_4096_SHA256: 18,
      PKIX_ECDSA_P384_SHA_256: 19,
      PKIX_ECDSA_P521_SHA_256: 20,
      ML_DSA_65: 21,
      ML_DSA_87: 22,
      ML_DSA_44: 23,
    });
  });

  it("says what is known and not supported, and what is unknown", () => {
    for (const lookUp of [
      () => algorithmByName("LMOTS_SHA256"),
      () => algorithmByKeyDetails(15),
      () => algorithmByCliName("lmots-sha256"),
    ]) {
      assert.throws(
        lookUp,
        (error) =>
          isSigstoreError(error, "algorithm-unsupported") &&
          error.message.includes("LMOTS_SHA256") &&
          (error.hint ?? "").includes("one-time"),
      );
    }
    for (const lookUp of [
      () => algorithmByName("PUBLIC_KEY_DETAILS_UNSPECIFIED"),
      () => algorithmByKeyDetails(0),
      () => algorithmByName("__proto__"),
      () => algorithmByCliName("x"),
    ]) {
      assert.throws(lookUp, (error) => isSigstoreError(error, "algorithm-unsupported"));
    }
  });

  it("takes sigstore-go's spellings of RSA-PSS 4096 and ML-DSA", () => {
    assert.equal(algorithmByCliName("mldsa-65").name, "ML_DSA_65");
    assert.equal(algorithmByCliName("rsa-sign-pss-4092-sha256").name, "PKIX_RSA_PSS_4096_SHA256");
  });
});

describe("algorithms of a key", () => {
  const expected = {
    "ecdsa-p256": [["PKIX_ECDSA_P256_SHA_256"], ["PKIX_ECDSA_P256_SHA_256"]],
    "ecdsa-p384": [
      ["PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P384_SHA_256"],
      ["PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P384_SHA_256"],
    ],
    "ecdsa-p521": [
      ["PKIX_ECDSA_P521_SHA_512", "PKIX_ECDSA_P521_SHA_256"],
      ["PKIX_ECDSA_P521_SHA_512", "PKIX_ECDSA_P521_SHA_256"],
    ],
    ed25519: [
      ["PKIX_ED25519_PH", "PKIX_ED25519"],
      ["PKIX_ED25519", "PKIX_ED25519_PH"],
    ],
  } as const;
  for (const keyType of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const) {
    it(`${keyType}: the default one, and those that verifiers try in order`, () => {
      const { publicKey } = privateKeyFromSeed(keyType, seed);
      const [message, dsse] = expected[keyType];
      assert.deepEqual(
        compatibleAlgorithms(publicKey, "message").map(({ name }) => name),
        message,
      );
      assert.deepEqual(
        compatibleAlgorithms(publicKey, "dsse").map(({ name }) => name),
        dsse,
      );
      assert.equal(defaultAlgorithm(publicKey).name, dsse[0]);
    });
  }

  it("rsa: PKCS #1 v1.5 of the key's own size, or the entry without one", () => {
    for (const [bits, name] of [
      [2048, "PKIX_RSA_PKCS1V15_2048_SHA256"],
      [3072, "PKIX_RSA_PKCS1V15_3072_SHA256"],
      [4096, "PKIX_RSA_PKCS1V15_4096_SHA256"],
      [2560, "PKIX_RSA_PKCS1V5"],
    ] as const) {
      assert.equal(defaultAlgorithm(rsaKey(bits)).name, name);
      for (const use of ["message", "dsse"] as const)
        assert.deepEqual(
          compatibleAlgorithms(rsaKey(bits), use).map((algorithm) => algorithm.name),
          [name],
        );
    }
  });

  it("fit by type and size", () => {
    const p384 = privateKeyFromSeed("ecdsa-p384", seed).publicKey;
    assert.ok(!isAlgorithmOfKey(algorithmByName("PKIX_ECDSA_P256_SHA_256"), p384));
    assert.ok(isAlgorithmOfKey(algorithmByName("PKIX_ECDSA_P384_SHA_256"), p384));
    assert.ok(!isAlgorithmOfKey(algorithmByName("PKIX_RSA_PSS_3072_SHA256"), rsaKey(2048)));
    assert.ok(isAlgorithmOfKey(algorithmByName("PKIX_RSA_PSS_2048_SHA256"), rsaKey(2048)));
    assert.ok(isAlgorithmOfKey(algorithmByName("PKIX_RSA_PSS"), rsaKey(2048)));
  });
});
