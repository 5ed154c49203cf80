/**
 * `ca/certificates` and `tsa/timestamps`: certificates with an embedded SCT, and timestamps, that a server gives in a second, 64 in flight;
 * ours beside Fulcio with its CT log (CTFE, Trillian, MariaDB) and beside timestamp-server, by the same generator (authority-load.ts), with the
 * same issuer, on the same processors, in turn.
 *
 * Ours is the built command as people start it: one process for everything. Each server is started for its round and stopped after it, so
 * that nothing of the other runs meanwhile; processor time is that of all processes of a server.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PeerFolder } from "../test/interop/peers/install.ts";
import { CERTIFYING_PEERS, startStockCertification } from "../test/interop/stock/certification.ts";
import { startTokenIssuer, type TokenIssuer } from "../test/interop/stock/token-issuer.ts";
import { buildPackage } from "../tools/build.ts";
import { ROOT } from "../tools/files.ts";
import type { AuthorityLoadSettings } from "./authority-load.ts";
import { type Figure, spreadOf } from "./figure.ts";
import type { LoadOutcome } from "./load.ts";

const ROUNDS = 3;
const IN_FLIGHT = 64;
const WARM_UP_MS = 3000;
const COUNTED_MS = 8000;
const FIRST_PORT = 24_100;
const SUBJECT = "bench@example.com";
const COMMAND = join(ROOT, "dist", "sigstore.cjs");

type Kind = AuthorityLoadSettings["kind"];

/** A server that can be asked. */
interface Asked {
  readonly port: number;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

interface Measured extends LoadOutcome {
  /** Milliseconds of processor time for each answer. */
  readonly cpuMs: number;
}

/** A bound of our own figure, and one of the ratio to the others'. */
interface Required {
  readonly rate: number;
  readonly rateRatio: number;
  readonly p99Ms: number;
  readonly cpuMs: number;
}

/** Certificates through HTTP, each with the SCT of the authority's CT log. */
export async function measureCertificates(): Promise<readonly Figure[]> {
  return measure("certificates", "ca/certificates", "Fulcio 1.8.8 with CTFE", {
    rate: 1000,
    rateRatio: 2.5,
    p99Ms: 150,
    cpuMs: 1.5,
  });
}

/** Timestamps of SHA-256 digests, with certificate. */
export async function measureTimestamps(): Promise<readonly Figure[]> {
  return measure("timestamps", "tsa/timestamps", "timestamp-server 2.1.3", {
    rate: 0,
    rateRatio: 1,
    p99Ms: Number.POSITIVE_INFINITY,
    cpuMs: 0.24,
  });
}

async function measure(kind: Kind, name: string, peer: string, required: Required): Promise<readonly Figure[]> {
  await buildPackage();
  const peers = new PeerFolder(process.env, (line) => console.error(line));
  for (const one of CERTIFYING_PEERS) await peers.ensure(one);
  const issuer = await startTokenIssuer(FIRST_PORT);
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await inFolder((folder) => startOurs(folder, issuer), kind, issuer));
      theirs.push(await inFolder((folder) => startStock(folder, peers, kind), kind, issuer));
    }
  } finally {
    issuer.stop();
  }
  return figuresOf(name, peer, required, ours, theirs);
}

function figuresOf(
  name: string,
  peer: string,
  required: Required,
  ours: readonly Measured[],
  theirs: readonly Measured[],
): readonly Figure[] {
  const of = (value: (one: Measured) => number): { readonly mine: number[]; readonly others: number[] } => ({
    mine: ours.map(value),
    others: theirs.map(value),
  });
  const rate = of((one) => one.perSecond);
  const p99 = of((one) => one.p99Ms);
  const cpu = of((one) => one.cpuMs);
  const bound = "the bound";
  return [
    beside(`${name} rate`, "1/s", rate.mine, peer, rate.others, { atLeast: required.rateRatio }),
    ...(required.rate > 0 ? [beside(`${name} rate`, "1/s", rate.mine, bound, [required.rate], { atLeast: 1 })] : []),
    beside(`${name} p99`, "ms", p99.mine, peer, p99.others),
    ...(Number.isFinite(required.p99Ms)
      ? [beside(`${name} p99`, "ms", p99.mine, bound, [required.p99Ms], { atMost: 1 })]
      : []),
    beside(`${name} cpu`, "ms each", cpu.mine, peer, cpu.others),
    beside(`${name} cpu`, "ms each", cpu.mine, bound, [required.cpuMs], { atMost: 1 }),
  ];
}

/** Values beside those of the same rounds, or beside one number. */
function beside(
  name: string,
  unit: string,
  ours: readonly number[],
  peer: string,
  theirs: readonly number[],
  required?: Figure["required"],
): Figure {
  const ratios = ours.map((value, round) => value / (theirs[round % theirs.length] ?? Number.NaN));
  return {
    name,
    unit,
    value: spreadOf(ours),
    peer,
    peerValue: spreadOf(theirs),
    ratio: spreadOf(ratios),
    ...(required && { required }),
  };
}

async function inFolder(start: (folder: string) => Promise<Asked>, kind: Kind, issuer: TokenIssuer): Promise<Measured> {
  // Short: the socket of a database lies in it.
  const folder = mkdtempSync(join(tmpdir(), "bench-ca-"));
  try {
    const server = await start(folder);
    try {
      return await load(server, kind, issuer);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function startOurs(folder: string, { url: issuerUrl }: TokenIssuer): Promise<Asked> {
  const configFile = join(folder, "fulcio.json");
  const issuers = { [issuerUrl]: { IssuerURL: issuerUrl, ClientID: "sigstore", Type: "email" } };
  writeFileSync(configFile, JSON.stringify({ OIDCIssuers: issuers }));
  const words = ["up", "--dev", "--port", "0", "--data", join(folder, "instance"), "--fulcio-config", configFile];
  const instance = spawn(process.execPath, [COMMAND, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let said = "";
  instance.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const port = /\bup at http:\/\/[^:\s]+:(\d+)/.exec(said)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  instance.once("exit", (status) => reject(new Error(`the instance ended with ${status}: ${said}`)));
  const port = await promise;
  const stop = async (): Promise<void> => {
    const exited = once(instance, "exit");
    instance.kill();
    await exited;
  };
  return { port, pids: [instance.pid ?? 0], stop };
}

async function startStock(folder: string, peers: PeerFolder, kind: Kind): Promise<Asked> {
  const stock = await startStockCertification(peers, folder, { base: FIRST_PORT, kind });
  return { port: stock.port, pids: stock.programs.map(({ pid }) => pid), stop: () => stock.stop() };
}

async function load({ port, pids }: Asked, kind: Kind, issuer: TokenIssuer): Promise<Measured> {
  const timing = { port, inFlight: IN_FLIGHT, warmUpMs: WARM_UP_MS, countedMs: COUNTED_MS };
  const settings: AuthorityLoadSettings =
    kind === "timestamps" ? { ...timing, kind } : { ...timing, kind, token: issuer.token(SUBJECT), subject: SUBJECT };
  const before = processorMs(pids);
  const program = join(import.meta.dirname, "authority-load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(settings)]);
  const outcome = JSON.parse(stdout) as LoadOutcome;
  if (outcome.errors > 0) throw new Error(`${outcome.errors} errors, the first: ${outcome.firstError}`);
  // Over warm-up and counting; both at the same rate, near enough.
  const all = (outcome.perSecond * (WARM_UP_MS + COUNTED_MS)) / 1000;
  return { ...outcome, cpuMs: (processorMs(pids) - before) / all };
}

/** Milliseconds that processes have run together. */
function processorMs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}
