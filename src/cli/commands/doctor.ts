/**
 * `sigstore doctor`: looks at the instance of this machine from all sides, and says what to do.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore doctor`. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "look over your instance: settings, folder, rights, port, clock, health",
  beside: "up",
  usage: "[OPTION…]",
  description: ["Exit code 0 when nothing is wrong, 1 otherwise. Nothing is changed."],
  options: [DATA_OPTION],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "what is wrong?", line: "sigstore doctor" }],
  run: async (request, world) => (await import("../operations/doctor.ts")).runDoctor(request, world),
};
