/**
 * Admission in threads of its own (node:worker_threads), so that signatures are verified beside HTTP and the log.
 *
 * Bodies go to the thread that has the fewest. A thread that breaks refuses what it had as an internal error, and is replaced.
 */
import { Worker } from "node:worker_threads";
import type { LoggedEntry } from "../../authority/entry.ts";
import { type ErrorCode, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { Admission } from "./admission-port.ts";

/** What a thread is asked. */
export interface AdmissionTask {
  readonly id: number;
  readonly body: Uint8Array;
}

/** What it answers: an entry or none, a refusal, or that it is broken. */
export interface AdmissionAnswer {
  readonly id: number;
  readonly entry?: LoggedEntry | undefined;
  readonly refusal?: { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };
  readonly failure?: string;
}

/** Threads that admit. */
export class AdmissionPool implements Admission {
  readonly #threads: AdmissionThread[];

  /** Starts `count` threads, which admit `algorithms`: names of PublicKeyDetails. */
  constructor(algorithms: readonly string[], count: number) {
    this.#threads = Array.from({ length: count }, () => new AdmissionThread(algorithms));
  }

  /** The entry of a body. */
  async admit(body: Uint8Array): Promise<LoggedEntry | undefined> {
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new TypeError("expected a pool of at least one thread, got none");
    const idlest = others.reduce((least, one) => (one.pending < least.pending ? one : least), first);
    if (idlest.pending >= LIMITS.logQueueEntries)
      throw new SigstoreError("log-busy", `expected at most ${LIMITS.logQueueEntries} proposals to wait, got more`, {
        details: { retryAfterSeconds: 1 },
      });
    return idlest.ask(body);
  }

  /** Ends the threads when they have answered. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

interface Asked {
  readonly resolve: (entry: LoggedEntry | undefined) => void;
  readonly reject: (error: unknown) => void;
}

class AdmissionThread {
  readonly #algorithms: readonly string[];
  readonly #asked = new Map<number, Asked>();
  #worker: Worker;
  #lastId = 0;
  #onIdle: (() => void) | undefined;

  constructor(algorithms: readonly string[]) {
    this.#algorithms = algorithms;
    this.#worker = this.#start();
  }

  get pending(): number {
    return this.#asked.size;
  }

  ask(body: Uint8Array): Promise<LoggedEntry | undefined> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, body } satisfies AdmissionTask, []);
    });
  }

  async stop(): Promise<void> {
    if (this.#asked.size > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    await this.#worker.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./admission-worker.ts", import.meta.url), { workerData: this.#algorithms });
    worker.on("message", (answer: AdmissionAnswer) => this.#settle(answer));
    worker.on("error", (cause) => {
      for (const id of this.#asked.keys()) this.#settle({ id, failure: String(cause) });
      this.#worker = this.#start();
    });
    return worker;
  }

  #settle({ id, entry, refusal, failure }: AdmissionAnswer): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (refusal !== undefined) {
      const { code, message, hint } = refusal;
      asked?.reject(new SigstoreError(code, message, hint === undefined ? {} : { hint }));
    } else if (failure === undefined) asked?.resolve(entry);
    else asked?.reject(new Error(`a thread that verifies failed: ${failure}`));
    if (this.#asked.size === 0) this.#onIdle?.();
  }
}
