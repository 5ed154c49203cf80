import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import * as fc from "fast-check";
import { bytesFromInteger } from "./integers.ts";
import { addPoints, type EcdsaKeyType, isOnCurve, NIST_CURVES } from "./nist-curves.ts";

const ORACLES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;

for (const keyType of Object.keys(NIST_CURVES) as EcdsaKeyType[]) {
  const curve = NIST_CURVES[keyType];
  const { Point } = ORACLES[keyType];
  const scalar = fc.bigInt({ min: 1n, max: curve.order - 1n });
  const multiple = (k: bigint): Uint8Array => Point.BASE.multiply(k).toBytes(false);

  describe(keyType, () => {
    it("has the numbers that @noble/curves has", () => {
      const { p, b, n } = Point.CURVE();
      assert.deepEqual([curve.prime, curve.b, curve.order, curve.coordinateBytes], [p, b, n, Point.Fp.BYTES]);
    });

    it("tells points of the curve from others", () => {
      fc.assert(
        fc.property(
          scalar,
          fc.nat(2 * curve.coordinateBytes - 1),
          fc.integer({ min: 1, max: 255 }),
          (k, index, change) => {
            const point = multiple(k);
            assert.ok(isOnCurve(curve, point));
            point[1 + index] = (point[1 + index] ?? 0) ^ change;
            assert.ok(!isOnCurve(curve, point));
          },
        ),
        { numRuns: 20 },
      );
    });

    it("refuses a coordinate that is not reduced", () => {
      const encode = (x: bigint, y: bigint): Uint8Array =>
        Uint8Array.of(
          0x04,
          ...bytesFromInteger(x, curve.coordinateBytes),
          ...bytesFromInteger(y, curve.coordinateBytes),
        );
      // The point with the least x that the curve has, written with x and with x + p.
      let x = 0n;
      while (!isSquare(curve.prime, x ** 3n - 3n * x + curve.b)) x += 1n;
      const y = Point.fromHex(`02${Buffer.from(bytesFromInteger(x, curve.coordinateBytes)).toString("hex")}`).y;
      assert.ok(isOnCurve(curve, encode(x, y)));
      assert.ok(!isOnCurve(curve, encode(x + curve.prime, y)));
    });

    it("adds points as @noble/curves does: others, equal ones, opposite ones", () => {
      fc.assert(
        fc.property(scalar, scalar, (k, l) => {
          fc.pre((k + l) % curve.order !== 0n);
          assert.deepEqual(addPoints(curve, multiple(k), multiple(l)), multiple((k + l) % curve.order));
        }),
        { numRuns: 20 },
      );
      fc.assert(
        fc.property(scalar, (k) => {
          assert.deepEqual(addPoints(curve, multiple(k), multiple(k)), multiple((2n * k) % curve.order));
          assert.equal(addPoints(curve, multiple(k), multiple(curve.order - k)), undefined);
        }),
        { numRuns: 10 },
      );
    });
  });
}

/** Euler's criterion. */
function isSquare(prime: bigint, value: bigint): boolean {
  let [result, base, exponent] = [1n, ((value % prime) + prime) % prime, (prime - 1n) / 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % prime;
    base = (base * base) % prime;
  }
  return result === 1n;
}
