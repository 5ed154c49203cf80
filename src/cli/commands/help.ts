/**
 * `sigstore help [COMMAND]`. Whoever names an action too (`help trust use`) is shown its command.
 */
import type { Command, ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { writeHelp } from "../output.ts";
import { unknownCommand } from "../unknown-command.ts";
import { commandHelp, programHelp } from "../usage.ts";
import type { World } from "../world.ts";
import { findCommand, loadCommands } from "./registry.ts";

/** `sigstore help`. */
export const helpCommand: Command = {
  name: "help",
  summary: "explain the program or one command",
  usage: "[COMMAND]",
  description: [],
  options: [],
  operands: { label: "COMMAND", minimum: 0, maximum: 2, completes: "command" },
  examples: [{ does: "how is a file verified?", line: "sigstore help verify" }],
  run: runHelp,
};

/** Help of the whole program. */
export async function helpText(): Promise<string> {
  return programHelp(await loadCommands());
}

async function runHelp(request: ParsedArguments, world: World): Promise<number> {
  const [name] = request.operands;
  const text = name === undefined ? await helpText() : commandHelp(await commandCalled(name));
  writeHelp(world, text, request.flag("json"));
  return EXIT.yes;
}

async function commandCalled(name: string): Promise<Command> {
  const command = await findCommand(name);
  if (command === undefined) throw unknownCommand(name);
  return command;
}
