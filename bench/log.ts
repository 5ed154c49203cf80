/**
 * `log/write-512`, `log/write-4000`: entries that a Rekor v2 acknowledges in a second, with proof, durable, so many in flight; beside
 * rekor-tiles at its fastest settings, by the same generator (log-load.ts) on the same cores, in turn.
 *
 * `log/growth`: the same at 10⁴, 10⁵ and 10⁶ entries, what memory it takes, how long a start takes then, and how many tiles a second one
 * process hands out. Ours is the service as it runs, one process with one thread that verifies. rekor-tiles remembers its last 256 entries
 * for duplicates, ours all of them for ever.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { rekorV2Log } from "../src/authority/checkpoint.ts";
import { noteLogIdentity } from "../src/services/tiled-log/log-identity.ts";
import { openLocalStorage } from "../src/services/tiled-log/storage-local.ts";
import { TiledLog } from "../src/services/tiled-log/tiled-log.ts";
import { LogProcess } from "../test/crash/process.ts";
import { LOG_SIGNER, ORIGIN } from "../test/crash/server.ts";
import { PeerFolder } from "../test/interop/peers/install.ts";
import { type Figure, spreadOf } from "./figure.ts";
import type { LoadOutcome } from "./load.ts";
import type { LogLoadSettings } from "./log-load.ts";

const ROUNDS = 3;
const WARM_UP_MS = 3000;
const COUNTED_MS = 8000;
const STOCK = "rekor-tiles 2.3.0";
const SETTINGS = { verificationThreads: 1 };
const SIZES = [10_000, 100_000, 1_000_000];
const ENTRY_BYTES = 700;
const FILLED_AT_ONCE = 4000;

/** A server that was asked, and what it cost. */
interface Measured extends LoadOutcome {
  /** Milliseconds of processor time for each entry. */
  readonly cpuMs: number;
}

/** What must be of the rates and of the 99th percentiles, ours ÷ theirs. */
const REQUIRED: ReadonlyMap<number, { readonly rate: number; readonly p99: number }> = new Map([
  [512, { rate: 2000 / 512, p99: 500 / 1070 }],
  [4000, { rate: 1, p99: 0.5 }],
]);

/** Writes, so many in flight, ours and the original's in turn. */
export async function measureLogWrites(inFlight: number): Promise<readonly Figure[]> {
  const peers = new PeerFolder(process.env, (line) => console.error(line));
  await peers.ensure("rekor-tiles");
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await measureOurs(inFlight));
    theirs.push(await measureStock(peers.program("rekor-server-posix"), inFlight));
  }
  const required = REQUIRED.get(inFlight) ?? { rate: 1, p99: 1 };
  const name = `log/write-${inFlight}`;
  return [
    figureOf(
      `${name} rate`,
      "1/s",
      ours.map((one) => one.perSecond),
      theirs.map((one) => one.perSecond),
      { atLeast: required.rate },
    ),
    figureOf(
      `${name} p99`,
      "ms",
      ours.map((one) => one.p99Ms),
      theirs.map((one) => one.p99Ms),
      { atMost: required.p99 },
    ),
    figureOf(
      `${name} cpu`,
      "ms each",
      ours.map((one) => one.cpuMs),
      theirs.map((one) => one.cpuMs),
    ),
  ];
}

function figureOf(
  name: string,
  unit: string,
  ours: readonly number[],
  theirs: readonly number[],
  required?: Figure["required"],
): Figure {
  return {
    name,
    unit,
    value: spreadOf(ours),
    peer: STOCK,
    peerValue: spreadOf(theirs),
    ratio: spreadOf(ours.map((value, at) => value / (theirs[at] ?? Number.NaN))),
    ...(required && { required }),
  };
}

async function measureOurs(inFlight: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "bench-log-"));
  const log = await LogProcess.start(join(folder, "log"), { settings: SETTINGS });
  try {
    return await loadServer(log.pid, { port: log.port, inFlight });
  } finally {
    await log.kill();
    rmSync(folder, { recursive: true });
  }
}

async function measureStock(program: string, inFlight: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "bench-rekor-tiles-"));
  const keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
  });
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const server = spawn(
    program,
    [
      "serve",
      "--http-address=127.0.0.1",
      `--http-port=${http}`,
      "--grpc-address=127.0.0.1",
      `--grpc-port=${grpc}`,
      `--http-metrics-port=${metrics}`,
      "--hostname=localhost",
      `--storage-dir=${folder}`,
      `--signer-filepath=${keyFile}`,
      "--checkpoint-interval=100ms",
      "--batch-max-age=100ms",
    ],
    { stdio: "ignore" },
  );
  try {
    await untilServing(http);
    return await loadServer(server.pid ?? 0, { port: http, inFlight });
  } finally {
    await ended(server);
    rmSync(folder, { recursive: true });
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port, got none");
  return address.port;
}

