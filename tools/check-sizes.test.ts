/** check-sizes on examples: every budget broken alone, and what does not count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findOversized } from "./check-sizes.ts";

/** A function of so many lines, its first and last included. */
function functionOf(lines: number, name = "f"): string {
  return [`function ${name}() {`, ...Array.from({ length: lines - 2 }, (_, line) => `  g(${line});`), "}"].join("\n");
}

function check(...texts: string[]): string[] {
  return findOversized(texts.map((text, index) => ({ path: `src/${index}.ts`, text }))).map(({ message }) => message);
}

const SMALL = Array.from({ length: 40 }, (_, index) => functionOf(5, `small${index}`)).join("\n");

test("a function over 80 lines", () => {
  assert.deepEqual(check(SMALL, functionOf(80)), []);
  assert.deepEqual(check(SMALL, functionOf(81)), ["function f has 81 lines, more than 80"]);
});

test("methods, function values and callbacks are bound too", () => {
  const body = functionOf(81).slice("function f".length);
  assert.deepEqual(check(SMALL, `class A { m${body} }`), ["function m has 81 lines, more than 80"]);
  assert.deepEqual(check(SMALL, `const c = ${body.replace(" {", " => {")};`), [
    "function c has 81 lines, more than 80",
  ]);
  assert.deepEqual(check(SMALL, `h(${body.replace(" {", " => {")});`), [
    "function (callback) has 81 lines, more than 80",
  ]);
});

test("the median of functions over 12 lines", () => {
  assert.deepEqual(check(functionOf(12)), []);
  assert.deepEqual(check(functionOf(13), functionOf(14), functionOf(2)), [
    "median of functions is 13 lines (f), more than 12",
  ]);
});

test("more than 5 of 100 functions over 45 lines", () => {
  const text = SMALL.split("\n}\n").slice(0, 17).join("\n}\n");
  assert.deepEqual(check(`${text}\n}`, functionOf(46)), ["95 % of functions is 46 lines (f), more than 45"]);
  assert.deepEqual(check(SMALL, functionOf(46)), []);
});

test("a file over 500 lines, and the median of files over 130", () => {
  const calls = (lines: number): string => "g();\n".repeat(lines);
  assert.deepEqual(check(calls(131)), ["median of files is 131 lines (src/0.ts), more than 130"]);
  assert.deepEqual(check(calls(1), calls(1), calls(501)), ["file src/2.ts has 501 lines, more than 500"]);
});

test("a table does not count, a literal with a function in it does", () => {
  const rows = (row: string): string => `const table = [\n${`  ${row},\n`.repeat(600)}];`;
  assert.deepEqual(check(rows("1")), []);
  assert.deepEqual(check(`function f() {\n${rows("{ a: [1] }")}\n}`), []);
  assert.equal(check(rows("() => { g(); }")).length, 2);
});

test("a test file is bound by the hard limits alone", () => {
  const files = [{ path: "src/a.test.ts", text: functionOf(46) }];
  assert.deepEqual(findOversized(files), []);
  assert.equal(findOversized([{ path: "src/a.test.ts", text: functionOf(81) }]).length, 1);
  const callback = functionOf(81).slice("function f".length).replace(" {", " => {");
  assert.equal(findOversized([{ path: "src/a.test.ts", text: `test("a", ${callback});` }]).length, 1);
  assert.deepEqual(findOversized([{ path: "src/a.test.ts", text: `describe("a", ${callback});` }]), []);
});
