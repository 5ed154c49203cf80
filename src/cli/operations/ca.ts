/**
 * `sigstore ca` at work.
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readFile } from "../../files/read.ts";
import { LIMITS } from "../../limits.ts";
import type { CaAlgorithm } from "../../services/instance/authorities.ts";
import { exportRootKey, rotateCertificateAuthority } from "../../services/instance/changes.ts";
import { readRunRecord } from "../../services/instance/folder.ts";
import { type InstanceView, viewInstance } from "../../services/instance/instance-view.ts";
import { API_VERSION } from "../../verdict/result.ts";
import type { ParsedArguments } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findDataFolder } from "../options/data-folder.ts";
import { readKeyEncryption } from "../options/key-file.ts";
import { usageError } from "../options/parse.ts";
import { writeJson, writeWarning } from "../output.ts";
import { printable, shellWord } from "../terminal.ts";
import type { World } from "../world.ts";

const ALGORITHMS: readonly CaAlgorithm[] = ["p256", "p384", "rsa3072", "rsa4096"];
const PATIENCE_MS = 10_000;
const STEP_MS = 50;

/** Runs the command. */
export async function runCa(request: ParsedArguments, world: World): Promise<number> {
  const [action, file, ...more] = request.operands;
  const { path: folder } = findDataFolder(request, world);
  viewInstance(folder);
  if (action === "rotate" && file === undefined) return rotate(folder, request, world);
  if (action === "export-root-key" && file !== undefined && more.length === 0)
    return exportKey(folder, resolve(file), request, world);
  throw usageError(`expected rotate, or export-root-key FILE, got ${request.operands.join(" ")}`, "sigstore help ca");
}

async function rotate(folder: string, request: ParsedArguments, world: World): Promise<number> {
  const keyFile = request.value("root-key");
  const algorithm = request.value("ca-algorithm");
  const newRoot = request.flag("new-root");
  if (!newRoot && algorithm !== undefined)
    throw usageError("expected --new-root with --ca-algorithm, got it alone", "an issuing key is as its root's");
  const { name } = await rotateCertificateAuthority(folder, {
    keyEncryption: await readKeyEncryption(request, world),
    newRoot,
    caAlgorithm: ALGORITHMS.find((one) => one === algorithm),
    rootKey: keyFile === undefined ? undefined : readFile(keyFile, LIMITS.smallFileBytes, "the root's key"),
    nowMs: world.nowMs(),
  });
  const isInUse = await tellProcess(folder, name, world);
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "CaRotation", folder, certificateAuthority: name, isInUse });
  else world.writeOutput(rotationText(name, isInUse, viewInstance(folder)));
  return EXIT.yes;
}

/** The trusted root is written anew by the process that serves: until then nobody knows its fingerprint. */
function rotationText(name: string, isInUse: boolean, { record: { url }, fingerprintHex }: InstanceView): string {
  const start = isInUse
    ? "the instance issues with it from now on"
    : "the instance issues with it from its next start on";
  const fingerprint = isInUse && fingerprintHex !== undefined ? ` --fingerprint ${fingerprintHex}` : "";
  return `new chain ${name}: ${start}\nwho trusts the instance needs its trusted root anew:\n  sigstore trust use ${url}${fingerprint}\n`;
}

/** Tells the process that serves, where there is one, and waits until it has taken the chain up. */
async function tellProcess(folder: string, name: string, world: World): Promise<boolean> {
  const { isHeld, run } = viewInstance(folder);
  if (!isHeld) return false;
  if (run !== undefined) {
    process.kill(run.pid, "SIGHUP");
    for (const endMs = world.nowMs() + PATIENCE_MS; world.nowMs() < endMs; await sleep(STEP_MS)) {
      if (readRunRecord(folder)?.certificateAuthority === name) return true;
    }
  }
  writeWarning(world, "the process that serves the instance has not taken the new chain up: start it again");
  return false;
}

async function exportKey(folder: string, file: string, request: ParsedArguments, world: World): Promise<number> {
  const { authority } = await exportRootKey(folder, file, await readKeyEncryption(request, world));
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "RootKeyExport", folder, file, certificateAuthority: authority });
  else world.writeOutput(exportText(file, authority));
  return EXIT.yes;
}

function exportText(file: string, authority: string): string {
  return `the root's key of ${authority} is in ${printable(file)}, not encrypted, and in the data folder no more
keep it where nobody reaches it; it is needed only for: sigstore ca rotate --root-key ${shellWord(file)}
backups that were made before hold it still\n`;
}
