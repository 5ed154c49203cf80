/**
 * Group commit: items that arrive while a batch is under way wait together for the next one.
 *
 * A lone item on an idle lane begins its batch at once. The next may begin as many milliseconds after that as the batch had
 * items, up to a bound: so one client after another is never kept waiting, and a crowd shares one commit every 100 ms.
 * One batch runs at a time. Leaves out: what a batch does.
 */
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";

/** How batches are formed. */
export interface Pace {
  /** Milliseconds between the beginnings of two batches for each item of the first. */
  readonly intervalPerItemMs: number;
  /** Milliseconds between the beginnings of two batches at most, as far as it lies with the lane. */
  readonly maximumIntervalMs: number;
  readonly maximumBatch: number;
  /** Items that may wait, and their bytes; more are refused. */
  readonly maximumWaiting: number;
  readonly maximumWaitingBytes: number;
}

/** What holds unless something else is said. */
export const DEFAULT_PACE: Pace = {
  intervalPerItemMs: 1,
  maximumIntervalMs: 100,
  maximumBatch: LIMITS.logBatchEntries,
  maximumWaiting: LIMITS.logQueueEntries,
  maximumWaitingBytes: LIMITS.logQueueBytes,
};

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Does a batch, and settles each of its items, in their order; when it rejects, all its items do. */
export type BatchRun<Item, Answer> = (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Answer>[]>;

/** A lane of batches: `run` gets one at a time. */
export class GroupCommit<Item, Answer> {
  readonly #run: BatchRun<Item, Answer>;
  readonly #pace: Pace;
  readonly #waiting: Waiting<Item, Answer>[] = [];
  #waitingBytes = 0;
  #lane: Promise<void> | undefined;
  #endPause: (() => void) | undefined;
  #isStopped = false;
  /** A batch without items was asked for. */
  #isNudged = false;

  constructor(run: BatchRun<Item, Answer>, pace: Pace = DEFAULT_PACE) {
    this.#run = run;
    this.#pace = pace;
  }

  /** How many items wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * The answer to one item, which counts as `bytes` while it waits.
   * @throws SigstoreError `log-busy` when too many wait, `log-unavailable` after `stop`; and what `run` rejects with
   */
  submit(item: Item, bytes: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(bytes);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      this.#waiting.push({ item, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      if (this.#waiting.length >= this.#pace.maximumBatch) this.#endPause?.();
      this.#start();
    });
  }

  /** Runs a batch soon, even without items. */
  nudge(): void {
    this.#isNudged = true;
    this.#start();
  }

  /** Takes no more items, and returns when those that were taken are answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endPause?.();
    await this.#lane;
  }

  #refusal(bytes: number): SigstoreError | undefined {
    if (this.#isStopped)
      return new SigstoreError("log-unavailable", "expected a log that takes entries, got one that stops", {
        details: { retryAfterSeconds: 5 },
      });
    const { maximumWaiting, maximumWaitingBytes } = this.#pace;
    if (this.#waiting.length < maximumWaiting && this.#waitingBytes + bytes <= maximumWaitingBytes) return undefined;
    return new SigstoreError("log-busy", `expected at most ${maximumWaiting} entries to wait, got more`, {
      hint: "try again after the time that the answer names",
      details: { retryAfterSeconds: 1 },
    });
  }

  #start(): void {
    this.#lane ??= this.#work();
  }

  async #work(): Promise<void> {
    // What arrives in the same turn of the event loop goes together.
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    while (this.#waiting.length > 0 || this.#isNudged) {
      this.#isNudged = false;
      const batch = this.#waiting.splice(0, this.#pace.maximumBatch);
      const pause = this.#pause(batch.length);
      await this.#runBatch(batch);
      if (this.#isStopped || this.#waiting.length >= this.#pace.maximumBatch) this.#endPause?.();
      await pause;
    }
    this.#lane = undefined;
  }

  async #runBatch(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    for (const { bytes } of batch) this.#waitingBytes -= bytes;
    try {
      const answers = await this.#run(batch.map(({ item }) => item));
      for (const [position, { resolve, reject }] of batch.entries()) {
        const answer = answers[position];
        if (answer?.status === "fulfilled") resolve(answer.value);
        else reject(answer?.reason ?? new Error("a batch left an item without an answer"));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #pause(items: number): Promise<void> {
    const { intervalPerItemMs, maximumIntervalMs } = this.#pace;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(items * intervalPerItemMs, maximumIntervalMs));
      this.#endPause = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
