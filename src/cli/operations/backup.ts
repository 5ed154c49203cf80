/**
 * `sigstore backup` at work.
 */
import { resolve } from "node:path";
import { backUpInstance } from "../../services/instance/backup.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { writeJson } from "../output.ts";
import { printable, shellWord } from "../terminal.ts";
import type { World } from "../world.ts";

/** Runs the command. */
export function runBackup(request: ParsedArguments, world: World): number {
  const [target = ""] = request.operands;
  const { path } = findDataFolder(request, world);
  const { folder, name, isEncrypted } = backUpInstance(path, resolve(target));
  if (request.flag("json")) {
    writeJson(world, { apiVersion: API_VERSION, kind: "InstanceBackup", name, folder, keysEncrypted: isEncrypted });
    return EXIT.yes;
  }
  const keys = isEncrypted
    ? "its keys are encrypted: keep what opens them elsewhere"
    : "its keys are not encrypted: whoever reads it can be the instance";
  world.writeOutput(
    `saved ${name} in ${printable(folder)}\n${keys}\nit is brought back with: sigstore restore ${shellWord(folder)}\n`,
  );
  return EXIT.yes;
}
