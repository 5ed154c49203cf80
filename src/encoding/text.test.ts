import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { utf8Decode, utf8Encode, writeAscii } from "./text.ts";

describe("UTF-8", () => {
  it("reads back every well-formed text", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(fc.property(text, (value) => assert.equal(utf8Decode(utf8Encode(value)), value)));
  });

  it("writes back every byte string that it reads", () => {
    const read = (bytes: Uint8Array): string | undefined => {
      try {
        return utf8Decode(bytes);
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const text = read(bytes);
        if (text !== undefined) assert.deepEqual(utf8Encode(text), bytes);
      }),
    );
  });

  it("keeps a byte order mark", () => {
    assert.equal(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  });

  it("refuses overlong forms, surrogates, and cut or stray bytes", () => {
    for (const bytes of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x80], [0xff], [0xf4, 0x90, 0x80, 0x80]]) {
      assert.throws(() => utf8Decode(Uint8Array.from(bytes)), { code: "utf8-invalid" });
    }
  });

  it("refuses to write a lone surrogate", () => {
    assert.throws(() => utf8Encode("a\ud800"), TypeError);
  });
});

it("writes ASCII into the middle of bytes, and nothing else", () => {
  const target = new Uint8Array(5);
  writeAscii("abc", target, 1);
  assert.deepEqual([...target], [0, 0x61, 0x62, 0x63, 0]);
  for (const text of ["é", "abcde"]) assert.throws(() => writeAscii(text, new Uint8Array(5), 1), TypeError);
});
