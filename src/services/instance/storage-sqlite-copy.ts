/**
 * A copy of an SQLite database that is whole, also while somebody writes to it (SQLite, "VACUUM INTO").
 */
import { DatabaseSync } from "node:sqlite";
import { SigstoreError } from "../../errors.ts";

/** Copies the database `from` to the new file `to`, as it is at one moment. @throws SigstoreError `storage-failed` */
export function copyDatabase(from: string, to: string): void {
  try {
    const database = new DatabaseSync(from);
    try {
      database.exec("PRAGMA busy_timeout = 30000");
      database.prepare("VACUUM INTO ?").run(to);
    } finally {
      database.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("storage-failed", `expected to copy ${from} to ${to}, got ${reason}`, { cause });
  }
}
