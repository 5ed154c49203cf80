/**
 * Tessera's fsck over our tiles: at every size where a tile begins or ends, as files and over HTTP, and while the log is written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rekorV2Log } from "../../../src/authority/checkpoint.ts";
import { sha256 } from "../../../src/crypto/digest.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import { startServer } from "../../../src/services/http/server.ts";
import { rekorHandler } from "../../../src/services/rekor/handler.ts";
import { noteLogIdentity } from "../../../src/services/tiled-log/log-identity.ts";
import { openLocalStorage, publicFolder } from "../../../src/services/tiled-log/storage-local.ts";
import { TiledLog } from "../../../src/services/tiled-log/tiled-log.ts";
import { VirtualKeys } from "../../../src/testing/virtual-keys.ts";
import { serializeVerifierKey } from "../../../src/tlog/verifier-key.ts";
import type { Suite } from "../../suite.ts";
import type { PeerFolder } from "../peers/install.ts";
import { lastWords, type ProgramOutcome, runProgram } from "../programs.ts";

const ORIGIN = "rekor.interop.test";
const SIZES = [0, 1, 255, 256, 257, 65_535, 65_536, 65_537];
const SOUND = /Successfully fsck'd log with size (\d+) /;
/** A sound log takes it a second; on one that is damaged it does not end. */
const TIMEOUT_MS = 60_000;
const DAMAGED_TIMEOUT_MS = 5000;
const CHECKS_WHILE_WRITING = 5;
/** Submissions that wait at once. */
const IN_FLIGHT = 512;

/** Grows one log through all sizes. */
export async function checkWithTessera(suite: Suite, peers: PeerFolder, folder: string): Promise<void> {
  const signer = new VirtualKeys("interop").signer("log", "PKIX_ED25519");
  const keyFile = `${folder}.vkey`;
  writeFileSync(keyFile, serializeVerifierKey(ORIGIN, signer.publicKey));
  const log = await TiledLog.open({
    identity: noteLogIdentity(rekorV2Log(ORIGIN, signer)),
    storage: openLocalStorage({ folder, origin: ORIGIN, holder: "the interop suite" }),
    nowMs: Date.now,
  });
  const server = await startServer({ handler: rekorHandler({ reads: log }), port: 0, nowMs: () => performance.now() });
  const fsck = (url: string, timeoutMs = TIMEOUT_MS): Promise<ProgramOutcome> => {
    const args = [`--storage_url=${url}`, `--public_key=${keyFile}`, "--ui=false", "--logtostderr"];
    return runProgram(peers.program("tessera-fsck"), args, { timeoutMs });
  };
  const overHttp = `http://localhost:${server.port}/api/v2/`;
  const asFiles = `file://${publicFolder(folder)}/`;
  try {
    for (const size of SIZES) {
      await grow(log, size);
      await suite.case(`tessera-fsck, files, size ${size}`, async () => requireSize(size, await fsck(asFiles)));
      await suite.case(`tessera-fsck, over HTTP, size ${size}`, async () => requireSize(size, await fsck(overHttp)));
    }
    for (const url of [asFiles, overHttp])
      await suite.case(`tessera-fsck while the log is written, ${url.slice(0, 4)}`, () =>
        checkWhileWriting(log, () => fsck(url)),
      );
    await suite.case("tessera-fsck sees one wrong bit of an entry", async () => {
      const path = join(publicFolder(folder), "tile", "entries", "000");
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
      writeFileSync(path, bytes);
      const outcome = await fsck(asFiles, DAMAGED_TIMEOUT_MS);
      if (isSound(outcome)) throw new Error("expected a refusal, got a yes");
      return lastWords(outcome.said, 80);
    });
  } finally {
    await server.stop();
    await log.stop();
  }
}

function isSound({ said }: ProgramOutcome): boolean {
  return SOUND.test(said);
}

/** Its exit status is 0 whatever it found: the words count. */
function requireSound({ status, said }: ProgramOutcome): string {
  const [, size] = SOUND.exec(said) ?? [];
  if (size === undefined) throw new Error(`expected a sound log, got status ${status}: ${lastWords(said)}`);
  return size;
}

function requireSize(size: number, outcome: ProgramOutcome): void {
  const found = requireSound(outcome);
  if (found !== String(size)) throw new Error(`expected a log of size ${size}, got ${found}`);
}

async function checkWhileWriting(log: TiledLog, fsck: () => Promise<ProgramOutcome>): Promise<string> {
  const before = log.published.treeSize;
  const writing = new AbortController();
  const written = writeUntil(log, writing.signal);
  try {
    for (let check = 0; check < CHECKS_WHILE_WRITING; check += 1) requireSound(await fsck());
  } finally {
    writing.abort();
    await written;
  }
  const entries = log.published.treeSize - before;
  if (entries === 0n) throw new Error("expected entries beside the checks, got none");
  return `${CHECKS_WHILE_WRITING} checks beside ${entries} entries`;
}

async function writeUntil(log: TiledLog, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await grow(log, Number(log.published.treeSize) + 100);
}

async function grow(log: TiledLog, size: number): Promise<void> {
  let next = Number(log.published.treeSize);
  const work = async (): Promise<void> => {
    while (next < size) {
      const bytes = utf8Encode(`entry ${next}`);
      next += 1;
      await log.submit({ duplicateKey: sha256(bytes), maximumBytes: bytes.length, serialize: () => bytes });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
