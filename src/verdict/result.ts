/**
 * The one shape in which a verification is answered, for people, programs and pages alike.
 *
 * Only `verdict: "verified"` is a yes. `"sound"` says that the evidence holds and that nobody said whom to trust;
 * `"failed"` names the step; `"revoked"` has its place here before it has a source. The JSON Schema of
 * this shape is published as `docs/schemas/verification-result.json`.
 */
import type { ErrorCode } from "../errors.ts";
import type { Check, Step } from "../verify/checks.ts";

/** Version of the JSON shapes of this package. */
export const API_VERSION = "sigstore-ts/v1";

/** The four answers; nothing but the first is a yes. */
export type Verdict = "verified" | "sound" | "failed" | "revoked";

/** Who signed, as the certificate says it. */
export interface CertificateSigner {
  readonly kind: "certificate";
  /** The OIDC issuer that vouched for the identity (extension .8, else .1); empty where the certificate names none. */
  readonly issuer: string;
  /** The subject alternative name: e-mail address, URI or other name. */
  readonly subject: string;
  readonly subjectKind: "email" | "uri" | "dns" | "ip" | "otherName";
  /** Fulcio extensions by name, e.g. `sourceRepositoryUri`. */
  readonly extensions: Readonly<Record<string, string>>;
  /** X.509 name of the authority that issued the certificate. */
  readonly certificateAuthority: string;
  readonly serialNumberHex: string;
  /** SHA-256 of the DER certificate. */
  readonly fingerprintHex: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Which managed key signed. */
export interface KeySigner {
  readonly kind: "key";
  readonly hint: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly fingerprintHex: string;
}

/** A time that is proved, and where it comes from. RFC 3339 text. */
export interface ResultTime {
  readonly time: string;
  readonly source: "timestamp-authority" | "transparency-log";
  /** Address of the authority or log, as the trusted root names it. */
  readonly origin: string;
}

/** One tlog entry that was verified. Integers as decimal text: they may exceed 2^53. */
export interface ResultTlogEntry {
  readonly log: string;
  readonly logIdHex: string;
  readonly logIndex: string;
  readonly kind: string;
  readonly kindVersion: string;
  readonly integratedTime?: string;
  readonly inclusionPromise: boolean;
  readonly inclusionProof: boolean;
  readonly checkpoint?: { readonly origin: string; readonly treeSize: string; readonly rootHashHex: string };
}

/** One signed certificate timestamp that was verified. */
export interface ResultSct {
  readonly log: string;
  readonly logIdHex: string;
  readonly time: string;
}

/** What was signed. `digests` are those that were computed or given, hex by algorithm. */
export interface ResultArtifact {
  readonly name?: string;
  readonly digests: Readonly<Record<string, string>>;
}

/** The statement of an attestation whose signature holds. */
export interface ResultStatement {
  readonly type: string;
  readonly predicateType: string;
  /** Name of the subject that the artifact matched. */
  readonly subject: string;
  readonly subjectCount: number;
}

/** Which trust was used, and how old it is. */
export interface ResultTrust {
  /** Name of the instance: `public`, `staging`, or what the caller named. */
  readonly instance: string;
  /** Where the trusted root came from, for people: `embedded, taken 2026-11-01` or a path. */
  readonly source: string;
  /** SHA-256 of the trusted root's bytes. */
  readonly fingerprintHex: string;
  /** When the root was taken from its repository, RFC 3339, where known, and its age in days at the time of judging. */
  readonly takenOn?: string;
  readonly ageDays?: number;
  readonly profile: string;
}

/** Why the verdict is not a yes. */
export interface ResultFailure {
  readonly step: Step;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The answer to one verification. */
export interface VerificationResult {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "VerificationResult";
  readonly verdict: Verdict;
  readonly artifact: ResultArtifact;
  readonly bundle?: { readonly mediaType: string; readonly content: "messageSignature" | "dsseEnvelope" };
  readonly signer?: CertificateSigner | KeySigner;
  readonly signatureAlgorithm?: string;
  readonly statement?: ResultStatement;
  readonly times: readonly ResultTime[];
  readonly tlogEntries: readonly ResultTlogEntry[];
  readonly scts: readonly ResultSct[];
  readonly trust: ResultTrust;
  /** The identity of the policy that matched, where one did. */
  readonly matchedIdentity?: { readonly issuer: string; readonly subject: string; readonly pattern: boolean };
  /** Revocation: no source exists yet, so it is never asked. */
  readonly revocation: { readonly status: "not-asked" | "good" | "revoked"; readonly reason?: string };
  readonly warnings: readonly string[];
  readonly checks: readonly Check[];
  readonly failure?: ResultFailure;
}
