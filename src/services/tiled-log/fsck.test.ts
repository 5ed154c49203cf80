/** The check finds every kind of damage, and only damage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rekorV2Log, type TreeHead } from "../../authority/checkpoint.ts";
import { sha256 } from "../../crypto/digest.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { checkLog, type CheckReport } from "./fsck.ts";
import { noteLogIdentity } from "./log-identity.ts";
import { memoryStorage } from "./storage-memory.ts";
import type { LogState, LogStorage } from "./storage.ts";
import { TiledLog } from "./tiled-log.ts";

const identity = noteLogIdentity(
  rekorV2Log("log.example", new VirtualKeys("fsck tests").signer("log", "PKIX_ECDSA_P256_SHA_256")),
);

async function filledStorage(entries: number, prefix: string = "entry"): Promise<LogStorage> {
  const storage = memoryStorage();
  const log = await TiledLog.open({ identity, storage, nowMs: () => 0 });
  const texts = Array.from({ length: entries }, (_, at) => utf8Encode(`${prefix} ${at}`));
  await Promise.all(
    texts.map((bytes) => log.submit({ duplicateKey: sha256(bytes), maximumBytes: 99, serialize: () => bytes })),
  );
  await log.stop();
  return storage;
}

/** Checks with some files read as others: `null` for one that is not there. */
function check(storage: LogStorage, changed: Readonly<Record<string, Uint8Array | null>> = {}): Promise<CheckReport> {
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    path in changed ? (changed[path] ?? undefined) : storage.files.read(path);
  const { origin, verifier } = identity;
  return checkLog({ files: { read }, origin, verifier, state: storage.state });
}

function flipped(bytes: Uint8Array | undefined): Uint8Array {
  const copy = Uint8Array.from(bytes ?? []);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

test("sound logs of every edge pass, and every tile is looked at", async () => {
  for (const [size, tiles] of [
    [0, 0],
    [1, 1],
    [255, 1],
    [256, 2],
    [257, 3],
    [600, 4],
  ] as const) {
    const report = await check(await filledStorage(size));
    assert.deepEqual(report.problems, []);
    assert.equal(report.entries, BigInt(size));
    assert.equal(report.tiles, tiles);
  }
});

test("each file of a log, damaged or gone, is named", async () => {
  const storage = await filledStorage(600);
  const paths = [
    "checkpoint",
    "tile/0/000",
    "tile/0/001",
    "tile/0/002.p/88",
    "tile/1/000.p/2",
    "tile/entries/000",
    "tile/entries/001",
    "tile/entries/002.p/88",
  ];
  for (const path of paths) {
    const gone = await check(storage, { [path]: null });
    assert.ok(
      gone.problems.some((problem) => problem.startsWith(`${path}: expected`) || problem.startsWith("checkpoint")),
      path,
    );
    const damaged = await check(storage, { [path]: flipped(await storage.files.read(path)) });
    assert.ok(damaged.problems.length > 0, path);
  }
});

test("a partial tile may be replaced by the full one", async () => {
  const storage = await filledStorage(256);
  const partial = await filledStorage(200);
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    path === "checkpoint" ? partial.files.read(path) : storage.files.read(path);
  const { origin, verifier } = identity;
  const report = await checkLog({ files: { read }, origin, verifier, state: storage.state });
  assert.deepEqual(report.problems, []);
  assert.equal(report.entries, 200n);
});

test("files that no checkpoint asks for must agree with the tree, or be beyond it", async () => {
  const storage = await filledStorage(300);
  const bundle = (await storage.files.read("tile/entries/001.p/44")) ?? new Uint8Array(0);
  const narrow = TLOG_TILES_ENCODING.serializeBundle(TLOG_TILES_ENCODING.parseBundle(bundle, 44).slice(0, 5));
  const tile = (await storage.files.read("tile/0/001.p/44")) ?? new Uint8Array(0);
  for (const [path, bytes, isTold] of [
    ["tile/entries/001.p/5", narrow, false],
    ["tile/entries/001.p/5", flipped(narrow), true],
    ["tile/0/001.p/7", tile.slice(0, 7 * 32), false],
    ["tile/0/001.p/7", tile.slice(0, 6 * 32), true],
    ["tile/0/001.p/7", flipped(tile.slice(0, 7 * 32)), true],
    ["tile/0/001.p/45", tile, false],
    ["tile/0/002.p/1", tile.slice(0, 32), false],
    ["tile/0/002.p/1.new", tile, false],
    ["something", tile, true],
  ] as const) {
    const read = async (asked: string): Promise<Uint8Array | undefined> =>
      asked === path ? bytes : storage.files.read(asked);
    const { origin, verifier } = identity;
    const report = await checkLog({ files: { read, list: async () => [path] }, origin, verifier });
    assert.equal(report.problems.length, isTold ? 1 : 0, `${path}: ${report.problems.join()}`);
  }
});

test("a state that went on after the checkpoint is checked to its end", async () => {
  const storage = await filledStorage(300);
  const { state } = await filledStorage(310);
  assert.deepEqual((await check({ ...storage, state })).problems, []);
  const readHead = async (): Promise<TreeHead> => ({ treeSize: 310n, rootHash: sha256(utf8Encode("another")) });
  const { problems } = await check({ ...storage, state: withHead(state, readHead) });
  assert.match(problems.join(), /state: expected the size and root hash of its entries, got others/);
});

function withHead(state: LogState, readHead: LogState["readHead"]): LogState {
  return {
    readHead,
    append: (batch) => state.append(batch),
    findDuplicates: (list) => state.findDuplicates(list),
    readEntries: (start, count) => state.readEntries(start, count),
  };
}

test("a state that is behind, or of other entries, is told", async () => {
  const storage = await filledStorage(300);
  for (const [state, told] of [
    [(await filledStorage(299)).state, /expected at least 300 entries, got 299/],
    [(await filledStorage(300, "other")).state, /expected entries 0 to 255 of the log, got others/],
  ] as const) {
    const { problems } = await check({ ...storage, state });
    assert.ok(
      problems.some((problem) => told.test(problem)),
      problems.join("\n"),
    );
  }
});

test("a checkpoint of another log is told", async () => {
  const storage = await filledStorage(3);
  const { origin, verifier } = identity;
  const other = await checkLog({ files: storage.files, origin: "other.example", verifier });
  assert.match(other.problems.join(), /expected the origin other.example, got log.example/);
  assert.equal((await checkLog({ files: storage.files, origin, verifier })).problems.length, 0);
});
