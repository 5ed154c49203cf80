/**
 * The one error class of the package and its closed set of codes.
 *
 * Three kinds of failure exist: hostile or invalid input and refused evidence (`SigstoreError`), misuse by the calling
 * program (`TypeError`), and a broken invariant of ours (plain `Error`, never caught on purpose).
 */
import { LIMITS } from "./limits.ts";

/** Codes of input that cannot be read: notation, format, size. */
export const PARSE_ERROR_CODES = [
  "base64-invalid",
  "hex-invalid",
  "utf8-invalid",
  "pem-invalid",
  "der-invalid",
  "json-invalid",
  "bytes-truncated",
  "bytes-trailing",
  "input-too-large",
  "input-empty",
  "input-unrecognized",
  "time-invalid",
  "certificate-invalid",
  "certification-request-invalid",
  "sct-invalid",
  "cms-invalid",
  "timestamp-invalid",
  "dsse-invalid",
  "statement-invalid",
  "bundle-invalid",
  "bundle-version-unsupported",
  "trusted-root-invalid",
  "trusted-root-version-unsupported",
  "signing-config-invalid",
  "client-trust-config-invalid",
  "entry-body-invalid",
  "key-invalid",
  "key-unsupported",
  "algorithm-unsupported",
  "note-invalid",
  "checkpoint-invalid",
  "cosignature-invalid",
  "tile-invalid",
  "proof-invalid",
  "key-encryption-invalid",
  "password-wrong",
  "password-required",
  "identity-token-invalid",
  "image-reference-invalid",
  "oci-invalid",
] as const;

/** Codes of evidence that was read and refused, one for each check of the verifier. */
export const VERIFICATION_ERROR_CODES = [
  // shape of the bundle
  "bundle-promise-missing",
  "bundle-proof-missing",
  "bundle-checkpoint-missing",
  "bundle-certificate-missing",
  "bundle-certificate-chain-forbidden",
  "bundle-root-certificate",
  "bundle-too-many-entries",
  "bundle-too-many-timestamps",
  "tlog-entry-duplicate",
  // transparency log
  "tlog-log-unknown",
  "tlog-log-not-valid-then",
  "tlog-promise-invalid",
  "tlog-proof-invalid",
  "tlog-proof-index-mismatch",
  "tlog-checkpoint-mismatch",
  "tlog-checkpoint-signature-invalid",
  "tlog-checkpoint-origin-mismatch",
  "tlog-entry-kind-unsupported",
  "tlog-entry-kind-mismatch",
  "tlog-entry-signature-mismatch",
  "tlog-entry-key-mismatch",
  "tlog-entry-digest-mismatch",
  "tlog-integrated-time-outside-certificate",
  "tlog-threshold",
  // time
  "timestamp-authority-unknown",
  "timestamp-authority-not-valid-then",
  "timestamp-signature-invalid",
  "timestamp-imprint-mismatch",
  "timestamp-chain-invalid",
  "timestamp-usage-invalid",
  "timestamp-threshold",
  "integrated-time-threshold",
  "time-threshold",
  "time-too-late",
  // certificate
  "certificate-path-invalid",
  "certificate-not-valid-then",
  "certificate-authority-not-valid-then",
  "certificate-usage-invalid",
  "certificate-critical-extension-unknown",
  "sct-missing",
  "sct-log-unknown",
  "sct-log-not-valid-then",
  "sct-signature-invalid",
  "sct-threshold",
  // managed key
  "key-required",
  "key-unexpected",
  "key-hint-mismatch",
  "key-not-valid-then",
  // signature and content
  "signature-invalid",
  "artifact-mismatch",
  "artifact-bytes-required",
  "artifact-digest-required",
  "dsse-signature-count",
  "dsse-payload-type-unsupported",
  "statement-too-many-subjects",
  "statement-subject-mismatch",
  // policy
  "identity-missing",
  "identity-mismatch",
  "identity-extension-mismatch",
  "instance-mismatch",
  "profile-mismatch",
  "revoked",
] as const;

/** Codes of wishes that cannot be carried out: files, options, the outside world. */
export const OPERATION_ERROR_CODES = [
  "usage",
  "file-not-found",
  "file-unreadable",
  "file-too-large",
  "file-unwritable",
  "bundle-not-found",
  "bundle-ambiguous",
  "pattern-unsupported",
  "node-too-old",
  // services: the log that does not take an entry now, and the storage below it
  "log-busy",
  "log-unavailable",
  "entry-too-large",
  "storage-failed",
  "storage-conflict",
  "storage-in-use",
  "storage-copied",
  "storage-damaged",
  // signing: what services answer, and what is there to ask them with
  "service-unreachable",
  "service-timeout",
  "service-refused",
  "service-unavailable",
  "service-answer-invalid",
  "service-answer-refused",
  "signing-service-missing",
  "signing-evidence-insufficient",
  "identity-token-missing",
  "identity-token-expired",
  "login-failed",
  "cancelled",
  // the user's own files, and the instances that they name
  "home-missing",
  "home-invalid",
  "instance-unknown",
  "fingerprint-mismatch",
  "bundle-exists",
  "file-exists",
  // the certificate authority: a token that gets no certificate, a request that gets none, an issuer whose keys are not to be had
  "identity-token-refused",
  "certificate-refused",
  "issuer-unreachable",
  // the identity provider: a login or a token that its rules refuse, and its list of users
  "login-refused",
  "users-invalid",
  // settings of a service that cannot be used
  "config-invalid",
  // a whole instance: its folder, and the port that it is to serve on
  "instance-invalid",
  "port-unavailable",
  // registries: what is not there, who may not, content that is not what its digest or type says, and credentials
  "image-not-found",
  "registry-unauthorized",
  "registry-content-mismatch",
  "registry-credentials-invalid",
  // a broken invariant of ours, as the command reports it
  "internal",
] as const;

/** Every code a `SigstoreError` can carry. */
export type ErrorCode =
  | (typeof PARSE_ERROR_CODES)[number]
  | (typeof VERIFICATION_ERROR_CODES)[number]
  | (typeof OPERATION_ERROR_CODES)[number];

/** What may accompany an error: `hint` says what to do, `details` carries the facts for programs, `cause` the error below. */
export interface SigstoreErrorOptions {
  readonly hint?: string;
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly cause?: unknown;
}

/**
 * Invalid input or refused evidence.
 *
 * `message` is lower case, without a full stop, in the form "expected X, got Y"; it never holds a token, key or password.
 * @example
 * ```ts
 * import { SigstoreError } from "sigstore-ts";
 * const error = new SigstoreError("hex-invalid", "expected an even number of hex digits, got 3");
 * console.log(error.code); // "hex-invalid"
 * ```
 */
export class SigstoreError extends Error {
  override readonly name = "SigstoreError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean | readonly string[]>>;

  constructor(code: ErrorCode, message: string, options: SigstoreErrorOptions = {}) {
    super(boundedMessage(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** A text for people with hostile values in it, cut where it becomes too long to be read. */
export function boundedMessage(text: string): string {
  return text.length <= LIMITS.messageLength ? text : `${text.slice(0, LIMITS.messageLength)}…`;
}

/**
 * True when `error` is a `SigstoreError`, of the given code if one is named.
 * @example
 * ```ts
 * import { isSigstoreError, parseBundle } from "sigstore-ts";
 * try {
 *   parseBundle("{");
 * } catch (error) {
 *   console.log(isSigstoreError(error, "json-invalid")); // true
 * }
 * ```
 */
export function isSigstoreError(error: unknown, code?: ErrorCode): error is SigstoreError {
  return error instanceof SigstoreError && (code === undefined || error.code === code);
}
