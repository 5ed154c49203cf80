/**
 * What is fuzzed: a target makes inputs from choices, and tries each.
 */
import type { Random } from "./random.ts";

/** One input, ready to be tried, as often as one likes. */
export interface FuzzInput {
  /** Tries it and answers what came of it, for the table: a code of an error, or another word. Throws what is a failure. */
  attempt(): string | Promise<string>;
  /** The input as text, from which `FuzzTarget.decode` makes it again. */
  encode(): string;
}

/** Something that takes hostile input. */
export interface FuzzTarget {
  /** Unique, for example `formats/certificate`. */
  readonly name: string;
  /** How many inputs are enough, where trying one takes long. */
  readonly most?: number;
  make(random: Random): FuzzInput;
  decode(text: string): FuzzInput;
}

/** A broken promise of the code under test that is no crash. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
}
