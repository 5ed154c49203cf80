/**
 * Very many at once: connections that do nothing, clients that write and verify, the same entry from all of them, a restart among them,
 * and a clock that goes backwards.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rekorV2Log } from "../../src/authority/checkpoint.ts";
import { utf8Encode } from "../../src/encoding/text.ts";
import { noteLogIdentity } from "../../src/services/tiled-log/log-identity.ts";
import { memoryStorage } from "../../src/services/tiled-log/storage-memory.ts";
import { TiledLog } from "../../src/services/tiled-log/tiled-log.ts";
import { hashLeaf } from "../../src/tlog/merkle.ts";
import { verifyInclusion } from "../../src/tlog/proof.ts";
import { type Acknowledged, RekorClient } from "../crash/client.ts";
import { LogProcess } from "../crash/process.ts";
import { LOG_SIGNER } from "../crash/server.ts";
import type { Suite } from "../suite.ts";
import { openSocket, sendRaw } from "./raw.ts";

const CONNECTIONS = 10_000;
const CLIENTS = 50;
const ENTRIES_EACH = 20;
const KIB = 1024;
/** What an idle connection may cost. */
const CONNECTION_BYTES = 48 * KIB;

/** All cases of this file. */
export async function crowdCases(suite: Suite): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "abuse-"));
  const settings = { bounds: { idleMs: 600_000 } };
  let log = await LogProcess.start(join(folder, "log"), { settings });
  try {
    if (suite.needs("descriptors", openFilesAllowed() > CONNECTIONS + 500, `ulimit -n is below ${CONNECTIONS + 500}`))
      await suite.case(`${CONNECTIONS} connections that do nothing, and one that is served`, () => idleCrowd(log));
    await suite.case("connections beyond the bound are closed, others served", () =>
      beyondBound(join(folder, "bound")),
    );
    await suite.case(`${CLIENTS} clients write and verify at once`, () => writeAndVerify(log));
    await suite.case(`the same entry from ${CLIENTS} clients at once is one entry`, () => sameEntry(log));
    await suite.case("a restart while they write: what was acknowledged is there", async () => {
      const { again, detail } = await restartUnderLoad(log, join(folder, "log"));
      log = again;
      return detail;
    });
    await suite.case("a clock that goes backwards harms nothing", clockBackwards);
    await log.stop();
  } finally {
    await log.kill();
    rmSync(folder, { recursive: true });
  }
}

function openFilesAllowed(): number {
  const [, soft = "0"] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return Number(soft);
}

/** Each connection has had an answer before it falls silent. */
async function idleCrowd(log: LogProcess): Promise<string> {
  const before = log.residentBytes();
  const sockets: Socket[] = [];
  try {
    while (sockets.length < CONNECTIONS) {
      const some = await Promise.all(Array.from({ length: 250 }, () => openSocket(log.port)));
      sockets.push(...some);
      await Promise.all(some.map(askOnce));
    }
    const told = await new RekorClient(log.port).submit("in a crowd");
    if (told === undefined) throw new Error("expected an entry, got nothing");
    const alive = sockets.filter((socket) => !socket.destroyed && socket.readable).length;
    if (alive < CONNECTIONS) throw new Error(`expected ${CONNECTIONS} open connections, got ${alive}`);
    const each = (log.residentBytes() - before) / CONNECTIONS;
    if (each > CONNECTION_BYTES) throw new Error(`expected at most ${CONNECTION_BYTES} bytes each, got ${each}`);
    return `${Math.round(each / KIB)} KiB each, ${Math.round(log.residentBytes() / KIB / KIB)} MiB in all`;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function askOnce(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error("expected an open connection, got one that was closed")));
    socket.once("data", () => resolve());
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  });
}

