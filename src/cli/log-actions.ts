/**
 * What `sigstore log fsck` does: finds the logs, finds their keys, checks each whole, and tells what is wrong with which.
 */
import type { HttpClient } from "../clients/http/http-client.ts";
import { chooseTrust } from "../compose/instance.ts";
import { openHttp } from "../compose/signing-services.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { isSigstoreError } from "../errors.ts";
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
import type { Trust } from "../verdict/trust.ts";
import type { ParsedArguments } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { interruptible } from "./interrupt.ts";
import {
  type LogFormat,
  type LogKey,
  originOf,
  readLogKeys,
  readNote,
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
  /** Null where it is not known which log it is. */
  readonly format: LogFormat | null;
  readonly sound: boolean;
  readonly treeSize: string | null;
  readonly rootHashHex: string | null;
  readonly entries: string;
  readonly tiles: number;
  readonly state: StateCheck;
  readonly problems: readonly string[];
}

/** Keys for the logs at one place, and who gave them. */
interface KeyChoice {
  readonly source: KeySource;
  keysOf(place: LogPlace): readonly LogKey[];
}

/** Runs `sigstore log`. */
export async function runLog(request: ParsedArguments, world: World): Promise<number> {
  const [action = "", target = ""] = request.operands;
  if (action !== "fsck") throw usageError(`expected fsck, got ${action}`, "for example: sigstore log fsck FOLDER");
  return interruptible(async (signal) => {
    const http = openHttp({ caCertificates: undefined }, readConnectionOptions(request, world));
    try {
      const isAddress = /^https?:\/\//u.test(target);
      const given = givenKeys(target, request, world);
      const places = isAddress ? await remotePlaces(target, http, signal) : localPlaces(target);
      const keys = given ?? (isAddress ? await keysOfAddress(target, http, signal) : OWN_KEYS);
      const items: LogCheckItem[] = [];
      for (const place of places) items.push(await checkPlace(place, keys.keysOf(place), world));
      return answer(items, keys.source, request, world);
    } finally {
      http.close();
    }
  });
}

/** What the user names, or trusts under this address; undefined where nothing is known of it. */
function givenKeys(target: string, request: ParsedArguments, world: World): KeyChoice | undefined {
  const key = request.value("key");
  const choice = readInstanceChoice(request, world);
  const isNamed = [choice.instance, choice.trustConfig, choice.trustedRoot].some((value) => value !== undefined);
  if (key !== undefined && isNamed)
    throw usageError("expected --key or a trusted root, got both", "leave one of them out");
  if (key !== undefined) {
    const keys = readLogKeys(key);
    return { source: "key", keysOf: () => keys };
  }
  const trust = isNamed ? chooseTrust(choice) : trustInAddress(target, world);
  if (trust === undefined) return undefined;
  const keys = trustedKeys(trust.material);
  return { source: "trusted-root", keysOf: () => keys };
}

/** The instance at this address, where the user trusts it (`sigstore trust use`). */
function trustInAddress(target: string, { environment }: World): Trust | undefined {
  if (!target.includes("://")) return undefined;
  try {
    return chooseTrust({ instance: target, home: findHome(environment) });
  } catch (error) {
    if (isSigstoreError(error, "instance-unknown")) return undefined;
    throw error;
  }
}

const OWN_KEYS: KeyChoice = { source: "instance-folder", keysOf: ({ ownKeys }) => ownKeys };

async function keysOfAddress(target: string, http: HttpClient, signal: AbortSignal): Promise<KeyChoice> {
  const keys = await keysAt(target, http, signal);
  return { source: "same-address", keysOf: () => keys };
}

async function checkPlace(place: LogPlace, keys: readonly LogKey[], world: World): Promise<LogCheckItem> {
  const checkpoint = await place.files.read(CHECKPOINT_PATH);
  const log = recognizeLog(checkpoint, requireKeys(place, keys));
  if (log === undefined) return unknownLog(place, checkpoint);
  const { resting, state, problems } = openState(place, log);
  const progress = new CheckProgress(world, log.origin);
  try {
    const report = await checkLog({
      files: place.files,
      origin: log.origin,
      verifier: log.verifier,
      encoding: log.key.format === "static-ct" ? STATIC_CT_ENCODING : TLOG_TILES_ENCODING,
      rules: rulesOf(place, log),
      progress: progress.listener,
      ...(resting && { state: resting.state }),
    });
    return itemOf({ place, log, state, report, problems: [...report.problems, ...problems] });
  } finally {
    progress.end();
    resting?.close();
  }
}

function requireKeys({ name }: LogPlace, keys: readonly LogKey[]): readonly LogKey[] {
  if (keys.length > 0) return keys;
  throw usageError(
    `expected the key of the log ${name}, got none`,
    "give it with --key, or a trusted root that lists the log with --trusted-root",
  );
}

