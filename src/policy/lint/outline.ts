/**
 * Outlines: the texts that a pattern accepts, drawn with a mark where the pattern leaves something open.
 *
 * An outline is text. What the pattern says literally stands for itself; a lone dot, a repetition that accepts any text, one
 * that stops at a slash, and everything else that varies are a mark each. Alternatives and optional parts give one outline
 * each, so `https://(a|b)\.example/.*` has two. The lint reads outlines as a person would read the address.
 */
import type { Pattern } from "../pattern.ts";
import { CompiledSet } from "../pattern/character-set.ts";
import type { PatternNode } from "../pattern/syntax.ts";

/** The marks of an outline, from the end of the private use area: no identity contains them. */
export const MARK = {
  /** A dot without repetition: any one character. */
  dot: "\u{10fff0}",
  /** Any text at all. */
  anything: "\u{10fff1}",
  /** Any name: text without a slash. */
  anyName: "\u{10fff2}",
  /** Something that varies within limits, such as `[0-9]+`. */
  varying: "\u{10fff3}",
} as const;

/** More outlines than this are not drawn: the part with the alternatives becomes one mark. */
const MOST_OUTLINES = 64;

/** Repetitions that allow this many are as good as unbounded. */
const MANY = 16;

/** What a set must accept to stand for any text, or for any name. */
const NAME_CHARACTERS = "aez";
const TEXT_CHARACTERS = `${NAME_CHARACTERS}/:.@-`;

/** The outlines of a pattern, each once. */
export function outlinesOf(pattern: Pattern): readonly string[] {
  return [...new Set(outlines(pattern.tree).map((outline) => collapse(outline)))];
}

/** True when an outline, or a part of one, leaves something open. */
export function hasMark(outline: string): boolean {
  return Object.values(MARK).some((mark) => outline.includes(mark));
}

/** An outline as a person may read it, with `*` and `?` for the marks. */
export function outlineText(outline: string): string {
  return outline
    .replaceAll(MARK.dot, ".")
    .replaceAll(MARK.anything, "*")
    .replaceAll(MARK.anyName, "*")
    .replaceAll(MARK.varying, "…");
}

/** `**` says no more than `*`. */
function collapse(outline: string): string {
  let collapsed = outline;
  while (collapsed.includes(MARK.anything + MARK.anything)) {
    collapsed = collapsed.replaceAll(MARK.anything + MARK.anything, MARK.anything);
  }
  return collapsed;
}

function outlines(node: PatternNode): readonly string[] {
  switch (node.kind) {
    case "empty":
    case "assertion":
      return [""];
    case "literal":
      return [String.fromCodePoint(node.codePoint)];
    case "any":
      return [MARK.dot];
    case "set":
      return [MARK.varying];
    case "sequence":
      return node.parts.reduce<readonly string[]>((before, part) => joined(before, outlines(part)), [""]);
    case "alternation":
      return bounded(node.branches.flatMap((branch) => outlines(branch)));
    case "repeat":
      return repeatOutlines(node.body, node.least, node.most);
  }
}

function joined(before: readonly string[], after: readonly string[]): readonly string[] {
  const [first = "", ...others] = after.length * before.length > MOST_OUTLINES ? [widest(after)] : after;
  return [first, ...others].flatMap((end) => before.map((start) => start + end));
}

function bounded(all: readonly string[]): readonly string[] {
  return all.length > MOST_OUTLINES ? [widest(all)] : all;
}

/** The one mark that stands for all of these. */
function widest(all: readonly string[]): string {
  if (all.some((outline) => outline.includes(MARK.anything))) return MARK.anything;
  return all.some((outline) => outline.includes(MARK.anyName)) ? MARK.anyName : MARK.varying;
}

function repeatOutlines(body: PatternNode, least: number, most: number | undefined): readonly string[] {
  if (most === 0) return [""];
  if (least === 0 && most === 1) return bounded(["", ...outlines(body)]);
  if (least === 1 && most === 1) return outlines(body);
  return [most === undefined || most >= MANY ? manyTimes(body) : widest(outlines(body))];
}

/** The mark of a body that is repeated without end. */
function manyTimes(body: PatternNode): string {
  switch (body.kind) {
    case "any":
      return MARK.anything;
    case "set":
      return markOfSet(new CompiledSet(body.set));
    case "alternation":
      return widest(body.branches.map((branch) => manyTimes(branch)));
    case "repeat":
      return body.most === 0 ? "" : manyTimes(body.body);
    case "empty":
    case "literal":
    case "assertion":
    case "sequence":
      return markOfRepeated(outlines(body));
  }
}

/** Names with slashes between them are any text. */
function markOfRepeated(all: readonly string[]): string {
  const isPath = all.some((outline) => outline.includes(MARK.anyName) && outline.includes("/"));
  return isPath ? MARK.anything : widest(all);
}

function markOfSet(set: CompiledSet): string {
  const accepts = (characters: string): boolean =>
    Array.from(characters).every((character) => set.has(character.codePointAt(0) ?? 0));
  if (accepts(TEXT_CHARACTERS)) return MARK.anything;
  return accepts(NAME_CHARACTERS) ? MARK.anyName : MARK.varying;
}
