/**
 * Base 64 (RFC 4648 §4 with padding, §5 "base64url" without), strictly: one text for each byte string.
 *
 * Uses the platform's own codec where there is one (`globalThis.Buffer`) and a table otherwise; both refuse the same
 * texts. Leaves out the lenient forms: white space, line breaks, missing padding, a mixture of the two alphabets.
 */
import { SigstoreError } from "../errors.ts";

/** How one of the two alphabets is written and read; the platform's codec and the portable one are of this shape. */
export interface Base64Codec {
  encode(bytes: Uint8Array): string;
  /** The bytes, or undefined when `text` is not exactly what `encode` writes. */
  decode(text: string): Uint8Array | undefined;
}

interface NativeBuffer {
  byteLength(text: string): number;
  from(text: string, encoding: string): Uint8Array;
  /** They take any Uint8Array; a Buffer over a short one would first move its octets out of the heap. */
  readonly prototype: Readonly<Record<"base64Slice" | "base64urlSlice", (start: number, end: number) => string>>;
}

type Variant = "base64" | "base64url";

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABETS: Readonly<Record<Variant, string>> = { base64: `${ALPHANUMERIC}+/`, base64url: `${ALPHANUMERIC}-_` };
const INVALID = -1;
const PAD = "=";

/** The codec written here: a table each way, no help of the platform. */
export function portableBase64(variant: Variant): Base64Codec {
  const padded = variant === "base64";
  return {
    encode: (bytes) => encodePortable(bytes, ALPHABETS[variant], padded),
    decode: (text) => decodePortable(text, digitValues(variant), padded),
  };
}

const valuesByVariant: Partial<Record<Variant, Int8Array>> = {};

/** The value of each digit by its code, INVALID for what is none. */
function digitValues(variant: Variant): Int8Array {
  const known = valuesByVariant[variant];
  if (known !== undefined) return known;
  const values = new Int8Array(128).fill(INVALID);
  valuesByVariant[variant] = values;
  for (let value = 0; value < 64; value++) values[ALPHABETS[variant].charCodeAt(value)] = value;
  return values;
}

/** The codec of the platform, or undefined where it has none. */
export function nativeBase64(variant: Variant): Base64Codec | undefined {
  const buffer = (globalThis as { readonly Buffer?: NativeBuffer }).Buffer;
  if (buffer === undefined) return undefined;
  const padded = variant === "base64";
  const encode = buffer.prototype[padded ? "base64Slice" : "base64urlSlice"];
  const [foreign62, foreign63] = padded ? ["-", "_"] : ["+", "/"];
  return {
    encode: (bytes) => encode.call(bytes, 0, bytes.length),
    decode(text) {
      const digits = padded ? unpaddedLength(text) : text.length;
      if (digits < 0 || digits % 4 === 1 || !hasZeroSpareBits(text, digits, digitValues(variant))) return undefined;
      // The platform takes both alphabets for one and, of characters beyond Latin-1, the low octet for the whole.
      if (text.includes(foreign62) || text.includes(foreign63) || buffer.byteLength(text) !== text.length)
        return undefined;
      const decoded = buffer.from(text, variant);
      // What it does not know at all it skips: then there are fewer octets.
      if (decoded.length !== Math.floor((digits * 3) / 4)) return undefined;
      return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength);
    },
  };
}

/** RFC 4648 §3.5: "implementations MAY ... reject the encoded data if the pad bits have not been set to zero"; we do. */
function hasZeroSpareBits(text: string, digits: number, values: Int8Array): boolean {
  const rest = digits % 4;
  return rest === 0 || (digitAt(text, digits - 1, values) & (rest === 3 ? 0x03 : 0x0f)) === 0;
}

/** Up to this length (a SHA-512 digest) the table is quicker than the way to the platform and back. */
const SHORT_LENGTH = 88;

const portable = portableBase64("base64");
const standard = nativeBase64("base64") ?? portable;
const url = nativeBase64("base64url") ?? portableBase64("base64url");