/** A log that no key is of, or whose checkpoint does not even say which it is. */
function unknownLog({ name }: LogPlace, checkpoint: Uint8Array | undefined): LogCheckItem {
  const note = checkpoint && readNote(checkpoint);
  const origin = (note && originOf(note)) ?? "";
  const got = checkpoint === undefined ? "none" : `one of ${origin === "" ? "nobody" : origin}`;
  return {
    log: name,
    origin,
    format: null,
    sound: false,
    treeSize: null,
    rootHashHex: null,
    entries: "0",
    tiles: 0,
    state: "absent",
    problems: [`checkpoint: expected one of a log whose key is known, got ${got}`],
  };
}

function rulesOf({ files }: LogPlace, { key }: RecognizedLog): EntryRules {
  if (key.publicKey !== undefined) return new CtEntryRules(files, key.publicKey);
  return {
    checkStored: ({ duplicateKey, bytes }) =>
      equalBytes(duplicateKey, hashLeaf(bytes)) ? undefined : "expected the hash of the entry as its key, got another",
  };
}

interface OpenedState {
  readonly resting: Resting | undefined;
  readonly state: StateCheck;
  readonly problems: readonly string[];
}

function openState({ folder }: LogPlace, { origin }: RecognizedLog): OpenedState {
  if (folder === undefined) return { resting: undefined, state: "absent", problems: [] };
  try {
    const resting = openResting(folder);
    if (resting === undefined) return { resting, state: "absent", problems: [] };
    const foreign = resting.origin === origin ? [] : [`expected the state of ${origin}, got that of ${resting.origin}`];
    const problems = [...foreign, ...resting.defects()].map((problem) => `state: ${problem}`);
    return { resting, state: "checked", problems };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    if (error.code === "storage-in-use") return { resting: undefined, state: "in-use", problems: [] };
    return { resting: undefined, state: "checked", problems: [`state: ${error.message}`] };
  }
}

interface CheckedPlace {
  readonly place: LogPlace;
  readonly log: RecognizedLog;
  readonly state: StateCheck;
  readonly report: CheckReport;
  readonly problems: readonly string[];
}

function itemOf({ place, log, state, report, problems }: CheckedPlace): LogCheckItem {
  const { head, entries, tiles } = report;
  return {
    log: place.name,
    origin: log.origin,
    format: log.key.format,
    sound: problems.length === 0,
    treeSize: head === undefined ? null : String(head.treeSize),
    rootHashHex: head === undefined ? null : hexEncode(head.rootHash),
    entries: String(entries),
    tiles,
    state,
    problems,
  };
}

function answer(items: readonly LogCheckItem[], keySource: KeySource, request: ParsedArguments, world: World): number {
  const isSound = items.length > 0 && items.every(({ sound }) => sound);
  if (request.flag("json"))
    writeJson(world, { apiVersion: API_VERSION, kind: "LogCheck", sound: isSound, keySource, items });
  else for (const item of items) world.writeOutput(itemText(item, outputStyle(world)));
  if (keySource === "same-address")
    writeWarning(
      world,
      "the keys came from the same address: the logs agree with themselves, whosever they are; give --trusted-root to know whose",
    );
  return isSound ? EXIT.yes : EXIT.failed;
}

const SHOWN_PROBLEMS = 20;

function itemText(item: LogCheckItem, style: Style): string {
  const { origin, log, entries, treeSize, tiles, problems } = item;
  const verdict = item.sound ? style.good("sound:") : style.bad("NOT sound:");
  const lines = [`${verdict} ${printable(origin === "" ? "a log" : origin)} at ${printable(log)}`];
  if (item.sound)
    lines.push(
      `  ${amount(entries, "entry", "entries")}, ${amount(tiles, "tile", "tiles")}; ${STATE_WORDS[item.state]}`,
    );
  else if (treeSize !== null) lines.push(`  ${entries} of ${treeSize} entries were read`);
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) lines.push(`  ${printable(problem)}`);
  const hidden = problems.length - SHOWN_PROBLEMS;
  if (hidden > 0) lines.push(`  … ${hidden} more (--json shows them)`);
  return `${lines.join("\n")}\n`;
}

function amount(count: string | number, one: string, many: string): string {
  return `${count} ${String(count) === "1" ? one : many}`;
}

const STATE_WORDS: Readonly<Record<StateCheck, string>> = {
  checked: "checkpoint and state agree",
  "in-use": "the checkpoint agrees, the state is in use and was not looked at",
  absent: "the checkpoint agrees",
};

/** Counts bundles, whose number is known when the first is done. */
class CheckProgress {
  readonly #world: World;
  readonly #origin: string;
  #bar: CountProgress | undefined;

  constructor(world: World, origin: string) {
    this.#world = world;
    this.#origin = origin;
  }

  readonly listener = (_checked: bigint, treeSize: bigint): void => {
    const bundles = Math.ceil(Number(treeSize) / TILE_WIDTH);
    this.#bar ??= new CountProgress(this.#world, `checking ${printable(this.#origin)}`, bundles);
    this.#bar.count();
  };

  end(): void {
    this.#bar?.end();
  }
}
