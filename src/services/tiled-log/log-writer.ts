/**
 * The one writer of a log: takes a batch of submissions through the state, the tiles and the checkpoint, in this order, and
 * answers each with a proof to that checkpoint.
 *
 * After any failure it no longer knows what is stored: it forgets its tree and takes the log up again before the next batch.
 * Batches come one at a time (group-commit.ts). Leaves out: who may submit what.
 */
import { inclusionProof } from "../../authority/inclusion-proof.ts";
import { hexEncode } from "../../encoding/hex.ts";
import type { InclusionProof } from "../../formats/bundle/bundle.ts";
import type { Growth } from "./growing-tree.ts";
import { provePublished, type PublishedHead } from "./published.ts";
import { type LogParts, publishHead, type RecoveredLog, recoverLog } from "./recovery.ts";
import type { StoredEntry } from "./storage.ts";

/** What somebody wants in the log. */
export interface Submission {
  /** 32 bytes; two submissions with the same are the same entry. */
  readonly duplicateKey: Uint8Array;
  /** Bytes that `serialize` returns at most. */
  readonly maximumBytes: number;
  /** The entry, once its place and time are known; the same for the same arguments, and without fail. */
  serialize(index: bigint, timeMs: number): Uint8Array;
  /**
   * What the log promises of the entry at this place and time, where its protocol has such a thing. Asked once, before the entry is
   * durable, and kept with it: every later answer repeats it byte for byte. When it rejects, nothing of the batch is logged.
   */
  acknowledge?(index: bigint, timeMs: number, bytes: Uint8Array): Promise<Uint8Array>;
}

/** An entry that is in the log, with the proof of it. */
export interface LoggedEntry {
  readonly index: bigint;
  /** When the log took it in: milliseconds since 1970, UTC. */
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  /** As `Submission.acknowledge` made it when the entry was new; undefined when nobody asked then. */
  readonly acknowledgement: Uint8Array | undefined;
  /** True when it was there before. */
  readonly isDuplicate: boolean;
  /** From one root with its `checkpoint`, which is published. */
  readonly proof: InclusionProof;
}

/** What happens in a log, for logs and metrics. Times are how long a step took. */
export type LogEvent =
  | {
      readonly kind: "batch";
      readonly entries: number;
      readonly duplicates: number;
      readonly treeSize: bigint;
      readonly stateMs: number;
      readonly filesMs: number;
      readonly wholeMs: number;
    }
  | { readonly kind: "recovered"; readonly treeSize: bigint }
  | { readonly kind: "failure"; readonly step: "batch" | "recovery" | "cleaning"; readonly error: unknown };

/** Time and ears of a log. */
export interface LogSurroundings {
  /** The clock: milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly observe: (event: LogEvent) => void;
}

/** Where each submission of a batch is to be found. */
interface Placement {
  /** Entries that are new, in the order of their indices. */
  readonly fresh: readonly StoredEntry[];
  /** For each submission its index, and whether the entry was there, or earlier in the batch. */
  readonly places: readonly { readonly index: bigint; readonly isDuplicate: boolean }[];
}

/** Writes one log. */
export class LogWriter {
  readonly #parts: LogParts;
  readonly #surroundings: LogSurroundings;
  #current: RecoveredLog | undefined;
  #published: PublishedHead;
  #isSound = true;

  private constructor(parts: LogParts, surroundings: LogSurroundings, current: RecoveredLog) {
    this.#parts = parts;
    this.#surroundings = surroundings;
    this.#current = current;
    this.#published = current.published;
  }

  /** Takes up a log; errors as `recoverLog`. */
  static async open(parts: LogParts, surroundings: LogSurroundings): Promise<LogWriter> {
    return new LogWriter(parts, surroundings, await recoverLog(parts));
  }

  /** The newest checkpoint that is published. */
  get published(): PublishedHead {
    return this.#published;
  }

  /** False between a failure and the recovery from it; a batch under way is no failure. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /**
   * Logs a batch and settles each submission; when it rejects, any of them may be in the log or not. Without submissions it only
   * recovers. A submission alone fails when its entry was there and cannot be read or proved (`storage-failed`, `storage-damaged`).
   */
  async commit(submissions: readonly Submission[]): Promise<readonly PromiseSettledResult<LoggedEntry>[]> {
    const startMs = this.#surroundings.nowMs();
    const current = this.#current ?? (await this.#recover());
    if (submissions.length === 0) return [];
    this.#current = undefined;
    try {
      const { placement, growth, next, times } = await this.#write(current, submissions);
      const answers = await this.#answers(placement, growth, next.published);
      this.#current = next;
      const duplicates = submissions.length - placement.fresh.length;
      const wholeMs = this.#surroundings.nowMs() - startMs;
      const { treeSize } = next.published;
      this.#observe({ kind: "batch", entries: placement.fresh.length, duplicates, treeSize, ...times, wholeMs });
      this.#clean(growth);
      return answers;
    } catch (error) {
      this.#isSound = false;
      this.#observe({ kind: "failure", step: "batch", error });
      throw error;
    }
  }

