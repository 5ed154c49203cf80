import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { bitLength, countOnes, countTrailingZeros, isUint64, MAX_UINT64 } from "./uint64.ts";

const uint64 = fc.oneof(
  fc.bigInt(0n, MAX_UINT64),
  fc.integer({ min: 0, max: 63 }).map((shift) => 1n << BigInt(shift)),
  fc.integer({ min: 0, max: 64 }).map((shift) => (1n << BigInt(shift)) - 1n),
);

test("the bits of a 64-bit integer are those of its binary text", () => {
  fc.assert(
    fc.property(uint64, (value) => {
      const text = value === 0n ? "" : value.toString(2);
      assert.equal(bitLength(value), text.length);
      assert.equal(countOnes(value), text.replaceAll("0", "").length);
      assert.equal(countTrailingZeros(value), value === 0n ? 64 : text.length - text.lastIndexOf("1") - 1);
    }),
    { numRuns: 2000 },
  );
});

test("64 bits without sign", () => {
  assert.deepEqual([0n, MAX_UINT64, -1n, MAX_UINT64 + 1n].map(isUint64), [true, true, false, false]);
});
