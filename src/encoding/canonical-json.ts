/**
 * JSON Canonicalization Scheme (RFC 8785): one text for each value.
 *
 * Members are sorted by UTF-16 code units, numbers are written as ECMAScript writes doubles, there is no white space.
 * Leaves out integers that a double cannot hold: RFC 8785 §3.1 limits the scheme to I-JSON, where they are strings.
 */
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * The canonical text of `value`.
 *
 * Errors: `json-invalid` for an integer that a double does not hold exactly, a number that is not finite, a lone
 * surrogate, or nesting beyond `LIMITS.jsonDepth`.
 */
export function canonicalizeJson(value: JsonValue): string {
  return serialize(value, 0);
}

function serialize(value: JsonValue, depth: number): string {
  if (depth > LIMITS.jsonDepth) {
    throw new SigstoreError("json-invalid", `expected nesting of at most ${LIMITS.jsonDepth}, got more`);
  }
  switch (typeof value) {
    case "string":
      return serializeString(value);
    case "number":
      return serializeNumber(value);
    case "bigint":
      return serializeInteger(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      if (value === null) return "null";
      return Array.isArray(value) ? serializeArray(value, depth) : serializeObject(value, depth);
  }
}

function serializeArray(items: readonly JsonValue[], depth: number): string {
  let text = "";
  for (const item of items) text += (text === "" ? "" : ",") + serialize(item, depth + 1);
  return `[${text}]`;
}

function serializeObject(object: JsonObject, depth: number): string {
  let text = "";
  // RFC 8785 §3.2.3: property names are compared "as arrays of UTF-16 code units", which is the default order of sort().
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined) throw new TypeError(`expected a JSON value for ${JSON.stringify(key)}, got undefined`);
    text += `${text === "" ? "" : ","}${serializeString(key)}:${serialize(value, depth + 1)}`;
  }
  return `{${text}}`;
}

function serializeString(text: string): string {
  // RFC 8785 §3.2.2.2: lone surrogates "MUST cause a compliant JCS implementation to terminate with an appropriate error".
  if (!text.isWellFormed()) {
    throw new SigstoreError("json-invalid", "expected well-formed text, got a lone surrogate");
  }
  return JSON.stringify(text);
}

function serializeNumber(value: number): string {
  // RFC 8785 §3.2.2.3: "occurrences of NaN or Infinity ... MUST cause a compliant JCS implementation to terminate".
  if (!Number.isFinite(value)) throw new SigstoreError("json-invalid", `expected a finite number, got ${value}`);
  return String(value === 0 ? 0 : value);
}

function serializeInteger(value: bigint): string {
  const text = String(value);
  if (String(Number(value)) !== text) {
    throw new SigstoreError(
      "json-invalid",
      `expected an integer that a double holds exactly, got ${text.slice(0, 40)}`,
    );
  }
  return text;
}
