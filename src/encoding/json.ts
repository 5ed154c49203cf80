/**
 * Strict JSON reader (RFC 8259, within I-JSON, RFC 7493).
 *
 * Refuses what the RFC leaves to the reader and what hides data: duplicate names, lone surrogates, a byte order mark,
 * numbers beyond a double, more nesting or values than limits.ts allows. Integers stay exact. Leaves out comments,
 * trailing commas and every other extension. Writing is json-writer.ts or canonical-json.ts.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { octetText, utf8Decode } from "./text.ts";

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
  if (typeof source !== "string") return readOctets(source) ?? new JsonReader(utf8Decode(source)).document();
  if (!source.isWellFormed())
    throw new SigstoreError("json-invalid", "expected well-formed text, got a lone surrogate");
  return new JsonReader(source).document();
}

/**
 * The value of a JSON text in UTF-8, read byte by byte; undefined where anything is wrong with it, which is for the reader of
 * characters to tell. One dash in a checkpoint would otherwise make the whole text, and whatever is cut from it, twice as long.
 */
function readOctets(source: Uint8Array): JsonValue | undefined {
  const text = octetText(source);
  if (text === undefined) return undefined;
  try {
    return new JsonReader(text, source).document();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return undefined;
  }
}

const QUOTE = 0x22;
const BACKSLASH = "\\";
const CONTROL = /[\u0000-\u001f]/g;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const MAX_NUMBER_LENGTH = 1024;
const FIRST_UNSAFE_LENGTH = 16;
const SHOWN_CHARACTERS = 64;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Names of members seen lately, by a hash of their characters: the same forty stand in every bundle, and a text of its own for each took
 * longer to make than to compare. One name a slot, so it never grows; characters are always compared.
 */
const SEEN_NAMES = 512;
const LONGEST_SEEN_NAME = 32;
const NAME_HASH_FACTOR = 31;
const seenNames: string[] = Array.from({ length: SEEN_NAMES }, () => "");

/** Recursive descent over one text; strings are found with native searches, since they are most of a bundle. */
class JsonReader {
  readonly #text: string;
  /** The bytes in UTF-8 that the characters of the text stand for, where it has one for each byte. */
  readonly #octets: Uint8Array | undefined;
  readonly #specialOctets: SpecialOctets | undefined;
  #at = 0;
  #values = 0;
  /** The first backslash and special character at or after where we last looked; each is searched once. */
  #nextBackslash = -1;
  #nextSpecial = -1;

  constructor(text: string, octets?: Uint8Array) {
    this.#text = text;
    this.#octets = octets;
    this.#specialOctets = octets === undefined ? undefined : new SpecialOctets(octets);
  }

