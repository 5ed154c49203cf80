/**
 * The other ECDSA signature of the same message: (r, n − s) holds wherever (r, s) does.
 *
 * Looks for DER signatures anywhere in the bytes. Nobody can forge with it, but who takes signatures for identifiers errs.
 */
import type { Random } from "../random.ts";

/** Orders of P-256, P-384 and P-521 (SEC 2), by the longest INTEGER of a signature. */
const ORDERS: readonly bigint[] = [
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
];

/** `bytes` with one of the signatures in them replaced by its twin of the same length, or undefined where there is none. */
export function malleate(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 8 < bytes.length && found.length < 8; at += 1) {
    const twin = bytes[at] === 0x30 ? twinAt(bytes, at) : undefined;
    if (twin !== undefined) found.push(twin);
  }
  return found.length === 0 ? undefined : random.pick(found);
}

function twinAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  const headerBytes = bytes[at + 1] === 0x81 ? 3 : 2;
  const length = bytes[at + headerBytes - 1] ?? 0;
  const end = at + headerBytes + length;
  if (length < 60 || end > bytes.length || (length >= 0x80 && headerBytes === 2)) return undefined;
  const first = at + headerBytes;
  const second = first + 2 + (bytes[first + 1] ?? 0);
  if (bytes[first] !== 0x02 || bytes[second] !== 0x02 || second + 2 + (bytes[second + 1] ?? 0) !== end) return undefined;
  const s = integerOf(bytes.subarray(second + 2, end));
  const order = ORDERS.find((candidate) => s > 0n && s < candidate);
  return order === undefined ? undefined : replaced(bytes, second, end, order - s);
}

/** Puts an INTEGER in place of that at [start, end) where it is as long; else there is no twin that changes nothing around it. */
function replaced(bytes: Uint8Array, start: number, end: number, value: bigint): Uint8Array | undefined {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const octets = Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const content = ((octets[0] ?? 0) & 0x80) === 0 ? octets : Uint8Array.of(0, ...octets);
  if (content.length !== end - start - 2) return undefined;
  const copy = bytes.slice();
  copy.set(content, start + 2);
  return copy;
}

function integerOf(octets: Uint8Array): bigint {
  let value = 0n;
  for (const octet of octets) value = value * 256n + BigInt(octet);
  return value;
}
