/**
 * Whose the files are that root writes into somebody else's folder: of whoever has the folder.
 *
 * A service that systemd runs as a user of its own is looked after by root, and must be able to read what root has written there.
 * Works on open files alone, which nobody can put another one in place of. Leaves out: folders.
 */
import { closeSync, fchownSync, fstatSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Gives the new file at `path`, open as `descriptor`, to the owner of its folder, where root has made it. */
export function giveToOwner(descriptor: number, path: string): void {
  const { uid, gid } = statSync(dirname(path));
  // Only root makes files that are root's.
  if (uid !== 0 && fstatSync(descriptor).uid === 0) fchownSync(descriptor, uid, gid);
}

/** Makes an empty file for the owner of its folder; one that is there stays as it is. */
export function makeForOwner(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o644);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw error;
  }
  try {
    giveToOwner(descriptor, path);
  } finally {
    closeSync(descriptor);
  }
}
