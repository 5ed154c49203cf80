/**
 * The port through which everything here signs, and the signer that holds its key in memory.
 *
 * Other signers (key services, hardware, files behind a password) implement `Signer`; signer.conformance.ts is what each must pass.
 */
import { type SignatureAlgorithm, defaultAlgorithm, isAlgorithmOfKey } from "./algorithms.ts";
import { DIGEST_BYTES } from "./digest.ts";
import type { PublicKey } from "./keys.ts";
import { type PrivateKey, signMessage, signMessageDigest } from "./private-key.ts";

/**
 * Makes signatures by one algorithm with one key, which may lie elsewhere.
 *
 * - Any number of calls may run at once; a signer that can do only one thing at a time queues them itself.
 * - A call may be repeated: signing again changes nothing, though the signature may be another. A signer retries what its own transport
 *   lost; a caller need not.
 * - `publicKey` and `algorithm` are known before the first call and never change: a signer whose service rotates its key keeps
 *   signing with the version it began with, or fails.
 * - A signature that is returned verifies with `publicKey` and `algorithm`, in the form that verifySignature reads (ECDSA as DER).
 * - Errors: SigstoreError when the signer cannot sign (no access, no connection, timed out), without any secret in its message; TypeError for
 *   a digest of another length than the algorithm's hash has.
 */
export interface Signer {
  readonly publicKey: PublicKey;
  readonly algorithm: SignatureAlgorithm;
  /** A signature over `message`, which is read before this returns to its caller or is the signer's until the promise settles. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** A signature over the message whose digest, by the algorithm's hash, this is; absent where the algorithm signs no digest (pure Ed25519, ML-DSA). */
  signDigest?(digest: Uint8Array): Promise<Uint8Array>;
}

/**
 * A signer with a key in memory, by the key's default algorithm or another one that fits the key.
 *
 * @throws TypeError when the algorithm is not one of this key
 */
export function createSigner(key: PrivateKey, algorithm: SignatureAlgorithm = defaultAlgorithm(key.publicKey)): Signer {
  if (!isAlgorithmOfKey(algorithm, key.publicKey))
    throw new TypeError(`expected an algorithm of a ${key.keyType} key, got ${algorithm.name}`);
  const { publicKey } = key;
  const sign = async (message: Uint8Array): Promise<Uint8Array> => signMessage(key, algorithm, message);
  if (algorithm.hash === undefined) return { publicKey, algorithm, sign };
  return {
    publicKey,
    algorithm,
    sign,
    async signDigest(digest) {
      if (digest.length !== DIGEST_BYTES[algorithm.hash])
        throw new TypeError(`expected a ${algorithm.hash} digest, got ${digest.length} bytes`);
      return signMessageDigest(key, algorithm, digest);
    },
  };
}
