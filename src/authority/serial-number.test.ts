/** Serial numbers from randomness at its extremes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../testing/seed.ts";
import { randomSerialNumber } from "./serial-number.ts";

test("a serial number has 20 bytes and is positive, whatever the randomness", () => {
  for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
    const serialNumber = randomSerialNumber((length) => new Uint8Array(length).fill(byte));
    assert.equal(serialNumber.length, 20);
    assert.equal((serialNumber[0] ?? 0) & 0xc0, 0x40);
  }
});

test("serial numbers differ, and the randomness handed in stays as it was", () => {
  const random = seededRandom("serial", "numbers");
  assert.notDeepEqual(randomSerialNumber(random), randomSerialNumber(random));
  const bytes = new Uint8Array(20);
  randomSerialNumber(() => bytes);
  assert.deepEqual(bytes, new Uint8Array(20));
});

test("a source that gives another number of bytes is misuse", () => {
  assert.throws(() => randomSerialNumber(() => new Uint8Array(8)), TypeError);
});
