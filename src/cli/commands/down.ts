/**
 * `sigstore down`: ends the instance of this machine.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore down`. */
export const downCommand: Command = {
  name: "down",
  summary: "end your instance; what has begun is answered first",
  beside: "up",
  usage: "[OPTION…]",
  description: ["The data stays: sigstore up goes on with the same keys and logs."],
  options: [DATA_OPTION],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "stop serving", line: "sigstore down" }],
  run: async (request, world) => (await import("../operations/down.ts")).runDown(request, world),
};
