/** A log as its services see it: answers, duplicates, faults at every write, and taking up again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rekorV2Log } from "../../authority/checkpoint.ts";
import { sha256 } from "../../crypto/digest.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { type Checkpoint, openCheckpoint } from "../../tlog/checkpoint.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import { verifyInclusion } from "../../tlog/proof.ts";
import { type Fault, faultyStorage } from "./faulty-storage.ts";
import { checkLog } from "./fsck.ts";
import { type LogIdentity, noteLogIdentity } from "./log-identity.ts";
import type { LoggedEntry, LogEvent, Submission } from "./log-writer.ts";
import { memoryStorage } from "./storage-memory.ts";
import type { LogStorage } from "./storage.ts";
import { TiledLog } from "./tiled-log.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const keys = new VirtualKeys("tiled-log tests");
const identity = identityOf("log.example", "PKIX_ED25519");

function identityOf(origin: string, algorithm: "PKIX_ED25519" | "PKIX_ECDSA_P256_SHA_256"): LogIdentity {
  return noteLogIdentity(rekorV2Log(origin, keys.signer(origin, algorithm)));
}

function openLog(storage: LogStorage, observe?: (event: LogEvent) => void): Promise<TiledLog> {
  return TiledLog.open({
    identity,
    storage,
    nowMs: () => NOW,
    pace: { intervalPerItemMs: 0 },
    ...(observe && { observe }),
  });
}

function submissionOf(text: string): Submission {
  const bytes = utf8Encode(text);
  return { duplicateKey: sha256(bytes), maximumBytes: bytes.length, serialize: () => bytes };
}

function submitAll(log: TiledLog, texts: readonly string[]): Promise<LoggedEntry[]> {
  return Promise.all(texts.map((text) => log.submit(submissionOf(text))));
}

function numbered(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `entry ${first + at}`);
}

/** Many answers have one checkpoint, and its signature is verified once. */
const opened = new Map<string, Checkpoint>();

function openOnce(note: string, of: LogIdentity): Checkpoint {
  const checkpoint = opened.get(note) ?? openCheckpoint(note, [of.verifier]).checkpoint;
  opened.set(note, checkpoint);
  return checkpoint;
}

/** The answer holds by itself: proof and checkpoint are of one root, and the log signed it. */
function assertProved(entry: LoggedEntry, of: LogIdentity = identity): void {
  const { proof, index, bytes } = entry;
  const checkpoint = openOnce(proof.checkpoint ?? "", of);
  assert.equal(checkpoint.origin, of.origin);
  assert.equal(checkpoint.treeSize, proof.treeSize);
  assert.deepEqual(checkpoint.rootHash, proof.rootHash);
  const { treeSize, hashes, rootHash } = proof;
  assert.ok(
    verifyInclusion({ leafHash: hashLeaf(bytes), index, treeSize, hashes, rootHash }),
    `proof of entry ${index}`,
  );
}

async function assertSound(storage: LogStorage, entries: bigint): Promise<void> {
  const { origin, verifier } = identity;
  const report = await checkLog({ files: storage.files, state: storage.state, origin, verifier });
  assert.deepEqual(report.problems, []);
  assert.equal(report.entries, entries);
  assert.equal(report.head?.treeSize, entries);
}

test("a new log publishes the checkpoint of the empty tree", async () => {
  const storage = memoryStorage();
  const log = await openLog(storage);
  assert.equal(log.published.treeSize, 0n);
  await assertSound(storage, 0n);
  await log.stop();
});

test("entries get consecutive indices, times and proofs, across every edge of the tiles", async () => {
  const storage = memoryStorage();
  const log = await openLog(storage);
  let size = 0;
  for (const count of [1, 1, 253, 1, 1, 255, 600, 1]) {
    const answers = await submitAll(log, numbered(size, count));
    for (const [position, answer] of answers.entries()) {
      assert.equal(answer.index, BigInt(size + position));
      assert.equal(answer.timeMs, NOW);
      assert.equal(answer.isDuplicate, false);
      assertProved(answer);
    }
    size += count;
    await assertSound(storage, BigInt(size));
  }
  await log.stop();
});

test("a tree with three levels of tiles", async () => {
  const storage = memoryStorage();
  const log = await openLog(storage);
  for (let size = 0; size < 66_000; size += 4000) {
    const answers = await submitAll(log, numbered(size, 4000));
    for (const answer of [answers[0], answers.at(-1)]) if (answer !== undefined) assertProved(answer);
  }
  const again = await submitAll(log, ["entry 0", "entry 65535", "entry 65536", "entry 1234"]);
  for (const answer of again) assertProved(answer);
  assert.deepEqual(
    again.map(({ index, isDuplicate }) => [index, isDuplicate]),
    [0n, 65_535n, 65_536n, 1234n].map((index) => [index, true]),
  );
  await assertSound(storage, 68_000n);
  await log.stop();
});

test("the same entry is in the log once: in one batch, later, and after a restart", async () => {
  const storage = memoryStorage();
  const log = await openLog(storage);
  const first = await submitAll(log, ["a", "b", "a", "c", "a"]);
  assert.deepEqual(
    first.map(({ index, isDuplicate }) => `${index} ${isDuplicate}`),
    ["0 false", "1 false", "0 true", "2 false", "0 true"],
  );
  const [later] = await submitAll(log, ["b"]);
  assert.deepEqual([later?.index, later?.isDuplicate, later?.timeMs], [1n, true, NOW]);
  await log.stop();
  const again = await openLog(storage);
  const answers = await submitAll(again, ["c", "d"]);
  for (const answer of answers) assertProved(answer);
  assert.deepEqual(
    answers.map(({ index, isDuplicate }) => `${index} ${isDuplicate}`),
    ["2 true", "3 false"],
  );
  await assertSound(storage, 4n);
  await again.stop();
});

