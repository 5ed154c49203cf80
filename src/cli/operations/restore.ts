/**
 * `sigstore restore` at work.
 */
import { resolve } from "node:path";
import { type Restored, restoreInstance } from "../../services/instance/restore.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { readKeyEncryption } from "../options/key-file.ts";
import { writeJson } from "../output.ts";
import { printable, shellWord } from "../terminal.ts";
import type { World } from "../world.ts";

/** Runs the command. */
export async function runRestore(request: ParsedArguments, world: World): Promise<number> {
  const [from = ""] = request.operands;
  const { path: folder } = findDataFolder(request, world);
  const keyEncryption = await readKeyEncryption(request, world);
  const restored = await restoreInstance({ from: resolve(from), folder, keyEncryption, nowMs: world.nowMs() });
  if (request.flag("json")) writeJson(world, documentOf(restored, folder));
  else world.writeOutput(textOf(restored, folder, keyEncryption !== undefined));
  return EXIT.yes;
}

function documentOf({ name, url, logs }: Restored, folder: string): Readonly<Record<string, unknown>> {
  const shown = logs.map(({ frozen, entries, begun }) => ({ frozen, entries: String(entries), begun }));
  return { apiVersion: API_VERSION, kind: "InstanceRestore", name, url, folder, logs: shown };
}

function textOf({ name, url, logs }: Restored, folder: string, isSealed: boolean): string {
  const lines = [
    `restored ${name} in ${printable(folder)}`,
    ...logs.map(
      ({ frozen, entries, begun }) =>
        `  ${frozen} is whole and frozen at ${entries} ${entries === 1n ? "entry" : "entries"}; ${begun} begins`,
    ),
    "",
    `start it with: sigstore up --data ${shellWord(folder)}${isSealed ? " --key-file FILE" : ""}`,
    `who trusts it needs its trusted root anew: sigstore trust use ${url}`,
  ];
  return `${lines.join("\n")}\n`;
}
