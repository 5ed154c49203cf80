/**
 * What `sigstore log fsck` does: finds the logs, finds their keys, checks each whole, and tells what is wrong with which.
 */
import { openHttp } from "../compose/signing-services.ts";
import { chooseTrust } from "../compose/instance.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { findHome } from "../home/folder.ts";
import { CtEntryRules } from "../services/ctlog/entry-check.ts";
import { STATIC_CT_ENCODING } from "../services/ctlog/entry-encoding.ts";
import { TLOG_TILES_ENCODING } from "../services/tiled-log/entry-encoding.ts";
import { checkLog, type CheckReport, type EntryRules } from "../services/tiled-log/fsck.ts";
import { openResting, type Resting } from "../services/tiled-log/storage-local.ts";
import { CHECKPOINT_PATH } from "../services/tiled-log/storage.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { TILE_WIDTH } from "../tlog/tile.ts";
import { API_VERSION } from "../verdict/result.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import {
  type LogFormat,
  type LogKey,
  presumedLog,
  readLogKeys,
  type RecognizedLog,
  recognizeLog,
  trustedKeys,
} from "./log-keys.ts";
import { keysAt, localPlaces, type LogPlace, remotePlaces } from "./log-places.ts";
import { readConnectionOptions } from "./options/connection.ts";
import { readInstanceChoice } from "./options/instance.ts";
import { usageError } from "./options/parse.ts";
import { writeJson, writeWarning } from "./output.ts";
import { CountProgress } from "./progress.ts";
import { outputStyle, printable, type Style } from "./terminal.ts";
import type { World } from "./world.ts";

/** Where the keys came from: whoever gave the key says whose the log is. */
type KeySource = "key" | "trusted-root" | "instance-folder" | "same-address";

/** What became of the state of a log: of one elsewhere there is none to see. */
type StateCheck = "checked" | "in-use" | "absent";

/** The check of one log, as `--json` shows it. */
interface LogCheckItem {
  readonly log: string;
  readonly origin: string;
  readonly format: LogFormat;
  readonly sound: boolean;
  readonly treeSize: string | null;
  readonly rootHashHex: string | null;
  readonly entries: string;
  readonly tiles: number;
  readonly state: StateCheck;
  readonly problems: readonly string[];
}

/** Runs `sigstore log`. */
export async function runLog(request: ParsedArguments, world: World): Promise<number> {
  const [action = "", target = ""] = request.operands;
  if (action !== "fsck") throw usageError(`expected fsck, got ${action}`, "for example: sigstore log fsck FOLDER");
  const isAddress = /^https?:\/\//u.test(target);
  const items: LogCheckItem[] = [];
  const source = await interruptible(async (signal) => {
    const http = openHttp({ caCertificates: undefined }, readConnectionOptions(request, world));
    try {
      const places = isAddress ? await remotePlaces(target, http, signal) : localPlaces(target);
      const given = givenKeys(target, request, world);
      const keys = given?.keys ?? (isAddress ? await keysAt(target, http, signal) : []);
      for (const place of places) items.push(await checkPlace(place, given?.keys ?? [...place.ownKeys, ...keys], world));
    } finally {
      http.close();
    }
    return givenKeys(target, request, world)?.source ?? (isAddress ? "same-address" : "instance-folder");
  });
  return answer(items, source, request, world);
}
