/**
 * Seeded keys whose ECDSA signatures follow from the message too (RFC 6979 without extra randomness; ML-DSA: FIPS 204's
 * deterministic variant), so that the bundles of a virtual Sigstore are the same bytes in every run.
 */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import type { SignatureAlgorithm, SignatureAlgorithmName } from "../../../src/crypto/algorithms.ts";
import { algorithmByName } from "../../../src/crypto/algorithms.ts";
import { digest } from "../../../src/crypto/digest.ts";
import { serializeEcdsaSignature } from "../../../src/crypto/ecdsa.ts";
import { parsePkcs8 } from "../../../src/crypto/pkcs8.ts";
import { exportPkcs8, privateKeyFromSeed } from "../../../src/crypto/private-key.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import type { Signer } from "../../../src/crypto/signer.ts";
import { seededBytes } from "../../../src/testing/seed.ts";
import { VirtualKeys } from "../../../src/testing/virtual-keys.ts";

const CURVES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;
const PARAMETER_SETS = { "ml-dsa-44": ml_dsa44, "ml-dsa-65": ml_dsa65, "ml-dsa-87": ml_dsa87 } as const;
const SIGN_DIGEST = { prehash: false, lowS: false, format: "compact" } as const;

/** Keys of a virtual Sigstore that sign the same thing always in the same way. RSA-PSS alone stays random. */
export class DeterministicKeys extends VirtualKeys {
  readonly #fuzzSeed: string;

  constructor(seed: string) {
    super(seed);
    this.#fuzzSeed = seed;
  }

  override signer(label: string, algorithmName: SignatureAlgorithmName): Signer {
    const algorithm = algorithmByName(algorithmName);
    if (algorithm.scheme === "ml-dsa")
      return mlDsaSigner(algorithm, seededBytes(this.#fuzzSeed, `deterministic key ${label}`, 32));
    if (algorithm.scheme !== "ecdsa") return super.signer(label, algorithmName);
    return ecdsaSigner(algorithm, seededBytes(this.#fuzzSeed, `deterministic key ${label}`, 32));
  }
}

function ecdsaSigner(algorithm: Extract<SignatureAlgorithm, { scheme: "ecdsa" }>, seed: Uint8Array): Signer {
  const { keyType, hash } = algorithm;
  const key = privateKeyFromSeed(keyType, seed);
  const { secret } = parsePkcs8(exportPkcs8(key));
  const { publicKey } = createSigner(key, algorithm);
  return {
    publicKey,
    algorithm,
    sign: async (message) => serializeEcdsaSignature(CURVES[keyType].sign(digest(hash, message), secret, SIGN_DIGEST)),
  };
}

function mlDsaSigner(algorithm: Extract<SignatureAlgorithm, { scheme: "ml-dsa" }>, seed: Uint8Array): Signer {
  const key = privateKeyFromSeed(algorithm.keyType, seed);
  const scheme = PARAMETER_SETS[algorithm.keyType];
  const { secretKey } = scheme.keygen(parsePkcs8(exportPkcs8(key)).secret);
  return {
    publicKey: key.publicKey,
    algorithm,
    sign: async (message) => scheme.sign(message, secretKey, { extraEntropy: false }),
  };
}
