/**
 * Escapes of a pattern: what stands after a backslash, in brackets and outside of them.
 *
 * RE2 refuses an escape that it does not know, and so do we: a letter that another engine gives a meaning must not
 * silently mean itself. Octal escapes begin with 0 here; RE2 also reads `\12` so, which looks like a back-reference.
 */
import type { SetItem } from "./character-set.ts";
import { perlClass, unicodeClass } from "./named-classes.ts";
import { codePointOf } from "./reader.ts";
import type { PatternReader } from "./reader.ts";
import { malformedPattern, unsupportedConstruct } from "./refuse.ts";

const LAST_CODE_POINT = 0x10ffff;

const HEX_PAIR = /^[0-9A-Fa-f]{2}$/u;
const HEX_IN_BRACES = /^[0-9A-Fa-f]{1,8}$/u;

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);

const FOREIGN: ReadonlyMap<string, readonly [construct: string, hint: string]> = new Map([
  ["k", ["a back-reference (\\k)", "RE2 cannot refer back to what a group matched: write the text once more"]],
  ["g", ["a back-reference (\\g)", "RE2 cannot refer back to what a group matched: write the text once more"]],
  ["Z", ["the assertion \\Z", "write \\z, or nothing: a pattern matches the whole value anyway"]],
  ["G", ["the assertion \\G", "leave it out: a pattern matches the whole value anyway"]],
  ["K", ["the match reset \\K", "leave it out: a pattern matches the whole value anyway"]],
  ["C", ["the single byte \\C", "write . for one character"]],
  ["R", ["the line break \\R", "write (?:\\r\\n|\\n|\\r)"]],
  ["X", ["the grapheme cluster \\X", "write . for one character"]],
  ["N", ["the escape \\N", "write [^\\n]"]],
  ["h", ["the class \\h", "write [ \\t]"]],
  ["H", ["the class \\H", "write [^ \\t]"]],
  ["V", ["the class \\V", "write [^\\n\\r]"]],
  ["u", ["the escape \\u", "write \\x{20AC} for the code point U+20AC"]],
  ["c", ["the control escape \\c", "write \\x{1B} for the code point U+001B"]],
  ["e", ["the escape \\e", "write \\x{1B}"]],
]);

/** The class that `\d`, `\pL` and their like name; undefined, with nothing read, for any other escape. */
export function parseClassEscape(reader: PatternReader): SetItem | undefined {
  if (reader.peek() !== "\\") return undefined;
  const letter = reader.peek(1);
  if (letter === "p" || letter === "P") return parseUnicodeClass(reader);
  const item = perlClass(letter);
  if (item !== undefined) reader.accept(`\\${letter}`);
  return item;
}

function parseUnicodeClass(reader: PatternReader): SetItem {
  const start = reader.at;
  reader.take("a backslash");
  const negated = reader.take("a class") === "P";
  const name = reader.accept("{") ? reader.takeUntil("}") : reader.take("the name of a Unicode class");
  if (name === undefined) throw malformedPattern("a closing } of the Unicode class", "none", start);
  const item = unicodeClass(name, negated);
  if (item !== undefined) return item;
  throw unsupportedConstruct(
    `the Unicode class ${JSON.stringify(name)}`,
    start,
    "RE2 knows general categories (\\p{Lu}) and scripts (\\p{Greek})",
  );
}

/** The code point of an escape that stands for one character, the reader being at its backslash. */
export function parseCharacterEscape(reader: PatternReader): number {
  const start = reader.at;
  reader.take("a backslash");
  const character = reader.take("a character after the backslash");
  if (character === "x") return parseHexEscape(reader, start);
  if (character === "0") return Number.parseInt(`0${reader.takeWhile(isOctalDigit, 2)}`, 8);
  const control = CONTROLS.get(character);
  if (control !== undefined) return control;
  if (isPunctuation(character)) return codePointOf(character);
  throw foreignEscape(character, start);
}

function foreignEscape(character: string, start: number): Error {
  if (isDigit(character)) {
    return unsupportedConstruct(
      `a back-reference (\\${character})`,
      start,
      "RE2 cannot refer back to what a group matched: write the text once more",
    );
  }
  const [construct, hint] = FOREIGN.get(character) ?? [
    `the unknown escape \\${character}`,
    "leave the backslash out where the character means itself",
  ];
  return unsupportedConstruct(construct, start, hint);
}

function parseHexEscape(reader: PatternReader, start: number): number {
  const inBraces = reader.accept("{");
  const digits = inBraces ? reader.takeUntil("}") : reader.takeWhile(isHexDigit, 2);
  if (digits === undefined || !(inBraces ? HEX_IN_BRACES : HEX_PAIR).test(digits)) {
    throw malformedPattern("\\x and two hex digits, or \\x{…}", "another escape", start);
  }
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > LAST_CODE_POINT) throw malformedPattern("a code point up to 10FFFF", digits, start);
  return codePoint;
}

/** True for `0` to `9`. */
export function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

function isOctalDigit(character: string): boolean {
  return isDigit(character) && character < "8";
}

function isHexDigit(character: string): boolean {
  return /^[0-9A-Fa-f]$/u.test(character);
}

function isPunctuation(character: string): boolean {
  return /^[!-/:-@[-`{-~]$/u.test(character);
}
