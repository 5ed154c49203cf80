/**
 * The lock that one writer holds on a folder: an exclusive transaction on an empty SQLite database.
 *
 * The kernel frees it when the process ends in any way, kill -9 included; no stale lock is ever left. Nobody may open the file
 * by other means while it is held: POSIX takes a process's locks away when it closes any descriptor of the file.
 * Leaves out: network file systems whose locks do not work; a log lies on a local disk.
 */
import { DatabaseSync } from "node:sqlite";
import { SigstoreError } from "../../errors.ts";
import { storageFailure } from "./storage-failure.ts";
import { makeForOwner } from "./storage-owner.ts";

/** A lock that is held. */
export interface FolderLock {
  /** Lets go of it. */
  release(): void;
}

/**
 * Takes the lock at `path`.
 * @param holder asked for when somebody else has it: who that is, in words
 * @throws SigstoreError `storage-in-use`, `storage-failed`
 */
export function takeFolderLock(path: string, holder: () => string): FolderLock {
  let database: DatabaseSync | undefined;
  try {
    makeForOwner(path);
    database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (cause) {
    database?.close();
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    if (!reason.includes("locked")) throw storageFailure(`lock ${path}`, cause);
    throw new SigstoreError("storage-in-use", `expected a folder that nobody writes to, got one held by ${holder()}`, {
      hint: "stop the other process first; a log has one writer",
      cause,
    });
  }
  const held = database;
  return { release: () => held.close() };
}
