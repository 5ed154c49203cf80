/**
 * Watches over the thread that tries inputs: when it hangs in one, or dies of one, the input is named and the rest goes on.
 */
import { Worker } from "node:worker_threads";
import type { TargetReport } from "./campaign.ts";
import type { FuzzOptions } from "./options.ts";
import type { WorkerMessage, WorkerTask } from "./worker.ts";

/** So long may one input take before its thread is given up. No input of ours needs a thousandth of it. */
const HANG_MS = 60_000;
/** A hang or death must happen so often at the same input: a machine may sleep, or run out of memory for other reasons. */
const TIMES = 3;
const LOOK_MS = 500;
const PROGRESS_MS = 10_000;
/** Megabytes of JavaScript objects that the thread may hold. */
const HEAP_MEGABYTES = 1024;

/** Hears what comes of the run. */
export interface Listener {
  /** A target is through. */
  report(report: TargetReport): void;
  /** An input has hung or killed its thread, again and again. */
  lost(target: string, index: number, reason: string): void;
}

interface Place {
  readonly target: number;
  readonly index: number;
}

/** Runs all targets that `options` name; a thread is given up after `hangMs` in one input. Rejects when it cannot even begin. */
export async function supervise(options: FuzzOptions, listener: Listener, hangMs: number = HANG_MS): Promise<void> {
  let resume: Place | undefined;
  let times = 0;
  for (;;) {
    const end = await new Attempt(options, resume, listener, hangMs).run();
    if (end === undefined) return;
    times = end.place.target === resume?.target && end.place.index === resume.index ? times + 1 : 1;
    if (times >= TIMES) listener.lost(end.name, end.place.index, `${end.reason}, ${TIMES} times`);
    resume = times >= TIMES ? { ...end.place, index: end.place.index + 1 } : end.place;
  }
}

/** How a thread ended before its time. */
interface Loss {
  readonly place: Place;
  readonly name: string;
  readonly reason: string;
}

/** One thread from its start to its end. */
class Attempt {
  readonly #places = new Int32Array(new SharedArrayBuffer(12));
  readonly #worker: Worker;
  readonly #listener: Listener;
  readonly #hangMs: number;
  #plan: Extract<WorkerMessage, { kind: "planned" }>["targets"] = [];
  #lastTicks = -1;
  #stillSince = performance.now();
  #shownAt = performance.now();

  constructor(options: FuzzOptions, resume: Place | undefined, listener: Listener, hangMs: number) {
    this.#hangMs = hangMs;
    const workerData: WorkerTask = { options, resume, places: this.#places };
    this.#listener = listener;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
  }

  /** Undefined when all is through. */
  async run(): Promise<Loss | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Loss | undefined>();
    const watch = setInterval(() => this.#look(resolve), LOOK_MS);
    this.#worker.on("message", (message: WorkerMessage) => this.#hear(message));
    this.#worker.on("error", (error) => {
      if (this.#plan.length === 0) reject(error instanceof Error ? error : new Error(String(error)));
      else
        resolve(
          this.#loss(`the thread died: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
        );
    });
    this.#worker.on("exit", () => resolve(undefined));
    try {
      return await promise;
    } finally {
      clearInterval(watch);
      await this.#worker.terminate();
    }
  }

  #hear(message: WorkerMessage): void {
    this.#stillSince = performance.now();
    if (message.kind === "planned") this.#plan = message.targets;
    else this.#listener.report(message.report);
  }

  #look(resolve: (loss: Loss) => void): void {
    const ticks = Atomics.load(this.#places, 2);
    const now = performance.now();
    if (ticks !== this.#lastTicks) this.#stillSince = now;
    this.#lastTicks = ticks;
    if (now - this.#stillSince > this.#hangMs && this.#plan.length > 0)
      resolve(this.#loss(`no answer within ${this.#hangMs / 1000} s`));
    if (now - this.#shownAt > PROGRESS_MS) this.#show(now);
  }

  #show(now: number): void {
    this.#shownAt = now;
    const { target, index } = this.#place();
    const { name = "preparing", inputs = 0 } = this.#plan[target] ?? {};
    process.stderr.write(`fuzz: ${name} ${index} of ${inputs}, target ${target + 1} of ${this.#plan.length}\n`);
  }

  #place(): Place {
    return { target: Atomics.load(this.#places, 0), index: Atomics.load(this.#places, 1) };
  }

  #loss(reason: string): Loss {
    const place = this.#place();
    return { place, name: this.#plan[place.target]?.name ?? "", reason };
  }
}
