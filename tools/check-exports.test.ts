/** check-exports on examples: exports without a docstring, and public functions without an example. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findUndocumentedExports } from "./check-exports.ts";

function check(files: Record<string, string>): string[] {
  const sources = Object.entries(files).map(([path, text]) => ({ path, text }));
  return findUndocumentedExports(sources).map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

test("an export without a docstring is refused, whatever it is", () => {
  const text = [
    "export function f() {}",
    "export const a = 1;",
    "export class C {}",
    "export interface I {}",
    "export type T = I;",
    "function g() {}",
    "export { g as h };",
  ].join("\n");
  assert.deepEqual(check({ "src/a.ts": text }), [
    "src/a.ts:1: export f has no docstring",
    "src/a.ts:2: export a has no docstring",
    "src/a.ts:3: export C has no docstring",
    "src/a.ts:4: export I has no docstring",
    "src/a.ts:5: export T has no docstring",
    "src/a.ts:6: export g has no docstring",
  ]);
});

test("a docstring stands directly above and says something", () => {
  const apart = "/** Says what the module is for. */\n\nexport const a = 1;";
  assert.deepEqual(check({ "src/a.ts": apart }), ["src/a.ts:3: export a has no docstring"]);
  const nothing = "/** … */\nexport const a = 1;";
  assert.deepEqual(check({ "src/a.ts": nothing }), ["src/a.ts:2: export a has no docstring"]);
  const noDocstring = "// Says what this constant is for.\nexport const a = 1;";
  assert.deepEqual(check({ "src/a.ts": noDocstring }), ["src/a.ts:2: export a has no docstring"]);
});

test("a public function or class needs an example, through every way of re-exporting", () => {
  const files = {
    "src/index.ts": `export { f as g } from "./a.ts";\nexport * from "./b.ts";`,
    "src/a.ts": `/** Adds two numbers. */\nexport function f() {}\n/** Not public at all. */\nexport function i() {}`,
    "src/b.ts": `export { C } from "./c.ts";`,
    "src/c.ts": `/** Counts to three. */\nexport class C {}\n/** A number of things. */\nexport const n = 1;`,
  };
  assert.deepEqual(check(files), [
    "src/a.ts:2: public export f has no @example",
    "src/c.ts:2: public export C has no @example",
  ]);
});

test("what is documented passes", () => {
  const files = {
    "src/index.ts": `export { f } from "./a.ts";\nexport type { T } from "./a.ts";`,
    "src/a.ts": [
      "/**",
      " * Adds two numbers.",
      " * @example",
      " * f(1, 2);",
      " */",
      "export function f(a: string): void;",
      "export function f(a: number): void;",
      "export function f(a: unknown): void {}",
      "/** What f may be given. */",
      "export type T = string | number;",
      "const unexported = 1;",
    ].join("\n"),
    "src/a.test.ts": "export const undocumented = 1;",
    "test/suite.ts": "export const undocumented = 1;",
  };
  assert.deepEqual(check(files), []);
});
