/**
 * Bundles and keys on the disk: whole or not at all, whatever ends the program.
 *
 * Written under another name in the same folder, flushed, and then given its own name: by a link, which fails where there is a
 * file already, or by renaming, which replaces it. What cannot be finished is removed. Works for links to files as for the
 * files themselves: what a link leads to is not replaced, the link is.
 */
import { closeSync, fsync, link, open, rename, rmSync, unlink, writeFile } from "node:fs";
import { basename, dirname, join } from "node:path";
import { randomBytes } from "../crypto/random.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";

/** How a file is written. */
export interface WriteOptions {
  /** Replaces a file of that name; otherwise it is refused. */
  readonly replaces: boolean;
  /** What it is, with its article: "a bundle". */
  readonly what: string;
  /** Who may read and write it, as `chmod` counts; by the umask where it is not said. */
  readonly mode?: number;
  /** How it is said that something is there already; as of a bundle where it is not. */
  readonly exists?: ExistingFile;
}

/** The code of the error of a file that is there already, and the option that names another. */
export interface ExistingFile {
  readonly code: "bundle-exists" | "file-exists";
  readonly elsewhere: string;
}

const EXISTING_BUNDLE: ExistingFile = { code: "bundle-exists", elsewhere: "--bundle FILE" };

/**
 * Writes `text` to `path`.
 *
 * @throws SigstoreError `bundle-exists` where something is there already, `file-unwritable`
 */
export async function writeWhole(path: string, text: string, options: WriteOptions): Promise<void> {
  const { replaces, what, mode, exists } = options;
  const beside = join(dirname(path), `.${basename(path).slice(0, 100)}.${hexEncode(randomBytes(6))}`);
  try {
    try {
      await writeFlushed(beside, text, mode);
      if (replaces) await done((answer) => rename(beside, path, answer));
      else await giveName(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  } catch (error) {
    throw writingError(error, path, what, exists);
  }
}

/** The error for `path`, where something lies that must not be replaced. */
export function existsError(path: string, what: string, existing: ExistingFile = EXISTING_BUNDLE): SigstoreError {
  return new SigstoreError(existing.code, `expected to write ${what} to ${path}, got a file that is there already`, {
    hint: `replace it with --force, or write elsewhere with ${existing.elsewhere}`,
    details: { path },
  });
}

async function writeFlushed(path: string, text: string, mode: number | undefined): Promise<void> {
  const descriptor = await opened(path, mode);
  try {
    await done((answer) => writeFile(descriptor, text, answer));
    await done((answer) => fsync(descriptor, answer));
  } finally {
    closeSync(descriptor);
  }
}

/** File systems without links (FAT, some network ones) get the name by renaming, a moment after nothing was there. */
async function giveName(from: string, path: string): Promise<void> {
  try {
    await done((answer) => link(from, path, answer));
    await done((answer) => unlink(from, answer));
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error))) throw error;
    closeSync(await opened(path));
    await done((answer) => rename(from, path, answer));
  }
}

async function opened(path: string, mode = 0o666): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, "wx", mode, (error, descriptor) => {
      if (error === null) resolve(descriptor);
      else reject(error);
    });
  });
}

/** Waits for one operation. Not node:fs/promises: loading that takes longer than all of this. */
async function done(begin: (answer: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such folder",
  ENOTDIR: "a path that leads through a file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "a file system that cannot be written to",
  ENOSPC: "a full disk",
  EDQUOT: "a full disk",
  EISDIR: "a folder",
};

function writingError(error: unknown, path: string, what: string, existing: ExistingFile = EXISTING_BUNDLE): unknown {
  const code = codeOf(error);
  if (code === "") return error;
  if (code === "EEXIST") return existsError(path, what, existing);
  return new SigstoreError("file-unwritable", `expected to write ${what} to ${path}, got ${FAULTS[code] ?? code}`, {
    hint: `write it elsewhere with ${existing.elsewhere}`,
    details: { path },
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && "syscall" in error ? String(error.code) : "";
}
