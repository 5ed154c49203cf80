/**
 * What goes to a terminal: safe text, and a little colour.
 *
 * File names, identities, log names and everything else out of certificates and bundles is hostile: control characters,
 * escape sequences, bidirectional overrides and invisible letters are shown as `\u{…}`, never sent. Colours only on a
 * terminal, never against NO_COLOR (https://no-color.org), and never alone: the words say the same.
 */
import type { World } from "./world.ts";

// Controls and formats (bidi, zero width, tags), lone surrogates, private use, line and paragraph separators, and letters that
// show as nothing. In a function, because to look these properties up takes a millisecond, even if nothing is ever searched.
const unsafeCharacters = (): RegExp => /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

// Most text is this.
const PLAIN_ASCII = /^[ -~]*$/;

// Enough spaces push what follows to the start of the terminal's next line, where it passes for a line of ours.
const LONG_GAP = / {5,}/g;

/** `text` in one line that shows every character it holds. */
export function printable(text: string): string {
  if (text.includes("     ")) return printable(text.replace(LONG_GAP, (gap) => String.raw`\u{20}`.repeat(gap.length)));
  if (PLAIN_ASCII.test(text)) return text;
  return text.replace(
    unsafeCharacters(),
    (character) => SHORT_ESCAPES[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`,
  );
}

/** True when `text` shows as what it is. */
export function isPrintable(text: string): boolean {
  return printable(text) === text;
}

/** `text` as one word of a shell, printable: what does not show as itself is written as bash, zsh and ksh read it: `$'\x1b'`. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(text)) return text;
  if (isPrintable(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${Array.from(text, shellCharacter).join("")}'`;
}

function shellCharacter(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (character !== " " && isPrintable(character)) return character;
  return Array.from(
    new TextEncoder().encode(character),
    (octet) => String.raw`\x` + octet.toString(16).padStart(2, "0"),
  ).join("");
}

/** How some words are set apart. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  caution(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

const PLAIN: Style = {
  good: (text) => text,
  bad: (text) => text,
  caution: (text) => text,
  faint: (text) => text,
  strong: (text) => text,
};

const COLOURED: Style = {
  good: (text) => `\u001b[1;32m${text}\u001b[0m`,
  bad: (text) => `\u001b[1;31m${text}\u001b[0m`,
  caution: (text) => `\u001b[33m${text}\u001b[0m`,
  faint: (text) => `\u001b[2m${text}\u001b[0m`,
  strong: (text) => `\u001b[1m${text}\u001b[0m`,
};

/** Style of results. */
export function outputStyle(world: World): Style {
  return mayColour(world) && world.outputIsTerminal ? COLOURED : PLAIN;
}

/** Style of talk. */
export function talkStyle(world: World): Style {
  return mayColour(world) && world.talkIsTerminal ? COLOURED : PLAIN;
}

function mayColour(world: World): boolean {
  const { NO_COLOR: noColour, TERM: terminal } = world.environment;
  return (noColour === undefined || noColour === "") && terminal !== "dumb";
}
