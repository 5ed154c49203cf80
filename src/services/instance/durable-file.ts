/**
 * Files of an instance's folder: written whole or not at all, and there after a power cut.
 *
 * A file is written beside its place, flushed, renamed, and its folder flushed. Leaves out the logs, whose engine has its own.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { giveToOwner } from "../tiled-log/storage-owner.ts";

/** For its owner alone, and what anybody on this machine may read once the folder lets them. */
export const SECRET_MODE = 0o600;
/** Content without secrets. */
export const PUBLIC_MODE = 0o644;

/** Writes a file so that it is durable, with these rights, when this returns. @throws SigstoreError `storage-failed` */
export function writeDurably(path: string, content: Uint8Array | string, mode: number): void {
  guarded(`write ${path}`, () => {
    const temporary = `${path}.new`;
    rmSync(temporary, { force: true });
    writeFlushed(temporary, content, mode);
    renameSync(temporary, path);
    flushFolder(dirname(path));
  });
}

/** Writes a file that is not there yet, durably. @throws SigstoreError `storage-failed`, also when it is there */
export function writeNew(path: string, content: Uint8Array | string, mode: number): void {
  guarded(`write ${path}`, () => {
    writeFlushed(path, content, mode);
    flushFolder(dirname(path));
  });
}

/** Makes a folder that only its owner can enter, durably; what is there already stays. @throws SigstoreError `storage-failed` */
export function makePrivateFolder(path: string): void {
  guarded(`make ${path}`, () => {
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let at = path; at.length >= first.length; at = dirname(at)) flushFolder(dirname(at));
  });
}

/** Removes a file or folder for good; what is not there is no error. @throws SigstoreError `storage-failed` */
export function removeDurably(path: string): void {
  guarded(`remove ${path}`, () => {
    rmSync(path, { recursive: true, force: true });
    if (existsSync(dirname(path))) flushFolder(dirname(path));
  });
}

/** The bytes of a small file, or undefined when there is none. @throws SigstoreError `storage-failed`, `instance-invalid` */
export function readSmallFile(path: string): Uint8Array | undefined {
  return guarded(`read ${path}`, () => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw damaged(path, "a file", "something else");
    if (stats.size > LIMITS.smallFileBytes)
      throw damaged(path, `at most ${LIMITS.smallFileBytes} bytes`, `${stats.size} bytes`);
    return new Uint8Array(readFileSync(path));
  });
}

/** The bytes of a small file that must be there. @throws SigstoreError `instance-invalid`, `storage-failed` */
export function requireSmallFile(path: string): Uint8Array {
  const bytes = readSmallFile(path);
  if (bytes === undefined) throw damaged(path, "a file of this instance", "none");
  return bytes;
}

/** What is said of a file of the folder that is missing, changed, or not what it must be. */
export function damaged(path: string, expected: string, got: string, cause?: unknown): SigstoreError {
  return new SigstoreError("instance-invalid", `${path}: expected ${expected}, got ${got}`, {
    hint: "put the file back as it was, or start again from a backup: sigstore restore",
    details: { path },
    cause,
  });
}

/** Where a file of this name lies. */
export function inFolder(folder: string, ...names: readonly string[]): string {
  return join(folder, ...names);
}

function writeFlushed(path: string, content: Uint8Array | string, mode: number): void {
  const descriptor = openSync(path, "wx", mode);
  try {
    giveToOwner(descriptor, path);
    writeFileSync(descriptor, content, { flush: true });
  } finally {
    closeSync(descriptor);
  }
}

function flushFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const NO_RIGHTS = "run as the user whose instance it is, or name another folder with --data FOLDER";
const FULL = "make room on the disk, then try again";
const HINTS: Readonly<Record<string, string>> = {
  EACCES: NO_RIGHTS,
  EPERM: NO_RIGHTS,
  EROFS: "the disk is mounted read-only: name another folder with --data FOLDER",
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOTDIR: "name a folder with --data FOLDER: a part of this path is a file",
  EEXIST: "name a folder with --data FOLDER: there is a file of this name",
};

/** What the system refuses, in words. */
function guarded<Value>(wish: string, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    if (isSigstoreError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const hint = HINTS[code];
    throw new SigstoreError("storage-failed", `expected to ${wish}, got ${reason}`, { cause, ...(hint && { hint }) });
  }
}
