/**
 * The check of a whole log: the tree computed anew from every entry, against every tile, the checkpoint and, where it is at
 * hand, the state (C2SP tlog-tiles; as Tessera's fsck does).
 *
 * Files come in through a reader, local or remote, and are hostile; nothing is written. Leaves out: whether the log is
 * consistent with what was seen of it earlier (monitor).
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import type { NoteVerifier } from "../../tlog/signed-note.ts";
import { entryBundlesOfTree, type EntryBundle, TILE_WIDTH } from "../../tlog/tile.ts";
import { bundlePath, type EntryEncoding, TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { GrowingTree } from "./growing-tree.ts";
import { type FileReader, isSameHead } from "./published.ts";
import { CHECKPOINT_PATH, type LogFile, type LogState } from "./storage.ts";

/** What is checked, and with which key. */
export interface CheckOptions {
  /** The files below the log's prefix. */
  readonly files: FileReader;
  readonly origin: string;
  readonly verifier: NoteVerifier;
  readonly encoding?: EntryEncoding;
  /** The state of the log, when this is its own folder and nobody writes. */
  readonly state?: LogState;
  /** Told how far it is, every so often: entries checked, of how many. */
  readonly progress?: (checked: bigint, treeSize: bigint) => void;
}

/** What was found. */
export interface CheckReport {
  /** The tree that the checkpoint says; undefined when the checkpoint itself is bad. */
  readonly head: TreeHead | undefined;
  readonly entries: bigint;
  readonly tiles: number;
  /** In words, in the order of finding; empty for a sound log. At most 100 are kept. */
  readonly problems: readonly string[];
}

const MAXIMUM_PROBLEMS = 100;

/** Checks a log. Never throws because of what is wrong with it; errors of the reader itself (no connection) are its own. */
export async function checkLog(options: CheckOptions): Promise<CheckReport> {
  const check = new LogCheck(options);
  const head = await check.checkpoint();
  if (head !== undefined) await check.tree(head);
  if (head !== undefined && options.state !== undefined) await check.state(options.state, head);
  return { head, entries: check.entries, tiles: check.tiles, problems: check.problems };
}

class LogCheck {
  readonly problems: string[] = [];
  entries = 0n;
  tiles = 0;
  readonly #options: CheckOptions;
  readonly #encoding: EntryEncoding;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#encoding = options.encoding ?? TLOG_TILES_ENCODING;
  }

  async checkpoint(): Promise<TreeHead | undefined> {
    const bytes = await this.#options.files.read(CHECKPOINT_PATH);
    if (bytes === undefined) {
      this.#tell("checkpoint: expected one, got none");
      return undefined;
    }
    try {
      const { checkpoint } = openCheckpoint(bytes, [this.#options.verifier]);
      if (checkpoint.origin !== this.#options.origin)
        this.#tell(`checkpoint: expected the origin ${this.#options.origin}, got ${checkpoint.origin}`);
      return { treeSize: checkpoint.treeSize, rootHash: checkpoint.rootHash };
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      this.#tell(`checkpoint: ${error.message}`);
      return undefined;
    }
  }

  /** Entry by entry: the tiles that come out must be the tiles that are there. */
  async tree(head: TreeHead): Promise<void> {
    const tree = GrowingTree.empty(this.#encoding);
    for (const bundle of entryBundlesOfTree(head.treeSize)) {
      const entries = await this.#bundle(bundle);
      if (entries === undefined) return;
      // Partial tiles on the way up are gone; those of the whole tree follow at the end.
      const full = tree.append(entries).files.filter(({ path }) => !path.includes(".p/"));
      this.entries = tree.size;
      await Promise.all(full.map((file) => this.#tile(file)));
      this.#options.progress?.(this.entries, head.treeSize);
    }
    await Promise.all(tree.unfinishedTiles().map((file) => this.#tile(file)));
    if (!isSameHead(tree.head, head)) this.#tell("checkpoint: expected the root hash of the entries, got another");
  }

  async state(state: LogState, published: TreeHead): Promise<void> {
    const head = await state.readHead();
    if (head.treeSize < published.treeSize)
      this.#tell(`state: expected at least ${published.treeSize} entries, got ${head.treeSize}`);
    else if (head.treeSize === published.treeSize && !isSameHead(head, published))
      this.#tell("state: expected the root hash of the checkpoint, got another");
    for (const bundle of entryBundlesOfTree(published.treeSize)) await this.#stateEntries(state, bundle);
  }

  async #stateEntries(state: LogState, bundle: EntryBundle): Promise<void> {
    const first = bundle.index * BigInt(TILE_WIDTH);
    const stored = await state.readEntries(first, bundle.width);
    const entries = (await this.#bundle(bundle)) ?? [];
    const isSame = entries.every((entry, slot) => equalBytes(entry, stored[slot]?.bytes ?? new Uint8Array(0)));
    if (!isSame) this.#tell(`state: expected the entries of bundle ${bundle.index}, got others`);
    const indices = await state.findDuplicates(stored.map(({ duplicateKey }) => duplicateKey));
    if (indices.some((index, slot) => index !== first + BigInt(slot)))
      this.#tell(`state: expected to find the entries of bundle ${bundle.index} by their keys, got others`);
  }

  async #bundle(bundle: EntryBundle): Promise<readonly Uint8Array[] | undefined> {
    const path = bundlePath(this.#encoding, bundle);
    const fullPath = bundlePath(this.#encoding, { ...bundle, width: TILE_WIDTH });
    const partial = await this.#options.files.read(path);
    const bytes = partial ?? (await this.#options.files.read(fullPath));
    if (bytes === undefined) {
      this.#tell(`${path}: expected a bundle of ${bundle.width} entries, got none`);
      return undefined;
    }
    try {
      const width = partial === undefined ? TILE_WIDTH : bundle.width;
      return this.#encoding.parseBundle(bytes, width).slice(0, bundle.width);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      this.#tell(`${path}: ${error.message}`);
      return undefined;
    }
  }

  /** A tile as it must be; where only the full one is left of a partial one, its beginning. */
  async #tile({ path, bytes }: LogFile): Promise<void> {
    if (path.startsWith(`tile/${this.#encoding.bundleFolder}/`)) return;
    this.tiles += 1;
    const own = await this.#options.files.read(path);
    const found = own ?? (await this.#options.files.read(path.replace(/\.p\/\d+$/, "")))?.subarray(0, bytes.length);
    if (found === undefined) this.#tell(`${path}: expected a tile, got none`);
    else if (!equalBytes(found, bytes)) this.#tell(`${path}: expected the hashes of its entries, got others`);
  }

  #tell(problem: string): void {
    if (this.problems.length < MAXIMUM_PROBLEMS) this.problems.push(problem);
  }
}