test("several logs in one process, with Ed25519 and with ECDSA", async () => {
  const identities = [identity, identityOf("ecdsa.example", "PKIX_ECDSA_P256_SHA_256")];
  for (const of of identities) {
    const log = await TiledLog.open({ identity: of, storage: memoryStorage(), nowMs: () => NOW });
    for (const answer of await submitAll(log, numbered(0, 3))) assertProved(answer, of);
    await log.stop();
  }
});

/** Sizes of batches around the edges of tiles, so that every kind of write occurs. */
const SCENARIO = [3, 252, 1, 1, 300];
const RETRIES = 3;

/** Submits until it is acknowledged, as a client does that is told to try again. */
async function submitPatiently(log: TiledLog, texts: readonly string[]): Promise<LoggedEntry[]> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await submitAll(log, texts);
    } catch (error) {
      assert.ok(isSigstoreError(error, "log-unavailable"), String(error));
      assert.equal(error.details["retryAfterSeconds"], 1);
      if (attempt === RETRIES) throw error;
    }
  }
}

async function playScenario(log: TiledLog, acknowledged: Map<string, bigint>): Promise<void> {
  for (const [batch, count] of SCENARIO.entries()) {
    const texts = numbered(batch * 1000, count);
    const answers = await submitPatiently(log, texts);
    for (const [position, answer] of answers.entries()) {
      assertProved(answer);
      acknowledged.set(texts[position] ?? "", answer.index);
    }
  }
}

/** What was acknowledged is there, at its index, once, before and after taking the log up again. */
async function assertKept(storage: LogStorage, acknowledged: ReadonlyMap<string, bigint>): Promise<void> {
  await assertSound(storage, BigInt(acknowledged.size));
  const log = await openLog(storage);
  // The check has looked up every key; that answers lead to the old entries shows in some of them.
  const some = [...acknowledged].filter((_, position) => position % 50 === 0);
  const answers = await submitAll(
    log,
    some.map(([text]) => text),
  );
  for (const [position, [, index]] of some.entries()) {
    assert.equal(answers[position]?.index, index);
    assert.equal(answers[position]?.isDuplicate, true);
  }
  await assertSound(storage, BigInt(acknowledged.size));
  await log.stop();
}

for (const fault of ["failed", "failed but persisted"] as const satisfies readonly Fault[]) {
  test(`every write in turn ${fault}: nothing acknowledged is lost, and the log goes on`, async () => {
    let isReached = true;
    for (let faulty = 1; isReached; faulty += 1) {
      isReached = false;
      const storage = memoryStorage();
      const plan = (write: number): Fault | undefined => {
        isReached ||= write === faulty;
        return write === faulty ? fault : undefined;
      };
      const log = await openLog(faultyStorage(storage, plan));
      const acknowledged = new Map<string, bigint>();
      await playScenario(log, acknowledged);
      await log.stop();
      await assertKept(storage, acknowledged);
      assert.ok(faulty < 100, "the scenario ends");
    }
  });

  test(`the process dies at every write, which ${fault}`, async () => {
    let isReached = true;
    for (let fatal = 1; isReached; fatal += 1) {
      isReached = false;
      const storage = memoryStorage();
      const acknowledged = new Map<string, bigint>();
      const plan = (write: number): Fault | undefined => {
        isReached ||= write >= fatal;
        if (write < fatal) return undefined;
        return write === fatal ? fault : "failed";
      };
      const dying = await openLog(faultyStorage(storage, plan));
      const outcome = await playScenario(dying, acknowledged).catch((error: unknown) => error);
      assert.ok(outcome === undefined || isSigstoreError(outcome, "log-unavailable"), String(outcome));
      await dying.stop();
      const log = await openLog(storage);
      const size = log.published.treeSize;
      assert.ok(size >= BigInt(acknowledged.size), "all that was acknowledged is published");
      await assertSound(storage, size);
      await playScenario(log, acknowledged);
      await log.stop();
      await assertKept(storage, acknowledged);
    }
  });
}

test("a log whose storage recovers, recovers by itself and says so", async () => {
  const events: LogEvent[] = [];
  const storage = memoryStorage();
  const log = await openLog(
    faultyStorage(storage, (write) => (write === 3 ? "failed" : undefined)),
    (event) => events.push(event),
  );
  await assert.rejects(log.submit(submissionOf("a")), (error) => isSigstoreError(error, "log-unavailable"));
  assert.equal(log.isSound, false);
  assert.equal(log.published.treeSize, 0n);
  await assert.doesNotReject(log.submit(submissionOf("b")));
  assert.equal(log.isSound, true);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["failure", "recovered", "batch"],
  );
  await assertSound(storage, 2n);
  await log.stop();
});

test("a log that stops answers what it took, and takes no more", async () => {
  const log = await openLog(memoryStorage());
  const taken = submitAll(log, numbered(0, 10));
  const stopped = log.stop();
  await assert.rejects(log.submit(submissionOf("late")), (error) => isSigstoreError(error, "log-unavailable"));
  assert.equal((await taken).length, 10);
  await stopped;
});

test("entries beyond what a bundle can hold are refused alone", async () => {
  const log = await openLog(memoryStorage());
  const tooLong = "x".repeat(65_536);
  await assert.rejects(log.submit(submissionOf(tooLong)), (error) => isSigstoreError(error, "entry-too-large"));
  assertProved(await log.submit(submissionOf(tooLong.slice(1))));
  await log.stop();
});
