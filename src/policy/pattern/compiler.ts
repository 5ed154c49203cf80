/**
 * From the syntax tree of a pattern to the program that the matcher runs: Thompson's construction.
 *
 * A program is a list of instructions, each of which names those that may come next. Repetitions with counts are written
 * out, so the number of instructions is bounded before the first is made.
 */
import { LIMITS } from "../../limits.ts";
import { CompiledSet } from "./character-set.ts";
import type { CharacterSet } from "./character-set.ts";
import { oversizedPattern } from "./refuse.ts";
import type { Assertion, PatternNode } from "./syntax.ts";

/** One instruction; `next` and `other` are indexes of instructions. */
export type Instruction =
  | { readonly op: "match" }
  | { readonly op: "literal"; readonly codePoint: number; readonly next: number }
  | { readonly op: "set"; readonly set: CompiledSet; readonly next: number }
  | { readonly op: "assertion"; readonly assertion: Assertion; readonly next: number }
  | { readonly op: "split"; readonly next: number; readonly other: number };

/** A program; it starts at `start`, and the text matches when the instruction `match`, index 0, is reached at its end. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** Compiles a tree; throws `pattern-unsupported` where the program would have more than LIMITS.patternStates instructions. */
export function compileProgram(tree: PatternNode): Program {
  const states = statesOf(tree) + 1;
  if (states > LIMITS.patternStates) throw oversizedPattern("states", LIMITS.patternStates, "more");
  const compiler = new ProgramCompiler();
  return { start: compiler.compile(tree, compiler.emit({ op: "match" })), instructions: compiler.instructions };
}

/** An upper bound of the instructions of a node, and of the steps that compiling it takes. */
function statesOf(node: PatternNode): number {
  switch (node.kind) {
    case "sequence":
      return node.parts.reduce((sum, part) => sum + statesOf(part), 1);
    case "alternation":
      return node.branches.reduce((sum, branch) => sum + statesOf(branch) + 1, 1);
    case "repeat":
      return 1 + (node.most ?? node.least + 1) * (statesOf(node.body) + 1);
    case "empty":
    case "literal":
    case "any":
    case "set":
    case "assertion":
      return 1;
  }
}

/** Writes a program from its end to its start: a node is compiled when it is known what comes after it. */
class ProgramCompiler {
  readonly instructions: Instruction[] = [];
  /** Sets already made ready: a repetition with counts compiles the same node many times. */
  readonly #sets = new Map<PatternNode, CompiledSet>();

  emit(instruction: Instruction): number {
    this.instructions.push(instruction);
    return this.instructions.length - 1;
  }

  /** Compiles `node` so that `next` follows it, and returns the instruction that it begins with. */
  compile(node: PatternNode, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "literal":
        return this.#compileLiteral(node, next);
      case "any":
        return this.emit({ op: "set", set: node.newline ? ANY : ANY_BUT_NEWLINE, next });
      case "set":
        return this.emit({ op: "set", set: this.#compiledSet(node, node.set), next });
      case "assertion":
        return this.emit({ op: "assertion", assertion: node.assertion, next });
      case "sequence":
        return node.parts.reduceRight((following, part) => this.compile(part, following), next);
      case "alternation":
        return this.#compileAlternation(node.branches, next);
      case "repeat":
        return this.#compileRepeat(node.body, node.least, node.most, next);
    }
  }

  #compileLiteral(node: PatternNode & { kind: "literal" }, next: number): number {
    const { codePoint } = node;
    if (!node.foldCase || !hasCase(codePoint)) return this.emit({ op: "literal", codePoint, next });
    const items = [{ kind: "ranges", ranges: [[codePoint, codePoint]], negated: false }] as const;
    return this.emit({ op: "set", set: this.#compiledSet(node, { items, negated: false, foldCase: true }), next });
  }

  #compiledSet(node: PatternNode, set: CharacterSet): CompiledSet {
    const known = this.#sets.get(node);
    if (known !== undefined) return known;
    const compiled = new CompiledSet(set);
    this.#sets.set(node, compiled);
    return compiled;
  }

  #compileAlternation(branches: readonly PatternNode[], next: number): number {
    const starts = branches.map((branch) => this.compile(branch, next));
    return starts.reduceRight((other, start) => this.emit({ op: "split", next: start, other }));
  }

  #compileRepeat(body: PatternNode, least: number, most: number | undefined, next: number): number {
    let start = most === undefined ? this.#compileLoop(body, next) : next;
    for (let optional = most ?? least; optional > least; optional--) {
      start = this.emit({ op: "split", next: this.compile(body, start), other: next });
    }
    for (let needed = least; needed > 0; needed--) start = this.compile(body, start);
    return start;
  }

  /** Any number of times: the body leads back to the split before it. */
  #compileLoop(body: PatternNode, next: number): number {
    const loop = this.emit({ op: "match" });
    this.instructions[loop] = { op: "split", next: this.compile(body, loop), other: next };
    return loop;
  }
}

const ANY = new CompiledSet({ items: [], negated: true, foldCase: false });
const ANY_BUT_NEWLINE = new CompiledSet({
  items: [{ kind: "ranges", ranges: [[0x0a, 0x0a]], negated: false }],
  negated: true,
  foldCase: false,
});

function hasCase(codePoint: number): boolean {
  const character = String.fromCodePoint(codePoint);
  return character.toLowerCase() !== character || character.toUpperCase() !== character;
}
