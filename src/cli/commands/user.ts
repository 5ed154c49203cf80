/**
 * `sigstore user add|passwd|list|remove`: who may log in at an instance of this machine.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore user`. */
export const userCommand: Command = {
  name: "user",
  summary: "say who may log in at your instance",
  beside: "up",
  usage: "add [NAME] EMAIL | passwd NAME | list | remove NAME",
  description: [
    "NAME may be the e-mail address too. The password is asked for at the terminal;",
    "8 characters or more. A running instance takes up the changes by itself.",
  ],
  options: [
    {
      name: "password-file",
      value: "FILE",
      valueKind: "file",
      summary: "where the password stands, in one line; - is standard input",
    },
    DATA_OPTION,
  ],
  operands: {
    label: "add, passwd, list or remove",
    minimum: 1,
    maximum: 3,
    completes: ["add", "passwd", "list", "remove"],
  },
  examples: [
    { does: "who may log in", line: "sigstore user list" },
    { does: "somebody new, called alice", line: "sigstore user add alice@example.com" },
  ],
  run: async (request, world) => (await import("../user-actions.ts")).runUser(request, world),
};
