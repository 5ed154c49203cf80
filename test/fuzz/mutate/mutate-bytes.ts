/**
 * Changes to bytes that know nothing of what the bytes mean: bits, runs, lengths, splices.
 */
import type { Random } from "../random.ts";

/** What longer inputs are cut to: a mutation may double an input, but not without end. */
const LONGEST_INPUT = 1 << 17;

const TELLING_BYTES = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xff, 0x20, 0x0a, 0x22, 0x30, 0x2d, 0x3d, 0x5c, 0xc3, 0xed, 0xef];

type ByteChange = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** The input after one to four changes, some of which take bytes of `others`. */
export function mutateBytes(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let count = random.small(4); count > 0; count -= 1) changed = random.pick(CHANGES)(changed, random, others);
  return changed.length > LONGEST_INPUT ? changed.slice(0, LONGEST_INPUT) : changed;
}

/** Bytes without any model. */
export function randomBytes(random: Random): Uint8Array {
  return random.bytes(random.below(random.chance(1, 8) ? 1024 : 64));
}

/** The bytes with one bit flipped, wherever. */
export function flipOneBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(1 << random.below(8));
  const copy = bytes.slice();
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0)
    copy[random.below(copy.length)] = random.chance(1, 2) ? random.pick(TELLING_BYTES) : random.below(256);
  return copy;
}

function insertBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const inserted = random.chance(1, 2) ? Uint8Array.of(random.pick(TELLING_BYTES)) : random.bytes(random.small(8));
  return insertAt(bytes, random.below(bytes.length + 1), inserted);
}

function removeBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = someRange(bytes, random);
  return join(bytes.subarray(0, start), bytes.subarray(end));
}

function repeatBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = someRange(bytes, random);
  if (start === end) return bytes;
  const most = Math.max(1, Math.floor(LONGEST_INPUT / (end - start)));
  const times = random.chance(1, 40) ? most : Math.min(random.small(16), most);
  const run = new Uint8Array((end - start) * times);
  for (let at = 0; at < run.length; at += end - start) run.set(bytes.subarray(start, end), at);
  return insertAt(bytes, end, run);
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function append(bytes: Uint8Array, random: Random): Uint8Array {
  return join(bytes, random.bytes(random.small(8)));
}

/** Adds to or takes from a big-endian number of one to three bytes: lengths are such numbers. */
function changeNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const width = 1 + random.below(3);
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const at = random.below(copy.length - width + 1);
  let carry = random.pick([1, -1, 2, -2, 16, -16, 128, -128]);
  for (let index = at + width - 1; index >= at && carry !== 0; index -= 1) {
    const sum = (copy[index] ?? 0) + carry;
    copy[index] = sum & 0xff;
    carry = sum >> 8;
  }
  return copy;
}

/** The beginning of one input and the end of another. */
function splice(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(others);
  return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
}

function insertForeign(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(others);
  const [start, end] = someRange(other, random);
  return insertAt(bytes, random.below(bytes.length + 1), other.subarray(start, end));
}

function swapRanges(bytes: Uint8Array, random: Random): Uint8Array {
  const cuts = [0, 0, 0, 0].map(() => random.below(bytes.length + 1)).toSorted((a, b) => a - b);
  const [a = 0, b = 0, c = 0, d = 0] = cuts;
  const parts = [
    bytes.subarray(0, a),
    bytes.subarray(c, d),
    bytes.subarray(b, c),
    bytes.subarray(a, b),
    bytes.subarray(d),
  ];
  return join(...parts);
}

const CHANGES: readonly ByteChange[] = [
  flipOneBit,
  flipOneBit,
  setByte,
  setByte,
  insertBytes,
  removeBytes,
  repeatBytes,
  truncate,
  append,
  changeNumber,
  changeNumber,
  splice,
  insertForeign,
  swapRanges,
];

function someRange(bytes: Uint8Array, random: Random): readonly [number, number] {
  const start = random.below(bytes.length + 1);
  const most = random.chance(1, 4) ? bytes.length - start : Math.min(16, bytes.length - start);
  return [start, start + random.below(most + 1)];
}

function insertAt(bytes: Uint8Array, at: number, inserted: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, at), inserted, bytes.subarray(at));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
