import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { COMMON_OPTIONS } from "../command.ts";
import { parseArguments } from "../options/parse.ts";
import { commandHelp, programHelp } from "../usage.ts";
import { VERSION } from "../version.ts";
import { COMMANDS, loadCommands } from "./registry.ts";

const SCREEN_LINES = 24;
const SCREEN_COLUMNS = 80;

test("every command loads under its own name, and says what it is in one plain line", async () => {
  const commands = await loadCommands();
  assert.deepEqual(
    commands.map(({ name }) => name),
    COMMANDS.map(({ name }) => name),
  );
  for (const { name, summary, options } of commands) {
    for (const text of [summary, ...options.map((option) => option.summary)]) {
      assert.match(text, /^[a-z].*[^.]$/, `${name}: ${text}`);
    }
  }
});

test("help of each command and of the program fits one screen", async () => {
  const commands = await loadCommands();
  for (const text of [programHelp(commands), ...commands.map(commandHelp)]) {
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.length <= SCREEN_LINES, `${lines.length} lines:\n${text}`);
    for (const line of lines) assert.ok(line.length <= SCREEN_COLUMNS, `${line.length} columns: ${line}`);
  }
});

test("help ends with an example, and every example parses", async () => {
  for (const command of await loadCommands()) {
    const last = command.examples.at(-1);
    assert.ok(last !== undefined, command.name);
    assert.ok(commandHelp(command).endsWith(`${last.line}\n`));
    for (const { line } of command.examples) {
      const words = line
        .replaceAll(/\\\n|"|\$\(|\)/g, " ")
        .split(/\s+/)
        .filter((word) => word !== "" && word !== "eval");
      assert.deepEqual(words.slice(0, 2), ["sigstore", command.name]);
      assert.doesNotThrow(() => parseArguments(command, words.slice(2)));
    }
  }
});

test("an option's name means one thing: no command redefines a common one, none lists one twice", async () => {
  const common = COMMON_OPTIONS.map(({ name }) => name);
  for (const { options } of await loadCommands()) {
    const names = options.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      names.filter((name) => common.includes(name) || name.startsWith("no-")),
      [],
    );
  }
});

test("the version is that of package.json", () => {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  assert.equal((JSON.parse(text) as { version: string }).version, VERSION);
});
