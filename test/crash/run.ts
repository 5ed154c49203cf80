/**
 * `npm run crash`: a Rekor v2 log in a process of its own, written to by several clients and killed, again and again.
 *
 * After each SIGKILL it starts again on the same folder, and every entry that was ever acknowledged must be in the log at its
 * index; at the end every root that was ever shown must be a root of the one tree, and tiles, checkpoint and state must agree.
 * `--points N` kills N times (36), `--seed S` draws other moments. What a kill cannot show, a flush that is missing, is not tested
 * here.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { equalBytes } from "../../src/encoding/bytes.ts";
import { hexEncode } from "../../src/encoding/hex.ts";
import { checkLog } from "../../src/services/tiled-log/fsck.ts";
import { openLocalStorage } from "../../src/services/tiled-log/storage-local.ts";
import { seededRandom } from "../../src/testing/seed.ts";
import { MemoryTree } from "../../src/tlog/memory-tree.ts";
import { noteVerifier } from "../../src/tlog/note-key.ts";
import { Suite } from "../suite.ts";
import { type Acknowledged, RekorClient } from "./client.ts";
import { LogProcess } from "./process.ts";
import { LOG_SIGNER, ORIGIN } from "./server.ts";

const CLIENTS = 6;
/** A kill comes between the start and this many milliseconds after it. */
const LATEST_KILL_MS = 250;

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "36" },
    seed: { type: "string", default: "1" },
    without: { type: "string", multiple: true },
  },
});

const suite = new Suite("crash");
const folder = mkdtempSync(join(tmpdir(), "crash-"));
const random = seededRandom(values.seed, "crash");
/** Entries by their text, as they were first acknowledged. */
const acknowledged = new Map<string, Acknowledged>();

for (let point = 0; point < Number(values.points); point += 1)
  await suite.case(`kill ${point}`, () => writeAndKill(point));
await suite.case("every acknowledged entry is found again by its submission", findAll);
await suite.case("a graceful stop answers all that it took", stopGracefully);
await suite.case("tiles, checkpoint and state agree, and every root shown is one of this tree", checkWhole);
if (process.exitCode === undefined) rmSync(folder, { recursive: true });
else console.log(`the folder is kept: ${folder}`);
suite.finish();

function drawn(below: number): number {
  const [high = 0, low = 0] = random(2);
  return ((high << 8) | low) % below;
}

/** Records what a client was told, which must never change. */
function note(text: string, told: Acknowledged): void {
  const earlier = acknowledged.get(text);
  if (earlier === undefined) acknowledged.set(text, told);
  else if (earlier.index !== told.index || !equalBytes(earlier.body, told.body))
    throw new Error(`expected entry ${text} at ${earlier.index}, got it at ${told.index}`);
}

async function writeAndKill(point: number): Promise<string> {
  const log = await LogProcess.start(folder);
  const before = acknowledged.size;
  const client = new RekorClient(log.port);
  await checkSome(client);
  const killed = killAfter(log, drawn(LATEST_KILL_MS));
  const clients = Array.from({ length: CLIENTS }, (_, number) => writeUntilKilled(client, `${point}/${number}`));
  await Promise.all([killed, ...clients]);
  return `${acknowledged.size - before} entries, ${acknowledged.size} in all`;
}

async function killAfter(log: LogProcess, afterMs: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, afterMs);
  });
  await log.kill();
}

/** One entry after another, some of them twice, until nobody answers. */
async function writeUntilKilled(client: RekorClient, name: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const text = `${name}/${number}`;
    const told = await client.submit(text);
    if (told === undefined) return;
    note(text, told);
    if (number % 7 > 0) continue;
    const again = await client.submit(text);
    if (again === undefined) return;
    if (again.isNew) throw new Error(`expected ${text} to be there, got it logged twice`);
    note(text, again);
  }
}

/** After each start: the newest entries, which were at risk, and some old ones. */
async function checkSome(client: RekorClient): Promise<void> {
  const texts = [...acknowledged.keys()];
  const some = [...texts.slice(-2 * CLIENTS), ...texts.filter((_, at) => at % 50 === drawn(50))];
  await Promise.all(some.map((text) => findAgain(client, text)));
}

async function findAgain(client: RekorClient, text: string): Promise<void> {
  const told = await submitOne(client, text);
  if (told.isNew) throw new Error(`expected the acknowledged entry ${text}, got a log without it`);
}

async function findAll(): Promise<string> {
  const log = await LogProcess.start(folder);
  const client = new RekorClient(log.port);
  const waiting = [...acknowledged.keys()];
  const work = async (): Promise<void> => {
    for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) await findAgain(client, text);
  };
  await Promise.all(Array.from({ length: 16 }, work));
  await log.stop();
  return `${acknowledged.size} entries`;
}

/** After a graceful stop the log holds what was answered and nothing more: nobody was left in doubt. */
async function stopGracefully(): Promise<string> {
  const log = await LogProcess.start(folder);
  const client = new RekorClient(log.port);
  const first = await submitOne(client, "graceful/first");
  const submitted = Array.from({ length: 400 }, (_, number) => client.submit(`graceful/${number}`));
  await Promise.race(submitted);
  await log.stop();
  const answered = (await Promise.all(submitted)).filter((told) => told !== undefined).length;
  const again = await LogProcess.start(folder);
  const last = await submitOne(new RekorClient(again.port), "graceful/last");
  await again.stop();
  const logged = last.index - first.index - 1n;
  if (logged !== BigInt(answered)) throw new Error(`expected ${answered} entries, as answered, got ${logged}`);
  return `${answered} answered`;
}

async function submitOne(client: RekorClient, text: string): Promise<Acknowledged> {
  const told = await client.submit(text);
  if (told === undefined) throw new Error("expected an answer, got none");
  note(text, told);
  return told;
}

async function checkWhole(): Promise<string> {
  const storage = openLocalStorage({ folder, origin: ORIGIN, holder: "the crash suite" });
  try {
    const verifier = noteVerifier(ORIGIN, LOG_SIGNER.publicKey);
    const { files, state } = storage;
    const report = await checkLog({ files, state, origin: ORIGIN, verifier });
    if (report.problems.length > 0) throw new Error(report.problems.join("\n"));
    const entries = await state.readEntries(0n, Number(report.entries));
    const tree = new MemoryTree();
    for (const { bytes } of entries) tree.appendEntry(bytes);
    for (const [text, { index, body, treeSize, rootHash }] of acknowledged) {
      if (!equalBytes(entries[Number(index)]?.bytes ?? new Uint8Array(0), body))
        throw new Error(`expected entry ${text} at ${index}, got another`);
      if (!equalBytes(tree.rootHash(treeSize), rootHash))
        throw new Error(`expected the root of size ${treeSize} that was shown, ${hexEncode(rootHash)}, got another`);
    }
    return `${report.entries} entries, ${report.tiles} tiles, ${acknowledged.size} acknowledged`;
  } finally {
    await storage.close();
  }
}
