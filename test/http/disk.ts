/**
 * What a disk and a machine do to a log: full, not ours, damaged, copied, held by another, its port taken. A log that cannot be sure refuses to
 * start, says which folder or file and what to do; a full disk is 503 for as long as it is full.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Acknowledged, RekorClient } from "../crash/client.ts";
import { type LaunchOptions, LogProcess, StartRefused } from "../crash/process.ts";
import type { Suite } from "../suite.ts";

/** A view of the disk of its own, with a folder of three megabytes. */
const SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "--"];
const BALLAST_BYTES = 1_500_000;

/** All cases of this file. */
export async function diskCases(suite: Suite): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "abuse-"));
  const sound = join(folder, "sound");
  await makeLog(sound);
  try {
    if (suite.needs("unshare", hasUnshare(), "unshare and user namespaces are wanted for a small disk"))
      await suite.case("a full disk: 503, then well again by itself, and nothing lost", () => fullDisk(folder));
    for (const [name, { code, says, hint, change }] of Object.entries(DAMAGES))
      await suite.case(`${name}: ${code}`, async () => {
        const damaged = join(folder, "damaged");
        rmSync(damaged, { recursive: true, force: true });
        // Renamed, a folder is still itself; a copy would be refused as such.
        await makeLog(damaged);
        change(damaged);
        await isRefused(damaged, { code, says, hint });
      });
    await suite.case("a copy: storage-copied", () => {
      const copy = join(folder, "copy");
      cpSync(sound, copy, { recursive: true });
      return isRefused(copy, { code: "storage-copied", says: /a copy of it/, hint: /restore/ });
    });
    await suite.case("tiles that are gone are made again", () => tilesGone(sound));
    await suite.case("a folder that another process holds: storage-in-use", () => heldByAnother(sound));
    await suite.case("a port that is taken: EADDRINUSE", () => portTaken(folder, sound));
    await rightsCases(suite, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Damage {
  readonly code: string;
  readonly says: RegExp;
  readonly hint: RegExp;
  readonly change: (folder: string) => void;
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  "a state that is no database": {
    code: "storage-damaged",
    says: /state\.sqlite/,
    hint: /restore a backup/,
    change: (folder) =>
      writeFileSync(join(folder, "state.sqlite"), "not a database, but long enough to be read as one".repeat(100)),
  },
  "a state of which half is gone": {
    code: "storage-damaged",
    says: /state\.sqlite/,
    hint: /restore a backup/,
    change: (folder) =>
      truncateSync(join(folder, "state.sqlite"), statSync(join(folder, "state.sqlite")).size / 2 - 100),
  },
  "a state that is gone": {
    code: "storage-damaged",
    says: /at least the \d+ entries of the published checkpoint, got 0/,
    hint: /partial restore/,
    change: (folder) => {
      for (const name of ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"])
        rmSync(join(folder, name), { force: true });
    },
  },
  "a checkpoint that was changed": {
    code: "storage-damaged",
    says: /checkpoint/,
    hint: /./,
    change: (folder) =>
      writeFileSync(join(folder, "public/checkpoint"), "crash.example\n1\nAAAA\n\n— crash.example AAAA\n"),
  },
  "a file in the place of the folder": {
    code: "storage-failed",
    says: /damaged/,
    hint: /./,
    change: (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "");
    },
  },
};

async function makeLog(folder: string): Promise<void> {
  const log = await LogProcess.start(folder);
  const client = new RekorClient(log.port);
  await Promise.all(Array.from({ length: 300 }, (_, number) => client.submit(`disk/${number}`)));
  await log.stop();
}

async function isRefused(
  folder: string,
  { code, says, hint }: Omit<Damage, "change">,
  launch: LaunchOptions = {},
): Promise<string> {
  try {
    await (await LogProcess.start(folder, launch)).kill();
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    const told = `${error.message} (${error.hint})`;
    if (error.code !== code || !says.test(error.message) || !hint.test(error.hint))
      throw new Error(`expected ${code} and ${String(says)}, got ${error.code}: ${told}`, { cause: error });
    return told;
  }
  throw new Error(`expected ${code}, got a log that runs`);
}

function hasUnshare(): boolean {
  const [program, ...words] = [...SMALL_DISK, "mount", "-t", "tmpfs", "none", tmpdir()];
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}

/** The disk is a tmpfs that nobody else sees, but for the process's own view of it below /proc. */
async function fullDisk(folder: string): Promise<string> {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const mounted = `mount -t tmpfs -o size=3m none ${disk} && head -c ${BALLAST_BYTES} /dev/zero > ${disk}/ballast && exec "$@"`;
  const prefix = [...SMALL_DISK, "sh", "-c", mounted, "sh"];
  const log = await LogProcess.start(join(disk, "log"), { prefix, stderr: "ignore" });
  try {
    const client = new RekorClient(log.port);
    const acknowledged = new Map<string, Acknowledged>();
    const refused = await writeUntilRefused(client, acknowledged);
    const health = await fetch(`http://127.0.0.1:${log.port}/healthz`);
    if (health.status !== 503) throw new Error(`expected a log that says it is not well, got ${health.status}`);
    rmSync(join(`/proc/${log.pid}/root`, disk, "ballast"));
    await untilWell(log);
    for (const [text, { index }] of acknowledged) {
      const told = await client.submit(text);
      if (told?.index !== index || told.isNew)
        throw new Error(`expected ${text} at ${index}, got it at ${told?.index}`);
    }
    if ((await client.submit(refused)) === undefined) throw new Error("expected a log that takes entries, got 503");
    await log.stop();
    return `${acknowledged.size} entries before it was full`;
  } finally {
    await log.kill();
  }
}

async function writeUntilRefused(client: RekorClient, acknowledged: Map<string, Acknowledged>): Promise<string> {
  for (let number = 0; number < 20_000; number += 1) {
    const texts = Array.from({ length: 20 }, (_, at) => `full/${number}/${at}`);
    const told = await Promise.all(texts.map((text) => client.submit(text)));
    for (const [at, one] of told.entries()) if (one !== undefined) acknowledged.set(texts[at] ?? "", one);
    const refused = told.indexOf(undefined);
    if (refused >= 0) return texts[refused] ?? "";
  }
  throw new Error("expected a disk that is full, got one that takes everything");
}

/** It tries by itself, once a second. */
async function untilWell({ port }: LogProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { status } = await fetch(`http://127.0.0.1:${port}/healthz`);
    if (status === 200) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error("expected the log to be well again by itself, got 503");
}

/** Tiles hold nothing that the state has not. */
async function tilesGone(folder: string): Promise<void> {
  rmSync(join(folder, "public/tile"), { recursive: true });
  const log = await LogProcess.start(folder);
  const { status } = await fetch(`http://127.0.0.1:${log.port}/api/v2/tile/0/000`);
  await log.stop();
  if (status !== 200) throw new Error(`expected the tile to be made again, got ${status}`);
}

async function heldByAnother(folder: string): Promise<string> {
  const log = await LogProcess.start(folder);
  try {
    return await isRefused(folder, {
      code: "storage-in-use",
      says: new RegExp(`held by process ${log.pid}`),
      hint: /stop/,
    });
  } finally {
    await log.stop();
  }
}

async function portTaken(folder: string, sound: string): Promise<string> {
  const log = await LogProcess.start(sound);
  const settings = { port: log.port };
  try {
    return await isRefused(join(folder, "other"), { code: "EADDRINUSE", says: /EADDRINUSE/, hint: /^/ }, { settings });
  } finally {
    await log.stop();
  }
}

const NOBODY = 65_534;

/** Root may do everything; so it asks somebody else, who must be able to run Node at all. */
async function rightsCases(suite: Suite, folder: string): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  const options = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  chmodSync(folder, 0o755);
  const canRun = !isRoot || spawnSync(process.execPath, ["--version"], { uid: NOBODY }).status === 0;
  if (!suite.needs("nobody", canRun, "Node is wanted where another user can start it")) return;
  await suite.case("a folder that may not be written: storage-failed", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o555 });
    const told = await isRefused(
      join(closed, "log"),
      { code: "storage-failed", says: /closed\/log/, hint: /^/ },
      { options },
    );
    if (existsSync(join(closed, "log"))) throw new Error("expected no folder, got one");
    return told;
  });
  await suite.case("a state that may not be read: storage-failed", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    if (isRoot) chownSync(own, NOBODY, NOBODY);
    await (await LogProcess.start(join(own, "log"), { options })).stop();
    chmodSync(join(own, "log/state.sqlite"), 0o000);
    return isRefused(join(own, "log"), { code: "storage-failed", says: /own\/log/, hint: /^/ }, { options });
  });
}
