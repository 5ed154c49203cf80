/**
 * ECDSA (FIPS 186-5 §6.4): the DER form of a signature (RFC 3279 §2.2.3) and its verification over a digest alone.
 *
 * No platform verifies a digest natively: each hashes what it is given. But each multiplies points natively for key agreement, and
 * two multiplications decide a signature. All numbers here are public, so nothing need run in constant time. Leaves out signing.
 */
import { DerReader, der } from "../encoding/der.ts";
import { isSigstoreError } from "../errors.ts";
import { bytesFromInteger, integerFromBytes, modularInverse } from "./integers.ts";
import { addPoints, type NistCurve } from "./nist-curves.ts";

/** The two numbers of a signature, each from 1 to n − 1. */
export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** Multiplication on one curve, as a platform's key agreement does it; a scalar is `coordinateBytes` octets, from 1 to n − 1. */
export interface ScalarMultiplication {
  /** k·G as an uncompressed point. */
  base(scalar: Uint8Array): Uint8Array;
  /** The x coordinate of k·P for an uncompressed point P of the curve. */
  shared(scalar: Uint8Array, point: Uint8Array): Uint8Array;
}

/** Octets that the headers of a signature's SEQUENCE and INTEGERs and their sign octets take at most. */
const DER_OVERHEAD = 9;

/** The numbers of a DER signature, or undefined where it is malformed, BER, followed by anything, or out of range. */
export function parseEcdsaSignature(curve: NistCurve, signature: Uint8Array): EcdsaSignature | undefined {
  if (signature.length > 2 * curve.coordinateBytes + DER_OVERHEAD) return undefined;
  try {
    const outer = new DerReader(signature);
    const fields = outer.sequence();
    outer.end();
    const r = fields.integer();
    const s = fields.integer();
    fields.end();
    // FIPS 186-5 §6.4.2: "If either r or s is not an integer in the interval [1, n − 1], output reject."
    return isScalar(curve, r) && isScalar(curve, s) ? { r, s } : undefined;
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

function isScalar(curve: NistCurve, value: bigint): boolean {
  return value > 0n && value < curve.order;
}

/** DER of a signature whose r and s stand one after the other, each of the same length (IEEE P1363). */
export function serializeEcdsaSignature(compact: Uint8Array): Uint8Array {
  const half = compact.length / 2;
  return der.sequence(
    der.integer(integerFromBytes(compact.subarray(0, half))),
    der.integer(integerFromBytes(compact.subarray(half))),
  );
}

/**
 * True when the signature holds over `digest` for the public key `point`, which lies on the curve.
 *
 * With u₁ = z/s and u₂ = r/s the equation wants R = u₁·G + u₂·Q. As u₁ = u₂·w with w = z/r, that is R = u₂·(w·G + Q): one
 * multiplication of G, one sum, one multiplication whose x coordinate alone is asked for. Exact in every case: w = 0, w·G = Q and
 * w·G = −Q are met below, and x is compared modulo n.
 */
export function verifyEcdsaDigest(
  curve: NistCurve,
  multiplication: ScalarMultiplication,
  point: Uint8Array,
  digest: Uint8Array,
  { r, s }: EcdsaSignature,
): boolean {
  const { order, coordinateBytes } = curve;
  const inverse = modularInverse(r * s, order);
  const w = (integerOfDigest(curve, digest) * s * inverse) % order;
  const u2 = (r * r * inverse) % order;
  const sum = w === 0n ? point : addPoints(curve, multiplication.base(bytesFromInteger(w, coordinateBytes)), point);
  // FIPS 186-5 §6.4.2: "If R is the identity element O, output reject." u₂ is no multiple of the prime order, so only the sum can be.
  if (sum === undefined) return false;
  const x = multiplication.shared(bytesFromInteger(u2, coordinateBytes), sum);
  return integerFromBytes(x) % order === r;
}

/** FIPS 186-5 §6.4.2: the leftmost bits of the digest, as many as n has; every hash is shorter than the one n that ends within an octet. */
function integerOfDigest({ coordinateBytes }: NistCurve, digest: Uint8Array): bigint {
  return integerFromBytes(digest.length > coordinateBytes ? digest.subarray(0, coordinateBytes) : digest);
}
