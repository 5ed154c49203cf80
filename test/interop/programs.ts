/**
 * Programs of others, run and told apart: one that ends, with what it said, and one that serves until it is stopped.
 *
 * Whatever still serves when this process ends is killed. Leaves out: shells; arguments go as they are.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** How a program is run. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** Told of all that was said so far, whenever more comes; what `write` is given, the program reads. Instead of `input`. */
  readonly onSaid?: (said: string, write: (text: string) => void) => void;
  /** Two minutes unless something else is said. */
  readonly timeoutMs?: number;
}

/** What a program that ended came to. */
export interface ProgramOutcome {
  readonly status: number | string;
  readonly output: string;
  /** Both streams, as they came. */
  readonly said: string;
}

const TIMEOUT_MS = 120_000;
const PROBE_MS = 5000;

/** Runs a program to its end; one that takes too long is killed, and its status says so. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, environment, input, onSaid, timeoutMs = TIMEOUT_MS }: ProgramOptions = {},
): Promise<ProgramOutcome> {
  const child = spawn(command, args, { cwd, env: environment ?? process.env });
  // The option of that name keeps its clock running where a program cannot be started.
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  let output = "";
  let said = "";
  const hear = (text: string): void => {
    said += text;
    onSaid?.(said, (line) => child.stdin.write(line));
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    hear(text);
  });
  child.stderr.setEncoding("utf8").on("data", hear);
  child.stdin.on("error", () => {
    // It ended without reading.
  });
  if (onSaid === undefined) child.stdin.end(input);
  const [code, signal] = await ended(child, command).finally(() => clearTimeout(timer));
  return { status: code ?? `killed by ${signal ?? "nobody"} (after ${timeoutMs} ms at most)`, output, said };
}

async function ended(child: ChildProcess, command: string): Promise<[number | null, string | null]> {
  try {
    return (await once(child, "close")) as [number | null, string | null];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`expected to start ${command}, got: ${reason}`, { cause });
  }
}

/** Runs a program that must succeed; returns its standard output. */
export async function requireProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { status, output, said } = await runProgram(command, args, options);
  if (status === 0) return output;
  throw new Error(
    `expected ${[command, ...args].join(" ")} to succeed, got status ${status}:\n${lastWords(said, 2000)}`,
  );
}

/** The end of what was said, on one line. */
export function lastWords(said: string, length = 300): string {
  const text = said.trim().replaceAll(/\s+/g, " ");
  return text.length > length ? `… ${text.slice(-length)}` : text;
}

const serving = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of serving) child.kill("SIGKILL");
});

/** A program that serves until it is stopped; what it says goes to a file. */
export class ServingProgram {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(name: string, child: ChildProcess, logFile: string) {
    this.name = name;
    this.#child = child;
    this.#logFile = logFile;
  }

  /** Starts it, and returns when `isReady` says so, who is told what it has said; throws with its last words when it ends, or takes a minute. */
  static async start(
    name: string,
    [command = "", ...args]: readonly string[],
    logFile: string,
    isReady: (said: string) => Promise<boolean>,
  ): Promise<ServingProgram> {
    const log = openSync(logFile, "w");
    const child = spawn(command, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    serving.add(child);
    child.once("exit", () => serving.delete(child));
    const program = new ServingProgram(name, child, logFile);
    let fault = "";
    child.once("error", (error) => {
      fault = error.message;
      serving.delete(child);
    });
    for (let tries = 0; tries < 600; tries += 1) {
      if (await isReady(program.#said())) return program;
      if (fault !== "" || child.exitCode !== null || child.signalCode !== null) break;
      await sleep(100);
    }
    await program.stop(0);
    throw new Error(`expected ${name} to be ready, got: ${fault} ${program.#said().split("\n").slice(-15).join("\n")}`);
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #said(): string {
    return readFileSync(this.#logFile, "utf8").trimEnd();
  }

  /** Asks it to end, and insists after `patienceMs`. */
  async stop(patienceMs = 10_000): Promise<void> {
    const child = this.#child;
    if (!serving.has(child)) return;
    const exited = once(child, "exit");
    child.kill(patienceMs > 0 ? "SIGTERM" : "SIGKILL");
    const insist = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await exited;
    clearTimeout(insist);
  }
}

/** A question for `ServingProgram.start`: does this address answer well? */
export function answersAt(url: string): () => Promise<boolean> {
  return async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => undefined);
    // What is not read keeps its connection.
    await answer?.body?.cancel();
    return answer?.ok === true;
  };
}
