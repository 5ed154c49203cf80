/**
 * How a virtual Sigstore is made, with the defaults.
 */
import type { SignatureAlgorithmName } from "../crypto/algorithms.ts";

/** All of it may be left out. */
export interface VirtualSigstoreOptions {
  /** All keys, serial numbers and names of keys follow from it; ECDSA signatures differ all the same. */
  readonly seed?: string;
  /** The fixed clock: when things are signed unless said otherwise. Milliseconds, whole seconds. */
  readonly nowMs?: number;
  /** Host names of the services are under it. */
  readonly domain?: string;
  /** Keys of root and intermediate, and of the timestamp authorities; the public instance has P-384 for both, which costs verifiers ten times as much. */
  readonly certificateAuthorityAlgorithm?: SignatureAlgorithmName;
  readonly timestampAuthorityAlgorithm?: SignatureAlgorithmName;
  readonly ctLogAlgorithm?: SignatureAlgorithmName;
  readonly rekorV1Algorithm?: SignatureAlgorithmName;
  readonly rekorV2Algorithm?: SignatureAlgorithmName;
  /** SCTs carry the leaf index, as those of static-ct-api logs. */
  readonly hasStaticCtLogs?: boolean;
  /** How many of each there are in use at once. */
  readonly ctLogs?: number;
  readonly timestampAuthorities?: number;
  /** Shards: the last is in use, those before are full. Rekor v1 counts indices through all of them. */
  readonly rekorV1Shards?: number;
  readonly rekorV2Shards?: number;
  /** Entries of others in each log. */
  readonly earlierEntries?: number;
  /** Adds one more of everything that was in use a year ago and is not any more; see `VirtualSigstore.retired`. */
  readonly hasRotatedKeys?: boolean;
}

/** The options with nothing left out. */
export type CompleteOptions = Required<VirtualSigstoreOptions>;

/** P-256 wherever there is a choice, one of each service, Ed25519 for Rekor v2. */
export const DEFAULT_OPTIONS: CompleteOptions = {
  seed: "sigstore-ts",
  // 2026-03-01T12:00:00Z
  nowMs: 1_772_366_400_000,
  domain: "sigstore.test",
  certificateAuthorityAlgorithm: "PKIX_ECDSA_P256_SHA_256",
  timestampAuthorityAlgorithm: "PKIX_ECDSA_P256_SHA_256",
  ctLogAlgorithm: "PKIX_ECDSA_P256_SHA_256",
  rekorV1Algorithm: "PKIX_ECDSA_P256_SHA_256",
  rekorV2Algorithm: "PKIX_ED25519",
  hasStaticCtLogs: false,
  ctLogs: 1,
  timestampAuthorities: 1,
  rekorV1Shards: 1,
  rekorV2Shards: 1,
  earlierEntries: 5,
  hasRotatedKeys: false,
};

/** 365 days in milliseconds. */
export const YEAR_MS = 31_536_000_000;
