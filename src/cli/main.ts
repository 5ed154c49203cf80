/**
 * The way in: finds the command, takes its options apart, runs it, and turns whatever is thrown into words and an exit code.
 *
 * A stack trace is shown only where SIGSTORE_DEBUG is set: to users it says nothing. What only some runs need is loaded by them.
 */
import { isSigstoreError } from "../errors.ts";
import { findCommand } from "./commands/registry.ts";
import { EXIT } from "./exit-codes.ts";
import { parseArguments } from "./options/parse.ts";
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
  try {
    return await dispatch(argv, world);
  } catch (error) {
    return answerError(error, argv, world);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    world.writeTalk(await (await import("./commands/help.ts")).helpText());
    return EXIT.usage;
  }
  const command = await findCommand(commandName(first));
  if (command === undefined) throw (await import("./unknown-command.ts")).unknownCommand(first);
  const parsed = parseArguments(command, rest);
  if (!parsed.flag("help")) return command.run(parsed, world);
  const { answerHelp } = await import("./commands/help.ts");
  answerHelp(command, parsed, world);
  return EXIT.yes;
}

function commandName(word: string): string {
  if (word === "--version" || word === "-V") return "version";
  if (word === "--help" || word === "-h") return "help";
  return word;
}

async function answerError(error: unknown, argv: readonly string[], world: World): Promise<number> {
  const { exitCodeOfError } = await import("./exit-codes.ts");
  const output = await import("./output.ts");
  const answer = isSigstoreError(error) ? error : output.internalError(error);
  const exitCode = exitCodeOfError(answer);
  // Where standard output is what failed, it is no place to say so.
  if (wantsJson(argv) && answer.code !== "file-unwritable")
    output.writeJson(world, output.errorDocument(answer, exitCode));
  else output.writeError(world, answer);
  const { SIGSTORE_DEBUG: debug } = world.environment;
  if (debug !== undefined && debug !== "" && error instanceof Error) world.writeTalk(`${error.stack ?? ""}\n`);
  return exitCode;
}

/** The command line may be what is wrong, so the wish for JSON is read without the parser. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === "--json" || word.startsWith("--json="));
}