  document(): JsonValue {
    if (this.#text.charCodeAt(0) === 0xfeff) throw this.#refuse("a JSON text without a byte order mark", 0);
    this.#skipSpace();
    if (this.#at === this.#text.length) {
      throw new SigstoreError("input-empty", `expected JSON, got ${this.#at === 0 ? "nothing" : "only white space"}`);
    }
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#refuse("the end of the JSON text", this.#at);
    return value;
  }

  #value(depth: number): JsonValue {
    if (++this.#values > LIMITS.jsonValues) {
      throw this.#refuse(`at most ${LIMITS.jsonValues} values, got more`, this.#at, "");
    }
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case 0x74:
        return this.#literal("true", true);
      case 0x66:
        return this.#literal("false", false);
      case 0x6e:
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const object = { __proto__: null } as unknown as JsonObject;
    this.#skipSpace();
    if (this.#takes(0x7d)) return object;
    for (;;) {
      const start = this.#at;
      if (this.#text.charCodeAt(start) !== QUOTE) throw this.#refuse("a member name in double quotes", start);
      const key = this.#name();
      // RFC 7493 §2.3: "Objects in I-JSON messages MUST NOT have members with duplicate names."
      if (key in object) throw this.#duplicate(key, start);
      this.#skipSpace();
      if (!this.#takes(0x3a)) throw this.#refuse('":"', this.#at);
      this.#skipSpace();
      object[key] = this.#value(depth + 1);
      this.#skipSpace();
      if (this.#takes(0x7d)) return object;
      if (!this.#takes(0x2c)) throw this.#refuse('"," or "}"', this.#at);
      this.#skipSpace();
    }
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    this.#skipSpace();
    if (this.#takes(0x5d)) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#takes(0x5d)) return items;
      if (!this.#takes(0x2c)) throw this.#refuse('"," or "]"', this.#at);
      this.#skipSpace();
    }
  }

  /** A member name; of those that it knows the text that is at hand. */
  #name(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const limit = Math.min(start + LONGEST_SEEN_NAME, text.length);
    let hash = 0;
    for (let at = start; at < limit; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return this.#seenName(hash & (SEEN_NAMES - 1), start, at);
      if (code < 0x20 || code > 0x7e || code === 0x5c) break;
      hash = (Math.imul(hash, NAME_HASH_FACTOR) + code) | 0;
    }
    return this.#string();
  }

  #seenName(slot: number, start: number, end: number): string {
    const seen = seenNames[slot] ?? "";
    this.#at = end + 1;
    if (seen.length === end - start && this.#text.startsWith(seen, start)) return seen;
    // As the name of a member it becomes a text of its own: a piece would keep the whole document.
    const [name = ""] = Object.keys({ [this.#text.slice(start, end)]: true });
    seenNames[slot] = name;
    return name;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    if (end < 0) throw this.#unclosed(start);
    if (this.#nextBackslash < start) this.#nextBackslash = found(text.indexOf(BACKSLASH, start));
    if (this.#nextBackslash < end) return this.#escapedString(start, end);
    if (this.#nextSpecial < start) this.#nextSpecial = this.#searchSpecial(start);
    const value = this.#nextSpecial < end ? this.#specialString(start, end) : text.slice(start, end);
    this.#at = end + 1;
    return value;
  }

  /** A string with at least one special character. */
  #specialString(start: number, end: number): string {
    const control = searchControl(this.#text, start);
    if (control < end) throw this.#refuse("no raw control character in a string", control);
    return this.#decoded(start, end);
  }

  /** A control character, or of a text of bytes one that is not the whole of a character. */
  #searchSpecial(start: number): number {
    return this.#specialOctets === undefined
      ? searchControl(this.#text, start)
      : found(this.#specialOctets.search(start));
  }

  /** The characters of a piece of the text. */
  #decoded(start: number, end: number): string {
    return this.#octets === undefined ? this.#text.slice(start, end) : utf8Decode(this.#octets.subarray(start, end));
  }

  /** A string with at least one backslash; its end is the first quote behind an even number of them. */
  #escapedString(start: number, firstQuote: number): string {
    const text = this.#text;
    let end = firstQuote;
    while (this.#isEscaped(end, start)) {
      end = text.indexOf('"', end + 1);
      if (end < 0) throw this.#unclosed(start);
    }
    const value = this.#unescape(start, end);
    // RFC 7493 §2.1: strings "MUST NOT include code points that identify Surrogates".
    if (!value.isWellFormed()) throw this.#refuse("well-formed text, got an escaped lone surrogate", start, "");
    this.#at = end + 1;
    return value;
  }

  #isEscaped(quote: number, start: number): boolean {
    let first = quote;
    while (first > start && this.#text.charCodeAt(first - 1) === 0x5c) first--;
    return (quote - first) % 2 === 1;
  }

  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.#decoded(start - 1, end + 1)) as string;
    } catch {
      throw this.#invalidEscape(start, end);
    }
  }

  /** Where exactly a string that JSON.parse refused is wrong: a control character, or else an unknown escape. */
  #invalidEscape(start: number, end: number): SigstoreError {
    const control = searchControl(this.#text, start);
    if (control < end) return this.#refuse("no raw control character in a string", control);
    let at = start;
    for (;;) {
      at = this.#text.indexOf(BACKSLASH, at);
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(this.#text)) return this.#refuse("an escape that JSON knows", at);
      at = ESCAPE.lastIndex;
    }
  }

  #number(): number | bigint {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#refuse("a JSON value", start);
    const [digits, fraction, exponent] = match;
    this.#at = start + digits.length;
    if (digits.length > MAX_NUMBER_LENGTH) {
      throw this.#refuse(`a number of at most ${MAX_NUMBER_LENGTH} characters, got ${digits.length}`, start, "");
    }
    const value = Number(digits);
    if (fraction !== undefined || exponent !== undefined) {
      if (!Number.isFinite(value))
        throw this.#refuse(`a number that a double can hold, got ${digits.slice(0, SHOWN_CHARACTERS)}`, start, "");
      return value;
    }
    return digits.length < FIRST_UNSAFE_LENGTH || Number.isSafeInteger(value) ? value : BigInt(digits);
  }

  #literal<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#refuse("a JSON value", this.#at);
    this.#at += word.length;
    return value;
  }

  #enter(depth: number): void {
    if (depth >= LIMITS.jsonDepth) {
      throw this.#refuse(`nesting of at most ${LIMITS.jsonDepth}, got more`, this.#at, "");
    }
    this.#at++;
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #duplicate(key: string, position: number): SigstoreError {
    return this.#refuse(`each member once, got ${JSON.stringify(key.slice(0, SHOWN_CHARACTERS))} again`, position, "");
  }

  #unclosed(start: number): SigstoreError {
    const where = this.#where(start - 1);
    const message = `expected a closing quote for the string that opens at ${where}, got the end of the input`;
    return new SigstoreError("json-invalid", message, { hint: "the file may be truncated" });
  }

  /** An error at `position`; `got` is what stands there unless `expected` already tells it. */
  #refuse(expected: string, position: number, got = `, got ${this.#found(position)}`): SigstoreError {
    const message = `${this.#where(position)}: expected ${expected}${got}`;
    return position >= this.#text.length
      ? new SigstoreError("json-invalid", message, { hint: "the file may be truncated" })
      : new SigstoreError("json-invalid", message);
  }

  #found(position: number): string {
    const point = this.#text.codePointAt(position);
    return point === undefined ? "the end of the input" : JSON.stringify(String.fromCodePoint(point));
  }

  #where(position: number): string {
    const before = this.#text.slice(0, position);
    const lineStart = before.lastIndexOf("\n") + 1;
    let line = 1;
    for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line++;
    return `line ${line}, column ${position - lineStart + 1}`;
  }
}

/** Where control characters and octets beyond ASCII stand; looked for four octets at a time, since most are neither. */
class SpecialOctets {
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  /** Octets before the first whole word of memory. */
  readonly #head: number;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
    this.#head = Math.min((4 - (octets.byteOffset & 3)) & 3, octets.length);
    this.#words = new Int32Array(octets.buffer, octets.byteOffset + this.#head, (octets.length - this.#head) >> 2);
  }

  /** Index of the first one at or after `start`, or -1. */
  search(start: number): number {
    const octets = this.#octets;
    const words = this.#words;
    let word = Math.max((start - this.#head + 3) >> 2, 0);
    const firstOfWord = Math.min(this.#head + 4 * word, octets.length);
    for (let at = start; at < firstOfWord; at++) if (isSpecial(octets[at] ?? 0)) return at;
    // Of a special octet the top bit is set, or is when 0x20 is taken from it; what it borrows comes from octets above.
    for (; word < words.length; word++) {
      const four = words[word] ?? 0;
      if ((((four - 0x20202020) | four) & 0x80808080) !== 0) break;
    }
    for (let at = Math.max(this.#head + 4 * word, start); at < octets.length; at++)
      if (isSpecial(octets[at] ?? 0)) return at;
    return -1;
  }
}

function isSpecial(octet: number): boolean {
  return octet < 0x20 || octet > 0x7f;
}

function searchControl(text: string, start: number): number {
  CONTROL.lastIndex = start;
  return found(CONTROL.exec(text)?.index ?? -1);
}

/** A position, or one beyond every text when there is none. */
function found(position: number): number {
  return position < 0 ? Number.POSITIVE_INFINITY : position;
}
