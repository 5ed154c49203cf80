/**
 * An instance from a backup, or from a copy of its folder: the same keys, chains and users, and new logs beside the old ones.
 *
 * The copy cannot know what the original has logged since; two that went on would show two logs under one name. So the old logs are
 * frozen, checked whole and handed out for reading under their names, and new ones begin. The trusted root lists both.
 */
import { existsSync } from "node:fs";
import { importPublicKey } from "../../crypto/keys.ts";
import { randomBytes } from "../../crypto/random.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { noteVerifier } from "../../tlog/note-key.ts";
import { treeHeadVerifier } from "../../tlog/tree-head.ts";
import { CtEntryRules } from "../ctlog/entry-check.ts";
import { STATIC_CT_ENCODING } from "../ctlog/entry-encoding.ts";
import { type CheckOptions, checkLog } from "../tiled-log/fsck.ts";
import { localFiles } from "../tiled-log/storage-local.ts";
import { copyLog } from "./backup.ts";
import { copyFile, copyFolder } from "./copy-folder.ts";
import { inFolder } from "./durable-file.ts";
import { createLog } from "./first-start.ts";
import { InstanceFolder, isHeld, pathsOf, readInstanceRecord } from "./folder.ts";
import { type KeyEncryption, KeyStore } from "./key-store.ts";
import { type LogPlace, openCtLog, openRekorLog } from "./logs.ts";
import { active, type InstanceRecord, type LogRecord, requireLaterThan } from "./record.ts";
import { acceptedRoots } from "./services.ts";

/** What is restored, and where. */
export interface RestoreWish {
  /** A backup, or a copy of an instance's folder. */
  readonly from: string;
  /** The data folder: a new one, or `from` itself. */
  readonly folder: string;
  readonly keyEncryption: KeyEncryption | undefined;
  readonly nowMs: number;
  /** Told how far the check of a log is. */
  readonly progress?: (origin: string, checked: bigint, treeSize: bigint) => void;
}

/** A log that was frozen, and the one that begins in its place. */
export interface SucceededLog {
  readonly frozen: string;
  readonly entries: bigint;
  readonly begun: string;
}

/** What came of it. */
export interface Restored {
  readonly name: string;
  readonly url: string;
  readonly logs: readonly SucceededLog[];
}

/** Restores an instance, which is then ready to be started. @throws SigstoreError `instance-invalid`, `storage-…` */
export async function restoreInstance(wish: RestoreWish): Promise<Restored> {
  const { from, folder } = wish;
  const record = readInstanceRecord(from);
  if (record === undefined)
    throw new SigstoreError("instance-invalid", `expected a backup in ${from}, got no instance.json`, {
      hint: "name the folder that sigstore backup has made, or a copy of a data folder",
      details: { path: from },
    });
  if (from !== folder && isHeld(from)) throw isRunning(from);
  requireLaterThan(record, wish.nowMs);
  const held = InstanceFolder.hold(folder);
  try {
    if (from !== folder) copyInto(held, from, record);
    return await succeed(held, record, wish);
  } finally {
    held.release();
  }
}

function isRunning(from: string): SigstoreError {
  return new SigstoreError("storage-in-use", `expected a backup, got ${from}, where an instance is running`, {
    hint: "make a backup of it first: sigstore backup",
    details: { path: from },
  });
}

function copyInto(held: InstanceFolder, from: string, record: InstanceRecord): void {
  if (held.readRecord() !== undefined)
    throw new SigstoreError("instance-invalid", `expected an empty folder, got ${held.path}, where an instance is`, {
      hint: "restore into another folder with --data FOLDER",
      details: { path: held.path },
    });
  held.begin();
  const to = (name: string): string => inFolder(held.path, name);
  for (const name of ["keys", "ca", "tsa", "tls"])
    if (existsSync(inFolder(from, name))) copyFolder(inFolder(from, name), to(name));
  for (const name of ["users.json", "used-tokens.sqlite"]) copyFile(inFolder(from, name), to(name));
  for (const { name } of [...record.rekorLogs, ...record.ctLogs]) copyLog(inFolder(from, name), to(name));
}

/** Checks the logs, begins new ones, and writes the record: until then nothing has changed that is not begun anew. */
async function succeed(held: InstanceFolder, record: InstanceRecord, wish: RestoreWish): Promise<Restored> {
  const { folder, nowMs } = wish;
  const [rekor, ct] = [active(record.rekorLogs), active(record.ctLogs)];
  const entries = [await checkFrozen(rekor, wish, "rekor"), await checkFrozen(ct, wish, "ct")];
  const keys = await KeyStore.open(pathsOf(folder).keys, wish.keyEncryption);
  // Whole seconds; what was logged within this one is in both ranges.
  const startMs = Math.floor(nowMs / 1000) * 1000;
  const endMs = startMs + 1000;
  const place: LogPlace = {
    folder,
    keys,
    isNew: true,
    holder: "restore",
    nowMs: () => nowMs,
    observe: () => undefined,
  };
  // Random: whatever else is restored from the same original has logs of other names.
  const suffix = hexEncode(randomBytes(4));
  const newRekor = await createLog(keys, `rekor-${suffix}`, { ...record, nowMs: startMs });
  const newCt = await createLog(keys, `ct-${suffix}`, { ...record, nowMs: startMs });
  await (await openRekorLog(place, newRekor)).stop();
  await (await openCtLog(place, newCt, acceptedRoots(folder, record))).stop();
  held.writeRecord({
    ...record,
    rekorLogs: [...record.rekorLogs.map((log) => frozenAt(log, endMs)), newRekor],
    ctLogs: [...record.ctLogs.map((log) => frozenAt(log, endMs)), newCt],
  });
  const logs = [
    { frozen: rekor.origin, entries: entries[0] ?? 0n, begun: newRekor.origin },
    { frozen: ct.origin, entries: entries[1] ?? 0n, begun: newCt.origin },
  ];
  return { name: record.name, url: record.url, logs };
}

/** Entries of a log whose every file leads to its checkpoint. @throws SigstoreError `storage-damaged` */
async function checkFrozen(log: LogRecord, { folder, progress }: RestoreWish, kind: "rekor" | "ct"): Promise<bigint> {
  const key = importPublicKey(log.publicKey);
  const path = inFolder(folder, log.name);
  const files = localFiles(path);
  const options: CheckOptions = {
    files,
    origin: log.origin,
    ...(kind === "ct"
      ? {
          verifier: treeHeadVerifier(log.origin, key),
          encoding: STATIC_CT_ENCODING,
          rules: new CtEntryRules(files, key),
        }
      : { verifier: noteVerifier(log.origin, key) }),
    ...(progress && { progress: (checked: bigint, treeSize: bigint) => progress(log.origin, checked, treeSize) }),
  };
  const { head, problems } = await checkLog(options);
  const [problem = "no checkpoint"] = problems;
  if (head !== undefined && problems.length === 0) return head.treeSize;
  throw new SigstoreError("storage-damaged", `${path}: expected a whole log, got: ${problem}`, {
    hint: "a folder that was copied while its instance ran may be torn: make backups with sigstore backup",
    details: { path },
  });
}

function frozenAt(log: LogRecord, endMs: number): LogRecord {
  return { ...log, endMs: log.endMs ?? endMs };
}
