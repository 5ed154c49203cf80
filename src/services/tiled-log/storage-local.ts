/**
 * The embedded storage of a log: one folder on a local disk.
 *
 * ```text
 * state.sqlite    every entry, and the head of the tree (storage-sqlite.ts)
 * public/         checkpoint and tiles, for any static server (storage-folder.ts)
 * writer.lock     held by the one writer (storage-sqlite-lock.ts); writer.json says who that is or was
 * identity        what a copy of the folder cannot have
 * ```
 *
 * A folder is known again by the inode and the time of birth of its file `identity`: both stay when the folder is renamed, and
 * are others in every copy, however it was made, also after the original is gone. Leaves out: images of whole disks and
 * snapshots of volumes, which nothing on the disk can tell from their original; for these there are witnesses.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { storageFailure } from "./storage-failure.ts";
import { FolderFiles } from "./storage-folder.ts";
import { takeFolderLock } from "./storage-sqlite-lock.ts";
import { SqliteState } from "./storage-sqlite.ts";
import type { LogFiles, LogState, LogStorage } from "./storage.ts";

/** Which folder, for which log. */
export interface LocalStorageOptions {
  readonly folder: string;
  /** Origin of the log: a folder belongs to one log for ever. */
  readonly origin: string;
  /** Who takes the lock, for whoever finds it taken: a process id, or more. */
  readonly holder: string;
}

/**
 * Opens the folder of a log as its one writer, or makes it.
 * @throws SigstoreError `storage-in-use`, `storage-copied`, `storage-damaged` when it belongs to another log, `storage-failed`
 */
export function openLocalStorage({ folder, origin, holder }: LocalStorageOptions): LogStorage {
  return guarded(folder, () => {
    makeFolderDurably(publicFolder(folder));
    const holderFile = join(folder, "writer.json");
    const lock = takeFolderLock(join(folder, "writer.lock"), () => readHolder(holderFile));
    try {
      writeFileSync(holderFile, `${JSON.stringify({ holder })}\n`);
      const statePath = join(folder, "state.sqlite");
      const state = SqliteState.open(statePath, { origin, folder: identifyFolder(folder) });
      flushFolder(folder);
      const close = async (): Promise<void> => {
        state.close();
        lock.release();
      };
      return { state, files: new FolderFiles(publicFolder(folder)), close };
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

/** The public files of a log's folder, for reading beside its writer. */
export function localFiles(folder: string): Pick<LogFiles, "read"> {
  return new FolderFiles(publicFolder(folder));
}

/** Where a log's folder has what anybody may read. */
export function publicFolder(folder: string): string {
  return join(folder, "public");
}

/** The state of a log that nobody writes now, for looking at it. */
export interface Resting {
  readonly state: LogState;
  readonly origin: string;
  /** What is wrong with the file itself, in words. */
  defects(): readonly string[];
  close(): void;
}

/**
 * Keeps writers away from a log's folder and opens its state for looking at it; undefined when the folder has none. A copy may be looked
 * at as well as its original.
 * @throws SigstoreError `storage-in-use` when there is a writer, `storage-damaged`, `storage-failed`
 */
export function openResting(folder: string): Resting | undefined {
  const path = join(folder, "state.sqlite");
  if (!existsSync(path)) return undefined;
  return guarded(folder, () => {
    const lock = takeFolderLock(join(folder, "writer.lock"), () => readHolder(join(folder, "writer.json")));
    try {
      const inspected = SqliteState.inspect(path);
      const close = (): void => {
        inspected.state.close();
        lock.release();
      };
      return { ...inspected, defects: () => SqliteState.defectsOf(inspected), close };
    } catch (error) {
      lock.release();
      throw error;
    }
  });
}

/** What no copy of the folder has. A file with two names would be in two folders. */
function identifyFolder(folder: string): string {
  const path = join(folder, "identity");
  try {
    writeFileSync(path, "This file marks the folder of a log. Do not copy, change or remove it.\n", {
      flag: "wx",
      flush: true,
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const { ino, birthtimeNs, nlink } = statSync(path, { bigint: true });
  if (nlink !== 1n)
    throw new SigstoreError("storage-copied", "expected a folder of its own files, got one made of hard links", {
      hint: "two folders that share their files would write one log",
    });
  return `${ino}-${birthtimeNs}`;
}

function readHolder(path: string): string {
  try {
    const { holder } = JSON.parse(readFileSync(path, "utf8")) as { holder?: unknown };
    return String(holder);
  } catch {
    return "another process";
  }
}

function makeFolderDurably(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = dirname(at)) flushFolder(dirname(at));
}

function flushFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function guarded<T>(folder: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw isSigstoreError(cause) ? cause : storageFailure(`open the log folder ${folder}`, cause);
  }
}
