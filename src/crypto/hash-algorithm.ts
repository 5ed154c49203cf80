/**
 * FIPS 180-4: the names of the message digests in use, their lengths, and the shape of one in the making.
 *
 * Stands apart from digest.ts so that the platform files can share it.
 */

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
