/**
 * What the machine says when storage fails (errno, result codes of SQLite), as an error of the storage port with what its owner can do.
 */
import { SigstoreError } from "../../errors.ts";

const RIGHTS = "give the user that runs this the right to read and write it, or name another folder";
const ROOM = "make room on the disk; nothing that was acknowledged is lost";
const PLACE = "name a folder, or a place where one can be made";
const DAMAGED = "keep the folder as it is, and restore a backup as a new log beside it";

/** By errno, or by the primary result code of SQLite. */
const HINTS: ReadonlyMap<string | number, string> = new Map<string | number, string>([
  ["EACCES", RIGHTS],
  ["EPERM", RIGHTS],
  ["EROFS", RIGHTS],
  ["ENOSPC", ROOM],
  ["EDQUOT", ROOM],
  ["ENOTDIR", PLACE],
  ["EEXIST", PLACE],
  [3, RIGHTS],
  [8, RIGHTS],
  [13, ROOM],
  [14, RIGHTS],
  [11, DAMAGED],
  [26, DAMAGED],
]);

/** SQLITE_CORRUPT, SQLITE_NOTADB */
const DAMAGE = new Set<unknown>([11, 26]);

/** The error of a step that failed; `what` completes "expected to …". */
export function storageFailure(what: string, cause: unknown): SigstoreError {
  const reason = cause instanceof Error ? cause.message : "an unknown error";
  const code = codeOf(cause);
  const isDamaged = DAMAGE.has(code);
  const hint = HINTS.get(code ?? "");
  return new SigstoreError(isDamaged ? "storage-damaged" : "storage-failed", `expected to ${what}, got ${reason}`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}

function codeOf(cause: unknown): string | number | undefined {
  if (!(cause instanceof Error)) return undefined;
  if ("errcode" in cause && typeof cause.errcode === "number") return cause.errcode & 0xff;
  return "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
}
