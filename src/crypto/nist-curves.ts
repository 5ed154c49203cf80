/**
 * NIST SP 800-186 §3.2.1: the curves P-256, P-384 and P-521, y² = x³ − 3x + b over a prime field.
 *
 * Their numbers, whether a point lies on its curve, and the sum of two points: what the check of a key and of an ECDSA signature
 * over a digest need besides the platform's own scalar multiplication. Leaves out multiplication itself, and secrets.
 */
import type { KeyType } from "../formats/spki.ts";
import { bytesFromInteger, integerFromBytes, modularInverse, modulo } from "./integers.ts";

/** The key types of ECDSA. */
export type EcdsaKeyType = Extract<KeyType, `ecdsa-${string}`>;

/** One curve: prime of the field, coefficient b, order n of its points, octets of a coordinate (and of n). */
export interface NistCurve {
  readonly prime: bigint;
  readonly b: bigint;
  readonly order: bigint;
  readonly coordinateBytes: number;
}

/** The curve of each key type. */
export const NIST_CURVES: Readonly<Record<EcdsaKeyType, NistCurve>> = {
  "ecdsa-p256": {
    prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn,
    order: 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n,
    coordinateBytes: 32,
  },
  "ecdsa-p384": {
    prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7_e23ee7e4_988e056b_e3f82d19_181d9c6e_fe814112_0314088f_5013875a_c656398d_8a2ed19d_2a85c8ed_d3ec2aefn,
    order:
      0xffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_c7634d81_f4372ddf_581a0db2_48b0a77a_ecec196a_ccc52973n,
    coordinateBytes: 48,
  },
  "ecdsa-p521": {
    prime: 2n ** 521n - 1n,
    b: 0x51_953eb961_8e1c9a1f_929a21a0_b68540ee_a2da725b_99b315f3_b8b48991_8ef109e1_56193951_ec7e937b_1652c0bd_3bb1bf07_3573df88_3d2c34f1_ef451fd4_6b503f00n,
    order:
      0x1ff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_fffffffa_51868783_bf2f966b_7fcc0148_f709a5d0_3bb5c9b8_899c47ae_bb6fb71e_91386409n,
    coordinateBytes: 66,
  },
};

/** True for the key types that have a curve here. */
export function isEcdsaKeyType(keyType: KeyType): keyType is EcdsaKeyType {
  return Object.hasOwn(NIST_CURVES, keyType);
}

/** SEC 1 §3.2.2.1: coordinates within the field that satisfy the equation. `point` is uncompressed, of the curve's length. */
export function isOnCurve(curve: NistCurve, point: Uint8Array): boolean {
  const { prime, b } = curve;
  const [x, y] = coordinates(curve, point);
  if (x >= prime || y >= prime) return false;
  return (y * y - (x * x - 3n) * x - b) % prime === 0n;
}

/**
 * SEC 1 §2.2.1: the sum of two points of the curve, all uncompressed; undefined where it is the point at infinity, which has no
 * such form.
 */
export function addPoints(curve: NistCurve, first: Uint8Array, second: Uint8Array): Uint8Array | undefined {
  const { prime, coordinateBytes } = curve;
  const [x1, y1] = coordinates(curve, first);
  const [x2, y2] = coordinates(curve, second);
  if (x1 === x2 && (y1 + y2) % prime === 0n) return undefined;
  const slope =
    x1 === x2
      ? modulo((3n * x1 * x1 - 3n) * modularInverse(2n * y1, prime), prime)
      : modulo((y2 - y1) * modularInverse(x2 - x1, prime), prime);
  const x = modulo(slope * slope - x1 - x2, prime);
  const y = modulo(slope * (x1 - x) - y1, prime);
  const sum = new Uint8Array(1 + 2 * coordinateBytes);
  sum[0] = 0x04;
  sum.set(bytesFromInteger(x, coordinateBytes), 1);
  sum.set(bytesFromInteger(y, coordinateBytes), 1 + coordinateBytes);
  return sum;
}

function coordinates({ coordinateBytes }: NistCurve, point: Uint8Array): readonly [bigint, bigint] {
  const y = 1 + coordinateBytes;
  return [integerFromBytes(point.subarray(1, y)), integerFromBytes(point.subarray(y))];
}
