/**
 * What is this? Decided from the content alone, never from a name.
 *
 * Cheap and shallow on purpose: the answer names the reader that should have a closer look, or, where there is none, says
 * in words what the bytes look like. Secrets are recognised and never quoted.
 */
import { DerReader, TAG } from "../../encoding/der.ts";
import { parseJson } from "../../encoding/json.ts";
import type { JsonObject, JsonValue } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";

/** The formats that `inspect` shows. */
export const FORMATS = [
  "bundle",
  "trusted-root",
  "signing-config",
  "client-trust-config",
  "dsse-envelope",
  "statement",
  "rekor-entry-body",
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

/** What the bytes look like: `what` with its article. `format` is absent where there is no reader. */
export interface Recognition {
  readonly format?: Format;
  readonly notation: Notation;
  readonly what: string;
  readonly hint?: string;
}

/** With its article, for sentences. */
export const FORMAT_TEXTS: Readonly<Record<Format, string>> = {
  bundle: "a sigstore bundle",
  "trusted-root": "a trusted root",
  "signing-config": "a signing config",
  "client-trust-config": "a client trust config",
  "dsse-envelope": "a DSSE envelope",
  statement: "an in-toto statement",
  "rekor-entry-body": "a rekor entry body",
  certificate: "a certificate",
  "public-key": "a public key",
  "timestamp-response": "a timestamp response",
  "timestamp-token": "a timestamp token",
  "timestamp-request": "a timestamp request",
  checkpoint: "a checkpoint",
  "signed-note": "a signed note",
  "sct-list": "a list of SCTs",
};

const PRIVATE_KEY_HINT = "it is a secret: keep it where only its owner can read it; its public half can be inspected";

/** What `bytes` look like. */
export function recognize(bytes: Uint8Array): Recognition {
  if (bytes.length === 0) return { notation: "binary", what: "an empty file", hint: "was the download cut off?" };
  if (bytes[0] === TAG.sequence) {
    const recognition = recognizeDer(bytes);
    if (recognition !== undefined) return recognition;
  }
  if (looksLikeSctList(bytes)) return known("sct-list", "binary");
  const text = textOf(bytes);
  return text === undefined ? recognizeBinary(bytes) : recognizeText(text);
}

function known(format: Format, notation: Notation): Recognition {
  return { format, notation, what: FORMAT_TEXTS[format] };
}

/** The text that `bytes` are, or nothing where they are no UTF-8 or hold control characters. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[\u0000-\u0008\u000e-\u001a]/u.test(text) ? undefined : text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const MAGIC_NUMBERS: readonly (readonly [hex: string, what: string])[] = [
  ["1f8b", "a gzip archive"],
  ["504b0304", "a zip archive"],
  ["7f454c46", "an ELF program"],
  ["cafebabe", "a Java class or Mach-O program"],
  ["cffaedfe", "a Mach-O program"],
  ["4d5a", "a Windows program"],
  ["28b52ffd", "a zstd archive"],
  ["fd377a585a", "an xz archive"],
  ["89504e47", "a PNG image"],
  ["25504446", "a PDF document"],
  ["fffe", "UTF-16 text"],
  ["feff", "UTF-16 text"],
  ["30", "DER of a kind that has no reader here"],
];

function recognizeBinary(bytes: Uint8Array): Recognition {
  const head = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const what = MAGIC_NUMBERS.find(([magic]) => head.startsWith(magic))?.[1] ?? "binary data";
  return { notation: "binary", what };
}

/** RFC 6962, section 3.3: a length of two octets, then SCTs, each with a length of its own and version 0. */
function looksLikeSctList(bytes: Uint8Array): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0, version] = bytes;
  const length = first * 256 + second;
  return length + 2 === bytes.length && third * 256 + fourth + 2 <= length && version === 0;
}

const TEXT_BEGINNINGS: readonly (readonly [beginning: string, what: string, hint?: string])[] = [
  ["-----BEGIN PGP SIGNATURE", "a PGP signature", "gpg reads it"],
  ["-----BEGIN SSH SIGNATURE", "an SSH signature", "ssh-keygen -Y reads it"],
  ["untrusted comment:", "a minisign key or signature", "minisign reads it"],
  ["ssh-", "an SSH public key"],
  ["ecdsa-sha2-", "an SSH public key"],
  ["<!DOCTYPE", "a web page", "was the download answered with an error page?"],
  ["<html", "a web page", "was the download answered with an error page?"],
  ["\ufeff", "text with a byte order mark", "save it as UTF-8 without a byte order mark"],
];

function recognizeText(text: string): Recognition {
  const [, what, hint] = TEXT_BEGINNINGS.find(([beginning]) => text.startsWith(beginning)) ?? [];
  if (what !== undefined) return { notation: "text", what, ...(hint === undefined ? {} : { hint }) };
  if (text.startsWith("-----BEGIN ") || text.includes("\n-----BEGIN ")) return recognizePem(text);
  const trimmed = text.trimStart();
  if (trimmed.startsWith("{") || trimmed.startsWith("[")) return recognizeJson(text);
  if (text.includes("\n\n\u2014 ")) return known(/^[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]+\n/u.test(text) ? "checkpoint" : "signed-note", "text");
  if (trimmed === "") return { notation: "text", what: "nothing but white space" };
  if (/^[A-Za-z0-9+/]+={0,2}\s*$/u.test(trimmed)) {
    return { notation: "text", what: "base64 text", hint: "decode it and inspect what is inside: base64 -d" };
  }
  return { notation: "text", what: "plain text" };
}

