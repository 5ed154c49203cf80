/**
 * What kind of key file is this? PEM, DER, JSON Web Key, lines of OpenSSH or minisign, told apart by their first octets; and in words
 * what a file is that holds no key of ours (PGP, age, PuTTY, certificate request, PKCS #12 …), with what to do.
 *
 * Only the notation is decided here; whether a key is sound is its parser's word. Secrets never get into an error.
 */
import { contextConstructed, DerReader, TAG } from "../encoding/der.ts";
import { type JsonObject, parseJson } from "../encoding/json.ts";
import { type PemBlockWithHeaders, parsePemWithHeaders } from "../encoding/pem.ts";
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { describeDocument, recognizeDocument } from "./document.ts";
import { FOREIGN_LABELS, FOREIGN_STARTS, FOREIGN_TEXTS } from "./foreign-keys.ts";
import { isMinisignText } from "./minisign-key.ts";
import { isOpenSshPublicLine } from "./openssh/public-key.ts";
import { isObject } from "./proto-json.ts";

/** DER structures that hold keys, told apart by the tags of their first fields. */
export type DerKeyKind =
  | "pkcs8"
  | "encrypted-pkcs8"
  | "sec1"
  | "pkcs1-private"
  | "pkcs1-public"
  | "spki"
  | "certificate"
  | "certification-request"
  | "pkcs12";

/** A file in a notation of keys. */
export type KeyFile =
  | { readonly notation: "pem"; readonly blocks: readonly PemBlockWithHeaders[] }
  | { readonly notation: "der"; readonly kind: DerKeyKind; readonly bytes: Uint8Array }
  | { readonly notation: "jwk"; readonly keys: readonly JsonObject[] }
  | { readonly notation: "openssh-lines"; readonly lines: readonly string[] }
  | { readonly notation: "minisign"; readonly text: string };

/**
 * Reads the notation of a key file.
 *
 * @throws SigstoreError `input-empty`, `input-too-large`, `key-unsupported` for keys of other programs, `input-unrecognized`,
 *   `pem-invalid`, `json-invalid`
 */
export function parseKeyFile(bytes: Uint8Array): KeyFile {
  if (bytes.length === 0) throw new SigstoreError("input-empty", "expected a key, got an empty file");
  if (bytes.length > LIMITS.smallFileBytes)
    throw new SigstoreError(
      "input-too-large",
      `expected a key of at most ${LIMITS.smallFileBytes} bytes, got ${bytes.length}`,
    );
  if (bytes[0] === TAG.sequence) {
    const kind = derKindOf(bytes);
    if (kind !== undefined) return { notation: "der", kind, bytes };
  }
  return parseKeyText(textOf(bytes), bytes);
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes).replace(/^\uFEFF/, "");
  } catch (error) {
    if (isSigstoreError(error, "utf8-invalid")) throw foreignBytes(bytes);
    throw error;
  }
}

function parseKeyText(text: string, bytes: Uint8Array): KeyFile {
  if (isMinisignText(text)) return { notation: "minisign", text };
  if (/^-----BEGIN /m.test(text)) return { notation: "pem", blocks: pemBlocks(text) };
  if (/^\s*[{[]/.test(text)) return { notation: "jwk", keys: jsonKeys(text) };
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  if (lines.some((line) => isOpenSshPublicLine(line))) {
    if (lines.length > LIMITS.publicKeyLines)
      throw new SigstoreError(
        "input-too-large",
        `expected at most ${LIMITS.publicKeyLines} keys, got ${lines.length} lines`,
      );
    return { notation: "openssh-lines", lines };
  }
  throw foreignText(text) ?? foreignBytes(bytes);
}

function pemBlocks(text: string): readonly PemBlockWithHeaders[] {
  // PGP has headers and a checksum of its own in its armor, so it is told by its label before anything is decoded.
  for (const [, label = ""] of text.matchAll(/^-----BEGIN ([^\r\n]{1,64})-----[ \t]*\r?$/gm)) {
    const foreign = FOREIGN_LABELS.find(([pattern]) => pattern.test(label));
    if (foreign !== undefined) throw unsupported(foreign[1], foreign[2]);
  }
  return parsePemWithHeaders(text);
}

function jsonKeys(text: string): readonly JsonObject[] {
  const value = parseJson(text, { maxBytes: LIMITS.smallFileBytes });
  const set = isObject(value) ? value["keys"] : undefined;
  if (Array.isArray(set)) return set.filter((key) => isObject(key)).slice(0, LIMITS.jsonWebKeys);
  if (isObject(value) && typeof value["kty"] === "string") return [value];
  if (isObject(value) && isObject(value["kdf"]) && isObject(value["cipher"]))
    throw unsupported("the inside of a cosign key", "give the whole file, with its BEGIN and END lines");
  throw unrecognized(describeDocument(recognizeDocument(text)));
}

/** The kind of a SEQUENCE by the tags in it; undefined when it is none, or another. */
function derKindOf(bytes: Uint8Array): DerKeyKind | undefined {
  try {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    return fields.peekTag() === TAG.integer ? kindByVersion(fields) : kindBySequence(fields);
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

function kindByVersion(fields: DerReader): DerKeyKind | undefined {
  const first = fields.integerBytes();
  const [version = 0] = first.length === 1 ? first : [];
  const next = fields.peekTag();
  if (next === TAG.octetString) return "sec1";
  if (next === TAG.sequence) return version === 3 ? "pkcs12" : "pkcs8";
  if (next !== TAG.integer) return undefined;
  return first.length === 1 ? "pkcs1-private" : "pkcs1-public";
}

function kindBySequence(fields: DerReader): DerKeyKind | undefined {
  const inner = fields.sequence();
  const start = inner.peekTag();
  const next = fields.peekTag();
  if (start === TAG.oid && next === TAG.octetString) return "encrypted-pkcs8";
  if (start === TAG.oid && next === TAG.bitString) return "spki";
  if (next !== TAG.sequence) return undefined;
  if (start === contextConstructed(0)) return "certificate";
  return start === TAG.integer ? kindOfSigned(inner) : undefined;
}

/** RFC 2986 §4.1: version, subject, key, [0] attributes; a certificate of version 1 has its validity fourth. */
function kindOfSigned(inner: DerReader): DerKeyKind {
  for (let field = 0; field < 3; field++) inner.skip();
  return inner.peekTag() === TAG.sequence ? "certificate" : "certification-request";
}

function foreignText(text: string): SigstoreError | undefined {
  const foreign = FOREIGN_TEXTS.find(([pattern]) => pattern.test(text));
  return foreign === undefined ? undefined : unsupported(foreign[1], foreign[2]);
}

function foreignBytes(bytes: Uint8Array): SigstoreError {
  const foreign = FOREIGN_STARTS.find(([start]) => start.every((octet, at) => bytes[at] === octet));
  return foreign === undefined
    ? unrecognized(describeDocument(recognizeDocument(bytes)))
    : unsupported(foreign[1], foreign[2]);
}

/** A key or a file of another program: what it is, and what to do. */
export function unsupported(got: string, hint: string): SigstoreError {
  return new SigstoreError("key-unsupported", `expected a key, got ${got}`, { hint });
}

function unrecognized(got: string): SigstoreError {
  return new SigstoreError("input-unrecognized", `expected a key, got ${got}`, {
    hint: "keys are read as PEM, DER, JSON Web Key, and in the files of OpenSSH, cosign and minisign",
  });
}
