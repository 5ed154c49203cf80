/** The DER reader: what it reads, and every form that it refuses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { der, DerReader, derStringText, readDer, TAG, tagText } from "./der.ts";
import { hexDecode } from "./hex.ts";

/** A reader over octets in hex; blanks are for the eye. */
function reader(hex: string): DerReader {
  return new DerReader(hexDecode(hex.replaceAll(" ", "")));
}

function refuses(hex: string, read: (reader: DerReader) => unknown): void {
  assert.throws(
    () => read(reader(hex)),
    (error) => isSigstoreError(error, "der-invalid") || isSigstoreError(error, "utf8-invalid"),
    `accepted ${hex}`,
  );
}

describe("elements", () => {
  test("tag, content and the whole, as slices of the input", () => {
    const bytes = hexDecode("04020102");
    const element = readDer(bytes);
    assert.equal(element.tag, TAG.octetString);
    assert.deepEqual([...element.content], [1, 2]);
    assert.equal(element.raw.buffer, bytes.buffer);
    assert.equal(element.content.buffer, bytes.buffer);
  });
  test("lengths in every form", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      assert.equal(readDer(der.octetString(new Uint8Array(length))).content.length, length);
    }
    assert.equal(readDer(der.octetString(new Uint8Array(1 << 24))).content.length, 1 << 24);
  });
  test("refused: nothing, cut off, trailing octets", () => {
    for (const hex of [
      "",
      "04",
      "0402",
      "040201",
      "04020102ff",
      "0481",
      "048101",
      "048200",
      "04820100",
      "0484ffffffff",
    ]) {
      assert.throws(
        () => readDer(hexDecode(hex)),
        (error) => isSigstoreError(error, "der-invalid"),
        hex,
      );
    }
  });
  test("refused: indefinite length", () => refuses("3080 0500 0000", (r) => r.any()));
  test("refused: a length in a longer form than needed", () => {
    refuses("048101 00", (r) => r.any());
    refuses(`04817f ${"00".repeat(127)}`, (r) => r.any());
    refuses(`04820080 ${"00".repeat(128)}`, (r) => r.any());
    refuses("0485 0000000001 00", (r) => r.any());
    refuses("04ff", (r) => r.any());
  });
  test("refused: the high-tag-number form", () => {
    refuses("1f0100", (r) => r.any());
    refuses("bf0100", (r) => r.any());
  });
  test("refused: another tag than expected, named in the error", () => {
    assert.throws(() => reader("020100").octetString(), /expected octetString at offset 0, got integer/);
    assert.throws(() => reader("a0020500").sequence(), /expected sequence at offset 0, got \[0\] constructed/);
    assert.equal(tagText(0x41), "tag 0x41");
    assert.equal(tagText(0x82), "[2] primitive");
  });
  test("optional elements, peeking, skipping and offsets", () => {
    const r = reader("0500 a003020105 0101ff");
    assert.equal(r.optional(TAG.integer), undefined);
    assert.equal(r.optionalExplicit(0), undefined);
    assert.deepEqual([...r.peekRaw()], [5, 0]);
    r.null();
    assert.equal(r.offset, 2);
    assert.equal(r.nextContentStartsWith(Uint8Array.of(2, 1)), true);
    assert.equal(r.nextContentStartsWith(Uint8Array.of(2, 2)), false);
    assert.equal(r.nextContentStartsWith(new Uint8Array(4)), false);
    const inner = r.optionalExplicit(0);
    assert.equal(inner?.smallInteger(), 5);
    r.skip();
    assert.equal(r.done, true);
    assert.equal(r.peekTag(), undefined);
    r.end();
  });
  test("a reader stays inside its element", () => {
    const r = reader("3003 020101 020102");
    const inner = r.sequence();
    assert.equal(inner.smallInteger(), 1);
    assert.equal(inner.done, true);
    assert.throws(() => inner.any());
    assert.throws(() => r.end(), /3 more bytes/);
    refuses("3003 020201 02", (outer) => outer.sequence().integer());
  });
  test("refused: nesting deeper than the limit", () => {
    let nested = der.null();
    for (let level = 0; level < LIMITS.derDepth + 1; level++) nested = der.sequence(nested);
    let r = new DerReader(nested);
    for (let level = 0; level < LIMITS.derDepth; level++) r = r.sequence();
    assert.throws(() => r.sequence(), /at most 32 levels/);
  });
});

