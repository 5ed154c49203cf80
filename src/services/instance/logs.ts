/**
 * The logs of an instance: those at work are opened, those of before are handed out for reading.
 *
 * A log's folder that is missing is never made anew: the same log would begin again at its first entry, and everybody who had seen
 * it would see a fork. Leaves out: the logs themselves.
 */
import { existsSync } from "node:fs";
import { rekorV2Log } from "../../authority/checkpoint.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { createSigner, type Signer } from "../../crypto/signer.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { logKeyHash, noteVerifier } from "../../tlog/note-key.ts";
import { frozenCtLogHandler } from "../ctlog/handler.ts";
import { CtLogService } from "../ctlog/service.ts";
import type { ServiceHandler } from "../http/message.ts";
import { rekorHandler } from "../rekor/handler.ts";
import { noteLogIdentity } from "../tiled-log/log-identity.ts";
import type { LogSurroundings } from "../tiled-log/log-writer.ts";
import { publishedLog } from "../tiled-log/published-log.ts";
import { readPublishedHead } from "../tiled-log/published.ts";
import { localFiles, openLocalStorage } from "../tiled-log/storage-local.ts";
import type { LogStorage } from "../tiled-log/storage.ts";
import { TiledLog } from "../tiled-log/tiled-log.ts";
import { damaged, inFolder } from "./durable-file.ts";
import { atOwnHost } from "./front-door.ts";
import type { KeyStore } from "./key-store.ts";
import type { ShownLog } from "./log-entry.ts";
import { active, type InstanceRecord, type LogRecord } from "./record.ts";

/** Where a log is opened. */
export interface LogPlace {
  readonly folder: string;
  readonly keys: KeyStore;
  /** True at the first start alone: the log begins. */
  readonly isNew: boolean;
  /** Who holds it, in words. */
  readonly holder: string;
  readonly nowMs: () => number;
  readonly observe: NonNullable<LogSurroundings["observe"]>;
}

/** Opens a Rekor v2 log. @throws SigstoreError `instance-invalid`, and as `TiledLog.open` */
export async function openRekorLog(place: LogPlace, log: LogRecord): Promise<TiledLog> {
  const signer = await logSigner(place, log);
  return TiledLog.open({
    identity: noteLogIdentity(rekorV2Log(log.origin, signer)),
    storage: openStorage(place, log),
    nowMs: place.nowMs,
    observe: place.observe,
  });
}

/** Opens a CT log that takes certificates under these roots (DER). @throws SigstoreError as {@link openRekorLog} */
export async function openCtLog(place: LogPlace, log: LogRecord, roots: readonly Uint8Array[]): Promise<CtLogService> {
  const signer = await logSigner(place, log);
  return CtLogService.open({
    origin: log.origin,
    signer,
    storage: openStorage(place, log),
    roots,
    nowMs: place.nowMs,
    observe: place.observe,
  });
}

/** Opens a Rekor log of before for reading, if there was one of that origin. @throws SigstoreError `storage-…` */
export async function openFrozenRekorLog(
  folder: string,
  { rekorLogs }: Pick<InstanceRecord, "rekorLogs">,
  origin: string,
): Promise<ShownLog | undefined> {
  const record = rekorLogs.slice(0, -1).find((log) => log.origin === origin);
  if (record === undefined) return undefined;
  const files = localFiles(inFolder(folder, record.name));
  const key = importPublicKey(record.publicKey);
  const published = await readPublishedHead(files, { origin, verifier: noteVerifier(origin, key) });
  if (published === undefined) throw damaged(inFolder(folder, record.name), `the log ${origin}`, "none");
  return { identity: { origin, logId: logKeyHash(origin, key) }, published, isFrozen: true, ...publishedLog(files) };
}

/** Handlers of all logs by their own host names; `current` are those of the logs at work. */
export function logHosts(
  folder: string,
  { rekorLogs, ctLogs }: InstanceRecord,
  current: { readonly rekor: ServiceHandler; readonly ct: ServiceHandler },
): Readonly<Record<string, ServiceHandler>> {
  const frozen = (log: LogRecord): ReturnType<typeof localFiles> => localFiles(inFolder(folder, log.name));
  const old = [
    ...rekorLogs.slice(0, -1).map((log) => {
      const reads = publishedLog(frozen(log));
      return [log.origin, atOwnHost(rekorHandler({ reads }))] as const;
    }),
    ...ctLogs.slice(0, -1).map((log) => [log.origin, frozenCtLogHandler(frozen(log))] as const),
  ];
  return {
    ...Object.fromEntries(old),
    [active(rekorLogs).origin]: atOwnHost(current.rekor),
    [active(ctLogs).origin]: current.ct,
  };
}

async function logSigner({ keys, folder }: LogPlace, log: LogRecord): Promise<Signer> {
  const key = await keys.load(log.name);
  if (equalBytes(key.publicKey.spki, log.publicKey)) return createSigner(key);
  throw damaged(inFolder(folder, "keys"), `the key of the log ${log.origin}`, "another key");
}

function openStorage({ folder, isNew, holder }: LogPlace, log: LogRecord): LogStorage {
  const logFolder = inFolder(folder, log.name);
  if (!isNew && !existsSync(inFolder(logFolder, "state.sqlite")))
    throw damaged(logFolder, `the log ${log.origin}`, "none");
  try {
    return openLocalStorage({ folder: logFolder, origin: log.origin, holder });
  } catch (cause) {
    if (!isSigstoreError(cause, "storage-copied")) throw cause;
    throw new SigstoreError("storage-copied", `${logFolder}: ${cause.message}`, {
      hint: `a copy that went on would fork the log; go on with new logs beside the old ones: sigstore restore ${folder}`,
      details: { path: logFolder },
      cause,
    });
  }
}
