/**
 * The curve edwards25519 (RFC 8032 §5.1): its points, decoding and encoding, and the one combination that verification needs.
 *
 * The formulas of §5.1.4 in integers, complete for every point of the curve, of small order too. Not constant time: for public points
 * and numbers only; signing is not done here.
 */
import { integerFromLittleEndian, littleEndianFromInteger, modularInverse, modularPower, modulo } from "./integers.ts";

/** A point in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z. Coordinates may be negative; they count modulo p. */
export interface EdwardsPoint {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

/** RFC 8032 §5.1: the prime of the field, d = −121665/121666, and 2^((p−1)/4), a square root of −1. */
const p = 2n ** 255n - 19n;
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const SQUARE_ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/** RFC 8032 §5.1: the base point B, with y = 4/5. */
const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n;
const BASE: EdwardsPoint = { X: BASE_X, Y: BASE_Y, Z: 1n, T: (BASE_X * BASE_Y) % p };

/** RFC 8032 §5.1: L, the order of the base point. */
export const EDWARDS_ORDER: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The bits of an encoded point that are y; the one above is the lowest bit of x. */
const Y_MASK = (1n << 255n) - 1n;

const IDENTITY: EdwardsPoint = { X: 0n, Y: 1n, Z: 1n, T: 0n };

/**
 * RFC 8032 §5.1.3: the point of 32 octets, or undefined where they are none.
 *
 * As in Go's library and OpenSSL, a y of p or more is taken modulo p and "minus zero" as zero; the octets themselves enter the hash.
 */
export function decodePoint(bytes: Uint8Array): EdwardsPoint | undefined {
  const encoded = integerFromLittleEndian(bytes);
  const y = (encoded & Y_MASK) % p;
  const x = squareRootOfRatio(y * y - 1n, d * y * y + 1n);
  if (x === undefined) return undefined;
  const signed = (x & 1n) === encoded >> 255n ? x : p - x;
  return { X: signed, Y: y, Z: 1n, T: (signed * y) % p };
}

/**
 * The y coordinates of the eight points whose order divides 8: the neutral point, (0, −1), two with y = 0 and four of order 8. No other
 * point has one of them.
 */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  p - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  p - 2707385501144840649318225287225658788936804267575313519463743609750303402022n,
]);

/** True when the 32 octets stand for a point whose order divides 8, in any form. */
export function isSmallOrder(bytes: Uint8Array): boolean {
  return SMALL_ORDER_Y.has((integerFromLittleEndian(bytes) & Y_MASK) % p);
}

/** A square root of u/v modulo p (§5.1.3 steps 2 and 3), or undefined where there is none. */
function squareRootOfRatio(u: bigint, v: bigint): bigint | undefined {
  const v3 = (((v * v) % p) * v) % p;
  const power = modularPower(((u * v3) % p) * ((v3 * v) % p), (p - 5n) / 8n, p);
  const root = modulo(((u * v3) % p) * power, p);
  const check = v * ((root * root) % p);
  if ((check - u) % p === 0n) return root;
  return (check + u) % p === 0n ? (root * SQUARE_ROOT_OF_MINUS_ONE) % p : undefined;
}

/** RFC 8032 §5.1.2: the 32 octets of a point, y with the lowest bit of x on top. */
export function encodePoint({ X, Y, Z }: EdwardsPoint): Uint8Array {
  const inverse = modularInverse(Z, p);
  const x = modulo(X * inverse, p);
  const y = modulo(Y * inverse, p);
  return littleEndianFromInteger(y | ((x & 1n) << 255n), 32);
}

/** The inverse of a point. */
export function negatePoint({ X, Y, Z, T }: EdwardsPoint): EdwardsPoint {
  return { X: -X, Y, Z, T: -T };
}

/** The scalar multiple sum `first`·B + `second`·`point`, B the base point; both scalars from 0 to below 2²⁵⁶. */
export function combineWithBase(first: bigint, second: bigint, point: EdwardsPoint): EdwardsPoint {
  const both = addPoints(BASE, point);
  let sum = IDENTITY;
  // Shamir's trick: one run of doublings for both scalars.
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = doublePoint(sum);
    const ofFirst = ((first >> bit) & 1n) === 1n;
    const ofSecond = ((second >> bit) & 1n) === 1n;
    if (ofFirst && ofSecond) sum = addPoints(sum, both);
    else if (ofFirst) sum = addPoints(sum, BASE);
    else if (ofSecond) sum = addPoints(sum, point);
  }
  return sum;
}

function addPoints(first: EdwardsPoint, second: EdwardsPoint): EdwardsPoint {
  const A = ((first.Y - first.X) * (second.Y - second.X)) % p;
  const B = ((first.Y + first.X) * (second.Y + second.X)) % p;
  const C = (((2n * first.T * second.T) % p) * d) % p;
  const D = (2n * first.Z * second.Z) % p;
  return fromFactors(B - A, D - C, D + C, B + A);
}

function doublePoint({ X, Y, Z }: EdwardsPoint): EdwardsPoint {
  const A = (X * X) % p;
  const B = (Y * Y) % p;
  const C = (2n * Z * Z) % p;
  const H = A + B;
  const G = A - B;
  return fromFactors(H - (((X + Y) * (X + Y)) % p), C + G, G, H);
}

/** The last step of both formulas. */
function fromFactors(E: bigint, F: bigint, G: bigint, H: bigint): EdwardsPoint {
  return { X: (E * F) % p, Y: (G * H) % p, Z: (F * G) % p, T: (E * H) % p };
}
