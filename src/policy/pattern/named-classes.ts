/**
 * The classes that have a name: Perl's (`\d \s \w`), POSIX's (`[[:alpha:]]`) and Unicode's (`\pL`, `\p{Greek}`).
 *
 * Perl and POSIX classes are ASCII only, and `\s` has no vertical tab: so says RE2's syntax. Unicode classes are the
 * general categories and the scripts, by the names that RE2 takes; binary properties (`\p{Alphabetic}`) RE2 has not.
 */
import type { CodePointRange, SetItem } from "./character-set.ts";

const DIGIT: CodePointRange = [0x30, 0x39];
const UPPER: CodePointRange = [0x41, 0x5a];
const LOWER: CodePointRange = [0x61, 0x7a];
const UNDERSCORE: CodePointRange = [0x5f, 0x5f];
const SPACE: CodePointRange = [0x20, 0x20];
const WORD: readonly CodePointRange[] = [DIGIT, UPPER, UNDERSCORE, LOWER];

const PERL: ReadonlyMap<string, readonly CodePointRange[]> = new Map([
  ["d", [DIGIT]],
  ["s", [[0x09, 0x0a], [0x0c, 0x0d], SPACE]],
  ["w", WORD],
]);

const POSIX: ReadonlyMap<string, readonly CodePointRange[]> = new Map([
  ["alnum", [DIGIT, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  ["ascii", [[0x00, 0x7f]]],
  ["blank", [[0x09, 0x09], SPACE]],
  [
    "cntrl",
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", [DIGIT]],
  ["graph", [[0x21, 0x7e]]],
  ["lower", [LOWER]],
  ["print", [[0x20, 0x7e]]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  ["space", [[0x09, 0x0d], SPACE]],
  ["upper", [UPPER]],
  ["word", WORD],
  ["xdigit", [DIGIT, [0x41, 0x46], [0x61, 0x66]]],
]);

const CATEGORIES: ReadonlySet<string> = new Set(
  "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split(" "),
);

/** True for a code point of `\w`. */
export function isWordCodePoint(codePoint: number): boolean {
  return WORD.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** The class of `\d`, `\D`, `\s`, `\S`, `\w` or `\W`, by its letter; undefined for another letter. */
export function perlClass(letter: string): SetItem | undefined {
  const ranges = PERL.get(letter.toLowerCase());
  return ranges === undefined ? undefined : { kind: "ranges", ranges, negated: letter !== letter.toLowerCase() };
}

/** The class of `[:name:]` or `[:^name:]`; undefined where there is none of that name. */
export function posixClass(name: string): SetItem | undefined {
  const negated = name.startsWith("^");
  const ranges = POSIX.get(negated ? name.slice(1) : name);
  return ranges === undefined ? undefined : { kind: "ranges", ranges, negated };
}

/** The class of `\p{name}`, also `\p{^name}` and, with `negated`, `\P{name}`; undefined where RE2 has none of that name. */
export function unicodeClass(name: string, negated: boolean): SetItem | undefined {
  if (name.startsWith("^")) return unicodeClass(name.slice(1), !negated);
  if (name === "Any") return { kind: "ranges", ranges: [[0, 0x10ffff]], negated };
  if (CATEGORIES.has(name)) return { kind: "property", property: name, negated };
  return isScript(name) ? { kind: "property", property: `Script=${name}`, negated } : undefined;
}

function isScript(name: string): boolean {
  if (!/^[A-Z][A-Za-z_]{1,40}$/u.test(name)) return false;
  try {
    return new RegExp(`\\p{Script=${name}}`, "u").unicode;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
