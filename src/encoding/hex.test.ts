import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { hexDecode, hexEncode, portableHex } from "./hex.ts";

describe("hex", () => {
  it("reads back every byte string, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = hexEncode(bytes);
        assert.equal(text, Buffer.from(bytes).toString("hex"));
        assert.equal(portableHex(bytes), text);
        assert.deepEqual(hexDecode(text), bytes);
        assert.deepEqual(hexDecode(text.toUpperCase()), bytes);
      }),
    );
  });

  it("refuses an odd number of digits", () => {
    assert.throws(() => hexDecode("abc"), {
      code: "hex-invalid",
      message: "expected an even number of hex digits, got 3",
    });
  });

  it("refuses every character that is no digit", () => {
    assert.throws(() => hexDecode("0g"), {
      code: "hex-invalid",
      message: 'expected a hex digit at position 1, got "g"',
    });
    for (let code = 0; code < 0x200; code++) {
      const character = String.fromCharCode(code);
      if (/[0-9a-fA-F]/.test(character)) continue;
      assert.throws(() => hexDecode(`${character}0`), { code: "hex-invalid" }, `U+${code.toString(16)}`);
    }
  });
});
