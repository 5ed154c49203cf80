/** A server in a process of its own, to be killed, starved and looked at. */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ServerSettings } from "./server.ts";

/** How long a start may take: folder, recovery, port; under a tracer on a busy machine. */
const START_MS = 60_000;

/** What a process said that did not start. */
export class StartRefused extends Error {
  readonly code: string;
  readonly hint: string;

  constructor({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** How a process is started. */
export interface LaunchOptions {
  /** What stands before Node on the command line: a tracer, another user, another view of the disk. */
  readonly prefix?: readonly string[];
  readonly settings?: ServerSettings;
  /** Where its lines of failure go; they are expected where faults are injected. */
  readonly stderr?: "inherit" | "ignore";
  readonly script?: string;
  readonly options?: Pick<SpawnOptions, "uid" | "gid" | "env">;
}

interface Ready {
  readonly port: number;
  readonly metricsPort: number;
  readonly pid: number;
}

/** A server that runs. */
export class LogProcess {
  readonly port: number;
  readonly metricsPort: number;
  /** The server's own, also where it stands behind a tracer. */
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { port, metricsPort, pid }: Ready) {
    this.#child = child;
    this.pid = pid;
    this.port = port;
    this.metricsPort = metricsPort;
  }

  /**
   * Starts it on a folder, and returns when it listens.
   * @throws StartRefused with what it said when it did not
   */
  static async start(folder: string, launch: LaunchOptions = {}): Promise<LogProcess> {
    const { prefix = [], settings = {}, stderr = "inherit", script = "server.ts", options = {} } = launch;
    const own = [process.execPath, join(import.meta.dirname, script), folder, JSON.stringify(settings)];
    const [program = "", ...words] = [...prefix, ...own];
    const child = spawn(program, words, { ...options, stdio: ["ignore", "pipe", stderr] });
    const exited = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`expected the server to start, got exit code ${String(code ?? signal)}`));
      });
    });
    exited.catch(() => {
      // Later it ends because it is killed.
    });
    const { stdout } = child;
    if (stdout === null) throw new Error("expected a server that writes to a pipe");
    const said = once(createInterface(stdout), "line", { signal: AbortSignal.timeout(START_MS) });
    const [line] = (await Promise.race([said, exited])) as [string];
    const ready = JSON.parse(line) as Ready & { readonly error?: ConstructorParameters<typeof StartRefused>[0] };
    if (ready.error !== undefined) throw new StartRefused(ready.error);
    return new LogProcess(child, ready);
  }

  /** Ends it as a power switch does, but for what the kernel holds. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end; rejects when it does not do so in peace. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    const { exitCode } = this.#child;
    if (exitCode !== 0) throw new Error(`expected a graceful stop, got exit code ${String(exitCode)}`);
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    process.kill(this.pid, signal);
    await exited;
  }

  /** Bytes of memory that it has now. */
  residentBytes(): number {
    const [, pages = "0"] = readFileSync(`/proc/${this.pid}/statm`, "utf8").split(" ");
    return Number(pages) * 4096;
  }
}
