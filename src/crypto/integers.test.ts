import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import {
  bytesFromInteger,
  integerFromBytes,
  integerFromLittleEndian,
  littleEndianFromInteger,
  modularInverse,
  modularPower,
  modulo,
} from "./integers.ts";

const bytes = fc.uint8Array({ maxLength: 80 });

it("reads and writes octets of any length in both orders", () => {
  fc.assert(
    fc.property(bytes, (octets) => {
      assert.deepEqual(bytesFromInteger(integerFromBytes(octets), octets.length), octets);
      assert.deepEqual(littleEndianFromInteger(integerFromLittleEndian(octets), octets.length), octets);
      assert.equal(integerFromBytes(octets), BigInt(`0x0${Buffer.from(octets).toString("hex")}`));
    }),
  );
});

it("reads a slice of a larger buffer", () => {
  assert.equal(integerFromBytes(Uint8Array.of(9, 9, 1, 2, 9).subarray(2, 4)), 0x0102n);
});

it("refuses to cut an integer", () => {
  assert.throws(() => bytesFromInteger(256n, 1), TypeError);
  assert.throws(() => bytesFromInteger(-1n, 9), TypeError);
  assert.throws(() => bytesFromInteger(1n << 64n, 8), TypeError);
});

it("computes remainders of negative numbers as mathematics does", () => {
  assert.equal(modulo(-1n, 7n), 6n);
  assert.equal(modulo(-14n, 7n), 0n);
});

it("inverts what has an inverse, and only that", () => {
  const prime = 2n ** 255n - 19n;
  fc.assert(
    fc.property(fc.bigInt({ min: -(prime ** 2n), max: prime ** 2n }), (value) => {
      fc.pre(value % prime !== 0n);
      assert.equal(modulo(modularInverse(value, prime) * value, prime), 1n);
    }),
  );
  assert.throws(() => modularInverse(0n, prime), TypeError);
  assert.throws(() => modularInverse(6n, 9n), TypeError);
});

it("raises to powers", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -99n, max: 99n }),
      fc.bigInt({ min: 0n, max: 99n }),
      fc.bigInt({ min: 2n, max: 999n }),
      (base, exponent, modulus) => {
        assert.equal(modularPower(base, exponent, modulus), modulo(base ** exponent, modulus));
      },
    ),
  );
});

it("an inverse is one for every number that has one, and the rest are refused", () => {
  for (let modulus = 2n; modulus < 90n; modulus += 1n)
    for (let value = 1n; value < modulus; value += 1n) {
      const hasDivisor = Array.from({ length: Number(value) - 1 }, (_, at) => BigInt(at) + 2n).some(
        (divisor) => value % divisor === 0n && modulus % divisor === 0n,
      );
      if (hasDivisor) assert.throws(() => modularInverse(value, modulus), TypeError);
      else assert.equal((modularInverse(value, modulus) * value) % modulus, 1n);
    }
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  for (let value = 3n, round = 0; round < 500; round += 1, value = (value * value + 1n) % order)
    assert.equal(modulo(modularInverse(value, order) * value, order), 1n);
  const large = (1n << 2203n) - 1n;
  assert.equal((modularInverse(12_345n, large) * 12_345n) % large, 1n);
});
