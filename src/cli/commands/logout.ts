/**
 * `sigstore logout`: forgets a remembered login.
 */
import type { Command } from "../command.ts";
import { INSTANCE_OPTION, TRUST_CONFIG_OPTION } from "../options/instance.ts";

/** `sigstore logout`. */
export const logoutCommand: Command = {
  name: "logout",
  beside: "login",
  summary: "forget a remembered login",
  usage: "[OPTION…]",
  description: [],
  options: [INSTANCE_OPTION, TRUST_CONFIG_OPTION],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "of your default instance", line: "sigstore logout" }],
  run: async (request, world) => (await import("../login-actions.ts")).runLogout(request, world),
};
