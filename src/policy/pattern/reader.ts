/**
 * A cursor over the code points of a pattern's text, for the parser's files. Places are indices of code points.
 */
import { malformedPattern } from "./refuse.ts";

/** Reads a pattern from left to right. */
export class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#characters = Array.from(source);
  }

  /** Index of the next character. */
  get at(): number {
    return this.#at;
  }

  /** True when nothing is left. */
  get done(): boolean {
    return this.#at >= this.#characters.length;
  }

  /** The next character, or the one `ahead` of it, left unread; the empty text at the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? "";
  }

  /** Reads one character; at the end throws `usage`, naming what was expected. */
  take(expected: string): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw malformedPattern(expected, "the end", this.#at);
    this.#at += 1;
    return character;
  }

  /** Reads one code point; at the end throws `usage`, naming what was expected. */
  takeCodePoint(expected: string): number {
    return codePointOf(this.take(expected));
  }

  /** Reads `text` where it comes next, and says whether it did. */
  accept(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** True when `text`, ASCII only, comes next. */
  startsWith(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.peek(index) !== text[index]) return false;
    }
    return true;
  }

  /** Reads as long as characters satisfy `belongs`, at most `most` of them. */
  takeWhile(belongs: (character: string) => boolean, most = Number.POSITIVE_INFINITY): string {
    let taken = "";
    for (let count = 0; count < most && !this.done && belongs(this.peek()); count++) taken += this.take("a character");
    return taken;
  }

  /** Reads up to `end` and past it; undefined, with nothing read, where `end` does not come. */
  takeUntil(end: string): string | undefined {
    const start = this.#at;
    let taken = "";
    while (!this.done) {
      if (this.accept(end)) return taken;
      taken += this.take(end);
    }
    this.#at = start;
    return undefined;
  }

  /** Goes back to a place that `at` told earlier. */
  rewind(at: number): void {
    this.#at = at;
  }
}

/** The code point of a character. */
export function codePointOf(character: string): number {
  const codePoint = character.codePointAt(0);
  if (codePoint === undefined) throw new RangeError("expected a character, got the empty text");
  return codePoint;
}
