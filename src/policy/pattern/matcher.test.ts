import assert from "node:assert/strict";
import { test } from "node:test";
import { compileProgram } from "./compiler.ts";
import { runProgram } from "./matcher.ts";
import { parsePattern } from "./parser.ts";

const LENGTH = 100_000;

/** Steps of the match, and the bound that the matcher's header names. */
function count(source: string, text: string): { matched: boolean; steps: number; bound: number } {
  const program = compileProgram(parsePattern(source));
  const outcome = runProgram(program, text);
  return { ...outcome, bound: 2 * program.instructions.length * (Array.from(text).length + 1) };
}

test("patterns that ruin backtracking matchers take linear time on long texts", () => {
  const text = "a".repeat(LENGTH);
  const hostile: readonly (readonly [source: string, text: string, matches: boolean])[] = [
    ["(a*)*b", text, false],
    ["(a|a)*", text, true],
    ["(a|a)*b", text, false],
    ["(a|aa)+$", text, true],
    ["(.*)*(.*)*(.*)*c", text, false],
    ["(a?){50}a{50}", "a".repeat(50), true],
    ["(?:a+)+(?:a+)+!", text, false],
    ["(x+x+)+y", "x".repeat(LENGTH), false],
    ["(?:(?:(?:a*)*)*)*", text, true],
    ["(?:^a|a$|\\ba|\\Ba)*", text, true],
    ["(?i)(?:[a-z]|K)*!", `${text}\u{212a}`, false],
    ["(?:\\pL|😀)*", "😀".repeat(LENGTH), true],
  ];
  for (const [source, input, matches] of hostile) {
    const { matched, steps, bound } = count(source, input);
    assert.equal(matched, matches, source);
    assert.ok(steps <= bound, `${source}: ${steps} steps, bound ${bound}`);
  }
});

test("twice the text takes twice the steps", () => {
  for (const source of ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*(.*)*c"]) {
    const short = count(source, "a".repeat(1_000)).steps;
    const long = count(source, "a".repeat(2_000)).steps;
    assert.ok(long <= 2 * short + 100, `${source}: ${short} and ${long} steps`);
  }
});

test("a text that cannot match any more is left at once", () => {
  assert.ok(count("https://github\\.com/.*", "x".repeat(LENGTH)).steps < 10);
});
