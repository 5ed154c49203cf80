/**
 * Sets of code points: what a bracket expression, a Perl class or a Unicode class accepts.
 *
 * A set is a union of items, each of which may be negated, and the whole may be negated once more. With the flag `i` the
 * items are closed under Unicode simple case folding before any negation, as in RE2: `(?i)[^k]` refuses the Kelvin sign.
 * Folding and Unicode properties come from the platform's RegExp, which is asked about one code point at a time and so
 * cannot run away; texts are never matched with it.
 */

/** An inclusive range of code points. */
export type CodePointRange = readonly [first: number, last: number];

/** A part of a set: ranges, or a Unicode property in the words of ECMA-262 (`L`, `Script=Greek`). */
export type SetItem =
  | { readonly kind: "ranges"; readonly ranges: readonly CodePointRange[]; readonly negated: boolean }
  | { readonly kind: "property"; readonly property: string; readonly negated: boolean };

/** A union of items, perhaps negated as a whole. */
export interface CharacterSet {
  readonly items: readonly SetItem[];
  readonly negated: boolean;
  readonly foldCase: boolean;
}

type Predicate = (codePoint: number) => boolean;

const ASCII_SIZE = 128;

/** A character set made ready to be asked: a table for ASCII, predicates for the rest. */
export class CompiledSet {
  readonly #ascii = new Uint8Array(ASCII_SIZE);
  readonly #items: readonly Predicate[];
  readonly #negated: boolean;

  constructor(set: CharacterSet) {
    this.#items = set.items.map((item) => itemPredicate(item, set.foldCase));
    this.#negated = set.negated;
    for (let codePoint = 0; codePoint < ASCII_SIZE; codePoint++) {
      if (this.#test(codePoint)) this.#ascii[codePoint] = 1;
    }
  }

  /** True when the set contains this code point. */
  has(codePoint: number): boolean {
    return codePoint < ASCII_SIZE ? this.#ascii[codePoint] === 1 : this.#test(codePoint);
  }

  #test(codePoint: number): boolean {
    return this.#items.some((contains) => contains(codePoint)) !== this.#negated;
  }
}

function itemPredicate(item: SetItem, foldCase: boolean): Predicate {
  const contains =
    item.kind === "ranges" && !foldCase
      ? (codePoint: number): boolean => item.ranges.some(([first, last]) => codePoint >= first && codePoint <= last)
      : singleCodePointTest(item.kind === "ranges" ? bracketText(item.ranges) : `\\p{${item.property}}`, foldCase);
  return item.negated ? (codePoint): boolean => !contains(codePoint) : contains;
}

function singleCodePointTest(atom: string, foldCase: boolean): Predicate {
  const expression = new RegExp(`^${atom}$`, foldCase ? "iu" : "u");
  return (codePoint) => expression.test(String.fromCodePoint(codePoint));
}

function bracketText(ranges: readonly CodePointRange[]): string {
  const hex = (codePoint: number): string => `\\u{${codePoint.toString(16)}}`;
  return `[${ranges.map(([first, last]) => `${hex(first)}-${hex(last)}`).join("")}]`;
}
