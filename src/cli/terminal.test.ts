import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isPrintable, outputStyle, printable, shellWord } from "./terminal.ts";
import type { World } from "./world.ts";

test("plain text of any script passes unchanged", () => {
  for (const text of ["", "dev@example.com", "https://github.com/a/b", "名前", "имя", "é", "C:\\x", "😀"]) {
    assert.equal(printable(text), text);
    assert.ok(isPrintable(text));
  }
});

test("controls, escape sequences, overrides and invisible characters are shown as what they are", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a\nb\r\t", String.raw`a\nb\r\t`],
    ["\u001b[2J", String.raw`\u{1b}[2J`],
    ["\u009b31m", String.raw`\u{9b}31m`],
    ["\u007f", String.raw`\u{7f}`],
    ["a\u202eb\u2066c\u200f", String.raw`a\u{202e}b\u{2066}c\u{200f}`],
    ["a\u200bb\ufeff\u00ad", String.raw`a\u{200b}b\u{feff}\u{ad}`],
    ["\u2028\u2029", String.raw`\u{2028}\u{2029}`],
    ["\u{e0041}", String.raw`\u{e0041}`],
    ["\u3164\u2800", String.raw`\u{3164}\u{2800}`],
    ["\ud800", String.raw`\u{d800}`],
    ["dev      verified: x", String.raw`dev${String.raw`\u{20}`.repeat(6)}verified: x`],
  ];
  for (const [text, shown] of cases) {
    assert.equal(printable(text), shown);
    assert.ok(!isPrintable(text));
  }
});

test("words for a shell are quoted where it would take them apart", () => {
  assert.equal(shellWord("https://a.example/x@y"), "https://a.example/x@y");
  assert.equal(shellWord("a b"), "'a b'");
  assert.equal(shellWord("$(id)"), "'$(id)'");
  assert.equal(shellWord("it's"), String.raw`'it'\''s'`);
  assert.equal(shellWord(""), "''");
  assert.equal(shellWord("~/x"), "'~/x'");
});

test("words that do not show as what they are come back from a shell octet by octet", () => {
  assert.equal(shellWord("two\nlines"), String.raw`$'two\x0alines'`);
  const words = ["two\nlines", "\u001b[2J", "it's\u0007", "a\\b\u202e", "7\u001b7", "\u200b$(id)`id`", "a       b"];
  for (const word of words) {
    assert.ok(isPrintable(shellWord(word)));
    const { stdout } = spawnSync("bash", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    assert.equal(stdout, word);
  }
});

function worldWith(environment: Record<string, string>, outputIsTerminal: boolean): World {
  return {
    environment,
    inputDescriptor: 0,
    outputIsTerminal,
    talkIsTerminal: false,
    nowMs: () => 0,
    writeOutput: () => undefined,
    writeTalk: () => undefined,
  };
}

test("colours only on a terminal, and not against NO_COLOR or a dumb one", () => {
  assert.equal(outputStyle(worldWith({}, true)).good("yes"), "\u001b[1;32myes\u001b[0m");
  assert.equal(outputStyle(worldWith({}, false)).good("yes"), "yes");
  assert.equal(outputStyle(worldWith({ NO_COLOR: "1" }, true)).good("yes"), "yes");
  assert.equal(outputStyle(worldWith({ NO_COLOR: "" }, true)).bad("no"), "\u001b[1;31mno\u001b[0m");
  assert.equal(outputStyle(worldWith({ TERM: "dumb" }, true)).good("yes"), "yes");
});
