/**
 * Base 16 (RFC 4648 §8): written in lower case, read in either case, no separators.
 */
import { SigstoreError } from "../errors.ts";

const DIGITS = "0123456789abcdef";

interface NativeBuffer {
  readonly prototype: { readonly hexSlice: (this: Uint8Array, start: number, end: number) => string };
}

const { Buffer: native } = globalThis as { readonly Buffer?: NativeBuffer };
/** It takes any Uint8Array; a Buffer over a short one would first move its octets out of the heap. */
const nativeHex = native?.prototype.hexSlice;

/** `bytes` as lower-case hex digits; by the platform where it can: a text put together here has a piece for each byte. */
export function hexEncode(bytes: Uint8Array): string {
  return nativeHex === undefined ? portableHex(bytes) : nativeHex.call(bytes, 0, bytes.length);
}

/** The same without help of the platform. */
export function portableHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return text;
}

/** The bytes of hex digits in either case. Errors: `hex-invalid`. */
export function hexDecode(text: string): Uint8Array {
  if (text.length % 2 !== 0) {
    throw new SigstoreError("hex-invalid", `expected an even number of hex digits, got ${text.length}`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitValue(text.charCodeAt(2 * i));
    const low = digitValue(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) throw invalidDigit(text, high < 0 ? 2 * i : 2 * i + 1);
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function invalidDigit(text: string, position: number): SigstoreError {
  const got = JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0));
  return new SigstoreError("hex-invalid", `expected a hex digit at position ${position}, got ${got}`);
}
