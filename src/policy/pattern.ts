/**
 * Patterns of identities: a subset of RE2's syntax, matched against the whole value in linear time.
 *
 * A pattern is anchored: `foo` matches "foo" and nothing else, and `^` and `$` around it change nothing. (Go's regexp, and
 * so cosign, look for a match anywhere: `github.com/acme` there also accepts `https://evil.example/github.com/acme`.)
 * A dot does not match a newline, classes are ASCII unless they are Unicode classes, and text is read by code points.
 * What needs backtracking is refused by name, because values come from certificates, which are hostile input.
 */
import { compileProgram } from "./pattern/compiler.ts";
import type { Program } from "./pattern/compiler.ts";
import { runProgram } from "./pattern/matcher.ts";
import { parsePattern } from "./pattern/parser.ts";
import type { PatternNode } from "./pattern/syntax.ts";

/** A compiled pattern; make it with `compilePattern` and keep it. */
export interface Pattern {
  /** The pattern as it was written. */
  readonly source: string;
  /** Its syntax tree, for those that explain or judge it. */
  readonly tree: PatternNode;
  /** Its program, for the matcher. */
  readonly program: Program;
}

/**
 * Compiles a pattern in RE2's syntax.
 *
 * Throws `pattern-unsupported` for what RE2 cannot do (back-references, look-around, possessive repetitions, atomic groups)
 * and for a pattern beyond LIMITS, and `usage` for one that is malformed; both say at which character.
 * @example
 * ```ts
 * const releases = compilePattern("https://github\\.com/acme/[a-z-]+/\\.github/workflows/release\\.yml@refs/tags/v.*");
 * console.log(matchesPattern(releases, "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1")); // true
 * ```
 */
export function compilePattern(source: string): Pattern {
  const tree = parsePattern(source);
  return { source, tree, program: compileProgram(tree) };
}

/**
 * True when the whole of `text` matches; takes time linear in the length of `text`, whatever the pattern.
 * @example
 * ```ts
 * console.log(matchesPattern(compilePattern("release"), "pre-release")); // false: patterns match the whole value
 * ```
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  return runProgram(pattern.program, text).matched;
}
