/**
 * `sigstore logs` at work.
 */
import { existsSync } from "node:fs";
import { SigstoreError } from "../../errors.ts";
import { pathsOf } from "../../services/instance/folder.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptible } from "../interrupt.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { usageError } from "../options/parse.ts";
import { writeJson } from "../output.ts";
import { printable } from "../terminal.ts";
import type { World } from "../world.ts";
import { followFile, tailOf } from "./log-file.ts";

const DEFAULT_LINES = 100;

/** Runs the command. */
export async function runLogs(request: ParsedArguments, world: World): Promise<number> {
  const lines = linesOf(request);
  const { path: folder } = findDataFolder(request, world);
  const { logFile: path } = pathsOf(folder);
  if (!existsSync(path))
    throw new SigstoreError("file-not-found", `expected the log file ${path}, got no such file`, {
      hint: "an instance writes one when it was started with: sigstore up --detach",
      details: { path },
    });
  if (request.flag("json")) {
    if (request.flag("follow")) throw usageError("expected --follow or --json, got both", "a document has an end");
    writeJson(world, { apiVersion: API_VERSION, kind: "InstanceLog", path, lines: tailOf(path, lines) });
    return EXIT.yes;
  }
  for (const line of tailOf(path, lines)) world.writeOutput(`${printable(line)}\n`);
  if (request.flag("follow")) await interruptible((signal) => followFile(path, (text) => show(text, world), signal));
  return EXIT.yes;
}

function linesOf(request: ParsedArguments): number {
  const text = request.value("lines") ?? String(DEFAULT_LINES);
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw usageError(`expected a number of lines after --lines, got ${text}`);
}

function show(text: string, world: World): void {
  world.writeOutput(text.split("\n").map(printable).join("\n"));
}
