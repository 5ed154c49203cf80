/**
 * SIGKILL at any moment: a log is written to by several clients and killed, again and again, on one folder. After each start every entry that was
 * ever acknowledged must be in the log at its index; at the end every root that was ever shown must be one of the tree.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite } from "../suite.ts";
import { RekorClient } from "./client.ts";
import { Ledger } from "./ledger.ts";
import { LogProcess } from "./process.ts";

const CLIENTS = 6;
/** A kill comes between the start and this share of a second after it. */
const LATEST_KILL_MS = 250;

/** Kills `points` times, at moments that `random` draws (0 to 1). */
export async function killCases(suite: Suite, points: number, random: () => number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  const ledger = new Ledger();
  let passed = true;
  const run = async (name: string, what: () => Promise<string>): Promise<void> => {
    passed = (await suite.case(name, what)) && passed;
  };
  for (let point = 0; point < points; point += 1)
    await run(`kill ${point}`, () => writeAndKill(folder, ledger, point, random));
  await run("every acknowledged entry is found again by its submission", () => findAll(folder, ledger));
  await run("a graceful stop answers all that it took", () => stopGracefully(folder, ledger));
  await run("tiles, checkpoint and state agree, and every root shown is one of this tree", () => ledger.check(folder));
  if (passed) rmSync(folder, { recursive: true });
  else console.log(`the folder is kept: ${folder}`);
}

async function writeAndKill(folder: string, ledger: Ledger, point: number, random: () => number): Promise<string> {
  const log = await LogProcess.start(folder);
  const before = ledger.size;
  const client = new RekorClient(log.port);
  await checkSome(client, ledger, random);
  const killed = killAfter(log, random() * LATEST_KILL_MS);
  const writers = Array.from({ length: CLIENTS }, (_, number) =>
    writeUntilKilled(client, ledger, `${point}/${number}`),
  );
  await Promise.all([killed, ...writers]);
  return `${ledger.size - before} entries, ${ledger.size} in all`;
}

async function killAfter(log: LogProcess, afterMs: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, afterMs);
  });
  await log.kill();
}

/** One entry after another, some of them twice, until nobody answers. */
async function writeUntilKilled(client: RekorClient, ledger: Ledger, name: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const text = `${name}/${number}`;
    const told = await client.submit(text);
    if (told === undefined) return;
    ledger.note(text, told);
    if (number % 7 > 0) continue;
    const again = await client.submit(text);
    if (again === undefined) return;
    if (again.isNew) throw new Error(`expected ${text} to be there, got it logged twice`);
    ledger.note(text, again);
  }
}

/** After each start: the newest entries, which were at risk, and some old ones. */
async function checkSome(client: RekorClient, ledger: Ledger, random: () => number): Promise<void> {
  const { texts } = ledger;
  const some = [...texts.slice(-2 * CLIENTS), ...texts.filter(() => random() < 1 / 50)];
  await Promise.all(some.map((text) => ledger.findAgain(client, text)));
}

async function findAll(folder: string, ledger: Ledger): Promise<string> {
  const log = await LogProcess.start(folder);
  await ledger.findAll(new RekorClient(log.port));
  await log.stop();
  return `${ledger.size} entries`;
}

/** After a graceful stop the log holds what was answered and nothing more: nobody was left in doubt. */
async function stopGracefully(folder: string, ledger: Ledger): Promise<string> {
  const log = await LogProcess.start(folder);
  const client = new RekorClient(log.port);
  const first = await ledger.submit(client, "graceful/first");
  const submitted = Array.from({ length: 400 }, (_, number) => client.submit(`graceful/${number}`));
  await Promise.race(submitted);
  await log.stop();
  const answered = (await Promise.all(submitted)).filter((told) => told !== undefined).length;
  const again = await LogProcess.start(folder);
  const last = await ledger.submit(new RekorClient(again.port), "graceful/last");
  await again.stop();
  const logged = last.index - first.index - 1n;
  if (logged !== BigInt(answered)) throw new Error(`expected ${answered} entries, as answered, got ${logged}`);
  return `${answered} answered`;
}
