/**
 * Runs a program over a text: Pike's simulation of all its threads at once.
 *
 * At each place of the text a thread is a place in the program, and each place is entered once at most. So the steps of a
 * match are at most `2 × instructions × (code points + 1)`, whatever the pattern and the text: certificates are hostile
 * input. Nothing is remembered of the way, because only whether the whole text matches is asked.
 */
import type { Instruction, Program } from "./compiler.ts";
import { isWordCodePoint } from "./named-classes.ts";
import type { Assertion } from "./syntax.ts";

/** Whether the whole text matches, and how many instructions were looked at to find out. */
export interface MatchOutcome {
  readonly matched: boolean;
  readonly steps: number;
}

/** Where there is no code point: before the text and after it. */
const OUTSIDE = -1;
const NEWLINE = 0x0a;
/** Code points above this take two UTF-16 units. */
const LAST_OF_ONE_UNIT = 0xffff;

/** Runs `program` over the whole of `text`. */
export function runProgram(program: Program, text: string): MatchOutcome {
  const simulation = new Simulation(program);
  let current = codePointAt(text, 0);
  simulation.start(current);
  let at = 0;
  while (at < text.length && simulation.isAlive) {
    at += current > LAST_OF_ONE_UNIT ? 2 : 1;
    const following = codePointAt(text, at);
    simulation.advance(current, following);
    current = following;
  }
  return { matched: at === text.length && simulation.isMatched, steps: simulation.steps };
}

function codePointAt(text: string, at: number): number {
  return text.codePointAt(at) ?? OUTSIDE;
}

/** The threads of a program at one place of the text, in two lists that change roles at each code point. */
class Simulation {
  readonly #program: Program;
  readonly #pending: number[] = [];
  /** For each instruction the number of the place at which it was entered last. */
  readonly #enteredAt: Uint32Array;
  #place = 0;
  #threads: number[] = [];
  #spare: number[] = [];
  #matched = false;
  #steps = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#enteredAt = new Uint32Array(program.instructions.length);
  }

  get steps(): number {
    return this.#steps;
  }

  get isAlive(): boolean {
    return this.#threads.length > 0;
  }

  /** True when a thread has come to the end of the program at this place. */
  get isMatched(): boolean {
    return this.#matched;
  }

  /** Enters the program before the first code point. */
  start(following: number): void {
    this.#place = 1;
    this.#enter(this.#program.start, OUTSIDE, following);
  }

  /** Moves every thread that accepts `codePoint` past it; `following` is the code point after it. */
  advance(codePoint: number, following: number): void {
    const threads = this.#threads;
    this.#threads = this.#spare;
    this.#spare = threads;
    this.#threads.length = 0;
    this.#matched = false;
    this.#place += 1;
    for (const thread of threads) {
      this.#steps += 1;
      const instruction = this.#program.instructions[thread];
      if (instruction !== undefined && accepts(instruction, codePoint))
        this.#enter(instruction.next, codePoint, following);
    }
  }

  /** Follows all ways from `start` that read nothing; what reads a code point becomes a thread. */
  #enter(start: number, before: number, after: number): void {
    const pending = this.#pending;
    pending.push(start);
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (this.#enteredAt[at] === this.#place) continue;
      this.#enteredAt[at] = this.#place;
      this.#steps += 1;
      const instruction = this.#program.instructions[at];
      if (instruction === undefined) continue;
      if (instruction.op === "match") this.#matched = true;
      else if (instruction.op === "split") pending.push(instruction.other, instruction.next);
      else if (instruction.op !== "assertion") this.#threads.push(at);
      else if (holds(instruction.assertion, before, after)) pending.push(instruction.next);
    }
  }
}

function accepts(
  instruction: Instruction,
  codePoint: number,
): instruction is Extract<Instruction, { op: "literal" | "set" }> {
  if (instruction.op === "literal") return instruction.codePoint === codePoint;
  return instruction.op === "set" && instruction.set.has(codePoint);
}

function holds(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case "text-start":
      return before === OUTSIDE;
    case "text-end":
      return after === OUTSIDE;
    case "line-start":
      return before === OUTSIDE || before === NEWLINE;
    case "line-end":
      return after === OUTSIDE || after === NEWLINE;
    case "word-boundary":
      return isWordCodePoint(before) !== isWordCodePoint(after);
    case "not-word-boundary":
      return isWordCodePoint(before) === isWordCodePoint(after);
  }
}
