/**
 * `sigstore logs`: what the instance in the background has to say.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore logs`. */
export const logsCommand: Command = {
  name: "logs",
  summary: "show the log file of your instance in the background",
  beside: "up",
  usage: "[OPTION…]",
  description: ["What runs in a terminal, or by systemd, has its lines there."],
  options: [
    { name: "follow", short: "f", summary: "show what comes, too, until Ctrl-C" },
    { name: "lines", value: "N", summary: "so many of the last lines (100)" },
    DATA_OPTION,
  ],
  operands: { label: "nothing", minimum: 0, maximum: 0, completes: [] },
  examples: [{ does: "watch it", line: "sigstore logs -f" }],
  run: async (request, world) => (await import("../operations/logs.ts")).runLogs(request, world),
};
