import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { serializeJson } from "./json-writer.ts";
import { parseJson } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { utf8Encode } from "./text.ts";

/** The value with ordinary objects and numbers, for comparison with what JSON.parse makes. */
function plain(value: JsonValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** Text that is JSON, nearly JSON, or made of its pieces. */
const hostileText = fc.oneof(
  fc.json(),
  fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, other]) => {
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + other + text.slice(cut + 1);
  }),
  fc
    .array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        '"',
        "\\",
        "\\u00",
        "d8",
        "1",
        "-",
        "e",
        ".",
        "0",
        "tru",
        " ",
        "\n",
        "\u0001",
        "a",
      ),
    )
    .map((pieces) => pieces.join("")),
);

function read(text: string): { value: JsonValue } | undefined {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    assert.ok(isSigstoreError(error), String(error));
    return undefined;
  }
}

/** What JSON.parse makes of it, where it accepts it. */
function readNatively(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

describe("parseJson", () => {
  it("reads what JSON.stringify writes, as text and as bytes, minified and indented", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        assert.deepEqual(plain(parseJson(text)), JSON.parse(text));
        assert.deepEqual(parseJson(utf8Encode(text)), parseJson(text));
      }),
    );
  });

  it("accepts nothing that JSON.parse refuses, and means the same", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const ours = read(text);
        if (ours !== undefined) assert.deepEqual(plain(ours.value), readNatively(text)?.value);
      }),
      { numRuns: 5000 },
    );
  });

  it("refuses of what JSON.parse accepts only duplicates, lone surrogates and numbers out of range", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const native = readNatively(text);
        if (native === undefined || read(text) !== undefined) return;
        const reason = /each member once|lone surrogate|double can hold/;
        assert.throws(() => parseJson(text), { message: reason }, text);
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps integers exact", () => {
    assert.equal(parseJson("9007199254740991"), Number.MAX_SAFE_INTEGER);
    assert.equal(parseJson("9007199254740992"), 9007199254740992n);
    assert.equal(parseJson("-9007199254740992"), -9007199254740992n);
    assert.equal(parseJson("18446744073709551617"), 18446744073709551617n);
    fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(BigInt(parseJson(String(value)) as number), value)));
  });

  it("reads fractions and exponents as doubles", () => {
    assert.equal(parseJson("1.5e3"), 1500);
    assert.equal(parseJson("-0.25"), -0.25);
    assert.equal(parseJson("1E-400"), 0);
  });

  it("reads every escape", () => {
    assert.equal(parseJson(String.raw`"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00"`), '"\\/\b\f\n\r\tA\u{1f600}');
    assert.deepEqual(plain(parseJson(String.raw`{"a\\":"\\\"","b":"c\\\\"}`)), { "a\\": '\\"', b: "c\\\\" });
  });

  it("gives objects without a prototype, where every name is data", () => {
    const value = parseJson('{"__proto__":{"a":1},"constructor":2,"toString":3}');
    assert.equal(Object.getPrototypeOf(value), null);
    assert.deepEqual(Object.keys(value as object), ["__proto__", "constructor", "toString"]);
  });

  it("reads an empty name and names that look like indexes", () => {
    assert.deepEqual(plain(parseJson('{"":1,"1":2,"0":3}')), { "": 1, "0": 3, "1": 2 });
  });

  const refused = [
    ['{"a":1,"a":2}', 'line 1, column 8: expected each member once, got "a" again'],
    ['{"a":1,"\\u0061":2}', 'line 1, column 8: expected each member once, got "a" again'],
    ['{"__proto__":1,"__proto__":2}', 'line 1, column 16: expected each member once, got "__proto__" again'],
    ['"\\ud800"', "line 1, column 2: expected well-formed text, got an escaped lone surrogate"],
    ['"\ud800"', "expected well-formed text, got a lone surrogate"],
    ["\ufeff{}", 'line 1, column 1: expected a JSON text without a byte order mark, got "\ufeff"'],
    ['{"a":\n  "b\u0001"}', 'line 2, column 5: expected no raw control character in a string, got "\\u0001"'],
    ['"a\nb"', 'line 1, column 3: expected no raw control character in a string, got "\\n"'],
    ['"\\n\u001f"', 'line 1, column 4: expected no raw control character in a string, got "\\u001f"'],
    ['"\\t\\x41"', 'line 1, column 4: expected an escape that JSON knows, got "\\\\"'],
    ['"\\u12g4"', 'line 1, column 2: expected an escape that JSON knows, got "\\\\"'],
    ["[1,]", 'line 1, column 4: expected a JSON value, got "]"'],
    ['{"a":1,}', 'line 1, column 8: expected a member name in double quotes, got "}"'],
    ["{a:1}", 'line 1, column 2: expected a member name in double quotes, got "a"'],
    ['{"a" 1}', 'line 1, column 6: expected ":", got "1"'],
    ['{"a":1 "b":2}', 'line 1, column 8: expected "," or "}", got "\\""'],
    ["[1 2]", 'line 1, column 4: expected "," or "]", got "2"'],
    ["[1", 'line 1, column 3: expected "," or "]", got the end of the input'],
    ['{"a":', "line 1, column 6: expected a JSON value, got the end of the input"],
    ["{}\n{}", 'line 2, column 1: expected the end of the JSON text, got "{"'],
    ["01", 'line 1, column 2: expected the end of the JSON text, got "1"'],
    ["+1", 'line 1, column 1: expected a JSON value, got "+"'],
    ["-", 'line 1, column 1: expected a JSON value, got "-"'],
    ["1.", 'line 1, column 2: expected the end of the JSON text, got "."'],
    [".5", 'line 1, column 1: expected a JSON value, got "."'],
    ["1e999", "line 1, column 1: expected a number that a double can hold, got 1e999"],
    ["NaN", 'line 1, column 1: expected a JSON value, got "N"'],
    ["nul", 'line 1, column 1: expected a JSON value, got "n"'],
    ["True", 'line 1, column 1: expected a JSON value, got "T"'],
    ["// a\n1", 'line 1, column 1: expected a JSON value, got "/"'],
    ["'a'", 'line 1, column 1: expected a JSON value, got "\'"'],
    ["\u00a01", 'line 1, column 1: expected a JSON value, got "\u00a0"'],
    ["9".repeat(1025), "line 1, column 1: expected a number of at most 1024 characters, got 1025"],
  ] as const;
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(() => parseJson(text), { code: "json-invalid", message });
    });
  }

  it("refuses a string that does not close, and says that the file may be truncated", () => {
    for (const text of ['"abc', '"abc\\"', '{"a":"b', '"\\']) {
      assert.throws(() => parseJson(text), { code: "json-invalid", hint: "the file may be truncated" }, text);
    }
    assert.throws(() => parseJson('{\n "a": "bc'), {
      message: "expected a closing quote for the string that opens at line 2, column 7, got the end of the input",
    });
  });

  it("refuses nesting beyond the limit", () => {
    assert.doesNotThrow(() => parseJson(nested(LIMITS.jsonDepth)));
    assert.throws(() => parseJson(nested(LIMITS.jsonDepth + 1)), {
      code: "json-invalid",
      message: `line 1, column ${LIMITS.jsonDepth + 1}: expected nesting of at most ${LIMITS.jsonDepth}, got more`,
    });
    assert.throws(() => parseJson("[".repeat(1_000_000)), { code: "json-invalid" });
  });

  it("refuses more values than the limit, before they take the memory", () => {
    const items = (count: number): string => `[${"{},".repeat(count - 1)}{}]`;
    assert.doesNotThrow(() => parseJson(items(LIMITS.jsonValues - 1)));
    assert.throws(() => parseJson(items(LIMITS.jsonValues)), {
      code: "json-invalid",
      message: /^line 1, column \d+: expected at most 1000000 values, got more$/,
    });
  });

  it("refuses an empty text", () => {
    assert.throws(() => parseJson(""), { code: "input-empty", message: "expected JSON, got nothing" });
    assert.throws(() => parseJson(" \n"), { code: "input-empty", message: "expected JSON, got only white space" });
  });

  it("refuses a text beyond the limit of its caller", () => {
    assert.equal(parseJson("12345", { maxBytes: 5 }), 12345);
    assert.throws(() => parseJson("123456", { maxBytes: 5 }), {
      code: "input-too-large",
      message: "expected at most 5 bytes of JSON, got 6",
    });
  });

  it("refuses bytes that are not UTF-8", () => {
    assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), { code: "utf8-invalid" });
  });

  it("takes time in proportion to the text, whatever is in it", () => {
    const size = 200_000;
    const texts = [
      `"${"\\\\".repeat(size)}"`,
      `"${'\\"'.repeat(size)}`,
      `[${'"",'.repeat(size)}""]`,
      `[${'"\\n",\n'.repeat(size)}""]`,
      `{"a":1,${"\n".repeat(size)}"a":2}`,
    ];
    const startMs = process.cpuUsage().user / 1000;
    for (const text of texts) read(text);
    assert.ok(process.cpuUsage().user / 1000 - startMs < 5000);
  });
});

