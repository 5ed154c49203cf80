/** Object identifiers: known ones, the edges of arcs, and every padded or broken form refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { decodeOid, encodeOid } from "./der-oid.ts";
import { hexDecode, hexEncode } from "./hex.ts";

function decode(hex: string): string {
  const bytes = hexDecode(hex);
  return decodeOid(bytes, 0, bytes.length);
}

test("known object identifiers", () => {
  const known: readonly (readonly [string, string])[] = [
    ["2a864886f70d010702", "1.2.840.113549.1.7.2"],
    ["2b0601040183bf300108", "1.3.6.1.4.1.57264.1.8"],
    ["00", "0.0"],
    ["27", "0.39"],
    ["28", "1.0"],
    ["4f", "1.39"],
    ["50", "2.0"],
    ["8100", "2.48"],
    ["883703", "2.999.3"],
    // A UUID under 2.25 (X.667): 128 bits in one arc.
    ["6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776", "2.25.329800735698586629295641978511506172918"],
  ];
  for (const [hex, text] of known) {
    assert.equal(decode(hex), text);
    assert.equal(hexEncode(encodeOid(text)), hex);
  }
});

test("refused: no octets, a cut arc, a padded arc, too many octets", () => {
  for (const hex of ["", "80", "2a80", "2a86", "2a8001", "8001", "2a06808001", "2a".repeat(LIMITS.oidBytes + 1)]) {
    assert.throws(
      () => decode(hex),
      (error) => isSigstoreError(error, "der-invalid"),
      hex,
    );
  }
});

test("refused: text that is no object identifier", () => {
  for (const text of [
    "",
    "1",
    "3.1",
    "1.40",
    "0.40",
    "1.02",
    "1..2",
    "1.2.",
    ".1.2",
    "1.-2",
    "1.2a",
    ` 1.2`,
    "1.2".repeat(2000),
    `1.2${".3".repeat(300)}`,
  ]) {
    assert.throws(
      () => encodeOid(text),
      (error) => isSigstoreError(error, "der-invalid"),
      text.slice(0, 20),
    );
  }
});

test("text to octets and back", () => {
  const arc = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 1n << 130n }));
  const oid = fc
    .tuple(fc.nat(2), fc.nat(39), fc.array(arc, { maxLength: 8 }))
    .map(([first, second, rest]) => [first, second, ...rest].join("."));
  fc.assert(
    fc.property(oid, (text) => {
      const octets = encodeOid(text);
      assert.equal(decodeOid(octets, 0, octets.length), text);
    }),
  );
});

test("octets to text and back: every accepted form is the only one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (octets) => {
      let text: string;
      try {
        text = decodeOid(octets, 0, octets.length);
      } catch {
        return;
      }
      assert.deepEqual(encodeOid(text), octets);
    }),
    { numRuns: 2000 },
  );
});

test("texts seen before never answer for other octets", () => {
  // More object identifiers than slots, twice over, in one buffer.
  const all = Array.from({ length: 2000 }, (_, index) => `1.3.6.1.4.1.${index}`);
  for (const text of [...all, ...all]) {
    const octets = encodeOid(text);
    const framed = Uint8Array.of(0xff, ...octets, 0xff);
    assert.equal(decodeOid(framed, 1, framed.length - 1), text);
  }
});

test("texts seen before keep their octets when the input is overwritten, a Node Buffer too", () => {
  for (const input of [Uint8Array.from(encodeOid("1.3.6.1.4.1.77")), Buffer.from(encodeOid("1.3.6.1.4.1.77"))]) {
    assert.equal(decodeOid(input, 0, input.length), "1.3.6.1.4.1.77");
    input[input.length - 1] = 78;
    assert.equal(decodeOid(input, 0, input.length), "1.3.6.1.4.1.78");
    assert.equal(decodeOid(encodeOid("1.3.6.1.4.1.77"), 0, input.length), "1.3.6.1.4.1.77");
  }
});
