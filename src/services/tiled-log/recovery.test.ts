/** Taking up a log whose files or state are not as they were left: repaired where the entries decide it, refused where not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rekorV2Log } from "../../authority/checkpoint.ts";
import { sha256 } from "../../crypto/digest.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { checkLog } from "./fsck.ts";
import { type LogIdentity, noteLogIdentity } from "./log-identity.ts";
import { type LogParts, rebuildFiles, recoverLog } from "./recovery.ts";
import { memoryStorage } from "./storage-memory.ts";
import type { LogFiles, LogState, LogStorage } from "./storage.ts";
import { TiledLog } from "./tiled-log.ts";

const keys = new VirtualKeys("recovery tests");
const identity = identityOf("a");

function identityOf(label: string): LogIdentity {
  return noteLogIdentity(rekorV2Log("log.example", keys.signer(label, "PKIX_ED25519")));
}

function partsOf(storage: LogStorage): LogParts {
  return { identity, storage, encoding: TLOG_TILES_ENCODING };
}

async function filledStorage(entries: number): Promise<LogStorage> {
  const storage = memoryStorage();
  const log = await TiledLog.open({ identity, storage, nowMs: () => 0, pace: { maximumWaiting: 100_000 } });
  const texts = Array.from({ length: entries }, (_, at) => utf8Encode(`entry ${at}`));
  await Promise.all(
    texts.map((bytes) =>
      log.submit({ duplicateKey: sha256(bytes), maximumBytes: bytes.length, serialize: () => bytes }),
    ),
  );
  await log.stop();
  return storage;
}

async function problemsOf(storage: LogStorage): Promise<readonly string[]> {
  const { origin, verifier } = identity;
  const { problems } = await checkLog({ files: storage.files, state: storage.state, origin, verifier });
  return problems;
}

/** Files of which some read as something else: `undefined` for one that is gone. */
function withFile(files: LogFiles, path: string, bytes: Uint8Array | undefined): LogFiles {
  return {
    write: (list) => files.write(list),
    read: async (asked) => (asked === path ? bytes : files.read(asked)),
    removePartials: (asked) => files.removePartials(asked),
  };
}

test("tiles that are gone, short, long or false at the edge are made again from the entries", async () => {
  const path = "tile/0/002.p/88";
  for (const bytes of [undefined, new Uint8Array(31), new Uint8Array(88 * 32), new Uint8Array(9000)]) {
    const storage = await filledStorage(600);
    const damaged = { ...storage, files: withFile(storage.files, path, bytes) };
    const { published } = await recoverLog(partsOf(damaged));
    assert.equal(published.treeSize, 600n);
    assert.deepEqual(await problemsOf(storage), []);
  }
});

test("all files can be made again from the state", async () => {
  const filled = await filledStorage(70_000);
  const storage = { ...filled, files: memoryStorage().files };
  await rebuildFiles(partsOf(storage));
  assert.deepEqual(await problemsOf(storage), []);
  const other = { ...filled, files: memoryStorage().files };
  await recoverLog(partsOf(other));
  assert.deepEqual(await problemsOf(other), []);
});

const isDamaged = (error: unknown): boolean => isSigstoreError(error, "storage-damaged");

test("a state that is older than its checkpoint is refused: the log would fork", async () => {
  const published = await filledStorage(10);
  const { state } = await filledStorage(9);
  await assert.rejects(recoverLog(partsOf({ ...published, state })), isDamaged);
});

test("a state of other entries than those that were published is refused", async () => {
  const published = await filledStorage(10);
  const storage = memoryStorage();
  const log = await TiledLog.open({ identity, storage, nowMs: () => 0 });
  for (let at = 0; at < 11; at += 1) {
    const bytes = utf8Encode(`other ${at}`);
    await log.submit({ duplicateKey: sha256(bytes), maximumBytes: bytes.length, serialize: () => bytes });
  }
  await assert.rejects(recoverLog(partsOf({ ...published, state: storage.state })), isDamaged);
});

test("a checkpoint of another key, another origin, or none at all, is refused", async () => {
  const storage = await filledStorage(10);
  await assert.rejects(recoverLog({ ...partsOf(storage), identity: identityOf("b") }), isDamaged);
  await assert.rejects(recoverLog({ ...partsOf(storage), identity: { ...identity, origin: "x.example" } }), isDamaged);
  const junk = { ...storage, files: withFile(storage.files, "checkpoint", utf8Encode("junk")) };
  await assert.rejects(recoverLog(partsOf(junk)), isDamaged);
});

test("a state whose head is not that of its entries is refused", async () => {
  const filled = await filledStorage(10);
  const state: LogState = {
    readHead: async () => ({ treeSize: 11n, rootHash: sha256(utf8Encode("a root")) }),
    append: (batch) => filled.state.append(batch),
    findDuplicates: (list) => filled.state.findDuplicates(list),
    readEntries: (start, count) => filled.state.readEntries(start, count),
  };
  await assert.rejects(recoverLog(partsOf({ ...filled, state })), isDamaged);
});
