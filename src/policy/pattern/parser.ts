/**
 * Parser of identity patterns: the syntax of RE2 (https://github.com/google/re2/wiki/Syntax), as Go's regexp reads it.
 *
 * Left out: octal escapes that do not begin with 0, flags between an atom and its repetition, one name for two groups. All that needs
 * backtracking (back-references, look-around, possessive and atomic groups, recursion) is refused by name.
 */
import { LIMITS } from "../../limits.ts";
import { parseBracket } from "./bracket.ts";
import { isDigit, parseCharacterEscape, parseClassEscape } from "./escape.ts";
import { codePointOf, PatternReader } from "./reader.ts";
import { malformedPattern, oversizedPattern, unsupportedConstruct } from "./refuse.ts";
import { sequenceOf } from "./syntax.ts";
import type { Assertion, PatternNode } from "./syntax.ts";

interface Flags {
  readonly foldCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
}

const NO_FLAGS: Flags = { foldCase: false, multiLine: false, dotAll: false };

/** How often: `most` is absent where there is no upper bound. */
interface Counts {
  readonly least: number;
  readonly most: number | undefined;
}

const COUNTS = /^(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?$/u;

const NOTHING_TO_REPEAT = "write .* for any text, and \\ before a character that means itself";
const NO_RECALL = "RE2 cannot refer back to what a group matched: write the text once more";
const NO_LOOK = "RE2 matches without looking around: say what the whole value looks like, or list the identities";

/** What may follow `(?` elsewhere, longest first where one begins another. */
const FOREIGN_GROUPS: readonly (readonly [opening: string, construct: string, hint: string])[] = [
  ["?=", "look-ahead (?=", NO_LOOK],
  ["?!", "negative look-ahead (?!", NO_LOOK],
  ["?<=", "look-behind (?<=", NO_LOOK],
  ["?<!", "negative look-behind (?<!", NO_LOOK],
  ["?>", "an atomic group (?>", "write (?: – nothing is ever tried twice here"],
  ["?P=", "a back-reference (?P=", NO_RECALL],
  ["?P>", "recursion (?P>", "RE2 has no recursion: write the nested text out"],
  ["?&", "recursion (?&", "RE2 has no recursion: write the nested text out"],
  ["?R", "recursion (?R", "RE2 has no recursion: write the nested text out"],
  ["?(", "a conditional (?(", "write both cases with |"],
  ["?|", "a branch reset (?|", "write (?:"],
  ["?#", "a comment (?#", "leave it out"],
];

const ASSERTION_ESCAPES: ReadonlyMap<string, Assertion> = new Map([
  ["\\A", "text-start"],
  ["\\z", "text-end"],
  ["\\b", "word-boundary"],
  ["\\B", "not-word-boundary"],
]);

/** Parses a pattern; throws `pattern-unsupported` for what RE2 has not and for what is too large, `usage` for what is malformed. */
export function parsePattern(source: string): PatternNode {
  if (source.length > LIMITS.patternLength)
    throw oversizedPattern("characters", LIMITS.patternLength, String(source.length));
  return new PatternParser(source).parse();
}

class PatternParser {
  readonly #reader: PatternReader;
  readonly #groupNames = new Set<string>();
  #flags = NO_FLAGS;
  #depth = 0;

  constructor(source: string) {
    this.#reader = new PatternReader(source);
  }

  parse(): PatternNode {
    const node = this.#parseAlternation();
    if (!this.#reader.done) throw malformedPattern("an opening ( for every )", "a ) too many", this.#reader.at);
    return node;
  }

  #parseAlternation(): PatternNode {
    const branches = [this.#parseSequence()];
    while (this.#reader.accept("|")) branches.push(this.#parseSequence());
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: "alternation", branches };
  }

  #parseSequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.#reader.done && this.#reader.peek() !== "|" && this.#reader.peek() !== ")") {
      if (this.#reader.accept("\\Q")) this.#parseQuotation(parts);
      else this.#parseAtom(parts);
      this.#parseRepetition(parts);
    }
    return sequenceOf(parts);
  }

  /** `\Q…\E`: the text in between means itself; without `\E` up to the end. A repetition after it means the last character. */
  #parseQuotation(parts: PatternNode[]): void {
    while (!this.#reader.done && !this.#reader.accept("\\E")) {
      parts.push(this.#literal(this.#reader.takeCodePoint("a quoted character")));
    }
  }

  #parseAtom(parts: PatternNode[]): void {
    const character = this.#reader.peek();
    if (character === "(") this.#parseGroup(parts);
    else if (character === "[") parts.push(parseBracket(this.#reader, this.#flags.foldCase));
    else if (character === "\\") parts.push(this.#parseEscape());
    else if (!this.#startsRepetition()) parts.push(this.#parsePlain());
  }

  #parsePlain(): PatternNode {
    const character = this.#reader.take("a character");
    if (character === ".") return { kind: "any", newline: this.#flags.dotAll };
    if (character === "^") return { kind: "assertion", assertion: this.#flags.multiLine ? "line-start" : "text-start" };
    if (character === "$") return { kind: "assertion", assertion: this.#flags.multiLine ? "line-end" : "text-end" };
    return this.#literal(codePointOf(character));
  }

  #parseEscape(): PatternNode {
    const assertion = ASSERTION_ESCAPES.get(`\\${this.#reader.peek(1)}`);
    if (assertion !== undefined) {
      this.#reader.accept(`\\${this.#reader.peek(1)}`);
      return { kind: "assertion", assertion };
    }
    const item = parseClassEscape(this.#reader);
    if (item === undefined) return this.#literal(parseCharacterEscape(this.#reader));
    return { kind: "set", set: { items: [item], negated: false, foldCase: this.#flags.foldCase } };
  }

  #literal(codePoint: number): PatternNode {
    return { kind: "literal", codePoint, foldCase: this.#flags.foldCase };
  }

  // ---- groups

  #parseGroup(parts: PatternNode[]): void {
    const start = this.#reader.at;
    this.#reader.take("(");
    for (const [opening, construct, hint] of FOREIGN_GROUPS) {
      if (this.#reader.startsWith(opening)) throw unsupportedConstruct(construct, start, hint);
    }
    const outside = this.#flags;
    if (this.#reader.accept("?") && this.#parseGroupHead(start) === "flags") {
      if (!this.#startsRepetition()) return;
      throw malformedPattern("something to repeat", "only flags before it", this.#reader.at);
    }
    parts.push(this.#parseGroupBody(start));
    this.#flags = outside;
  }

  #parseGroupBody(start: number): PatternNode {
    this.#depth += 1;
    if (this.#depth > LIMITS.patternDepth) throw oversizedPattern("nested groups", LIMITS.patternDepth, "more");
    const body = this.#parseAlternation();
    if (!this.#reader.accept(")")) throw malformedPattern("a closing ) of the group", "none", start);
    this.#depth -= 1;
    return body;
  }

  /** Reads `:`, `flags:`, `flags)` or a name; says whether a body follows. */
  #parseGroupHead(start: number): "body" | "flags" {
    if (this.#reader.accept("P<") || this.#reader.accept("<")) {
      this.#parseGroupName(start);
      return "body";
    }
    this.#flags = this.#parseFlags(start);
    if (this.#reader.accept(":")) return "body";
    if (this.#reader.accept(")")) return "flags";
    throw malformedPattern("(?:, (?flags:, (?flags) or (?P<name>", "another group", start);
  }

  #parseGroupName(start: number): void {
    const name = this.#reader.takeUntil(">");
    if (name === undefined || !/^\w+$/u.test(name))
      throw malformedPattern("a group name of letters, digits and _", name ?? "no >", start);
    if (this.#groupNames.has(name)) throw malformedPattern("group names that differ", `${name} twice`, start);
    this.#groupNames.add(name);
  }

  /** Flags after `(?`: i, m, s, and U, which changes nothing where only the whole is matched; after `-` they are unset. */
  #parseFlags(start: number): Flags {
    const flags = { ...this.#flags };
    const on = this.#reader.takeWhile(isLetter);
    const off = this.#reader.accept("-") ? this.#reader.takeWhile(isLetter) : undefined;
    if (off === "") throw malformedPattern("flags after -", "none", start);
    for (const [letters, value] of [
      [on, true],
      [off ?? "", false],
    ] as const) {
      for (const letter of letters) {
        if (letter === "i") flags.foldCase = value;
        else if (letter === "m") flags.multiLine = value;
        else if (letter === "s") flags.dotAll = value;
        else if (letter !== "U")
          throw unsupportedConstruct(`the flag ${letter}`, start, "RE2 knows the flags i, m, s and U");
      }
    }
    return flags;
  }

  // ---- repetitions

  #parseRepetition(parts: PatternNode[]): void {
    const start = this.#reader.at;
    const range = this.#takeRepetition();
    if (range === undefined) return;
    const body = parts.pop();
    if (body === undefined)
      throw malformedPattern("something to repeat", "nothing before the repetition", start, NOTHING_TO_REPEAT);
    if (this.#reader.peek() === "+")
      throw unsupportedConstruct(
        "a possessive repetition",
        start,
        "leave the second + out: nothing is ever tried twice here",
      );
    this.#reader.accept("?");
    if (this.#startsRepetition())
      throw malformedPattern(
        "one repetition",
        "a repetition of a repetition",
        start,
        "put the inner one in a group: (?:…)",
      );
    parts.push({ kind: "repeat", body, ...range });
  }

  #startsRepetition(): boolean {
    const start = this.#reader.at;
    const found = this.#takeRepetition() !== undefined;
    this.#reader.rewind(start);
    return found;
  }

  #takeRepetition(): Counts | undefined {
    if (this.#reader.accept("*")) return { least: 0, most: undefined };
    if (this.#reader.accept("+")) return { least: 1, most: undefined };
    if (this.#reader.accept("?")) return { least: 0, most: 1 };
    const start = this.#reader.at;
    const range = this.#reader.accept("{") ? this.#takeCounts(start) : undefined;
    if (range === undefined) this.#reader.rewind(start);
    return range;
  }

  /** `n}`, `n,}` or `n,m}`; anything else is no repetition, and the brace means itself. */
  #takeCounts(start: number): Counts | undefined {
    const counts = COUNTS.exec(this.#reader.takeWhile((character) => isDigit(character) || character === ","));
    if (counts === null || !this.#reader.accept("}")) return undefined;
    const [, least = "", comma, most = ""] = counts;
    const range = { least: Number(least), most: comma === undefined ? Number(least) : unbounded(most) };
    const highest = Math.max(range.least, range.most ?? 0);
    if (highest > LIMITS.patternRepeats) throw oversizedPattern("repetitions", LIMITS.patternRepeats, String(highest));
    if (range.most !== undefined && range.most < range.least) {
      throw malformedPattern("a repetition that counts upwards", `{${least},${most}}`, start);
    }
    return range;
  }
}

function unbounded(most: string): number | undefined {
  return most === "" ? undefined : Number(most);
}

function isLetter(character: string): boolean {
  return /^[A-Za-z]$/u.test(character);
}
