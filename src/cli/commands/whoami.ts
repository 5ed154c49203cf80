/**
 * `sigstore whoami`: in whose name `sign` would sign here, without asking anybody.
 */
import type { Command } from "../command.ts";
import { CONNECTION_OPTIONS } from "../options/connection.ts";
import { INSTANCE_OPTION, SIGNING_CONFIG_OPTION, TRUST_CONFIG_OPTION } from "../options/instance.ts";

/** `sigstore whoami`. */
export const whoamiCommand: Command = {
  name: "whoami",
  beside: "login",
  summary: "say in whose name you would sign here and now",
  usage: "[OPTION…]",
  description: ["The identity of a token that is given, a remembered login, or this machine."],
  options: [INSTANCE_OPTION, TRUST_CONFIG_OPTION, SIGNING_CONFIG_OPTION, ...CONNECTION_OPTIONS],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "for a script", line: "sigstore whoami --json" }],
  run: async (request, world) => (await import("../login-actions.ts")).runWhoami(request, world),
};
