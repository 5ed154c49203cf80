/**
 * All commands by name. A command is loaded when it runs, and by help and completion: what only a run needs (services,
 * network), its module imports in `run`. Of the released command's files, one holds all of these (tools/build.ts).
 */
import type { Command } from "../command.ts";

/** A command that is not loaded yet. */
export interface CommandEntry {
  readonly name: string;
  load(): Promise<Command>;
}

/** Every command, in the order of the help text. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "sign", load: async () => (await import("./sign.ts")).signCommand },
  { name: "attest", load: async () => (await import("./attest.ts")).attestCommand },
  { name: "verify", load: async () => (await import("./verify.ts")).verifyCommand },
  { name: "inspect", load: async () => (await import("./inspect.ts")).inspectCommand },
  { name: "key", load: async () => (await import("./key.ts")).keyCommand },
  { name: "trust", load: async () => (await import("./trust.ts")).trustCommand },
  { name: "login", load: async () => (await import("./login.ts")).loginCommand },
  { name: "logout", load: async () => (await import("./logout.ts")).logoutCommand },
  { name: "whoami", load: async () => (await import("./whoami.ts")).whoamiCommand },
  { name: "up", load: async () => (await import("./up.ts")).upCommand },
  { name: "down", load: async () => (await import("./down.ts")).downCommand },
  { name: "status", load: async () => (await import("./status.ts")).statusCommand },
  { name: "logs", load: async () => (await import("./logs.ts")).logsCommand },
  { name: "doctor", load: async () => (await import("./doctor.ts")).doctorCommand },
  { name: "ca", load: async () => (await import("./ca.ts")).caCommand },
  { name: "backup", load: async () => (await import("./backup.ts")).backupCommand },
  { name: "restore", load: async () => (await import("./restore.ts")).restoreCommand },
  { name: "serve", load: async () => (await import("./serve.ts")).serveCommand },
  { name: "user", load: async () => (await import("./user.ts")).userCommand },
  { name: "log", load: async () => (await import("./log.ts")).logCommand },
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