async function beyondBound(folder: string): Promise<void> {
  const log = await LogProcess.start(folder, { settings: { bounds: { connections: 20 } } });
  try {
    const first = await Promise.all(Array.from({ length: 20 }, () => openSocket(log.port)));
    await Promise.all(first.map(askOnce));
    const refused = await sendRaw(log.port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    if (refused !== "") throw new Error(`expected the 21st connection to be closed, got ${refused}`);
    const [one] = first;
    if (one !== undefined) await askOnce(one);
    for (const socket of first) socket.destroy();
  } finally {
    await log.kill();
  }
}

/** Every answer is verified by the client: entry, proof, checkpoint; and every entry is asked for again at the end. */
async function writeAndVerify(log: LogProcess): Promise<string> {
  const all = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, number) => {
      const client = new RekorClient(log.port);
      const told: Acknowledged[] = [];
      for (let at = 0; at < ENTRIES_EACH; at += 1) told.push(await submitted(client, `crowd/${number}/${at}`));
      return told;
    }),
  );
  const indices = new Set(all.flat().map(({ index }) => index));
  if (indices.size !== CLIENTS * ENTRIES_EACH) throw new Error(`expected an index each, got ${indices.size} indices`);
  if (all.flat().some(({ isNew }) => !isNew)) throw new Error("expected new entries, got some that were there");
  return `${indices.size} entries`;
}

async function sameEntry(log: LogProcess): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, () => new RekorClient(log.port));
  for (let round = 0; round < 10; round += 1) {
    const told = await Promise.all(clients.map((client) => submitted(client, `the same ${round}`)));
    const indices = new Set(told.map(({ index }) => index));
    const fresh = told.filter(({ isNew }) => isNew).length;
    if (indices.size !== 1 || fresh !== 1)
      throw new Error(`expected one index and one that is new, got ${indices.size} and ${fresh}`);
  }
}

async function submitted(client: RekorClient, text: string): Promise<Acknowledged> {
  const told = await client.submit(text);
  if (told === undefined) throw new Error(`expected an answer for ${text}, got none`);
  return told;
}

async function restartUnderLoad(
  log: LogProcess,
  folder: string,
): Promise<{ readonly again: LogProcess; readonly detail: string }> {
  const acknowledged = new Map<string, Acknowledged>();
  const write = async (number: number): Promise<void> => {
    const client = new RekorClient(log.port);
    for (let at = 0; ; at += 1) {
      const text = `restart/${number}/${at}`;
      const told = await client.submit(text);
      if (told === undefined) return;
      acknowledged.set(text, told);
    }
  };
  const writers = Array.from({ length: CLIENTS }, (_, number) => write(number));
  while (acknowledged.size < 3 * CLIENTS)
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  await log.stop();
  await Promise.all(writers);
  const again = await LogProcess.start(folder);
  const client = new RekorClient(again.port);
  for (const [text, { index }] of acknowledged) {
    const told = await submitted(client, text);
    if (told.isNew || told.index !== index) throw new Error(`expected ${text} at ${index}, got it at ${told.index}`);
  }
  return { again, detail: `${acknowledged.size} acknowledged` };
}

/** Order is the index's affair, never the clock's; times are what the clock said. */
async function clockBackwards(): Promise<void> {
  let nowMs = 1_800_000_000_000;
  const identity = noteLogIdentity(rekorV2Log("clock.example", LOG_SIGNER));
  const log = await TiledLog.open({
    identity,
    storage: memoryStorage(),
    nowMs: () => nowMs,
    pace: { intervalPerItemMs: 0 },
  });
  for (let at = 0; at < 300; at += 1) {
    nowMs -= 3_600_000;
    const bytes = utf8Encode(`entry ${at}`);
    const submission = { duplicateKey: hashLeaf(bytes), maximumBytes: bytes.length, serialize: () => bytes };
    const { index, timeMs, proof } = await log.submit(submission);
    const { treeSize, hashes, rootHash } = proof;
    if (index !== BigInt(at) || timeMs !== nowMs)
      throw new Error(`expected entry ${at} of now, got ${index} of ${timeMs}`);
    if (!verifyInclusion({ leafHash: hashLeaf(bytes), index, treeSize, hashes, rootHash }))
      throw new Error(`expected a proof of entry ${at}, got one that does not hold`);
  }
  await log.stop();
}