/** `bytes` in base64 with padding. */
export function base64Encode(bytes: Uint8Array): string {
  return standard.encode(bytes);
}

/** The bytes of canonical, padded base64; they may be a view of a larger buffer. Errors: `base64-invalid`. */
export function base64Decode(text: string): Uint8Array {
  return (text.length <= SHORT_LENGTH ? portable : standard).decode(text) ?? refuse(text, "base64");
}

/** `bytes` in base64url without padding. */
export function base64UrlEncode(bytes: Uint8Array): string {
  return url.encode(bytes);
}

/** The bytes of canonical base64url without padding, maybe a view as well. Errors: `base64-invalid`. */
export function base64UrlDecode(text: string): Uint8Array {
  return url.decode(text) ?? refuse(text, "base64url");
}

function encodePortable(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63);
    if (left > 1) text += alphabet.charAt((group >> 6) & 63);
    else if (padded) text += PAD;
    if (left > 2) text += alphabet.charAt(group & 63);
    else if (padded) text += PAD;
  }
  return text;
}

function decodePortable(text: string, values: Int8Array, padded: boolean): Uint8Array | undefined {
  const digits = padded ? unpaddedLength(text) : text.length;
  const rest = digits % 4;
  if (digits < 0 || rest === 1 || !hasZeroSpareBits(text, digits, values)) return undefined;
  const whole = digits - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let written = 0;
  for (let at = 0; at < whole; at += 4) {
    const group = groupAt(text, at, values);
    if (group < 0) return undefined;
    bytes[written++] = group >> 16;
    bytes[written++] = group >> 8;
    bytes[written++] = group;
  }
  return rest === 0 || decodeRest(text, whole, rest, values, bytes) ? bytes : undefined;
}

/** The 24 bits of four digits, negative where one of them is none. */
function groupAt(text: string, at: number, values: Int8Array): number {
  return (
    (digitAt(text, at, values) << 18) |
    (digitAt(text, at + 1, values) << 12) |
    (digitAt(text, at + 2, values) << 6) |
    digitAt(text, at + 3, values)
  );
}

function digitAt(text: string, at: number, values: Int8Array): number {
  const code = text.charCodeAt(at);
  return code < values.length ? (values[code] ?? INVALID) : INVALID;
}

/** Writes the octets of the last two or three digits, after all others; false where one of the digits is none. */
function decodeRest(text: string, at: number, rest: number, values: Int8Array, bytes: Uint8Array): boolean {
  const third = rest === 3 ? digitAt(text, at + 2, values) : 0;
  const group = (digitAt(text, at, values) << 18) | (digitAt(text, at + 1, values) << 12) | (third << 6);
  bytes[bytes.length - rest + 1] = group >> 16;
  if (rest === 3) bytes[bytes.length - 1] = group >> 8;
  return group >= 0;
}

/** Digits before the padding, or -1 when length and padding do not fit. */
function unpaddedLength(text: string): number {
  if (text.length % 4 !== 0) return -1;
  if (!text.endsWith(PAD)) return text.length;
  return text.length - (text.endsWith("==") ? 2 : 1);
}

function refuse(text: string, variant: Variant): never {
  const problem = describeProblem(text, variant);
  throw new SigstoreError("base64-invalid", `expected canonical ${variant}, got ${problem}`);
}

function describeProblem(text: string, variant: Variant): string {
  const padding = variant === "base64" ? /={1,2}$/ : /$/;
  const digits = text.replace(padding, "");
  const foreign = (variant === "base64" ? /[^A-Za-z0-9+/]/u : /[^A-Za-z0-9_-]/u).exec(digits);
  if (foreign !== null) return `${JSON.stringify(foreign[0])} at position ${foreign.index}`;
  const unpadded = digits.length % 4 === 1;
  if (unpadded || (variant === "base64" && text.length % 4 !== 0)) return `a text of ${text.length} characters`;
  return "a last character with bits that stand for nothing";
}
