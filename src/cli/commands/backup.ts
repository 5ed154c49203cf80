/**
 * `sigstore backup FOLDER`: saves the instance of this machine, while it runs.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";

/** `sigstore backup`. */
export const backupCommand: Command = {
  name: "backup",
  summary: "save your instance in a new folder, while it runs",
  beside: "up",
  usage: "[OPTION…] FOLDER",
  description: [
    "Keys, chains, users and logs; the keys encrypted as they are, or not. Whoever",
    "has an unencrypted backup is the instance: keep it as you would keep the keys.",
  ],
  options: [DATA_OPTION],
  operands: { label: "FOLDER", minimum: 1, maximum: 1, completes: "file" },
  examples: [{ does: "save it", line: "sigstore backup /mnt/backup/sigstore-monday" }],
  run: async (request, world) => (await import("../operations/backup.ts")).runBackup(request, world),
};
