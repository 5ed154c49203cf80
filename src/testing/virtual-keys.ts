/**
 * The keys of a virtual Sigstore: each follows from the seed and what the key is for.
 */
import type { RandomSource } from "../authority/serial-number.ts";
import { algorithmByName, type SignatureAlgorithm, type SignatureAlgorithmName } from "../crypto/algorithms.ts";
import { type PrivateKey, privateKeyFromSeed } from "../crypto/private-key.ts";
import { createSigner, type Signer } from "../crypto/signer.ts";
import { rsaTestKey, type RsaTestKeyBits } from "./rsa-test-key.ts";
import { seededBytes, seededRandom } from "./seed.ts";

/** Seeded keys and randomness. */
export class VirtualKeys {
  /** For serial numbers. */
  readonly random: RandomSource;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    this.random = seededRandom(seed, "random");
  }

  /** The signer for this purpose: the same label and algorithm give the same key. Of RSA there is one key of each size for all. */
  signer(label: string, algorithmName: SignatureAlgorithmName): Signer {
    const algorithm = algorithmByName(algorithmName);
    return createSigner(this.#privateKey(label, algorithm), algorithm);
  }

  #privateKey(label: string, { keyType, modulusBits }: SignatureAlgorithm): PrivateKey {
    if (keyType === "rsa") return rsaTestKey(rsaBits(modulusBits));
    return privateKeyFromSeed(keyType, seededBytes(this.#seed, `key ${label}`, 32));
  }
}

function rsaBits(modulusBits: number | undefined): RsaTestKeyBits {
  return modulusBits === 3072 || modulusBits === 4096 ? modulusBits : 2048;
}
