/**
 * Copies of folders whose files others may be writing: each file is found whole, since writers rename them into place.
 *
 * Copies can be read by their owner alone, and are durable. Leaves out links, sockets and whatever else is no file.
 */
import { copyFileSync, constants, existsSync, fsyncSync, closeSync, openSync, readdirSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { SigstoreError } from "../../errors.ts";
import { makePrivateFolder, SECRET_MODE } from "./durable-file.ts";

/** Copies the files below `from` for which `isWanted` says so, by their paths below it. @throws SigstoreError `storage-failed` */
export function copyFolder(from: string, to: string, isWanted: (path: string) => boolean = () => true): void {
  makePrivateFolder(to);
  // Twice: a file that was put in place of others meanwhile is found the second time.
  for (let pass = 0; pass < 2; pass++) copyFiles(from, to, isWanted);
}

function copyFiles(from: string, to: string, isWanted: (path: string) => boolean): void {
  const entries = readdirSync(from, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile() && !one.name.endsWith(".new"))) {
    const path = join(entry.parentPath, entry.name).slice(from.length + 1);
    if (!isWanted(path) || existsSync(join(to, path))) continue;
    makePrivateFolder(join(to, entry.parentPath.slice(from.length)));
    copyFile(join(from, path), join(to, path));
  }
}

/** Copies one file durably; one that is gone by now is no error. @throws SigstoreError `storage-failed` */
export function copyFile(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, SECRET_MODE);
    const descriptor = openSync(to, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT" && !existsSync(from)) return;
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("storage-failed", `expected to copy ${from} to ${to}, got ${reason}`, { cause });
  }
}
