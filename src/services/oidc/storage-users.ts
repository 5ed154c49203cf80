/**
 * The file of users in an instance's folder: `users.json`, for its owner alone.
 *
 * Written beside its place, flushed, renamed, the folder flushed: a reader finds it whole, before or after a change, also after a power
 * cut. Whoever changes it holds a lock meanwhile, which the kernel frees. A service reads it again when it is another file. Leaves out:
 * what stands in it (users.ts).
 */
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { giveToOwner } from "../tiled-log/storage-owner.ts";
import { type FolderLock, takeFolderLock } from "../tiled-log/storage-sqlite-lock.ts";
import type { UserList } from "./local-users.ts";
import { parseUsers, requireUnique, serializeUsers, type User } from "./users.ts";

const SECRET_MODE = 0o600;
const OTHERS_MODE = 0o077;
/** Rights mean nothing there. */
const IS_WINDOWS = sep === "\\";

/** Changes take milliseconds; who waits longer than this for another has met something broken. */
const LOCK_TRIES = 500;
const LOCK_PAUSE_MS = 10;

/** The users of a file, read again whenever the file has changed. */
export class UsersFile implements UserList {
  readonly path: string;
  #known: { readonly version: string; readonly users: readonly User[] } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The users as they are now; none where there is no file.
   *
   * @throws SigstoreError `users-invalid` when it is damaged or others may read it, `storage-failed`
   */
  async read(): Promise<readonly User[]> {
    const version = await versionOf(this.path);
    if (version === undefined) return [];
    if (this.#known?.version !== version) this.#known = await readUsers(this.path);
    return this.#known.users;
  }
}

/**
 * Changes the file: `edit` gets the users as they are and answers what they shall be, while nobody else changes them.
 *
 * @throws SigstoreError what `edit` throws, `users-invalid`, `storage-in-use`, `storage-failed`
 */
export async function editUsers(path: string, edit: (users: readonly User[]) => readonly User[]): Promise<void> {
  await guarded(`make the folder of ${path}`, () => mkdir(dirname(path), { recursive: true, mode: 0o700 }));
  const lock = await takeLock(`${path}.lock`);
  try {
    const changed = edit(await new UsersFile(path).read());
    if (changed.length > LIMITS.users) throw damaged(path, `at most ${LIMITS.users} users`, `${changed.length}`);
    requireUnique(changed);
    await guarded(`write ${path}`, () => writeDurably(path, serializeUsers(changed)));
  } finally {
    lock.release();
  }
}

async function takeLock(path: string): Promise<FolderLock> {
  for (let tries = 1; ; tries++) {
    try {
      return takeFolderLock(path, () => "another command");
    } catch (cause) {
      if (!isSigstoreError(cause, "storage-in-use")) throw cause;
      if (tries >= LOCK_TRIES)
        throw new SigstoreError("storage-in-use", "expected to change the users, got another command that is at it", {
          hint: "wait until it has ended, and run this again",
          cause,
        });
      await sleep(LOCK_PAUSE_MS);
    }
  }
}

/** What tells two files, or two states of one, apart; undefined when there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  return guarded(`read ${path}`, async () => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(" ");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** The users, and the version of the very file that was read. */
async function readUsers(path: string): Promise<{ readonly version: string; readonly users: readonly User[] }> {
  return guarded(`read ${path}`, async () => {
    const file = await open(path, "r");
    try {
      const { ino, size, mtimeNs, ctimeNs, mode } = await file.stat({ bigint: true });
      requirePrivate(path, Number(mode));
      if (size > LIMITS.usersFileBytes) throw damaged(path, `at most ${LIMITS.usersFileBytes} bytes`, `${size}`);
      return { version: [ino, size, mtimeNs, ctimeNs].join(" "), users: parsed(path, await file.readFile()) };
    } finally {
      await file.close();
    }
  });
}

function parsed(path: string, bytes: Uint8Array): readonly User[] {
  try {
    return parseUsers(new Uint8Array(bytes));
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw new SigstoreError("users-invalid", `${path}: ${cause.message}`, {
      hint: "put back a copy of the file, or remove it and make the accounts anew with sigstore user add",
      details: { path },
      cause,
    });
  }
}

/** Hashes of passwords can be guessed at by whoever reads them. */
function requirePrivate(path: string, mode: number): void {
  if (IS_WINDOWS || (mode & OTHERS_MODE) === 0) return;
  const rights = (mode & 0o777).toString(8).padStart(4, "0");
  throw new SigstoreError("users-invalid", `${path}: expected rights for its owner alone (0600), got ${rights}`, {
    hint: `chmod 600 ${path}`,
    details: { path },
  });
}

async function writeDurably(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const file = await open(beside, "wx", SECRET_MODE);
  try {
    giveToOwner(file.fd, beside);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function damaged(path: string, expected: string, got: string): SigstoreError {
  return new SigstoreError("users-invalid", `${path}: expected ${expected}, got ${got}`, { details: { path } });
}

async function guarded<T>(wish: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (isSigstoreError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("storage-failed", `expected to ${wish}, got ${reason}`, { cause });
  }
}
