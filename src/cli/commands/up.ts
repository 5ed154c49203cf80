/**
 * `sigstore up`: a whole Sigstore of one's own, in one process and one folder.
 */
import type { Command, ParsedArguments } from "../command.ts";
import { SERVING_OPTIONS } from "../options/serving.ts";
import type { World } from "../world.ts";

/** `sigstore up`. */
export const upCommand: Command = {
  name: "up",
  summary: "run a Sigstore of your own: login, certificates, timestamps, logs",
  usage: "[OPTION…]",
  description: [],
  options: [
    { name: "detach", short: "d", summary: "go on in the background" },
    ...SERVING_OPTIONS,
    {
      name: "print",
      value: "FORM",
      choices: ["systemd", "env", "cosign", "python", "js"],
      summary: "say how to use it",
    },
  ],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "to try it out on this machine", line: "sigstore up --dev" }],
  run: async (request: ParsedArguments, world: World) => (await import("../operations/up.ts")).runUp(request, world),
};
