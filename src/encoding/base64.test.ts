import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  base64Decode,
  base64Encode,
  base64UrlDecode,
  base64UrlEncode,
  nativeBase64,
  portableBase64,
} from "./base64.ts";

/** RFC 4648 §10. */
const VECTORS = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const;

const REFUSED = [
  ["Zg", "a text of 2 characters"],
  ["Zg=", "a text of 3 characters"],
  ["Zg===", '"=" at position 2'],
  ["Z===", '"=" at position 1'],
  ["====", '"=" at position 0'],
  ["Zm9v\n", '"\\n" at position 4'],
  ["Zm 9v", '" " at position 2'],
  ["Zh==", "a last character with bits that stand for nothing"],
  ["Zm9=", "a last character with bits that stand for nothing"],
  ["Zm9-", '"-" at position 3'],
  ["Zm9_", '"_" at position 3'],
  ["Zm9v=", "a text of 5 characters"],
  ["Zg==Zg==", '"=" at position 2'],
  ["Zm9\u00ff", '"\u00ff" at position 3'],
  ["Zm9\u0176", '"\u0176" at position 3'],
  ["\ud83d\ude00==", '"\ud83d\ude00" at position 0'],
] as const;

const REFUSED_URL = ["Z", "Zh", "Zm9", "Zg==", "Zm9+", "Zm9/", "Zm9v\n", " Zm9v", "Zm9vY"] as const;

const likelyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("ABZagz019+/-_= \n\u00c1\u0141")), maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => base64Encode(bytes)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => base64UrlEncode(bytes)),
);

for (const variant of ["base64", "base64url"] as const) {
  const portable = portableBase64(variant);
  const native = nativeBase64(variant);

  describe(`${variant}, portable and native codec`, () => {
    assert.ok(native !== undefined);

    it("write the same text and read it back", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
          const text = portable.encode(bytes);
          assert.equal(native.encode(bytes), text);
          assert.deepEqual(portable.decode(text), bytes);
          assert.deepEqual(native.decode(text), bytes);
        }),
      );
    });

    it("accept and refuse the same texts, and accept only what they write", () => {
      fc.assert(
        fc.property(likelyText, (text) => {
          const bytes = portable.decode(text);
          assert.deepEqual(native.decode(text), bytes, JSON.stringify(text));
          if (bytes !== undefined) assert.equal(portable.encode(bytes), text);
        }),
        { numRuns: 3000 },
      );
    });

    it("agree on every pair of last characters", () => {
      for (let first = 0x20; first < 0x80; first++) {
        for (let second = 0x20; second < 0x80; second++) {
          const pair = String.fromCharCode(first, second);
          for (const text of [pair, `${pair}==`, `Z${pair}=`, `Z${pair}`, `Zm${pair}`]) {
            assert.deepEqual(native.decode(text), portable.decode(text), text);
          }
        }
      }
    });

    it("agree on a long text", () => {
      const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 31) & 0xff);
      assert.deepEqual(native.decode(portable.encode(bytes)), bytes);
      assert.deepEqual(portable.decode(native.encode(bytes)), bytes);
    });
  });
}

describe("base64", () => {
  it("keeps to the vectors of RFC 4648", () => {
    for (const [text, encoded] of VECTORS) {
      assert.equal(base64Encode(Buffer.from(text)), encoded);
      assert.equal(Buffer.from(base64Decode(encoded)).toString(), text);
    }
    assert.equal(base64UrlEncode(Uint8Array.of(0xfb, 0xff)), "-_8");
    assert.deepEqual(base64UrlDecode("-_8"), Uint8Array.of(0xfb, 0xff));
  });

  it("gives plain byte arrays", () => {
    assert.equal(Object.getPrototypeOf(base64Decode("Zm9v")), Uint8Array.prototype);
  });

  for (const [text, got] of REFUSED) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => base64Decode(text), {
        code: "base64-invalid",
        message: `expected canonical base64, got ${got}`,
      });
    });
  }

  for (const text of REFUSED_URL) {
    it(`refuses ${JSON.stringify(text)} as base64url`, () => {
      assert.throws(() => base64UrlDecode(text), {
        code: "base64-invalid",
        message: /^expected canonical base64url, got /,
      });
    });
  }
});
