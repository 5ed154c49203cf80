import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LIMITS } from "../limits.ts";
import { canonicalizeJson } from "./canonical-json.ts";
import { parseJson } from "./json.ts";
import type { JsonValue } from "./json.ts";

/** RFC 8785, appendix B: the bits of a double, and its text. */
const NUMBERS = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
] as const;

function doubleOf(hex: string): number {
  return Buffer.from(hex, "hex").readDoubleBE(0);
}

describe("canonicalizeJson", () => {
  it("writes numbers as RFC 8785 appendix B does", () => {
    for (const [bits, text] of NUMBERS) assert.equal(canonicalizeJson(doubleOf(bits)), text, bits);
  });

  it("sorts names by UTF-16 code units, as RFC 8785 §3.2.3 shows", () => {
    const value = parseJson(
      String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
    );
    const names = Object.keys(JSON.parse(canonicalizeJson(value)) as object);
    const inOrder = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
    assert.equal(canonicalizeJson(value).indexOf('"\\r"'), 1);
    assert.deepEqual(
      names.filter((name) => name !== "1"),
      inOrder.filter((name) => name !== "1"),
    );
  });

  it("writes the example of RFC 8785 §3.2.2", () => {
    const value = parseJson(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    assert.equal(
      canonicalizeJson(value),
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("is the same for every order of members, and a fixed point", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        const parsed = parseJson(JSON.stringify(value));
        const canonical = canonicalizeJson(parsed);
        assert.equal(canonicalizeJson(parseJson(canonical)), canonical);
        assert.equal(canonicalizeJson(reversed(parsed)), canonical);
      }),
    );
  });

  it("writes integers that a double holds exactly, and refuses others", () => {
    assert.equal(canonicalizeJson(9007199254740992n), "9007199254740992");
    assert.equal(canonicalizeJson(-5n), "-5");
    for (const value of [9007199254740993n, 2n ** 70n]) {
      assert.throws(() => canonicalizeJson(value), {
        code: "json-invalid",
        message: `expected an integer that a double holds exactly, got ${value}`,
      });
    }
  });

  it("refuses what has no canonical form", () => {
    let deep: JsonValue = [];
    for (let i = 0; i <= LIMITS.jsonDepth; i++) deep = [deep];
    for (const value of [Number.NaN, Infinity, -Infinity, "\udc00", { "\ud800": 1 }, deep]) {
      assert.throws(() => canonicalizeJson(value), { code: "json-invalid" });
    }
    assert.throws(() => canonicalizeJson({ a: undefined } as unknown as JsonValue), TypeError);
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
