/**
 * What is known of an instance of Sigstore: its trusted root and signing config, as data, and where they come from.
 */

/** Names of the instances that come with this package. */
export type InstanceName = "public" | "staging" | "github";

/** An instance whose trust files come with this package; `loadTrust` of verdict/ takes it as it is. */
export interface Instance {
  readonly instance: InstanceName;
  /** For people, e.g. `Sigstore's public instance`. */
  readonly title: string;
  /** Address of the TUF repository in which newer files are found. */
  readonly tufRepository: string;
  /** Version of that repository's root role in the package that the files were taken from. */
  readonly tufRootVersion: number;
  /** Day on which the packages that carry the trusted root took it from its repository, as far as is known (RFC 3339). */
  readonly takenOn: string;
  /** The packages that carry it, for people. */
  readonly source: string;
  /** SHA-256 (hex) of the trusted root: the hash by which the TUF repository lists it. */
  readonly trustedRootSha256: string;
  /** The trusted root, byte for byte as in its repository; `parseTrustedRoot` reads it. */
  readonly trustedRoot: string;
  /** The signing config, likewise; absent where the instance publishes none. */
  readonly signingConfig: string | undefined;
}
