import assert from "node:assert/strict";
import { test } from "node:test";
import { isSigstoreError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { compilePattern } from "../pattern.ts";

/** Asserts that a pattern is refused with this code, at this character, and in words that contain these. */
function assertRefused(source: string, code: ErrorCode, position: number | undefined, words: string): void {
  assert.throws(
    () => compilePattern(source),
    (error) => {
      assert.ok(isSigstoreError(error, code), `${source}: ${String(error)}`);
      assert.match(`${error.message}; ${error.hint ?? ""}`, new RegExp(words, "u"), source);
      if (position !== undefined) assert.equal(error.details["position"], position, source);
      return true;
    },
  );
}

test("what RE2 cannot do is refused by name, with the place", () => {
  const refused: readonly (readonly [source: string, position: number, words: string])[] = [
    ["(a)\\1", 4, "back-reference"],
    ["(?P<x>a)\\k<x>", 9, "back-reference"],
    ["(?P<x>a)(?P=x)", 9, "back-reference"],
    ["(a)\\g{1}", 4, "back-reference"],
    ["(?=a)", 1, "look-ahead"],
    ["a(?!b)", 2, "negative look-ahead"],
    ["(?<=a)b", 1, "look-behind"],
    ["(?<!a)b", 1, "negative look-behind"],
    ["a*+", 2, "possessive"],
    ["a{2}+", 2, "possessive"],
    ["(?>a)", 1, "atomic group"],
    ["(?R)", 1, "recursion"],
    ["(?(1)a|b)", 1, "conditional"],
    ["(?#note)", 1, "comment"],
    ["(?x)a b", 1, "flag x"],
    ["a\\Z", 2, "\\\\z"],
    ["\\u0041", 1, "\\\\x\\{"],
    ["\\p{Alphabetic}", 1, "general categories"],
    ["[[:letter:]]", 2, "alnum"],
    ["😀\\y", 2, "unknown escape"],
  ];
  for (const [source, position, words] of refused) assertRefused(source, "pattern-unsupported", position, words);
});

test("a malformed pattern is refused with the place", () => {
  const malformed: readonly (readonly [source: string, position: number, words: string])[] = [
    ["(a", 1, "closing \\)"],
    ["a)", 2, "opening \\("],
    ["[a", 1, "closing \\]"],
    ["[]", 1, "closing \\]"],
    ["*@example.com", 1, "write \\.\\*"],
    ["a|+", 3, "something to repeat"],
    ["(?i)*", 5, "something to repeat"],
    ["{2}", 1, "something to repeat"],
    ["a**", 2, "repetition of a repetition"],
    ["a{2}{3}", 2, "repetition of a repetition"],
    ["a{3,2}", 2, "upwards"],
    ["[z-a]", 2, "end comes after its start"],
    ["[a-\\d]", 2, "class"],
    ["a\\", 3, "the end"],
    ["\\xZZ", 1, "hex digits"],
    ["\\x{110000}", 1, "10FFFF"],
    ["\\p{Greek", 1, "closing \\}"],
    ["(?P<x>a)(?P<x>b)", 9, "differ"],
    ["(?P<a b>c)", 1, "group name"],
    ["(?i", 1, "\\(\\?:"],
    ["(?i-)a", 1, "flags after"],
  ];
  for (const [source, position, words] of malformed) assertRefused(source, "usage", position, words);
});

test("a pattern beyond a bound is refused at once", () => {
  assertRefused("a".repeat(1025), "pattern-unsupported", undefined, "1024 characters, got 1025");
  assertRefused("a{1001}", "pattern-unsupported", undefined, "1000 repetitions, got 1001");
  assertRefused("(?:a{1000}){1000}", "pattern-unsupported", undefined, "8192 states");
  assertRefused(`${"(?:".repeat(60)}${"){1000}".repeat(60)}`, "pattern-unsupported", undefined, "8192 states");
  assertRefused("(".repeat(101) + ")".repeat(101), "pattern-unsupported", undefined, "100 nested groups");
  compilePattern("(".repeat(100) + ")".repeat(100));
  compilePattern(`a{1000}`);
});
