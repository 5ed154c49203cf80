/**
 * What is this? Decided from the content alone, never from a name.
 *
 * Cheap and shallow on purpose: the answer names the reader that should have a closer look, or, where there is none, says
 * in words what the bytes look like. JSON and text are told apart by formats/document; DER structures and lists of SCTs here.
 */
import { DerReader, TAG } from "../../encoding/der.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { describeDocument, recognizeDocument } from "../../formats/document.ts";
import type { DocumentKind } from "../../formats/document.ts";

/** The formats that `inspect` shows. */
export const FORMATS = [
  "bundle",
  "trusted-root",
  "signing-config",
  "client-trust-config",
  "dsse-envelope",
  "statement",
  "entry-body",
  "certificate",
  "public-key",
  "timestamp-response",
  "timestamp-token",
  "timestamp-request",
  "checkpoint",
  "signed-note",
  "sct-list",
] as const;

/** One format that `inspect` shows. */
export type Format = (typeof FORMATS)[number];

/** How the bytes are written down. */
export type Notation = "json" | "pem" | "der" | "text" | "binary";

/** What the bytes look like, with its article. `format` is absent where there is no reader. */
export interface Recognition {
  readonly format?: Format;
  readonly notation: Notation;
  readonly what: string;
  readonly hint?: string;
}

const NOTATIONS: Partial<Readonly<Record<DocumentKind, Notation>>> = {
  certificate: "pem",
  "public-key": "pem",
  "private-key": "pem",
  pem: "pem",
  checkpoint: "text",
  "base64-text": "text",
  markup: "text",
  text: "text",
  "utf-16": "binary",
  der: "der",
  archive: "binary",
  binary: "binary",
};

const SECRET_HINT = "it is a secret: keep it where only its owner can read it; its public half can be inspected";

/** What to do with documents that have no reader here. */
const HINTS: Partial<Readonly<Record<DocumentKind, string>>> = {
  "private-key": SECRET_HINT,
  "base64-text": "decode it first, for example with base64 -d, and inspect what is inside",
  markup: "was the download answered with an error page?",
  "json-lines": "inspect one line at a time",
  "attestation-response": "what stands in it as attestations[].bundle can be inspected",
  "utf-16": "save it as UTF-8 without a byte order mark",
  "cosign-bundle": "this version reads sigstore bundles only",
  "rekor-response": "the entry's body stands in it as base64: decode that and inspect it",
};

/** What `bytes` look like. */
export function recognize(bytes: Uint8Array): Recognition {
  if (bytes.length === 0) return { notation: "binary", what: "an empty file", hint: "was the download cut off?" };
  const recognition = bytes[0] === TAG.sequence ? recognizeDer(bytes) : undefined;
  if (recognition !== undefined) return recognition;
  if (looksLikeSctList(bytes)) return { format: "sct-list", notation: "binary", what: "a list of SCTs" };
  return recognitionOf(recognizeDocument(bytes), bytes);
}

function recognitionOf(kind: DocumentKind, bytes: Uint8Array): Recognition {
  // Tools such as openssl write what a certificate says in front of it.
  if (kind === "text" && utf8Decode(bytes).includes("\n-----BEGIN CERTIFICATE-----"))
    return recognitionOf("certificate", bytes);
  const hint = HINTS[kind];
  const format = FORMATS.find((name) => name === kind);
  return {
    ...(format === undefined ? {} : { format: format === "checkpoint" ? noteFormat(bytes) : format }),
    notation: NOTATIONS[kind] ?? "json",
    what: describeDocument(kind),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** A checkpoint is a note of a certain text: origin, decimal size, root hash. */
function noteFormat(bytes: Uint8Array): Format {
  return /^[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]+\n/u.test(utf8Decode(bytes)) ? "checkpoint" : "signed-note";
}

/** RFC 6962, section 3.3: a length of two octets, then SCTs, each with a length of its own and version 0. */
function looksLikeSctList(bytes: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0, version] = bytes;
  const length = first * 256 + second;
  return length + 2 === bytes.length && third * 256 + fourth + 2 <= length && version === 0;
}

const SIGNED_DATA = "1.2.840.113549.1.7.2";

const DER_TEXTS = {
  certificate: "a certificate",
  "public-key": "a public key",
  "timestamp-response": "a timestamp response",
  "timestamp-token": "a timestamp token",
  "timestamp-request": "a timestamp request",
} as const;

const PRIVATE_KEY: Recognition = { notation: "der", what: "a private key", hint: SECRET_HINT };

/** A DER structure, told from others by the tags of its first elements. */
function recognizeDer(bytes: Uint8Array): Recognition | undefined {
  try {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const found = derStructure(fields);
    return typeof found === "string" ? { format: found, notation: "der", what: DER_TEXTS[found] } : found;
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

function derStructure(fields: DerReader): keyof typeof DER_TEXTS | Recognition | undefined {
  const first = fields.any();
  const second = fields.done ? undefined : fields.any().tag;
  switch (first.tag) {
    case TAG.oid:
      return new DerReader(first.raw).oid() === SIGNED_DATA
        ? "timestamp-token"
        : { notation: "der", what: "CMS of another kind than signed data" };
    case TAG.integer:
      return structureFromInteger(second, fields);
    case TAG.sequence:
      return structureFromSequence(new DerReader(first.content).peekTag(), second, fields);
    default:
      return undefined;
  }
}

/** RSAPublicKey has two integers; a request a version and an imprint; private keys a version and what they are of. */
function structureFromInteger(second: number | undefined, rest: DerReader): keyof typeof DER_TEXTS | Recognition {
  if (second === TAG.integer && rest.done) return "public-key";
  if (second === TAG.sequence && rest.peekTag() !== TAG.octetString) return "timestamp-request";
  return second === TAG.oid ? { notation: "der", what: "the inner part of a timestamp (TSTInfo)" } : PRIVATE_KEY;
}

/** SubjectPublicKeyInfo: algorithm, bits. Encrypted private key: algorithm, octets. Response: status, token. Certificate: three parts. */
function structureFromSequence(
  inner: number | undefined,
  second: number | undefined,
  rest: DerReader,
): keyof typeof DER_TEXTS | Recognition | undefined {
  if (second === TAG.bitString) return "public-key";
  if (second === TAG.octetString) return PRIVATE_KEY;
  if (inner === TAG.integer && rest.done) return "timestamp-response";
  return second === TAG.sequence && rest.peekTag() === TAG.bitString ? "certificate" : undefined;
}
