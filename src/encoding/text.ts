/**
 * UTF-8 (RFC 3629): text to bytes and back, strictly.
 *
 * A byte order mark is a character like any other here: formats that forbid it refuse it themselves.
 */
import { SigstoreError } from "../errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface NativeBuffer {
  readonly prototype: { readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string };
}

const { Buffer: native } = globalThis as { readonly Buffer?: NativeBuffer };
/** It takes any Uint8Array; a Buffer over a short one would first move its octets out of the heap. */
const nativeOctetText = native?.prototype.latin1Slice;

/** A text with one character for each byte, U+0000 to U+00FF; undefined where the platform cannot make it at once. */
export function octetText(bytes: Uint8Array): string | undefined {
  return nativeOctetText?.call(bytes, 0, bytes.length);
}

/** The UTF-8 bytes of `text`. A lone surrogate has none: `TypeError`. */
export function utf8Encode(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError("expected well-formed text, got a lone surrogate");
  return encoder.encode(text);
}

/** Writes `text`, which is ASCII, into `target` from `offset` on. @throws TypeError when it is not, or does not fit */
export function writeAscii(text: string, target: Uint8Array, offset: number): void {
  const { read, written } = encoder.encodeInto(text, offset === 0 ? target : target.subarray(offset));
  if (read !== text.length || written !== text.length) throw new TypeError("expected ASCII text that fits, got other");
}

/** The text of UTF-8 `bytes`; a leading byte order mark stays. Errors: `utf8-invalid`. */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SigstoreError("utf8-invalid", "expected text in UTF-8, got bytes that are not", { cause });
  }
}
