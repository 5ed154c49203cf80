/**
 * `sigstore login`: says who you are to the instance; with `--remember`, signing asks for no login while this one is good.
 */
import type { Command } from "../command.ts";
import { CONNECTION_OPTIONS } from "../options/connection.ts";
import { INSTANCE_OPTION, SIGNING_CONFIG_OPTION, TRUST_CONFIG_OPTION } from "../options/instance.ts";
import { FLOW_OPTIONS } from "../options/signing.ts";

/** `sigstore login`. */
export const loginCommand: Command = {
  name: "login",
  summary: "log in, and say who you are then",
  usage: "[OPTION…]",
  description: [
    "Signing logs in by itself where it must. With --remember the login is kept in a",
    "file of yours until it ends, minutes later: whoever reads it can sign as you.",
  ],
  options: [
    { name: "remember", summary: "keep the login for the next signatures" },
    ...FLOW_OPTIONS,
    INSTANCE_OPTION,
    TRUST_CONFIG_OPTION,
    SIGNING_CONFIG_OPTION,
    ...CONNECTION_OPTIONS,
  ],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "one login for several commands", line: "sigstore login --remember" }],
  run: async (request, world) => (await import("../login-actions.ts")).runLogin(request, world),
};