  /** Signs and publishes the newest head once more, for logs whose signatures say when; rejects as `commit` does. */
  async republish(): Promise<void> {
    const { tree, published } = this.#current ?? (await this.#recover());
    this.#current = undefined;
    try {
      this.#published = await publishHead(this.#parts, published);
      this.#current = { tree, published: this.#published };
    } catch (error) {
      this.#isSound = false;
      this.#observe({ kind: "failure", step: "batch", error });
      throw error;
    }
  }

  async #recover(): Promise<RecoveredLog> {
    try {
      this.#current = await recoverLog(this.#parts);
    } catch (error) {
      this.#observe({ kind: "failure", step: "recovery", error });
      throw error;
    }
    this.#published = this.#current.published;
    this.#isSound = true;
    this.#observe({ kind: "recovered", treeSize: this.#published.treeSize });
    return this.#current;
  }

  /** The order that everything rests on: state, tiles, checkpoint. */
  async #write(current: RecoveredLog, submissions: readonly Submission[]): Promise<WrittenBatch> {
    const { nowMs } = this.#surroundings;
    const { storage } = this.#parts;
    const startMs = nowMs();
    const { tree } = current;
    const placement = await this.#place(submissions, tree.size);
    const { fresh } = placement;
    if (fresh.length === 0) return { placement, growth: undefined, next: current, times: { stateMs: 0, filesMs: 0 } };
    const previousSize = tree.size;
    const growth = tree.append(fresh.map(({ bytes }) => bytes));
    await storage.state.append({ previousSize, entries: fresh, head: growth.head });
    const durableMs = nowMs();
    await storage.files.write(growth.files);
    this.#published = await publishHead(this.#parts, growth.head);
    const times = { stateMs: durableMs - startMs, filesMs: nowMs() - durableMs };
    return { placement, growth, next: { tree, published: this.#published }, times };
  }

  async #place(submissions: readonly Submission[], treeSize: bigint): Promise<Placement> {
    const known = await this.#parts.storage.state.findDuplicates(submissions.map((one) => one.duplicateKey));
    const timeMs = Math.floor(this.#surroundings.nowMs());
    const fresh: Promise<StoredEntry>[] = [];
    const inBatch = new Map<string, bigint>();
    const places = submissions.map((submission, position) => {
      const { duplicateKey } = submission;
      const key = hexEncode(duplicateKey);
      const earlier = known[position] ?? inBatch.get(key);
      if (earlier !== undefined) return { index: earlier, isDuplicate: true };
      const index = treeSize + BigInt(fresh.length);
      fresh.push(entryOf(submission, index, timeMs));
      inBatch.set(key, index);
      return { index, isDuplicate: false };
    });
    return { fresh: await Promise.all(fresh), places };
  }

  async #answers(
    { fresh, places }: Placement,
    growth: Growth | undefined,
    published: PublishedHead,
  ): Promise<PromiseSettledResult<LoggedEntry>[]> {
    const firstFresh = published.treeSize - BigInt(fresh.length);
    return Promise.allSettled(
      places.map(async ({ index, isDuplicate }) => {
        const entry = fresh[Number(index - firstFresh)];
        if (entry === undefined || growth === undefined) return this.#storedEntry(index, published);
        const proof = inclusionProof(growth.nodes, index, published, published.checkpoint);
        return answerOf(entry, { index, isDuplicate, proof });
      }),
    );
  }

  async #storedEntry(index: bigint, published: PublishedHead): Promise<LoggedEntry> {
    const { storage, encoding } = this.#parts;
    const [entry] = await storage.state.readEntries(index, 1);
    if (entry === undefined) throw new Error(`the state knows a duplicate of entry ${index}, and has no such entry`);
    const proof: InclusionProof = await provePublished(storage.files, published, index, encoding.leafHash(entry.bytes));
    return answerOf(entry, { index, isDuplicate: true, proof });
  }

  /** Removes partial files beside full ones. Nobody waits for it, and what stays does no harm. */
  #clean(growth: Growth | undefined): void {
    const { files } = this.#parts.storage;
    for (const path of growth?.completed ?? [])
      files.removePartials(path).catch((error: unknown) => {
        this.#observe({ kind: "failure", step: "cleaning", error });
      });
  }

  #observe(event: LogEvent): void {
    this.#surroundings.observe(event);
  }
}

async function entryOf(submission: Submission, index: bigint, timeMs: number): Promise<StoredEntry> {
  const bytes = submission.serialize(index, timeMs);
  const acknowledgement = await submission.acknowledge?.(index, timeMs, bytes);
  const { duplicateKey } = submission;
  return { bytes, duplicateKey, timeMs, ...(acknowledgement && { acknowledgement }) };
}

function answerOf(
  { timeMs, bytes, acknowledgement }: StoredEntry,
  place: Pick<LoggedEntry, "index" | "isDuplicate" | "proof">,
): LoggedEntry {
  return { ...place, timeMs, bytes, acknowledgement };
}

interface WrittenBatch {
  readonly placement: Placement;
  readonly growth: Growth | undefined;
  readonly next: { readonly tree: RecoveredLog["tree"]; readonly published: PublishedHead };
  readonly times: { readonly stateMs: number; readonly filesMs: number };
}
