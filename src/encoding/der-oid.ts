/**
 * X.690 §8.19: OBJECT IDENTIFIER content octets to dotted text and back.
 *
 * Arcs of any size that fits LIMITS.oidBytes are kept exact (2.25 carries 128-bit UUIDs). Leaves out: RELATIVE-OID.
 */
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/** An arc above this may have left the exact range of a number on the way: bigint takes over. */
const LARGEST_SMALL_ARC = 2 ** 44;

/**
 * Texts seen lately, by a hash of their octets: the same thirty object identifiers stand in every certificate, and making
 * their texts was most of the time that reading one took. One entry a slot, so it never grows; octets are always compared.
 */
const SEEN_SLOTS = 1024;
/** With these two numbers no two of the object identifiers that Sigstore's formats name share a slot. */
const HASH_FACTOR = 131;
const seen: ({ readonly octets: Uint8Array; readonly text: string } | undefined)[] = [];
seen.length = SEEN_SLOTS;

/**
 * Dotted text of the content octets `bytes[start, end)` of an OBJECT IDENTIFIER.
 *
 * @throws SigstoreError `der-invalid` when empty, too long, cut off in the middle of an arc, or padded
 */
export function decodeOid(bytes: Uint8Array, start: number, end: number): string {
  let hash = 0;
  for (let index = start; index < end && index < start + 32; index++)
    hash = (Math.imul(hash, HASH_FACTOR) + (bytes[index] ?? 0)) | 0;
  const slot = hash & (SEEN_SLOTS - 1);
  const entry = seen[slot];
  if (entry !== undefined && holds(bytes, start, end, entry.octets)) return entry.text;
  const text = dottedText(bytes, start, end);
  // A copy, which slice would not be of a Node Buffer.
  seen[slot] = { octets: new Uint8Array(bytes.subarray(start, end)), text };
  return text;
}

function holds(bytes: Uint8Array, start: number, end: number, octets: Uint8Array): boolean {
  if (end - start !== octets.length) return false;
  for (let index = 0; index < octets.length; index++) if (bytes[start + index] !== octets[index]) return false;
  return true;
}

function dottedText(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) refuse("an OBJECT IDENTIFIER", "one without content");
  if (end - start > LIMITS.oidBytes)
    refuse(`an OBJECT IDENTIFIER of at most ${LIMITS.oidBytes} octets`, `${end - start}`);
  if (((bytes[end - 1] ?? 0) & 0x80) !== 0) refuse("an OBJECT IDENTIFIER that ends with its last arc", "one cut off");
  let text = "";
  let arc = 0;
  let arcStart = start;
  for (let index = start; index < end; index++) {
    const octet = bytes[index] ?? 0;
    // X.690 8.19.2: the leading octet of a subidentifier shall not have the value 0x80.
    if (index === arcStart && octet === 0x80) refuse("minimal OBJECT IDENTIFIER arcs", "one with leading zeros");
    arc = arc * 128 + (octet & 0x7f);
    if ((octet & 0x80) !== 0) continue;
    const exact = arc <= LARGEST_SMALL_ARC ? arc : largeArc(bytes, arcStart, index + 1);
    text = arcStart === start ? firstArcs(exact) : `${text}.${exact}`;
    arc = 0;
    arcStart = index + 1;
  }
  return text;
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("der-invalid", `expected ${expected}, got ${got}`);
}

/** X.690 8.19.4: the first subidentifier is 40 × first arc + second arc; only under 2 may the second exceed 39. */
function firstArcs(value: number | bigint): string {
  if (value < 40) return `0.${value}`;
  if (value < 80) return `1.${BigInt(value) - 40n}`;
  return `2.${BigInt(value) - 80n}`;
}

function largeArc(bytes: Uint8Array, start: number, end: number): bigint {
  let arc = 0n;
  for (let index = start; index < end; index++) arc = (arc << 7n) | BigInt((bytes[index] ?? 0) & 0x7f);
  return arc;
}

const OID_TEXT = /^[012](?:\.(?:0|[1-9][0-9]*))+$/;

/**
 * Content octets of an OBJECT IDENTIFIER given as dotted text.
 *
 * @throws SigstoreError `der-invalid` when the text is no object identifier or exceeds LIMITS.oidBytes
 */
export function encodeOid(text: string): Uint8Array {
  if (text.length > 4 * LIMITS.oidBytes || !OID_TEXT.test(text)) {
    refuse("an object identifier such as 1.2.840.113549", "other text");
  }
  const [first = 0n, second = 0n, ...rest] = text.split(".").map(BigInt);
  if (first < 2n && second > 39n) {
    refuse("a second arc of at most 39 when the first is 0 or 1", `${second}`);
  }
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) pushArc(octets, arc);
  if (octets.length > LIMITS.oidBytes) {
    refuse(`an object identifier of at most ${LIMITS.oidBytes} octets`, `${octets.length}`);
  }
  return Uint8Array.from(octets);
}

function pushArc(octets: number[], arc: bigint): void {
  const digits = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80);
  octets.push(...digits.reverse());
}
