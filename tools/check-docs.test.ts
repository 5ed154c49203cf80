/** check-docs on examples: every kind of block broken alone, and what must run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBrokenBlocks } from "./check-docs.ts";
import { readExamples, readMarkdownBlocks } from "./document-blocks.ts";

function fence(info: string, code: string): string {
  return `\`\`\`${info}\n${code}\n\`\`\`\n`;
}

function check(...blocks: string[]): string[] {
  const problems = findBrokenBlocks([{ path: "README.md", text: blocks.join("\n") }], []);
  return problems.map(({ line, message }) => `${line}: ${message.split("\n")[0]}`);
}

test("blocks that hold", () => {
  const problems = check(
    fence("sh", "echo hello > a.txt\necho 'it is 12:30'"),
    fence("text output", "it is …"),
    fence("sh exit=3", "grep -q hello a.txt && exit 3"),
    fence("json", `{ "a": [1] }`),
    fence(
      "ts",
      `import { readFileSync } from "node:fs";\nif (readFileSync("a.txt", "utf8") !== "hello\\n") throw new Error("?");`,
    ),
    fence("sh setup", "exit 1"),
    fence("text", "anything"),
  );
  assert.deepEqual(problems, []);
});

test("a script that fails, and one that was to fail and does not", () => {
  assert.deepEqual(check(fence("sh", "false\ntrue")), ["2: expected exit code 0, got 1"]);
  assert.deepEqual(check(fence("sh exit=4", "true")), ["2: expected exit code 4, got 0"]);
  assert.match(check(fence("sh", "echo $UNSET_NAME"))[0] ?? "", /^2: expected exit code 0, got [1-9]/);
});

test("output that is not what was printed", () => {
  const script = fence("sh", "echo one; echo two; echo three");
  assert.deepEqual(check(script, fence("text output", "one\n…\nthree")), []);
  assert.deepEqual(check(script, fence("text output", "one\nthree")), ["6: is not what the block before it prints:"]);
  assert.deepEqual(check(fence("text output", "one")), ["2: is marked as output, and no block before it was run"]);
});

test("a module that throws, and one that the compiler refuses", () => {
  assert.deepEqual(check(fence("ts", `throw new Error("no");`)), ["2: expected exit code 0, got 1"]);
  const [problem] = check(fence("ts", `const a = 1;\nexport const b: string = a;`));
  assert.match(problem ?? "", /^3: error TS2322/);
});

test("broken JSON, an unknown language and none", () => {
  assert.match(check(fence("json", "{ a: 1 }"))[0] ?? "", /^2: is not JSON/);
  assert.deepEqual(check(fence("yaml", "a: 1")), ["2: expected a block of sh, ts, json, text, got yaml"]);
  assert.deepEqual(check(fence("", "a: 1")), ["2: expected a block of sh, ts, json, text, got no language"]);
});

test("a fence inside a list loses its margin", () => {
  const text = "- first:\n\n  ```sh setup\n  a\n    b\n  ```\n";
  const { blocks } = readMarkdownBlocks({ path: "README.md", text });
  assert.deepEqual(blocks, [{ path: "README.md", line: 4, language: "sh", words: ["setup"], code: "a\n  b" }]);
});

test("the example of a docstring runs, with what its module exports", () => {
  const docstring = (example: string): string =>
    `/**\n * Sets a bound.\n *\n * @example\n * ${example}\n * @see elsewhere\n */\nexport const LIMITS = {};`;
  const run = (example: string): string[] => {
    const file = { path: "src/limits.ts", text: docstring(example) };
    return findBrokenBlocks([], [file]).map(({ path, line }) => `${path}:${line}`);
  };
  assert.deepEqual(run("if (LIMITS.bundleBytes < 1) throw new Error();"), []);
  assert.deepEqual(run("if (LIMITS.bundleBytes > 1) throw new Error();"), ["src/limits.ts:4"]);
});

test("an example may stand in a fence, and import by itself", () => {
  const example = ["@example A caption.", "```ts", `import { f } from "sigstore-ts";`, "f();", "```"];
  const text = `/**\n * Does it.\n * ${example.join("\n * ")}\n */\nexport function f() {}`;
  const [block] = readExamples({ path: "src/a.ts", text });
  assert.equal(block?.code, `import { f } from "sigstore-ts";\nf();`);
});
