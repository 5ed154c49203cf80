/**
 * How something is signed in the virtual Sigstore: every choice a client or an instance has, with the defaults of today.
 */
import type { SignatureAlgorithmName } from "../crypto/algorithms.ts";
import type { Bundle, BundleVersion } from "../formats/bundle/bundle.ts";
import type { HashAlgorithmName } from "../formats/hash-algorithm.ts";
import type { SigningIdentity } from "./identities.ts";
import type { Lies } from "./lie-hooks.ts";
import type { VirtualCertificateAuthority } from "./virtual-certificate-authority.ts";
import type { VirtualCtLog } from "./virtual-ct-log.ts";
import type { VirtualLog } from "./virtual-log.ts";
import type { VirtualParties } from "./virtual-parties.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";

/** Kind of the entry that records a signature. */
export type EntryKind = "hashedrekord" | "dsse" | "intoto";

/** All of it may be left out: then it is a v0.3 bundle with a certificate for PERSON on P-256, one Rekor v2 entry and one timestamp. */
export interface SigningOptions {
  readonly bundleVersion?: BundleVersion;
  /** Another media type of the same version. */
  readonly mediaType?: string;
  /** When the certificate was issued; everything else follows within seconds. Milliseconds, whole seconds. */
  readonly atMs?: number;
  /** The leaf's key and how it signs. */
  readonly algorithm?: SignatureAlgorithmName;
  readonly identity?: SigningIdentity;
  /** Signs with a key instead of a certificate: the hint, the same as the key id in an envelope. */
  readonly managedKey?: { readonly hint: string; readonly keyid?: string };

  /** Whose services; the current ones by default. */
  readonly parties?: VirtualParties;
  /** Which logs, by version; or these. Default: 2. */
  readonly rekor?: 1 | 2 | "both" | "none";
  readonly logs?: readonly VirtualLog[];
  /** How an envelope is logged: `dsse` in Rekor v1, `hashedrekord` in v2 by default. Messages are `hashedrekord` always. */
  readonly entryKind?: EntryKind;
  /** Rekor v1: which evidence its answer holds; both by default, the promise alone in v0.1 bundles. */
  readonly hasPromise?: boolean;
  readonly hasProof?: boolean;
  /** Rekor v1: when it took the entry in; milliseconds, whole seconds. */
  readonly integratedTimeMs?: number;
  /** Entries of others that were logged before the checkpoint. */
  readonly laterEntries?: number;
  /** How many witnesses cosign the checkpoint. */
  readonly witnesses?: number;

  /** How many timestamps, each of another authority; or of these. Default: one, none where a Rekor v1 log promises. */
  readonly timestamps?: number;
  readonly timestampAuthorities?: readonly VirtualTimestampAuthority[];
  readonly timestampMs?: number;
  readonly timestampHash?: HashAlgorithmName;
  /** Certificates in the timestamps: none by default. */
  readonly timestampCertificates?: "leaf" | "chain";

  readonly certificateAuthority?: VirtualCertificateAuthority;
  readonly ctLogs?: readonly VirtualCtLog[];
  readonly sctMs?: number;
  readonly lies?: Lies;
}

/** A bundle with what is needed to judge it. */
export interface SignedBundle {
  readonly bundle: Bundle;
  readonly json: string;
  /** DER SubjectPublicKeyInfo of the key that signed. */
  readonly publicKey: Uint8Array;
  /** DER; absent for a managed key. */
  readonly certificate: Uint8Array | undefined;
  readonly identity: SigningIdentity | undefined;
}
