/**
 * `sigstore status`: does the instance of this machine run, and is it well?
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore status`. */
export const statusCommand: Command = {
  name: "status",
  summary: "say whether your instance runs, and how its services are",
  beside: "up",
  usage: "[OPTION…]",
  description: ["Exit code 0 when it runs and all is well, 1 otherwise."],
  options: [DATA_OPTION],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "is it up?", line: "sigstore status" }],
  run: async (request, world) => (await import("../operations/status.ts")).runStatus(request, world),
};
