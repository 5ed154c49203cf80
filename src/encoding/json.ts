/**
 * Strict JSON reader (RFC 8259, within I-JSON, RFC 7493).
 *
 * Refuses what the RFC leaves to the reader and what hides data: duplicate names, lone surrogates, a byte order mark,
 * numbers beyond a double, more nesting or values than limits.ts allows. Integers stay exact. Leaves out comments,
 * trailing commas and every other extension. Writing is json-writer.ts or canonical-json.ts.
 *
 * The reader is json-reader.ts. Where JSON.parse provably reads the same, it is asked instead: three times as fast.
 */
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readJsonText } from "./json-reader.ts";
import { utf8Decode } from "./text.ts";

/** A JSON value: integers beyond 2^53 - 1 are `bigint`, all other numbers `number`. */
export type JsonValue = null | boolean | string | number | bigint | JsonValue[] | JsonObject;

/** A JSON object; those that `parseJson` returns have no prototype, so every key is data. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Bounds of one `parseJson` call: `maxBytes` of UTF-8, or UTF-16 code units when the source is a string. */
export interface ParseJsonOptions {
  readonly maxBytes?: number;
}

/**
 * The value of a whole JSON text.
 *
 * Errors, each with line and column: `json-invalid`; also `input-empty`, `input-too-large`, and `utf8-invalid` for bytes.
 */
export function parseJson(source: string | Uint8Array, options: ParseJsonOptions = {}): JsonValue {
  const maxBytes = options.maxBytes ?? LIMITS.bundleBytes;
  if (source.length > maxBytes) {
    throw new SigstoreError("input-too-large", `expected at most ${maxBytes} bytes of JSON, got ${source.length}`);
  }
  if (typeof source !== "string") return readText(utf8Decode(source));
  if (!source.isWellFormed())
    throw new SigstoreError("json-invalid", "expected well-formed text, got a lone surrogate");
  return readText(source);
}

function readText(text: string): JsonValue {
  return readNatively(text) ?? readJsonText(text);
}

const BACKSLASH = 0x5c;

/** Longer texts go to the reader alone, which stops at its bounds before it has built what exceeds them. */
const NATIVE_LENGTH = 256 * 1024;

/**
 * What JSON.parse makes of `text`, or undefined where the reader might see it differently: that has the last word, and
 * the words for what is wrong.
 *
 * JSON.parse knows the grammar, control characters and escapes included. It differs in numbers, lone surrogates, bounds
 * and prototypes, which are looked at in what it made, and in duplicate names, of which it drops all but the last: then
 * there are fewer strings in what it made than in the text, which has one for two quotes where none of them is escaped.
 */
function readNatively(text: string): JsonValue | undefined {
  if (text.length > NATIVE_LENGTH) return undefined;
  const census: Census = { values: 0, strings: 0 };
  const value = parseNatively(text);
  if (value === undefined || !isReadAlike(value, 0, census)) return undefined;
  return 2 * census.strings === countQuotes(text) ? value : undefined;
}

/** What has been counted so far. */
interface Census {
  values: number;
  /** Values and names. */
  strings: number;
}

function parseNatively(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** False for what the reader might refuse or read otherwise; counts, and takes the prototypes from objects. */
function isReadAlike(value: JsonValue, depth: number, census: Census): boolean {
  if (++census.values > LIMITS.jsonValues) return false;
  if (typeof value === "string") {
    census.strings++;
    return value.isWellFormed();
  }
  if (typeof value !== "object" || value === null) return typeof value !== "number";
  if (depth >= LIMITS.jsonDepth) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isReadAlike(item, depth + 1, census)) return false;
    return true;
  }
  Object.setPrototypeOf(value, null);
  for (const name of Object.keys(value)) {
    census.strings++;
    if (!name.isWellFormed() || !isReadAlike(value[name] ?? null, depth + 1, census)) return false;
  }
  return true;
}

/** How many quotes the text has; NaN where one stands behind a backslash and need not begin or end a string. */
function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    if (text.charCodeAt(at - 1) === BACKSLASH) return Number.NaN;
    count++;
  }
  return count;
}
