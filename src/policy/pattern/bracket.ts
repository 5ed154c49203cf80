/**
 * Bracket expressions: `[a-z]`, `[^/]`, `[[:alnum:]_-]`, `[\w.]`.
 *
 * As in RE2 a `]` that comes first and a `-` that cannot make a range mean themselves, and a class inside of brackets is no
 * end of a range.
 */
import type { CodePointRange, SetItem } from "./character-set.ts";
import { parseCharacterEscape, parseClassEscape } from "./escape.ts";
import { posixClass } from "./named-classes.ts";
import type { PatternReader } from "./reader.ts";
import { malformedPattern, unsupportedConstruct } from "./refuse.ts";
import type { PatternNode } from "./syntax.ts";

/** Parses a bracket expression, the reader being at its `[`. */
export function parseBracket(reader: PatternReader, foldCase: boolean): PatternNode {
  const start = reader.at;
  reader.take("[");
  const negated = reader.accept("^");
  const ranges: CodePointRange[] = [];
  const classes: SetItem[] = [];
  for (let first = true; first || reader.peek() !== "]"; first = false) {
    if (reader.done) throw malformedPattern("a closing ] of the brackets", "none", start);
    const named = parsePosixClass(reader) ?? parseClassEscape(reader);
    if (named === undefined) ranges.push(parseRange(reader));
    else classes.push(named);
  }
  reader.take("]");
  return bracketNode(ranges, classes, negated, foldCase);
}

function bracketNode(
  ranges: readonly CodePointRange[],
  classes: readonly SetItem[],
  negated: boolean,
  foldCase: boolean,
): PatternNode {
  const [only] = ranges;
  if (!negated && classes.length === 0 && ranges.length === 1 && only !== undefined && only[0] === only[1]) {
    return { kind: "literal", codePoint: only[0], foldCase };
  }
  const items: SetItem[] =
    ranges.length === 0 ? [...classes] : [{ kind: "ranges", ranges, negated: false }, ...classes];
  return { kind: "set", set: { items, negated, foldCase } };
}

function parsePosixClass(reader: PatternReader): SetItem | undefined {
  if (!reader.startsWith("[:")) return undefined;
  const start = reader.at;
  reader.accept("[:");
  const name = reader.takeUntil(":]");
  if (name === undefined) {
    reader.rewind(start);
    return undefined;
  }
  const item = posixClass(name);
  if (item !== undefined) return item;
  throw unsupportedConstruct(
    `the class [:${name}:]`,
    start,
    "RE2 knows alnum, alpha, ascii, blank, cntrl, digit, graph, lower, print, punct, space, upper, word, xdigit",
  );
}

function parseRange(reader: PatternReader): CodePointRange {
  const start = reader.at;
  const first = parseMember(reader);
  if (reader.peek() !== "-" || reader.peek(1) === "]" || reader.peek(1) === "") return [first, first];
  reader.take("-");
  if (parseClassEscape(reader) !== undefined) {
    throw malformedPattern("a character at the end of the range", "a class", start, "write \\- for the character -");
  }
  const last = parseMember(reader);
  if (last < first) throw malformedPattern("a range whose end comes after its start", "the reverse", start);
  return [first, last];
}

function parseMember(reader: PatternReader): number {
  return reader.peek() === "\\" ? parseCharacterEscape(reader) : reader.takeCodePoint("a character of the brackets");
}
