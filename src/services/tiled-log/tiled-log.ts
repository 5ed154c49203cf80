/**
 * A transparency log (C2SP tlog-tiles, tlog-checkpoint) that a service appends to: the door of this folder.
 *
 * An answer leaves only when its entry is durable, its tiles are written and a checkpoint that covers it is published.
 * Several logs may live in one process, each with its own storage and key. Leaves out: protocols (the services that use it),
 * witnesses.
 */
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { type EntryEncoding, TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { DEFAULT_PACE, GroupCommit, type Pace } from "./group-commit.ts";
import type { LogIdentity } from "./log-identity.ts";
import { type LoggedEntry, type LogSurroundings, LogWriter, type Submission } from "./log-writer.ts";
import { publishedLog, type PublishedLog } from "./published-log.ts";
import type { PublishedHead } from "./published.ts";
import type { LogStorage } from "./storage.ts";

/** What a log is made of. */
export interface TiledLogOptions {
  readonly identity: LogIdentity;
  /** Opened for this log alone, which closes it: when it stops, or cannot be opened. */
  readonly storage: LogStorage;
  /** The clock: milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly encoding?: EntryEncoding;
  readonly pace?: Partial<Pace>;
  /** Told of every batch, failure and recovery. */
  readonly observe?: LogSurroundings["observe"];
}

/** How long after a failure the log tries to recover by itself, when nobody submits anything before. */
const RECOVERY_INTERVAL_MS = 1000;

/** One log, open for submissions and for reading. */
export class TiledLog implements PublishedLog {
  readonly identity: LogIdentity;
  readonly #storage: LogStorage;
  readonly #encoding: EntryEncoding;
  readonly #reads: PublishedLog;
  readonly #writer: LogWriter;
  readonly #lane: GroupCommit<Submission, LoggedEntry>;
  #recoveryTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #mustRepublish = false;

  private constructor(options: TiledLogOptions, encoding: EntryEncoding, writer: LogWriter) {
    this.identity = options.identity;
    this.#storage = options.storage;
    this.#encoding = encoding;
    this.#reads = publishedLog(options.storage.files, encoding);
    this.#writer = writer;
    this.#lane = new GroupCommit((batch) => this.#commit(batch), { ...DEFAULT_PACE, ...options.pace });
  }

  /**
   * Takes up a log, or begins a new one; publishes what an earlier run left unpublished.
   * @throws SigstoreError `storage-damaged` when state and files contradict each other, `storage-failed`
   */
  static async open(options: TiledLogOptions): Promise<TiledLog> {
    const { identity, storage, nowMs, encoding = TLOG_TILES_ENCODING, observe = ignoreEvent } = options;
    try {
      const writer = await LogWriter.open({ identity, storage, encoding }, { nowMs, observe });
      return new TiledLog(options, encoding, writer);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  /** The newest published checkpoint with its tree head. */
  get published(): PublishedHead {
    return this.#writer.published;
  }

  /** Submissions that wait for a batch. */
  get waiting(): number {
    return this.#lane.waiting;
  }

  /** Whether the last batch succeeded; when not, the log recovers by itself as soon as its storage lets it. */
  get isSound(): boolean {
    return this.#writer.isSound;
  }

  /**
   * Puts an entry into the log, or finds the one that is there already.
   *
   * @throws SigstoreError `log-busy` and `log-unavailable` with `details.retryAfterSeconds`: the entry may be in the log
   * nonetheless, and submitting it again finds it; `entry-too-large`
   */
  submit(submission: Submission): Promise<LoggedEntry> {
    const { maximumBytes } = this.#encoding;
    if (submission.maximumBytes > maximumBytes)
      return Promise.reject(
        new SigstoreError(
          "entry-too-large",
          `expected an entry of at most ${maximumBytes} bytes, got ${submission.maximumBytes}`,
        ),
      );
    return this.#lane.submit(submission, submission.maximumBytes);
  }

  /** The newest published checkpoint as it is handed out. */
  async readCheckpoint(): Promise<Uint8Array> {
    return utf8Encode(this.published.checkpoint);
  }

  /** A tile or an entry bundle, as {@link PublishedLog.readResource}. */
  readResource(path: string): Promise<Uint8Array | undefined> {
    return this.#reads.readResource(path);
  }

  /** Has the newest head signed and published again soon; for logs whose checkpoints have a time. */
  republish(): void {
    this.#mustRepublish = true;
    this.#lane.nudge();
  }

  /** Takes no more submissions, answers those that were taken, and closes the storage. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#recoveryTimer);
    await this.#lane.stop();
    await this.#storage.close();
  }

  async #commit(batch: readonly Submission[]): Promise<readonly PromiseSettledResult<LoggedEntry>[]> {
    try {
      // A batch has its own new checkpoint.
      if (this.#mustRepublish && batch.length === 0) await this.#writer.republish();
      this.#mustRepublish = false;
      return await this.#writer.commit(batch);
    } catch (cause) {
      this.#recoverLater();
      throw unavailable(cause);
    }
  }

  #recoverLater(): void {
    clearTimeout(this.#recoveryTimer);
    if (this.#isStopped) return;
    this.#recoveryTimer = setTimeout(() => {
      this.#lane.nudge();
    }, RECOVERY_INTERVAL_MS).unref();
  }
}

function unavailable(cause: unknown): SigstoreError {
  const reason = isSigstoreError(cause) ? cause.code : "an unexpected error";
  return new SigstoreError("log-unavailable", `expected the log to store a batch, got ${reason}`, {
    hint: "nothing that was acknowledged is lost; the log recovers by itself, try again later",
    details: { retryAfterSeconds: 1 },
    cause,
  });
}

function ignoreEvent(): void {
  // A log that nobody watches.
}
