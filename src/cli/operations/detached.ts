/**
 * `sigstore up --detach`: a process of its own that serves on, with a log file; the command ends when it is healthy.
 *
 * It is this program with the same words, but for the flag; what seals the keys is handed to it on its standard input,
 * never on its command line. Leaves out: starting again after a crash or a reboot, which is systemd's (`--print systemd`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SigstoreError } from "../../errors.ts";
import { makePrivateFolder, SECRET_MODE } from "../../services/instance/durable-file.ts";
import { InstanceFolder, pathsOf, readInstanceRecord, readRunRecord } from "../../services/instance/folder.ts";
import { viewInstance } from "../../services/instance/instance-view.ts";
import type { InstanceOptions } from "../../services/instance/start.ts";
import { KEY_FILE_OPTION, serializeKeyFile } from "../options/key-file.ts";
import { ownProgram } from "../own-program.ts";
import type { World } from "../world.ts";
import type { InstanceSummary } from "./greeting.ts";
import { sizeOfFile, tailOf } from "./log-file.ts";

/** Set for the process in the background: what it says goes to a log file. */
export const IN_BACKGROUND = "SIGSTORE_IN_BACKGROUND";

const PATIENCE_MS = 60_000;
const STEP_MS = 25;
/** Lines of the log that are shown when it does not come up. */
const LAST_LINES = 12;

/** Starts the process and waits until it serves. @throws SigstoreError `storage-in-use`, `instance-invalid` */
export async function startDetached(
  serving: Omit<InstanceOptions, "log" | "processId">,
  world: World,
): Promise<InstanceSummary> {
  const { folder } = serving;
  // Says who holds it before a process is started in vain.
  InstanceFolder.hold(folder).release();
  const isNew = readInstanceRecord(folder) === undefined;
  const { logFile } = pathsOf(folder);
  makePrivateFolder(dirname(logFile));
  const before = sizeOfFile(logFile);
  const child = startProcess(logFile, serving);
  await untilServing(child, { folder, logFile, before }, world);
  const { record, run, fingerprintHex = "", isEncrypted } = viewInstance(folder);
  const url = run?.url ?? record.url;
  const isDev = serving.dev === true;
  return {
    name: record.name,
    url,
    issuer: `${url}/auth`,
    folder,
    fingerprintHex,
    isNew,
    isEncrypted,
    isDev,
    metricsPort: serving.metricsPort,
  };
}

function startProcess(logFile: string, { keyEncryption }: Pick<InstanceOptions, "keyEncryption">): ChildProcess {
  const { program, words } = ownProgram();
  const [file, ...before] = program;
  const sealed = keyEncryption === undefined ? [] : [`--${KEY_FILE_OPTION.name}=-`];
  const descriptor = openSync(logFile, "a", SECRET_MODE);
  try {
    const child = spawn(file, [...before, ...keptWords(words), ...sealed], {
      detached: true,
      stdio: ["pipe", descriptor, descriptor],
      env: { ...process.env, [IN_BACKGROUND]: "1" },
    });
    child.stdin?.on("error", ignoreEnd);
    child.stdin?.end(keyEncryption === undefined ? "" : serializeKeyFile(keyEncryption));
    child.unref();
    return child;
  } finally {
    closeSync(descriptor);
  }
}

/** A process that ended before it read what it was to read says why in its log. */
function ignoreEnd(): void {
  // Its end is seen elsewhere.
}

/** The words without those for this process: what sealed the keys was read here, and may be had only once. */
function keptWords(words: readonly string[]): readonly string[] {
  const keyFile = `--${KEY_FILE_OPTION.name}`;
  return words.filter((word, at) => {
    const isKeyFile = word === keyFile || word.startsWith(`${keyFile}=`) || words[at - 1] === keyFile;
    return !isKeyFile && !["-d", "--detach", "--json"].includes(word);
  });
}

async function untilServing(
  child: ChildProcess,
  { folder, logFile, before }: { readonly folder: string; readonly logFile: string; readonly before: number },
  world: World,
): Promise<void> {
  const failure = { text: "" };
  child.on("error", (error) => (failure.text = error.message));
  child.on("exit", (code, signal) => (failure.text = `it ended with ${signal ?? `exit code ${code}`}`));
  for (const endMs = world.nowMs() + PATIENCE_MS; world.nowMs() < endMs; await sleep(STEP_MS)) {
    if (failure.text !== "") break;
    // The process writes it when it serves, and `hold` has removed what another had left.
    if (readRunRecord(folder)?.pid === child.pid) return;
  }
  const reason = failure.text === "" ? `nothing within ${PATIENCE_MS / 1000} s` : failure.text;
  throw new SigstoreError("instance-invalid", `expected the instance to come up, got: ${reason}`, {
    hint: `it says in ${logFile}:\n${tailOf(logFile, LAST_LINES, before).join("\n")}`,
    details: { path: logFile },
  });
}
