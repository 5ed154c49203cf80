/**
 * Changes to text: characters, lines, numbers, repetitions; for notes, PEM, times, patterns and names.
 */
import type { Random } from "../random.ts";

const TELLING = [
  "\n",
  "\n\n",
  "\r\n",
  " ",
  "\t",
  "\u0000",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\udc00",
  "😀",
  "é",
  "+",
  "-",
  "—",
  "— ",
  "=",
  "==",
  ".",
  "..",
  "/",
  "\\",
  '"',
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "*",
  "?",
  "|",
  "^",
  "$",
  "0",
  "9",
  "A",
  "-----",
  "__proto__",
];

type TextChange = (text: string, random: Random) => string;

/** The text after one to three changes. */
export function mutateText(text: string, random: Random): string {
  let changed = text;
  for (let count = random.small(3); count > 0; count -= 1) changed = random.pick(CHANGES)(changed, random);
  return changed.length > 1 << 16 ? changed.slice(0, 1 << 16) : changed;
}

const insert: TextChange = (text, random) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + random.pick(TELLING) + text.slice(at);
};

const remove: TextChange = (text, random) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + random.small(8));
};

const replace: TextChange = (text, random) => {
  const at = random.below(text.length + 1);
  return (
    text.slice(0, at) +
    String.fromCharCode(random.chance(3, 4) ? 0x20 + random.below(95) : random.below(0x10000)) +
    text.slice(at + 1)
  );
};

const repeat: TextChange = (text, random) => {
  const start = random.below(text.length + 1);
  const end = Math.min(text.length, start + random.small(10));
  const times = random.chance(1, 30) ? 4000 : random.small(10);
  return text.slice(0, end) + text.slice(start, end).repeat(times) + text.slice(end);
};

const truncate: TextChange = (text, random) => text.slice(0, random.below(text.length + 1));

const exchangeLines: TextChange = (text, random) => {
  const lines = text.split("\n");
  const [from, to] = [random.below(lines.length), random.below(lines.length)];
  [lines[from], lines[to]] = [lines[to] ?? "", lines[from] ?? ""];
  return lines.join("\n");
};

const doubleLine: TextChange = (text, random) => {
  const lines = text.split("\n");
  const at = random.below(lines.length);
  const copies = random.chance(1, 20) ? 200 : 1;
  lines.splice(at, 0, ...Array.from({ length: copies }, () => lines[at] ?? ""));
  return lines.join("\n");
};

const dropLine: TextChange = (text, random) => {
  const lines = text.split("\n");
  lines.splice(random.below(lines.length), 1);
  return lines.join("\n");
};

/** One of the numbers in the text, changed a little or much. */
const changeNumber: TextChange = (text, random) => {
  const numbers = [...text.matchAll(/\d+/g)];
  if (numbers.length === 0) return text;
  const { 0: digits, index } = random.pick(numbers);
  const value = random.pick([
    `${BigInt(digits.slice(0, 40)) + 1n}`,
    `0${digits}`,
    "0",
    "-1",
    "",
    "18446744073709551615",
    "18446744073709551616",
    digits.repeat(3),
  ]);
  return text.slice(0, index) + value + text.slice(index + digits.length);
};

const changeCase: TextChange = (text, random) => {
  const at = random.below(text.length + 1);
  const one = text.slice(at, at + 1);
  return text.slice(0, at) + (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase()) + text.slice(at + 1);
};

const CHANGES: readonly TextChange[] = [
  insert,
  insert,
  remove,
  replace,
  replace,
  repeat,
  truncate,
  exchangeLines,
  doubleLine,
  dropLine,
  changeNumber,
  changeCase,
];