const PEM_FORMATS: Readonly<Record<string, Format>> = {
  CERTIFICATE: "certificate",
  "PUBLIC KEY": "public-key",
  "RSA PUBLIC KEY": "public-key",
};

function recognizePem(text: string): Recognition {
  const labels = [...text.matchAll(/^-----BEGIN ([^\n\r]{1,64}?)-----/gmu)].map(([, label = ""]) => label);
  if (labels.some((label) => label.includes("PRIVATE KEY"))) return { notation: "pem", what: "a private key", hint: PRIVATE_KEY_HINT };
  const [label = ""] = labels;
  const format = PEM_FORMATS[label];
  return format === undefined ? { notation: "pem", what: `PEM of the kind "${label}"` } : known(format, "pem");
}

const MEDIA_TYPES: readonly (readonly [part: string, format: Format])[] = [
  ["dev.sigstore.bundle", "bundle"],
  ["dev.sigstore.trustedroot", "trusted-root"],
  ["dev.sigstore.signingconfig", "signing-config"],
  ["dev.sigstore.clienttrustconfig", "client-trust-config"],
];

/** Documents that carry no media type, by the members that only they have together. */
const MEMBERS: readonly (readonly [members: readonly string[], format: Format])[] = [
  [["verificationMaterial"], "bundle"],
  [["verification_material"], "bundle"],
  [["payload", "payloadType"], "dsse-envelope"],
  [["_type", "predicateType"], "statement"],
  [["apiVersion", "kind", "spec"], "rekor-entry-body"],
  [["certificateAuthorities", "tlogs"], "trusted-root"],
  [["caUrls", "rekorTlogUrls"], "signing-config"],
];

/** Documents that have no reader in this version. */
const OTHER_DOCUMENTS: readonly (readonly [members: readonly string[], what: string])[] = [
  [["base64Signature", "rekorBundle"], "a bundle of an old cosign"],
  [["base64Signature", "cert"], "a bundle of an old cosign"],
  [["SignedRFC3161Timestamp"], "a timestamp file of an old cosign"],
  [["attestations"], "a list of attestations"],
  [["signed", "signatures"], "TUF metadata"],
  [["d", "kty"], "a private key"],
  [["kty"], "a JSON Web Key"],
];

function recognizeJson(text: string): Recognition {
  const document = jsonOf(text);
  if (document === undefined) return { notation: "json", what: "JSON that cannot be read" };
  if (typeof document !== "object" || document === null || Array.isArray(document)) return { notation: "json", what: "JSON that is no object" };
  const format = jsonFormat(document);
  if (format !== undefined) return known(format, "json");
  const what = OTHER_DOCUMENTS.find(([members]) => hasAll(document, members))?.[1];
  if (what === "a private key") return { notation: "json", what, hint: PRIVATE_KEY_HINT };
  return { notation: "json", what: what ?? "a JSON document of an unknown kind" };
}

function jsonFormat(document: JsonObject): Format | undefined {
  const mediaType = document["mediaType"] ?? document["media_type"];
  const byMediaType = typeof mediaType === "string" ? MEDIA_TYPES.find(([part]) => mediaType.includes(part)) : undefined;
  return byMediaType?.[1] ?? MEMBERS.find(([members]) => hasAll(document, members))?.[1];
}

function hasAll(document: JsonObject, members: readonly string[]): boolean {
  return members.every((member) => Object.hasOwn(document, member));
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

const SIGNED_DATA = "1.2.840.113549.1.7.2";

/** DER structures, told apart by the tags of their first elements. */
function recognizeDer(bytes: Uint8Array): Recognition | undefined {
  try {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    return derStructure(fields);
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

function derStructure(fields: DerReader): Recognition | undefined {
  const first = fields.any();
  const second = fields.done ? undefined : fields.any().tag;
  if (first.tag === TAG.oid) {
    const isSignedData = new DerReader(first.raw).oid() === SIGNED_DATA;
    return isSignedData ? known("timestamp-token", "der") : { notation: "der", what: "CMS of another kind than signed data" };
  }
  if (first.tag === TAG.integer) return derStartingWithInteger(first.content, second, fields);
  if (first.tag !== TAG.sequence) return undefined;
  const inner = new DerReader(first.content);
  const innermost = inner.peekTag();
  if (second === TAG.bitString) return known("public-key", "der");
  if (innermost === TAG.integer && (second === undefined || !fields.peekTag())) return known("timestamp-response", "der");
  if (second === TAG.octetString) return { notation: "der", what: "a private key", hint: PRIVATE_KEY_HINT };
  return second === TAG.sequence ? known("certificate", "der") : undefined;
}

function derStartingWithInteger(version: Uint8Array, second: number | undefined, rest: DerReader): Recognition | undefined {
  if (second === TAG.integer && rest.done) return known("public-key", "der");
  if (second === TAG.sequence && rest.peekTag() !== TAG.octetString) return known("timestamp-request", "der");
  if (second === TAG.oid) return { notation: "der", what: "the inner part of a timestamp (TSTInfo)" };
  return version.length === 1 ? { notation: "der", what: "a private key", hint: PRIVATE_KEY_HINT } : undefined;
}
