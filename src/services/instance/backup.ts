/**
 * A backup of an instance, made while it runs: keys sealed as they are, chains, users, and each log as it was at one moment.
 *
 * A log's checkpoint is read first and its files after it, so that they lead to it; its state comes last and may know of more.
 * Leaves out: the trust files, which are made anew, and anything of the process that serves.
 */
import { existsSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "../../crypto/random.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { takeFolderLock } from "../tiled-log/storage-sqlite-lock.ts";
import { copyFile, copyFolder } from "./copy-folder.ts";
import {
  inFolder,
  makePrivateFolder,
  readSmallFile,
  removeDurably,
  SECRET_MODE,
  writeDurably,
} from "./durable-file.ts";
import { viewInstance } from "./instance-view.ts";
import { type InstanceRecord, serializeInstanceRecord } from "./record.ts";
import { copyDatabase } from "./storage-sqlite-copy.ts";

/** What was saved. */
export interface Backup {
  readonly folder: string;
  readonly name: string;
  readonly isEncrypted: boolean;
}

const FOLDERS = ["keys", "ca", "tsa", "tls"];
const USED_TOKENS = "used-tokens.sqlite";

/** Saves the instance in `folder` in the new folder `target`. @throws SigstoreError `storage-failed`, `instance-invalid` */
export function backUpInstance(folder: string, target: string): Backup {
  const { record, isEncrypted } = viewInstance(folder);
  requireNothing(target);
  // A name of its own: another backup to the same place must not mix with this one.
  const partial = `${target}.${hexEncode(randomBytes(4))}.partial`;
  try {
    copyInstance(folder, partial, record);
    moveInPlace(partial, target);
  } catch (error) {
    removeDurably(partial);
    throw error;
  }
  return { folder: target, name: record.name, isEncrypted };
}

function copyInstance(folder: string, partial: string, record: InstanceRecord): void {
  makePrivateFolder(partial);
  // So that nobody rotates a chain while it is copied.
  const lock = takeFolderLock(inFolder(folder, "change.lock"), () => "a change that is under way");
  try {
    for (const name of FOLDERS)
      if (existsSync(inFolder(folder, name))) copyFolder(inFolder(folder, name), inFolder(partial, name));
    copyFile(inFolder(folder, "users.json"), inFolder(partial, "users.json"));
    if (existsSync(inFolder(folder, USED_TOKENS)))
      copyDatabase(inFolder(folder, USED_TOKENS), inFolder(partial, USED_TOKENS));
  } finally {
    lock.release();
  }
  for (const { name } of [...record.rekorLogs, ...record.ctLogs])
    copyLog(inFolder(folder, name), inFolder(partial, name));
  writeDurably(inFolder(partial, "instance.json"), serializeInstanceRecord(record), SECRET_MODE);
}

/** Takes the place of nothing, or of an empty folder: whatever came there meanwhile stays. */
function moveInPlace(partial: string, target: string): void {
  try {
    if (existsSync(target)) rmdirSync(target);
    renameSync(partial, target);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("storage-failed", `expected to put the backup at ${target}, got ${reason}`, { cause });
  }
  makePrivateFolder(dirname(target));
}

/** Copies the folder of a log. */
export function copyLog(from: string, to: string): void {
  const published = inFolder(from, "public");
  const copy = inFolder(to, "public");
  const checkpoint = readSmallFile(inFolder(published, "checkpoint"));
  copyFolder(published, copy, (path) => path !== "checkpoint");
  if (checkpoint !== undefined) writeDurably(inFolder(copy, "checkpoint"), checkpoint, SECRET_MODE);
  copyFile(inFolder(from, "identity"), inFolder(to, "identity"));
  if (existsSync(inFolder(from, "state.sqlite")))
    copyDatabase(inFolder(from, "state.sqlite"), inFolder(to, "state.sqlite"));
}

function requireNothing(target: string): void {
  if (!existsSync(target) || readdirSync(target).length === 0) return;
  throw new SigstoreError(
    "storage-failed",
    `expected a new folder for the backup, got ${target}, which has something in it`,
    {
      hint: "name one that is not there yet; each backup has a folder of its own",
      details: { path: target },
    },
  );
}
