/** The DER writer: known octets, and everything written is read again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { der, derHeader, DerReader, readDer, TAG } from "./der.ts";
import { hexEncode } from "./hex.ts";

function hex(element: Uint8Array): string {
  return hexEncode(element);
}

test("known octets", () => {
  assert.equal(hex(der.integer(0)), "020100");
  assert.equal(hex(der.integer(127)), "02017f");
  assert.equal(hex(der.integer(128)), "02020080");
  assert.equal(hex(der.integer(-1)), "0201ff");
  assert.equal(hex(der.integer(-128n)), "020180");
  assert.equal(hex(der.integer(-129)), "0202ff7f");
  assert.equal(hex(der.integer(Uint8Array.of(0, 0, 0x80))), "02020080");
  assert.equal(hex(der.integer(new Uint8Array())), "020100");
  assert.equal(hex(der.enumerated(2)), "0a0102");
  assert.equal(hex(der.boolean(true)), "0101ff");
  assert.equal(hex(der.boolean(false)), "010100");
  assert.equal(hex(der.null()), "0500");
  assert.equal(hex(der.oid("2.5.29.15")), "0603551d0f");
  assert.equal(hex(der.bitString(Uint8Array.of(0x80), 7)), "03020780");
  assert.equal(hex(der.explicit(0, der.integer(2))), "a003020102");
  assert.equal(hex(der.implicit(1, Uint8Array.of(5), false)), "810105");
  assert.equal(hex(der.implicit(1, Uint8Array.of(5, 0), true)), "a1020500");
  assert.equal(hex(der.raw(0x42, Uint8Array.of(1))), "420101");
  assert.equal(hex(der.set(der.integer(2), der.integer(1))), "3106020102020101");
  assert.equal(hex(der.setOf(der.integer(2), der.integer(1))), "3106020101020102");
  assert.equal(hex(der.sequence()), "3000");
});

test("times: UTCTime from 1950 to 2049, GeneralizedTime around", () => {
  const tagOf = (ms: number): number => readDer(der.time(ms)).tag;
  assert.equal(tagOf(Date.UTC(1949, 11, 31)), TAG.generalizedTime);
  assert.equal(tagOf(Date.UTC(1950, 0, 1)), TAG.utcTime);
  assert.equal(tagOf(Date.UTC(2049, 11, 31, 23, 59, 59)), TAG.utcTime);
  assert.equal(tagOf(Date.UTC(2050, 0, 1)), TAG.generalizedTime);
  assert.throws(() => der.time(1), TypeError);
  assert.equal(new DerReader(der.generalizedTime(1)).fractionalTime(), 1);
});

test("headers of every size", () => {
  assert.equal(hex(derHeader(0x30, 0x7f)), "307f");
  assert.equal(hex(derHeader(0x30, 0x80)), "308180");
  assert.equal(hex(derHeader(0x30, 0x1234)), "30821234");
  assert.equal(hex(derHeader(0x30, 0x123456)), "3083123456");
  assert.equal(hex(derHeader(0x30, 0x87654321)), "308487654321");
});

test("misuse is a TypeError", () => {
  assert.throws(() => der.printableString("a@b"), TypeError);
  assert.throws(() => der.ia5String("é"), TypeError);
  assert.throws(() => der.bitString(Uint8Array.of(0x81), 7), TypeError);
  assert.throws(() => der.bitString(new Uint8Array(), 1), TypeError);
  assert.throws(() => der.bitString(Uint8Array.of(0), 8), TypeError);
  assert.throws(() => der.integer(1.5), RangeError);
});

test("what is written is read again", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(new DerReader(der.integer(value)).integer(), value)));
  fc.assert(
    fc.property(bytes, (value) => {
      const unsigned = value.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
      assert.equal(new DerReader(der.integer(value)).integer(), unsigned);
    }),
  );
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), (value) => assert.equal(new DerReader(der.integer(value)).smallInteger(), value)),
  );
  fc.assert(
    fc.property(bytes, (value) => assert.deepEqual(new DerReader(der.octetString(value)).octetString(), value)),
  );
  fc.assert(
    fc.property(bytes, (value) =>
      assert.deepEqual(new DerReader(der.bitString(value)).bitString(), { unusedBits: 0, bytes: value }),
    ),
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) =>
      assert.equal(new DerReader(der.utf8String(text)).utf8String(), text),
    ),
  );
  fc.assert(fc.property(fc.boolean(), (value) => assert.equal(new DerReader(der.boolean(value)).boolean(), value)));
});

test("read again, INTEGER octets are the same: one form each", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (content) => {
      const element = der.raw(TAG.integer, content);
      let value: bigint;
      try {
        value = new DerReader(element).integer();
      } catch {
        return;
      }
      assert.deepEqual(der.integer(value), element);
    }),
  );
});
