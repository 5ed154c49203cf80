/**
 * Big-endian reading and building of byte strings, with the length-prefixed vectors of TLS (RFC 8446 §3.4).
 *
 * Notation only: what the numbers mean is known to the formats. No little-endian form, no text.
 */
import { type ErrorCode, SigstoreError } from "../errors.ts";

const INITIAL_CAPACITY = 256;

/**
 * Reads a byte string from front to back; every slice it gives out is a view of the input, not a copy.
 *
 * `what` names the structure in error messages. Errors: `bytes-truncated` when the input ends too early and
 * `bytes-trailing` when something is left at the end, or `code` for both where a format has a code of its own.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  readonly #code: ErrorCode | undefined;
  #offset = 0;

  constructor(bytes: Uint8Array, what = "input", code?: ErrorCode) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#code = code;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** One byte. */
  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  /** Two bytes. */
  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  /** Three bytes. */
  u24(): number {
    const at = this.#advance(3);
    return this.#view.getUint8(at) * 0x10000 + this.#view.getUint16(at + 1);
  }

  /** Four bytes. */
  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** Eight bytes. */
  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** The next `length` bytes, as a view. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A vector whose length stands before it in one byte. */
  vector8(): Uint8Array {
    return this.bytes(this.u8());
  }

  /** A vector whose length stands before it in two bytes. */
  vector16(): Uint8Array {
    return this.bytes(this.u16());
  }

  /** A vector whose length stands before it in three bytes. */
  vector24(): Uint8Array {
    return this.bytes(this.u24());
  }

  /** Refuses what is left over. */
  end(): void {
    if (this.remaining > 0) {
      const message = `${this.#what}: expected the end, got ${this.remaining} more bytes`;
      throw new SigstoreError(this.#code ?? "bytes-trailing", message);
    }
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length > this.#bytes.length - start) {
      const message = `${this.#what}: expected ${length} bytes at offset ${start}, got ${this.remaining}`;
      throw new SigstoreError(this.#code ?? "bytes-truncated", message);
    }
    this.#offset = start + length;
    return start;
  }
}

/** Builds a byte string from front to back. A number or vector that does not fit its width is a `TypeError`. */
export class ByteBuilder {
  #bytes: Uint8Array;
  #length = 0;

  /** A builder that need not grow up to `capacity` bytes. */
  constructor(capacity: number = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** One byte. */
  u8(value: number): this {
    return this.#integer(value, 1);
  }

  /** Two bytes. */
  u16(value: number): this {
    return this.#integer(value, 2);
  }

  /** Three bytes. */
  u24(value: number): this {
    return this.#integer(value, 3);
  }

  /** Four bytes. */
  u32(value: number): this {
    return this.#integer(value, 4);
  }

  /** Eight bytes. */
  u64(value: bigint): this {
    if (value < 0n || value >= 1n << 64n) throw new TypeError(`expected an unsigned 64-bit integer, got ${value}`);
    this.#integer(Number(value >> 32n), 4);
    return this.#integer(Number(value & 0xffffffffn), 4);
  }

  /** The bytes as they are. */
  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** The bytes after their length in one byte. */
  vector8(bytes: Uint8Array): this {
    return this.u8(bytes.length).bytes(bytes);
  }

  /** The bytes after their length in two bytes. */
  vector16(bytes: Uint8Array): this {
    return this.u16(bytes.length).bytes(bytes);
  }

  /** The bytes after their length in three bytes. */
  vector24(bytes: Uint8Array): this {
    return this.u24(bytes.length).bytes(bytes);
  }

  /** All that was added so far; what is added later does not change it. */
  build(): Uint8Array {
    // A full one is never written to again: whatever is added moves to a larger one.
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  #integer(value: number, width: number): this {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
      throw new TypeError(`expected an unsigned integer of ${width} bytes, got ${value}`);
    }
    this.#reserve(width);
    for (let shift = 8 * (width - 1), at = this.#length; shift >= 0; shift -= 8) this.#bytes[at++] = value >>> shift;
    this.#length += width;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** One byte string after another, as a new one. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** True when both hold the same bytes. Not constant time: compare public data only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  const length = a.length;
  if (length !== b.length) return false;
  const words = length < LONG ? 0 : length - (length % WORD);
  if (words > 0 && !equalWords(a, b, words)) return false;
  for (let i = words; i < length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

const WORD = 4;
/** From here on (a certificate), words are quicker than bytes, above all in a process that has just begun. */
const LONG = 256;

function equalWords(a: Uint8Array, b: Uint8Array, end: number): boolean {
  const left = new DataView(a.buffer, a.byteOffset, end);
  const right = new DataView(b.buffer, b.byteOffset, end);
  for (let at = 0; at < end; at += WORD) {
    if (left.getUint32(at) !== right.getUint32(at)) return false;
  }
  return true;
}

/** Order of two byte strings, byte by byte, a prefix first: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
