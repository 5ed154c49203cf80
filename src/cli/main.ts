/**
 * The way in: finds the command that the first word names, and runs it.
 */
import { findCommand } from "./commands/registry.ts";
import { EXIT } from "./exit-codes.ts";
import { answering, runCommand } from "./run-command.ts";
import { processWorld } from "./world.ts";
import type { World } from "./world.ts";

/**
 * Runs the command line `argv` (without interpreter and script) in this process.
 *
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  return runCommandLine(argv, processWorld());
}

/** Runs the command line `argv` in `world`; never throws. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  return answering(argv, world, async () => dispatch(argv, world));
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [first, ...words] = argv;
  if (first === undefined) {
    world.writeTalk(await (await import("./commands/help.ts")).helpText());
    return EXIT.usage;
  }
  const command = await findCommand(commandName(first));
  if (command === undefined) throw (await import("./unknown-command.ts")).unknownCommand(first);
  return runCommand(command, words, world);
}

function commandName(word: string): string {
  if (word === "--version" || word === "-V") return "version";
  if (word === "--help" || word === "-h") return "help";
  return word;
}
