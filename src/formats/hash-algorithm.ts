/**
 * The hash algorithms that Sigstore's JSON formats name (protobuf-specs sigstore_common.proto, HashAlgorithm).
 *
 * Names and lengths only; hashing is crypto's. Leaves out SHA-3, which no client of today signs with.
 */

/** A hash algorithm that we read, write and compute. */
export type HashAlgorithmName = "sha256" | "sha384" | "sha512";

/** A digest and the algorithm that made it; the length fits. */
export interface NamedDigest {
  readonly algorithm: HashAlgorithmName;
  readonly digest: Uint8Array;
}

/** Bytes of a digest. */
export const DIGEST_LENGTH: Readonly<Record<HashAlgorithmName, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** Name of the algorithm in proto3 JSON. */
export const HASH_ALGORITHM_PROTO_NAME = {
  sha256: "SHA2_256",
  sha384: "SHA2_384",
  sha512: "SHA2_512",
} as const satisfies Record<HashAlgorithmName, string>;

/** The enum HashAlgorithm: proto3 JSON name and number of each value. */
export const HASH_ALGORITHM_NUMBERS: ReadonlyMap<string, number> = new Map([
  ["HASH_ALGORITHM_UNSPECIFIED", 0],
  ["SHA2_256", 1],
  ["SHA2_384", 2],
  ["SHA2_512", 3],
  ["SHA3_256", 4],
  ["SHA3_384", 5],
]);

const BY_PROTO_NAME: ReadonlyMap<string, HashAlgorithmName> = new Map([
  ["SHA2_256", "sha256"],
  ["SHA2_384", "sha384"],
  ["SHA2_512", "sha512"],
]);

/** The algorithm of a proto3 JSON name, or undefined for one that we do not compute. */
export function hashAlgorithmByProtoName(name: string): HashAlgorithmName | undefined {
  return BY_PROTO_NAME.get(name);
}