async function untilServing(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const isServing = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isServing) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(`expected ${STOCK} to serve, got nothing`);
}

async function loadServer(pid: number, target: Pick<LogLoadSettings, "port" | "inFlight" | "read">): Promise<Measured> {
  const settings: LogLoadSettings = { warmUpMs: WARM_UP_MS, countedMs: COUNTED_MS, ...target };
  const before = processorMs(pid);
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "log-load.ts"),
    JSON.stringify(settings),
  ]);
  const outcome = JSON.parse(stdout) as LoadOutcome;
  if (outcome.errors > 0) throw new Error(`${outcome.errors} errors, the first: ${outcome.firstError}`);
  // Over warm-up and counting; both at the same rate, near enough.
  const all = (outcome.perSecond * (WARM_UP_MS + COUNTED_MS)) / 1000;
  return { ...outcome, cpuMs: (processorMs(pid) - before) / all };
}

/** Milliseconds that a process has run. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Writes and memory of a log as it grows; its start and its tiles at the end. */
export async function measureLogGrowth(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-log-"));
  const figures: Figure[] = [];
  let first: Grown | undefined;
  try {
    for (const size of SIZES) {
      await fill(join(folder, "log"), size);
      const log = await LogProcess.start(join(folder, "log"), { settings: SETTINGS });
      const grown = await measureGrown(log);
      if (size === SIZES.at(-1)) figures.push(await measureReads(log));
      await log.stop();
      first ??= grown;
      const peer = `the same at ${SIZES[0]}`;
      figures.push(
        against(`log/growth rate at ${size}`, "1/s", grown.rates, peer, spreadOf(first.rates).median, {
          atLeast: 0.85,
        }),
        against(`log/growth cpu at ${size}`, "ms each", [grown.cpuMs], peer, first.cpuMs),
        against(`log/growth memory at ${size}`, "MiB", [grown.mebibytes], peer, first.mebibytes),
      );
    }
    figures.push(await measureStart(join(folder, "log")));
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Grown {
  readonly rates: readonly number[];
  readonly cpuMs: number;
  readonly mebibytes: number;
}

async function measureGrown(log: LogProcess): Promise<Grown> {
  const measured: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    measured.push(await loadServer(log.pid, { port: log.port, inFlight: 512 }));
  return {
    rates: measured.map(({ perSecond }) => perSecond),
    cpuMs: spreadOf(measured.map(({ cpuMs }) => cpuMs)).median,
    mebibytes: log.residentBytes() / 2 ** 20,
  };
}

/** A figure beside one number. */
function against(
  name: string,
  unit: string,
  values: readonly number[],
  peer: string,
  peerValue: number,
  required?: Figure["required"],
): Figure {
  const ratio = spreadOf(values.map((value) => value / peerValue));
  return {
    name,
    unit,
    value: spreadOf(values),
    peer,
    peerValue: spreadOf([peerValue]),
    ratio,
    ...(required && { required }),
  };
}

/** Brings a log to `size` entries by its engine, without HTTP and signatures: nobody waits an hour for a bench. */
async function fill(folder: string, size: number): Promise<void> {
  const log = await openLog(folder);
  let treeSize = Number(log.published.treeSize);
  while (treeSize < size) {
    const count = Math.min(FILLED_AT_ONCE, size - treeSize);
    await Promise.all(
      Array.from({ length: count }, () => {
        const bytes = new Uint8Array(randomBytes(ENTRY_BYTES));
        return log.submit({ duplicateKey: bytes.slice(0, 32), maximumBytes: bytes.length, serialize: () => bytes });
      }),
    );
    treeSize += count;
  }
  await log.stop();
}

function openLog(folder: string): Promise<TiledLog> {
  return TiledLog.open({
    identity: noteLogIdentity(rekorV2Log(ORIGIN, LOG_SIGNER)),
    storage: openLocalStorage({ folder, origin: ORIGIN, holder: "the bench" }),
    nowMs: Date.now,
    pace: { intervalPerItemMs: 0 },
  });
}

async function measureReads(log: LogProcess): Promise<Figure> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rates.push(
      (await loadServer(log.pid, { port: log.port, inFlight: 64, read: "/api/v2/tile/0/x001/234" })).perSecond,
    );
  return against("log/tile-reads", "1/s", rates, "the bound", 10_000, { atLeast: 1 });
}

async function measureStart(folder: string): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    const log = await openLog(folder);
    times.push(performance.now() - startedMs);
    await log.stop();
  }
  return against(`log/start at ${SIZES.at(-1)}`, "ms", times, "the bound", 1000, { atMost: 1 });
}
