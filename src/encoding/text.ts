/**
 * UTF-8 (RFC 3629): text to bytes and back, strictly.
 *
 * A byte order mark is a character like any other here: formats that forbid it refuse it themselves.
 */
import { SigstoreError } from "../errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface NativeBuffer {
  from(buffer: ArrayBufferLike, offset: number, length: number): { toString(encoding: "latin1"): string };
}

const { Buffer: native } = globalThis as { readonly Buffer?: NativeBuffer };

/** A text with one character for each byte, U+0000 to U+00FF; undefined where the platform cannot make it at once. */
export function octetText(bytes: Uint8Array): string | undefined {
  return native?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The UTF-8 bytes of `text`. A lone surrogate has none: `TypeError`. */
export function utf8Encode(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError("expected well-formed text, got a lone surrogate");
  return encoder.encode(text);
}

/** The same at the start of `target`, as a view of it; undefined where it may be too short. */
export function utf8EncodeInto(text: string, target: Uint8Array): Uint8Array | undefined {
  // RFC 3629 §3: at most three octets for each UTF-16 code unit.
  if (3 * text.length > target.length) return undefined;
  if (!text.isWellFormed()) throw new TypeError("expected well-formed text, got a lone surrogate");
  return target.subarray(0, encoder.encodeInto(text, target).written);
}

/** The text of UTF-8 `bytes`; a leading byte order mark stays. Errors: `utf8-invalid`. */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SigstoreError("utf8-invalid", "expected text in UTF-8, got bytes that are not", { cause });
  }
}
