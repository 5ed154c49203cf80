/**
 * FIPS 180-4 message digests: SHA-256, SHA-384 and SHA-512, of bytes at hand or of a stream.
 *
 * Leaves out SHA-1, which Sigstore never trusts, and SHA-3, which the registry names and nobody uses.
 */
import { platform } from "#platform";
import type { HashAlgorithmName, StreamingDigest } from "./hash-algorithm.ts";

export { DIGEST_BYTES, type HashAlgorithmName, type StreamingDigest } from "./hash-algorithm.ts";

/** The digest of `bytes`. */
export function digest(algorithm: HashAlgorithmName, bytes: Uint8Array): Uint8Array {
  return platform.digest(algorithm, bytes);
}

/** The SHA-256 digest of `bytes`. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return platform.digest("sha256", bytes);
}

/** The SHA-256 digest of `bytes`, written into `target` from `offset` on; `target` may lie in `bytes`. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  platform.digestInto("sha256", bytes, target, offset);
}

/** Begins the digest of a stream. */
export function createDigest(algorithm: HashAlgorithmName): StreamingDigest {
  return platform.createDigest(algorithm);
}
