/**
 * All commands by name. From source, a command is loaded when it runs; the released command holds all of them in
 * one file (tools/build.ts says why).
 */
import type { Command } from "../command.ts";

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  load(): Promise<Command>;
}

/** Every command, in the order of the help text. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "verify", load: async () => (await import("./verify.ts")).verifyCommand },
  { name: "inspect", load: async () => (await import("./inspect.ts")).inspectCommand },
  { name: "completion", load: async () => (await import("./completion.ts")).completionCommand },
  { name: "help", load: async () => (await import("./help.ts")).helpCommand },
  { name: "version", load: async () => (await import("./version.ts")).versionCommand },
];

/** The command called `name`, loaded; nothing where there is none. */
export async function findCommand(name: string): Promise<Command | undefined> {
  return COMMANDS.find((entry) => entry.name === name)?.load();
}

/** All commands, loaded. */
export async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(COMMANDS.map((entry) => entry.load()));
}
