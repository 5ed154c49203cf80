/**
 * FIPS 180-4 message digests: SHA-256, SHA-384 and SHA-512, of bytes at hand or of a stream.
 *
 * Leaves out SHA-1, which Sigstore never trusts, and SHA-3, which the registry names and nobody uses.
 */
import { platform } from "#platform";

/** The hash algorithms that signatures, entries and timestamps of Sigstore use. */
export type HashAlgorithmName = "sha256" | "sha384" | "sha512";

/** Octets of a digest by each algorithm. */
export const DIGEST_BYTES: Readonly<Record<HashAlgorithmName, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** A digest in the making; after `digest()` it is used up. */
export interface StreamingDigest {
  /** Adds bytes at the end. They are read before this returns. */
  update(bytes: Uint8Array): this;
  /** The digest of all that was added. */
  digest(): Uint8Array;
}

/** The digest of `bytes`. */
export function digest(algorithm: HashAlgorithmName, bytes: Uint8Array): Uint8Array {
  return platform.digest(algorithm, bytes);
}

/** The SHA-256 digest of `bytes`. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return platform.digest("sha256", bytes);
}

/** Begins the digest of a stream. */
export function createDigest(algorithm: HashAlgorithmName): StreamingDigest {
  return platform.createDigest(algorithm);
}
