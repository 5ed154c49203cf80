/**
 * The syntax tree of a pattern: what its text says, before it is compiled. The matcher's compiler and the lint read it.
 *
 * Groups leave no trace: only whether a text matches is asked, never which part of it. Greedy and lazy repetitions are
 * one for the same reason.
 */
import type { CharacterSet } from "./character-set.ts";

/** A condition on a place between two characters. `\b` and `\B` know ASCII words only, as in RE2. */
export type Assertion = "text-start" | "text-end" | "line-start" | "line-end" | "word-boundary" | "not-word-boundary";

/** One node of the tree. */
export type PatternNode =
  | { readonly kind: "empty" }
  | { readonly kind: "literal"; readonly codePoint: number; readonly foldCase: boolean }
  /** The dot; without newline unless the flag `s` is set. */
  | { readonly kind: "any"; readonly newline: boolean }
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "alternation"; readonly branches: readonly PatternNode[] }
  /** `most` is absent where there is no upper bound. */
  | { readonly kind: "repeat"; readonly body: PatternNode; readonly least: number; readonly most: number | undefined };

/** The node that matches the empty text. */
const EMPTY: PatternNode = { kind: "empty" };

/** The parts one after the other, as the simplest node that says it. */
export function sequenceOf(parts: readonly PatternNode[]): PatternNode {
  const [first, ...others] = parts;
  if (first === undefined) return EMPTY;
  return others.length === 0 ? first : { kind: "sequence", parts };
}
