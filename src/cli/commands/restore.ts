/**
 * `sigstore restore FOLDER`: an instance from a backup, with new logs beside the old ones.
 */
import type { Command } from "../command.ts";
import { DATA_OPTION } from "../options/data-folder.ts";
import { KEY_FILE_OPTION } from "../options/key-file.ts";

/** `sigstore restore`. */
export const restoreCommand: Command = {
  name: "restore",
  summary: "make an instance from a backup, ready to be started",
  beside: "up",
  usage: "[OPTION…] FOLDER",
  description: [
    "The same keys and users; the old logs are checked and can be read, new ones",
    "begin: the original may have logged more since, and must not be contradicted.",
    "FOLDER may also be a copied data folder, and the same as --data.",
    "Who trusts the instance needs its trusted root anew: sigstore trust use URL.",
  ],
  options: [{ ...DATA_OPTION, summary: "where the instance is to be, a new folder" }, KEY_FILE_OPTION],
  operands: { label: "FOLDER", minimum: 1, maximum: 1, completes: "file" },
  examples: [{ does: "after the disk was lost", line: "sigstore restore /mnt/backup/sigstore-monday" }],
  run: async (request, world) => (await import("../operations/restore.ts")).runRestore(request, world),
};
