/**
 * Attestations: in-toto statements v1 (in-toto attestation spec/v1/statement.md) that say something about files.
 *
 * The short names of predicate types are cosign's, and so is what they do with the file: `custom` wraps its text,
 * the others take it as JSON; so does `spdx`, whose text cosign puts in a string, which no client reads (in-toto: an object). That JSON is kept as it is written, byte for byte: a number must not change on its way.
 */
import { basename } from "node:path";
import { hexEncode } from "../encoding/hex.ts";
import { parseJson } from "../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { STATEMENT_TYPE_V1 } from "../formats/in-toto.ts";
import { isObject } from "../formats/proto-json.ts";

/** Short names of predicate types, as cosign has them. */
const PREDICATE_TYPES: Readonly<Record<string, string>> = {
  slsaprovenance1: "https://slsa.dev/provenance/v1",
  slsaprovenance: "https://slsa.dev/provenance/v0.2",
  slsaprovenance02: "https://slsa.dev/provenance/v0.2",
  spdxjson: "https://spdx.dev/Document",
  spdx: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
  openvex: "https://openvex.dev/ns",
  vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
  link: "https://in-toto.io/Link/v1",
  custom: "https://cosign.sigstore.dev/attestation/v1",
};

/** What is said, and of which kind it is. */
export interface Predicate {
  /** A short name, or the predicate type itself, an absolute URI. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Where it lies, for errors. */
  readonly path: string;
  readonly nowMs: number;
}

/**
 * Makes statements that say `predicate` about one file each: its name without folders, and its SHA-256.
 *
 * @throws SigstoreError `usage` for a type that is neither a short name nor an absolute URI, `statement-invalid` for a predicate
 * that is not what its type asks for
 */
export function statementMaker(predicate: Predicate): (name: string, sha256: Uint8Array) => Uint8Array {
  const predicateType = JSON.stringify(predicateTypeOf(predicate.type));
  const value = predicateJson(predicate);
  return (name, sha256) => {
    const subject = JSON.stringify([{ name: basename(name), digest: { sha256: hexEncode(sha256) } }]);
    return utf8Encode(
      `{"_type":"${STATEMENT_TYPE_V1}","subject":${subject},"predicateType":${predicateType},"predicate":${value}}`,
    );
  };
}

function predicateTypeOf(type: string): string {
  const known = Object.hasOwn(PREDICATE_TYPES, type) ? PREDICATE_TYPES[type] : undefined;
  if (known !== undefined) return known;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/iu.test(type) && URL.canParse(type)) return type;
  const names = Object.keys(PREDICATE_TYPES).join(", ");
  throw new SigstoreError("usage", `expected a predicate type, got ${type}`, {
    hint: `an absolute URI, or one of ${names}`,
  });
}

function predicateJson({ type, bytes, path, nowMs }: Predicate): string {
  const text = textOf(bytes, path);
  switch (type) {
    case "custom":
      return JSON.stringify({ Data: text, Timestamp: formatRfc3339(nowMs) });
    default:
      requireObject(text, path);
      return text.trim();
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw invalid(path, error.message);
  }
}

function requireObject(text: string, path: string): void {
  let isRight: boolean;
  try {
    isRight = isObject(parseJson(text));
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw invalid(path, error.message);
  }
  if (!isRight) throw invalid(path, "expected a JSON object, got other JSON");
}

function invalid(path: string, found: string): SigstoreError {
  return new SigstoreError("statement-invalid", `the predicate at ${path}: ${found}`, {
    hint: "a predicate of this type is one JSON object; --type custom takes any text",
    details: { path },
  });
}