describe("serializeJson", () => {
  it("is read back to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.bigInt(), (value, integer) => {
        const parsed = parseJson(JSON.stringify(value));
        assert.deepEqual(parseJson(serializeJson(parsed)), parsed);
        assert.equal(serializeJson([integer]), `[${integer}]`);
      }),
    );
  });

  it("refuses what is no JSON", () => {
    let deep: JsonValue = [];
    for (let i = 0; i <= LIMITS.jsonDepth; i++) deep = [deep];
    for (const value of [Number.NaN, Infinity, "\ud800", deep]) assert.throws(() => serializeJson(value), TypeError);
  });
});

describe("parseJson of bytes wherever they lie in memory", () => {
  for (let offset = 0; offset < 4; offset++) {
    for (let padding = 0; padding < 9; padding++) {
      it(`offset ${offset}, ${padding} characters before`, () => {
        const encode = (text: string): Uint8Array => {
          const bytes = new TextEncoder().encode(text);
          const memory = new Uint8Array(offset + bytes.length);
          memory.set(bytes, offset);
          return memory.subarray(offset);
        };
        const value = `${" ".repeat(padding)}é\u007f~`;
        assert.equal(parseJson(encode(JSON.stringify(value))), value);
        for (const control of ["\u0000", "\u001f"])
          assert.throws(() => parseJson(encode(`"${" ".repeat(padding)}${control}"`)), { code: "json-invalid" });
      });
    }
  }

  it("names that share all but their last character, and long ones, stay apart", () => {
    const names = ["a", "b", "", "aa", "ab", "é", "x".repeat(31), "x".repeat(32), "x".repeat(33), 'q"', "toString"];
    for (let round = 0; round < 2; round++) {
      const text = JSON.stringify(Object.fromEntries(names.map((name, index) => [name, index])));
      assert.deepEqual(
        Object.entries(parseJson(text) as object),
        names.map((name, index) => [name, index]),
      );
    }
  });
});
