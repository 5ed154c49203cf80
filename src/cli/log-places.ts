/**
 * Where logs lie: in a folder of an instance, of one log or of its public files, or at an address; each with the keys that belong there.
 */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { addressBelow } from "../clients/address.ts";
import type { HttpClient } from "../clients/http/http-client.ts";
import { RemoteLogFiles } from "../clients/log-files.ts";
import { importPublicKey } from "../crypto/keys.ts";
import { SigstoreError } from "../errors.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import { LIMITS } from "../limits.ts";
import { readInstanceRecord } from "../services/instance/folder.ts";
import type { InstanceRecord, LogRecord } from "../services/instance/record.ts";
import type { CheckedFiles } from "../services/tiled-log/fsck.ts";
import { FolderFiles } from "../services/tiled-log/storage-folder.ts";
import { publicFolder } from "../services/tiled-log/storage-local.ts";
import { CHECKPOINT_PATH } from "../services/tiled-log/storage.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { ctKey, type LogKey, tilesKey, trustedKeys } from "./log-keys.ts";

/** A log, and what belongs to it where it lies. */
export interface LogPlace {
  /** The folder or address, as people know it. */
  readonly name: string;
  readonly files: CheckedFiles;
  /** Where its state lies, too. */
  readonly folder: string | undefined;
  /** The keys that what is around the log names for it; empty when nothing does. */
  readonly ownKeys: readonly LogKey[];
}

/** The logs in a folder. @throws SigstoreError `file-not-found` when there is none, `instance-invalid` */
export function localPlaces(path: string): readonly LogPlace[] {
  const folder = resolve(path);
  if (!existsSync(folder)) throw noLog(path, "nothing there");
  if (!statSync(folder).isDirectory()) throw noLog(path, "a file");
  const record = readInstanceRecord(folder);
  if (record !== undefined)
    return logsOf(record).map(({ log, key }) => logFolder(join(folder, log.name), join(path, log.name), [key]));
  if (existsSync(join(publicFolder(folder), CHECKPOINT_PATH))) return [logFolder(folder, path, keysBeside(folder))];
  if (existsSync(join(folder, CHECKPOINT_PATH)))
    return [{ name: path, files: new FolderFiles(folder), folder: undefined, ownKeys: keysBeside(dirname(folder)) }];
  throw noLog(path, "a folder of something else");
}

function logFolder(folder: string, name: string, ownKeys: readonly LogKey[]): LogPlace {
  return { name, files: new FolderFiles(publicFolder(folder)), folder, ownKeys };
}

/** A log's folder in an instance's knows its key from there. */
function keysBeside(folder: string): readonly LogKey[] {
  const record = readInstanceRecord(dirname(folder));
  if (record === undefined) return [];
  return logsOf(record).flatMap(({ log, key }) => (log.name === basename(folder) ? [key] : []));
}

function logsOf({ rekorLogs, ctLogs }: InstanceRecord): readonly { readonly log: LogRecord; readonly key: LogKey }[] {
  return [
    ...rekorLogs.map((log) => ({ log, key: tilesKey(importPublicKey(log.publicKey), [log.origin]) })),
    ...ctLogs.map((log) => ({ log, key: ctKey(importPublicKey(log.publicKey), [log.origin]) })),
  ];
}

function noLog(path: string, got: string): SigstoreError {
  return new SigstoreError("file-not-found", `expected a log or an instance at ${path}, got ${got}`, {
    hint: "the folder of a log has a file checkpoint in it, or in public/; that of an instance has instance.json",
    details: { path },
  });
}

/** Where an instance has its logs, below its address; stock Rekor v2 has the first. */
const PREFIXES = ["api/v2", "ct"];

/** The logs at an address: one that lies there itself, or those of an instance. @throws SigstoreError as `HttpClient.send` */
export async function remotePlaces(
  address: string,
  http: HttpClient,
  signal: AbortSignal,
): Promise<readonly LogPlace[]> {
  const base = address.replace(/\/+$/u, "");
  const placeAt = (name: string): LogPlace => ({
    name,
    files: new RemoteLogFiles(name, http, signal),
    folder: undefined,
    ownKeys: [],
  });
  const itself = placeAt(base);
  if ((await itself.files.read(CHECKPOINT_PATH)) !== undefined) return [itself];
  const found: LogPlace[] = [];
  for (const prefix of PREFIXES) {
    const place = placeAt(addressBelow(base, prefix));
    if ((await place.files.read(CHECKPOINT_PATH)) !== undefined) found.push(place);
  }
  if (found.length > 0) return found;
  throw new SigstoreError("service-answer-invalid", `expected a log or an instance at ${base}, got neither`, {
    hint: `there is no checkpoint at ${base}/checkpoint, and none below ${PREFIXES.join(" or ")}`,
    details: { address: base },
  });
}

/**
 * The keys that an instance at this address, or at its beginning, hands out itself: they show that a log agrees with itself, and
 * not whose it is. Empty when there is no instance.
 */
export async function keysAt(address: string, http: HttpClient, signal: AbortSignal): Promise<readonly LogKey[]> {
  for (const base of new Set([address, new URL(address).origin])) {
    const { status, bytes } = await http.send({
      service: "instance",
      method: "GET",
      url: addressBelow(base, "trust/trusted_root.json"),
      maxBytes: LIMITS.trustFileBytes,
      repeat: "always",
      understood: [404],
      signal,
    });
    if (status !== 404) return trustedKeys(loadTrustMaterial(parseTrustedRoot(bytes)));
  }
  return [];
}
