/**
 * What kind of file is this? The documents that Sigstore users mix up, told apart by a few tell-tale keys and bytes, so that
 * a reader that is given the wrong one can say what it got.
 *
 * A guess for error messages and for `inspect`; nothing is decided by it. Whether a document is sound is its parser's word.
 */
import { parseJson } from "../encoding/json.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { describeJson, isObject } from "./proto-json.ts";

const DESCRIPTIONS = {
  bundle: "a Sigstore bundle",
  "trusted-root": "a trusted root",
  "signing-config": "a signing config",
  "client-trust-config": "a client trust config",
  "dsse-envelope": "a bare DSSE envelope",
  statement: "an unsigned in-toto statement",
  "cosign-bundle": "an old cosign bundle (base64Signature)",
  "rekor-bundle": "an old cosign log bundle (SignedEntryTimestamp)",
  "cosign-timestamp": "an old cosign timestamp (SignedRFC3161Timestamp)",
  "attestation-response": "a list of attestations, as npm's and GitHub's API answer",
  "pypi-attestation": "a PyPI attestation (PEP 740)",
  "entry-body": "the body of a Rekor log entry",
  "tlog-entry": "a lone tlog entry, as Rekor v2 answers",
  "rekor-response": "a log entry as the Rekor v1 API answers",
  "tuf-metadata": "TUF metadata",
  "oci-manifest": "an OCI manifest",
  "json-lines": "several JSON documents, one a line",
  json: "some other JSON document",
  certificate: "a PEM certificate",
  "public-key": "a PEM public key",
  "private-key": "a PEM private key",
  pem: "another PEM file",
  checkpoint: "a checkpoint (signed note)",
  "base64-text": "bare base64 text, such as a detached signature",
  markup: "an HTML or XML page",
  "utf-16": "text in UTF-16",
  der: "binary DER, such as a certificate or timestamp",
  archive: "a compressed archive",
  binary: "binary data",
  text: "plain text",
} as const;

/** Kinds of documents that `recognizeDocument` tells apart. */
export type DocumentKind = keyof typeof DESCRIPTIONS;

const HINTS: Partial<Record<DocumentKind, string>> = {
  certificate: "a bundle holds the certificate and the signature together; its name usually ends in .sigstore.json",
  "trusted-root": "a trusted root is given beside the bundle, not instead of it",
  bundle: "a bundle is given beside the trust files, not instead of them",
  "dsse-envelope": "the envelope alone has no certificate and no log entry; the bundle has all three",
  "cosign-bundle": "sign again with a current client, which writes .sigstore.json",
  "attestation-response": "what stands in it as attestations[].bundle is a bundle: save that as a file of its own",
  "pypi-attestation": "it holds what a bundle holds, in another shape, which this version does not read",
  "json-lines": "give one document at a time: split the file by lines",
  "private-key": "this file is a secret: nobody needs it to verify",
  markup: "the download may have answered with an error page",
  "utf-16": "save it as UTF-8 without a byte order mark; redirection in older PowerShell writes UTF-16",
};

const MEDIA_TYPES: readonly (readonly [string, DocumentKind])[] = [
  ["application/vnd.dev.sigstore.bundle", "bundle"],
  ["application/vnd.dev.sigstore.trustedroot", "trusted-root"],
  ["application/vnd.dev.sigstore.signingconfig", "signing-config"],
  ["application/vnd.dev.sigstore.clienttrustconfig", "client-trust-config"],
  ["application/vnd.oci.image", "oci-manifest"],
];

/** Keys that together give a JSON document away, most telling first. */
const TELL_TALE_KEYS: readonly (readonly [DocumentKind, ...string[]])[] = [
  ["cosign-bundle", "base64Signature"],
  ["rekor-bundle", "SignedEntryTimestamp", "Payload"],
  ["cosign-timestamp", "SignedRFC3161Timestamp"],
  ["bundle", "verificationMaterial"],
  ["pypi-attestation", "verification_material", "envelope"],
  ["pypi-attestation", "attestation_bundles"],
  ["client-trust-config", "trustedRoot", "signingConfig"],
  ["trusted-root", "tlogs", "certificateAuthorities"],
  ["signing-config", "caUrls"],
  ["signing-config", "caUrl"],
  ["dsse-envelope", "payload", "payloadType"],
  ["statement", "_type", "predicateType"],
  ["entry-body", "apiVersion", "kind", "spec"],
  ["tlog-entry", "canonicalizedBody", "logId"],
  ["tuf-metadata", "signed", "signatures"],
  ["oci-manifest", "schemaVersion"],
  ["attestation-response", "attestations"],
];

/** The kind of a document in the words of an error message: "a Sigstore bundle". */
export function describeDocument(kind: DocumentKind): string {
  return DESCRIPTIONS[kind];
}

/** A guess at what a file is, from its keys when it is a JSON object and from its first bytes otherwise. */
export function recognizeDocument(source: Uint8Array | string): DocumentKind {
  try {
    const value = parseJson(source);
    return isObject(value) ? recognizeObject(value) : "json";
  } catch (error) {
    if (!(error instanceof SigstoreError)) throw error;
    return recognizeNonJson(source);
  }
}

/**
 * The JSON object in a file that should be of kind `expected`.
 *
 * Errors: `code` when it is plainly something else; `json-invalid` when it is JSON gone wrong; `input-empty` and
 * `input-too-large`. Each says what the file seems to be.
 */
