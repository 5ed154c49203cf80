/**
 * What a log asks of its storage: two ports, and the order in which they are used.
 *
 * A batch goes into the state first, in one durable transaction; then its tiles are written, then the checkpoint. So whatever
 * is published can be made again from the state, and what the state holds beyond the checkpoint was acknowledged to nobody.
 * Leaves out: what entries say, and who may submit them.
 */
import type { TreeHead } from "../../authority/checkpoint.ts";

/** An entry as the state keeps it. */
export interface StoredEntry {
  /** What the leaf is made of. */
  readonly bytes: Uint8Array;
  /** 32 bytes: no two entries of a log have the same. */
  readonly duplicateKey: Uint8Array;
  /** When the log took it in: milliseconds since 1970, UTC; recorded once and never computed again. */
  readonly timeMs: number;
  /** What the log has promised of it, an SCT for instance, where its protocol has such a thing; made once and never again. */
  readonly acknowledgement?: Uint8Array;
}

/** New entries, and the tree with them. */
export interface StateBatch {
  /** Size of the tree without them: the index of the first. */
  readonly previousSize: bigint;
  readonly entries: readonly StoredEntry[];
  /** Size and root of the tree with them. */
  readonly head: TreeHead;
}

/**
 * The state of one log: every entry in its place, and the head of the tree over them. It decides what is in the log.
 *
 * - **Atomicity.** `append` adds all entries and moves the head, or does nothing. No reader sees a part of it.
 * - **Durability.** When `append` returns, the batch survives the loss of the process and of power.
 * - **Compare-and-swap.** `append` refuses with `storage-conflict`, and changes nothing, when the tree does not have `previousSize`
 *   leaves: of two writers that both believe to be the only one, one loses, and no index is given twice.
 * - **Ordering.** What an `append` has done is seen by every call that begins after it returned. Calls are made one after another;
 *   reads may run beside them.
 * - **Errors** are `storage-failed`, and then an `append` may have happened or not: the caller reads the head again. No call is
 *   retried by the adapter.
 */
export interface LogState {
  /** Size and root of the whole tree; an empty tree for a new log. */
  readHead(): Promise<TreeHead>;
  /** Adds a batch. @throws SigstoreError `storage-conflict`, `storage-failed`; also when a duplicate key is there already */
  append(batch: StateBatch): Promise<void>;
  /** The index of the entry with each key, or undefined, in the order of `keys`. */
  findDuplicates(keys: readonly Uint8Array[]): Promise<readonly (bigint | undefined)[]>;
  /**
   * The entries from index `start` on, at most `count`, fewer at the end of the log.
   * @throws SigstoreError `storage-damaged` when an entry is not as it was written, where the adapter can tell
   */
  readEntries(start: bigint, count: number): Promise<readonly StoredEntry[]>;
}

/** A file of the log as anybody may read it: `checkpoint`, or a path of tlog/tile.ts. */
export interface LogFile {
  /** Below the log's prefix, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The files of one log, which any static server can hand out.
 *
 * - **Atomicity.** A reader finds each file whole, old or new; among the files of one call there is no order.
 * - **Durability.** When `write` returns, all its files survive the loss of power. After an error any of them may be there.
 * - **Ordering.** The caller waits for tiles before it writes the checkpoint over them.
 * - Writing a file again replaces it; tiles are only ever written again with the same bytes.
 * - **Errors** are `storage-failed`; a call may be repeated.
 */
export interface LogFiles {
  /** Writes files. */
  write(files: readonly LogFile[]): Promise<void>;
  /** The bytes of a file, or undefined when it is not there. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Removes the partial forms of a tile, all `<path>.p/<W>`; none may be there. Readers fall back to the full tile. */
  removePartials(path: string): Promise<void>;
}

/** Both, opened for the one writer. */
export interface LogStorage {
  readonly state: LogState;
  readonly files: LogFiles;
  /** Lets go of everything; nothing may be under way. */
  close(): Promise<void>;
}

/** Where the checkpoint lies (C2SP tlog-tiles). */
export const CHECKPOINT_PATH = "checkpoint";
