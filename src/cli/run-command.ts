/**
 * One command from its words to the exit code: takes the options apart, runs it, and turns whatever is thrown into words.
 *
 * A stack trace is shown only where SIGSTORE_DEBUG is set: to users it says nothing. What only some runs need is loaded by
 * them. Knows no other command than the one it is given: files of the released command that hold one alone begin here.
 */
import { isSigstoreError } from "../errors.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { parseArguments } from "./options/parse.ts";
import { processWorld } from "./world.ts";
import type { World } from "./world.ts";

/** Runs `command` for the command line `argv`, whose first word is its name, in this process; never throws. */
export async function runAlone(command: Command, argv: readonly string[]): Promise<number> {
  const world = processWorld();
  return answering(argv, world, async () => runCommand(command, argv.slice(1), world));
}

/**
 * Ends this process with the exit code that `running` comes to. Output is written synchronously, so that nothing is lost;
 * to leave at once saves Node's tidying up, a tenth of a short run.
 */
export function exitWith(running: Promise<number>): void {
  running.then(
    (code) => process.exit(code),
    (error: unknown) => {
      throw error;
    },
  );
}

/** Runs `command` with the `words` after its name. */
export async function runCommand(command: Command, words: readonly string[], world: World): Promise<number> {
  const parsed = parseArguments(command, words);
  if (!parsed.flag("help")) return command.run(parsed, world);
  const [{ commandHelp }, { writeHelp }] = await Promise.all([import("./usage.ts"), import("./output.ts")]);
  writeHelp(world, commandHelp(command), parsed.flag("json"));
  return EXIT.yes;
}

/** The exit code of `run`; what it throws is said in `world`, as the command line `argv` wishes. */
export async function answering(argv: readonly string[], world: World, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    return answerError(error, argv, world);
  }
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