export function parseDocument(
  source: Uint8Array | string,
  expected: DocumentKind,
  code: ErrorCode,
  maxBytes: number,
): JsonObject {
  const value = parseExpected(source, expected, code, maxBytes);
  if (!isObject(value)) {
    throw new SigstoreError(code, `expected ${DESCRIPTIONS[expected]}, got ${describeJson(value)} as JSON`);
  }
  const kind = recognizeObject(value);
  if (kind !== expected && kind !== "json") throw wrongDocument(expected, kind, code);
  return value;
}

function parseExpected(
  source: Uint8Array | string,
  expected: DocumentKind,
  code: ErrorCode,
  maxBytes: number,
): JsonValue {
  try {
    return parseJson(source, { maxBytes });
  } catch (cause) {
    if (!(cause instanceof SigstoreError)) throw cause;
    throw explainUnreadable(source, expected, code, cause);
  }
}

function explainUnreadable(
  source: Uint8Array | string,
  expected: DocumentKind,
  code: ErrorCode,
  cause: SigstoreError,
): SigstoreError {
  const what = DESCRIPTIONS[expected];
  if (cause.code === "input-empty") {
    return new SigstoreError("input-empty", `expected ${what}, got an empty file`, { cause });
  }
  if (cause.code === "input-too-large") return new SigstoreError(cause.code, `${what}: ${cause.message}`, { cause });
  const kind = recognizeNonJson(source);
  if (kind !== "json") return wrongDocument(expected, kind, code, cause);
  const hint = cause.hint === undefined ? {} : { hint: cause.hint };
  return new SigstoreError(cause.code, `${what}: ${cause.message}`, { ...hint, cause });
}

function wrongDocument(expected: DocumentKind, kind: DocumentKind, code: ErrorCode, cause?: unknown): SigstoreError {
  const hint = HINTS[kind];
  return new SigstoreError(code, `expected ${DESCRIPTIONS[expected]}, got ${DESCRIPTIONS[kind]}`, {
    details: { expected, found: kind },
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The kind of a JSON object. */
function recognizeObject(object: JsonObject): DocumentKind {
  const mediaType = object["mediaType"];
  if (typeof mediaType === "string") {
    for (const [prefix, kind] of MEDIA_TYPES) if (mediaType.startsWith(prefix)) return kind;
  }
  for (const [kind, ...keys] of TELL_TALE_KEYS) {
    if (keys.every((key) => Object.hasOwn(object, key))) return kind;
  }
  return isRekorResponse(object) ? "rekor-response" : "json";
}

/** Rekor v1 answers `{"<entry UUID>": {"body": …, "logID": …}}`. */
function isRekorResponse(object: JsonObject): boolean {
  const [entry, ...others] = Object.values(object);
  return others.length === 0 && isObject(entry) && Object.hasOwn(entry, "body") && Object.hasOwn(entry, "logID");
}

const SAMPLE_LENGTH = 4096;
const MAGIC: readonly (readonly [DocumentKind, ...number[]])[] = [
  ["utf-16", 0xff, 0xfe],
  ["utf-16", 0xfe, 0xff],
  ["archive", 0x1f, 0x8b],
  ["archive", 0x50, 0x4b, 0x03, 0x04],
  ["archive", 0x28, 0xb5, 0x2f, 0xfd],
  ["der", 0x30, 0x80],
  ["der", 0x30, 0x81],
  ["der", 0x30, 0x82],
  ["der", 0x30, 0x83],
];

/** The kind of a file that is not JSON; "json" when it looks like JSON that is broken. */
function recognizeNonJson(source: Uint8Array | string): DocumentKind {
  const kind = recognizeSample(source);
  return kind === "json" && hasJsonLines(source) ? "json-lines" : kind;
}

/** One line of a bundle is longer than any sample: where one document ends and the next begins is looked for in the whole. */
function hasJsonLines(source: Uint8Array | string): boolean {
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  return text.includes("}\n{") || text.includes("}\r\n{");
}

function recognizeSample(source: Uint8Array | string): DocumentKind {
  const sample = source.slice(0, SAMPLE_LENGTH);
  if (typeof sample === "string") return recognizeText(sample);
  for (const [kind, ...magic] of MAGIC) {
    if (magic.every((byte, index) => sample[index] === byte)) return kind;
  }
  if (sample.includes(0)) return "binary";
  const text = new TextDecoder().decode(sample);
  const kind = recognizeText(text);
  return kind === "text" && text.includes("\ufffd") ? "binary" : kind;
}

function recognizeText(sample: string): DocumentKind {
  const text = sample.replace(/^[\s\ufeff]+/u, "");
  if (text.startsWith("-----BEGIN ")) return recognizePem(text);
  if (text.startsWith("{") || text.startsWith("[")) return "json";
  if (text.startsWith("<")) return "markup";
  if (/\n\n\u2014 /u.test(text)) return "checkpoint";
  return /^[A-Za-z0-9+/=_\r\n-]+$/u.test(text) && text.length > 20 ? "base64-text" : "text";
}

function recognizePem(text: string): DocumentKind {
  const label = text.slice("-----BEGIN ".length, SAMPLE_LENGTH).split("-----", 1)[0] ?? "";
  if (label === "CERTIFICATE") return "certificate";
  if (label.endsWith("PUBLIC KEY")) return "public-key";
  return label.endsWith("PRIVATE KEY") ? "private-key" : "pem";
}
