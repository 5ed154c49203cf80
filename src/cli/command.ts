/**
 * A command as data: what it is called, what it takes, how it is used, and what runs.
 *
 * Help, shell completion, the parser of options and the test that loads them all read the same value. No command does
 * anything at import.
 */
import type { World } from "./world.ts";

/** What a value of an option is, for shell completion. */
export type ValueKind = "file" | "text";

/** One option. Without `value` it is a flag; there are no negative options. */
export interface OptionSpec {
  /** Name without dashes: `trusted-root`. */
  readonly name: string;
  /** One letter for habit's sake: `d` for `-d`; of flags alone, and of very few. */
  readonly short?: string;
  /** What stands for the value in usage text: `FILE`. */
  readonly value?: string;
  readonly valueKind?: ValueKind;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** Values that shell completion offers, where others are allowed too. */
  readonly suggestions?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: boolean;
  /** One line, lower case, without a full stop. */
  readonly summary: string;
  /** Help names it at the end, without its summary: the guide says more. */
  readonly isRare?: boolean;
}

/** What a command takes besides options. */
export interface OperandSpec {
  /** As in the usage line: `TARGET…`. */
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
  /** What shell completion offers. */
  readonly completes: "file" | "command" | readonly string[];
}

/** A line that works, and what it does. */
export interface Example {
  readonly does: string;
  readonly line: string;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** One line, lower case, without a full stop. */
  readonly summary: string;
  /** The help of the program names it beside this command, without a line of its own. */
  readonly beside?: string;
  /** What follows the command's name in the usage line. */
  readonly usage: string;
  /** What else one must know, in lines of at most 80 characters. */
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly operands: OperandSpec;
  readonly examples: readonly Example[];
  /** Carries out the wish and answers with the exit code. */
  run(request: ParsedArguments, world: World): Promise<number>;
}

/** What the user wrote, taken apart. */
export interface ParsedArguments {
  readonly operands: readonly string[];
  /** True when the flag `name` was given. */
  flag(name: string): boolean;
  /** The one value of option `name`, where it was given. */
  value(name: string): string | undefined;
  /** All values of the repeatable option `name`, in order. */
  values(name: string): readonly string[];
}

/** Options that every command understands. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "json", summary: "answer with one JSON document on standard output" },
  { name: "help", short: "h", summary: "show this text" },
];
