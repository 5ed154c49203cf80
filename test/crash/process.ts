/** The log in a process of its own, to be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** How long a start may take: folder, recovery, port. */
const START_MS = 20_000;

/** A log that runs. */
export class LogProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts it on a folder, and returns when it listens. */
  static async start(folder: string): Promise<LogProcess> {
    const child = spawn(process.execPath, [join(import.meta.dirname, "server.ts"), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit").then(([code]) => {
      throw new Error(`expected the log to start, got exit code ${String(code)}`);
    });
    const [line] = (await Promise.race([
      once(child.stdout, "data", { signal: AbortSignal.timeout(START_MS) }),
      exited,
    ])) as [Buffer];
    exited.catch(() => {
      // Later it ends because it is killed.
    });
    const { port } = JSON.parse(line.toString("utf8")) as { port: number };
    return new LogProcess(child, port);
  }

  /** Ends it as a power switch does, but for what the kernel holds. */
  async kill(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  /** Asks it to end; rejects when it does not do so in peace. */
  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`expected a graceful stop, got exit code ${String(code)}`);
  }
}
