/**
 * Disks that fail: each file operation of a log in turn answers EIO or ENOSPC (strace, `inject`), or writes less than it was given
 * (a limit on the size of files).
 *
 * First the operations of a log at work are recorded; then for each of them a new log runs into the fault there. It may refuse to start; once
 * it runs it must answer 503 and be well again by itself, or go on as if nothing were. Then it is killed and started without fault, and
 * is held to all that it had said.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Suite } from "../suite.ts";
import { RekorClient } from "./client.ts";
import { Ledger } from "./ledger.ts";
import { LogProcess, StartRefused } from "./process.ts";
import { StraceReader } from "./strace-log.ts";

const CALLS = ["openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "mkdir", "unlink"];
/** The one entry after the other that each log is given: names of tiles are then the same in every run. */
const ENTRIES = 6;
const ATTEMPTS = 60;

/** strace counts calls by thread; with one for files, the nth call is the nth. */
const ONE_THREAD = { env: { ...process.env, UV_THREADPOOL_SIZE: "1" } };

interface Operation {
  readonly call: string;
  readonly path: string;
  readonly occurrence: number;
}

/** `points` faults, spread over all operations. */
export async function faultCases(suite: Suite, points: number, random: () => number): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), "crash-faults-"));
  let operations: readonly Operation[] = [];
  await suite.case("operations are recorded", async () => {
    operations = await recordOperations(parent);
    return `${operations.length} on files`;
  });
  const limits = Math.ceil(points / 8);
  for (const [at, operation] of spread(operations, points - limits).entries()) {
    const error = at % 2 === 0 ? "EIO" : "ENOSPC";
    const name = `${error} at ${operation.call} ${operation.occurrence} of ${operation.path}`;
    await suite.case(name, () =>
      runInto(join(parent, `fault-${at}`), injection(join(parent, `fault-${at}`), operation, error)),
    );
  }
  for (let at = 0; at < limits; at += 1) {
    const bytes = 4096 + Math.floor(random() * 150_000);
    await suite.case(`short writes at ${bytes} bytes`, () =>
      runInto(join(parent, `limit-${at}`), ["prlimit", `--fsize=${bytes}:unlimited`]),
    );
  }
  rmSync(parent, { recursive: true });
}

/** Evenly many, the first and the last among them. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (count >= all.length) return [...all];
  return Array.from(
    { length: count },
    (_, at) => all[Math.round((at * (all.length - 1)) / Math.max(1, count - 1))],
  ).filter((one) => one !== undefined);
}

const STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-o"];

async function recordOperations(parent: string): Promise<Operation[]> {
  const folder = join(parent, "recorded");
  const trace = join(parent, "trace");
  const log = await LogProcess.start(folder, {
    prefix: [...STRACE, trace, "-xx", "-y", "-e", `trace=${CALLS.join(",")}`, "--"],
    options: ONE_THREAD,
  });
  const client = new RekorClient(log.port);
  for (let number = 0; number < ENTRIES; number += 1) await client.submit(`fault/${number}`);
  await log.stop();
  return operationsOf(readFileSync(trace, "utf8"), folder);
}

function operationsOf(trace: string, folder: string): Operation[] {
  const reader = new StraceReader();
  const counts = new Map<string, number>();
  const operations: Operation[] = [];
  for (const line of trace.split("\n"))
    for (const { moment, name: call, words, strings } of reader.read(line)) {
      if (moment !== "made") continue;
      const [, annotated] = /<((?:\\x[0-9a-f]{2})+)>/.exec(words[0] ?? "") ?? [];
      const named = Buffer.from(strings[0] ?? []).toString();
      const whole = annotated === undefined || named.startsWith("/") ? named : hexText(annotated);
      if (!whole.startsWith(`${folder}/`)) continue;
      const path = whole.slice(folder.length + 1);
      const occurrence = (counts.get(`${call} ${path}`) ?? 0) + 1;
      counts.set(`${call} ${path}`, occurrence);
      operations.push({ call, path, occurrence });
    }
  return operations;
}

function hexText(text: string): string {
  return Buffer.from(text.replaceAll(String.raw`\x`, ""), "hex").toString();
}

function injection(folder: string, { call, path, occurrence }: Operation, error: string): string[] {
  const inject = `inject=${call}:error=${error}:when=${occurrence}`;
  return [...STRACE, "/dev/null", "-P", join(folder, path), "-e", `trace=${call}`, "-e", inject, "--"];
}

async function runInto(folder: string, prefix: readonly string[]): Promise<string> {
  const ledger = new Ledger();
  const detail = await workUnder(folder, prefix, ledger);
  const log = await LogProcess.start(folder);
  const client = new RekorClient(log.port);
  await ledger.findAll(client);
  await ledger.submit(client, "after");
  await log.stop();
  await ledger.check(folder);
  rmSync(folder, { recursive: true });
  return detail;
}

async function workUnder(folder: string, prefix: readonly string[], ledger: Ledger): Promise<string> {
  let log: LogProcess;
  try {
    log = await LogProcess.start(folder, { prefix, stderr: "ignore", options: ONE_THREAD });
  } catch (error) {
    if (error instanceof StartRefused) return `refused to start: ${error.code}`;
    throw error;
  }
  try {
    return await writeThrough(log, prefix[0] === "prlimit", ledger);
  } finally {
    await log.kill();
  }
}

async function writeThrough(log: LogProcess, isLimited: boolean, ledger: Ledger): Promise<string> {
  const client = new RekorClient(log.port);
  let refused = 0;
  for (let number = 0; number < (isLimited ? 20 * ENTRIES : ENTRIES); number += 1) {
    const told = await client.submit(`fault/${number}`);
    if (told === undefined) refused += 1;
    else ledger.note(`fault/${number}`, told);
  }
  if (isLimited) execFileSync("prlimit", ["--pid", String(log.pid), "--fsize=unlimited:unlimited"]);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const told = await client.submit("well again");
    if (told !== undefined) {
      ledger.note("well again", told);
      return refused === 0 ? "went on" : `${refused} times 503, then well again`;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error("expected a log that is well again by itself, got none");
}