describe("types", () => {
  test("BOOLEAN: 00 and FF alone", () => {
    assert.equal(reader("0101ff").boolean(), true);
    assert.equal(reader("010100").boolean(), false);
    for (const hex of ["010101", "0100", "0102ffff"]) refuses(hex, (r) => r.boolean());
  });
  test("INTEGER: minimal", () => {
    assert.equal(reader("020100").integer(), 0n);
    assert.equal(reader("0201ff").integer(), -1n);
    assert.equal(reader("020180").integer(), -128n);
    assert.equal(reader("02020080").integer(), 128n);
    assert.deepEqual([...reader("02020080").integerBytes()], [0, 0x80]);
    for (const hex of ["0200", "02020001", "0202ff80", "0203000000"]) {
      refuses(hex, (r) => r.integer());
      refuses(hex, (r) => r.integerBytes());
      refuses(hex, (r) => r.smallInteger());
    }
  });
  test("INTEGER: small ones are not negative and fit", () => {
    assert.equal(reader("0206 7fffffffffff").smallInteger(), 2 ** 47 - 1);
    refuses("0201ff", (r) => r.smallInteger());
    refuses("0207 00800000000000", (r) => r.smallInteger());
  });
  test("BIT STRING: padding bits zero, at most seven", () => {
    assert.deepEqual(reader("0302 0780").bitString().unusedBits, 7);
    assert.equal(reader("030100").bitString().bytes.length, 0);
    for (const hex of ["0300", "030101", "0302 0880", "0302 0781", "0302 0101", "0301ff"])
      refuses(hex, (r) => r.bitString());
  });
  test("NULL: empty", () => {
    reader("0500").null();
    refuses("050100", (r) => r.null());
  });
  test("strings: their alphabets", () => {
    assert.equal(reader("0c02 c3a9").utf8String(), "é");
    assert.equal(reader("1303 412d39").printableString(), "A-9");
    assert.equal(reader("1602 4000").ia5String(), "@\0");
    refuses("0c01 ff", (r) => r.utf8String());
    refuses("0c03 eda080", (r) => r.utf8String());
    refuses("1301 40", (r) => r.printableString());
    refuses("1301 2a", (r) => r.printableString());
    refuses("1601 80", (r) => r.ia5String());
  });
  test("strings of any type", () => {
    const text = (hex: string): string | undefined => derStringText(reader(hex).any());
    assert.equal(text("0c0141"), "A");
    assert.equal(text("130141"), "A");
    assert.equal(text("160141"), "A");
    assert.equal(text("1a0141"), "A");
    assert.equal(text("12023120"), "1 ");
    assert.equal(text("1e0400410042"), "AB");
    assert.equal(text("140141"), undefined);
    assert.equal(text("020141"), undefined);
    assert.throws(() => text("120141"));
    assert.throws(() => text("1a0109"));
    assert.throws(() => text("1e03004100"));
    assert.throws(() => text("1e02d800"));
  });
});

test("hostile octets: a value or a SigstoreError, never more than the octets", () => {
  const methods = [
    "any",
    "integer",
    "smallInteger",
    "oid",
    "boolean",
    "octetString",
    "bitString",
    "utf8String",
    "printableString",
    "ia5String",
    "time",
    "fractionalTime",
    "null",
    "sequence",
  ] as const;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...methods), (bytes, method) => {
      try {
        new DerReader(bytes)[method]();
      } catch (error) {
        assert.ok(isSigstoreError(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
