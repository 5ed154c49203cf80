/**
 * The check of a whole log: the tree computed anew from every entry, against every tile, the checkpoint and, where it is at
 * hand, the state (C2SP tlog-tiles; as Tessera's fsck does).
 *
 * Files come in through a reader, local or remote, and are hostile; nothing is written. What a tree does not hash, such as issuers of
 * certificates, the rules of its protocol check. Leaves out: whether the log is consistent with what was seen of it earlier (monitor).
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import type { NoteVerifier } from "../../tlog/signed-note.ts";
import { entryBundlesOfTree, type EntryBundle, TILE_WIDTH, tilePath, tilesOfTree } from "../../tlog/tile.ts";
import { bundlePath, type EntryEncoding, TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { checkLeftovers } from "./fsck-leftovers.ts";
import { GrowingTree } from "./growing-tree.ts";
import { type FileReader, isSameHead } from "./published.ts";
import { CHECKPOINT_PATH, type LogFile, type LogState, type StoredEntry } from "./storage.ts";

/** What the tree does not hash, and a protocol promises all the same. Each answer is what is wrong, in words. */
export interface EntryRules {
  /** Of an entry as anybody reads it. */
  checkEntry?(entry: Uint8Array, index: bigint): Promise<string | undefined>;
  /** Of an entry as the state keeps it. */
  checkStored?(entry: StoredEntry, index: bigint): string | undefined;
  /** Of a file that is neither tile nor bundle; without this rule such a file has nothing to do there. */
  checkFile?(path: string, bytes: Uint8Array): string | undefined;
}

/** Files of a log; `list` where they can be listed: then those that no checkpoint asks for any more are checked too. */
export interface CheckedFiles extends FileReader {
  list?(): Promise<readonly string[]>;
}

/** What is checked, and with which key. */
export interface CheckOptions {
  /** The files below the log's prefix. Reads run beside each other. */
  readonly files: CheckedFiles;
  readonly origin: string;
  readonly verifier: NoteVerifier;
  readonly encoding?: EntryEncoding;
  readonly rules?: EntryRules;
  /** The state of the log, when this is its own folder and nobody writes. */
  readonly state?: Pick<LogState, "readHead" | "readEntries" | "findDuplicates">;
  /** Told how far it is, bundle by bundle: entries checked, of how many. */
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

/** Bundles that are read ahead of the one that is checked. */
const READ_AHEAD = 8;

/** Checks a log. Never throws because of what is wrong with it; errors of the reader itself (no connection) are its own. */
export async function checkLog(options: CheckOptions): Promise<CheckReport> {
  const check = new LogCheck(options);
  const head = await check.checkpoint();
  if (head !== undefined) await check.tree(head);
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
    for await (const { bundle, bytes } of this.#bundles(head)) {
      const entries = this.#parse(bundle, bytes);
      if (entries === undefined) return;
      const first = tree.size;
      // Partial tiles on the way up are gone; those of the whole tree follow at the end.
      const full = tree.append(entries).files.filter(({ path }) => !path.includes(".p/"));
      this.entries = tree.size;
      await Promise.all([
        ...full.map((file) => this.#tile(file)),
        ...entries.map((entry, slot) => this.#entry(entry, first + BigInt(slot))),
        this.#holdToState(() => this.#stateEntries(entries, first)),
      ]);
      this.#options.progress?.(this.entries, head.treeSize);
      // Enough is known of this log.
      if (this.problems.length >= MAXIMUM_PROBLEMS) return;
    }
    await Promise.all(tree.unfinishedTiles().map((file) => this.#tile(file)));
    if (!isSameHead(tree.head, head)) this.#tell("checkpoint: expected the root hash of the entries, got another");
    await this.#holdToState(() => this.#stateBeyond(tree, head));
    await this.#leftovers(head);
  }

  /** The bundles in their order, some of them read ahead. */
  async *#bundles({ treeSize }: TreeHead): AsyncGenerator<BundleRead> {
    const reading: Promise<PromiseSettledResult<BundleRead>[]>[] = [];
    const next = async (): Promise<BundleRead> => {
      const [outcome] = (await reading.shift()) ?? [];
      if (outcome?.status === "fulfilled") return outcome.value;
      throw outcome?.reason ?? new Error("a bundle is read before it is waited for");
    };
    for (const bundle of entryBundlesOfTree(treeSize)) {
      reading.push(Promise.allSettled([this.#read(bundle)]));
      if (reading.length > READ_AHEAD) yield await next();
    }
    while (reading.length > 0) yield await next();
  }

  async #read(bundle: EntryBundle): Promise<BundleRead> {
    const { files } = this.#options;
    const own = await files.read(bundlePath(this.#encoding, bundle));
    if (own !== undefined || bundle.width === TILE_WIDTH) return { bundle, bytes: own && [own, bundle.width] };
    const full = await files.read(bundlePath(this.#encoding, { ...bundle, width: TILE_WIDTH }));
    return { bundle, bytes: full && [full, TILE_WIDTH] };
  }

  #parse(bundle: EntryBundle, read: BundleRead["bytes"]): readonly Uint8Array[] | undefined {
    const path = bundlePath(this.#encoding, bundle);
    if (read === undefined) {
      this.#tell(`${path}: expected a bundle of ${bundle.width} entries, got none`);
      return undefined;
    }
    try {
      return this.#encoding.parseBundle(...read).slice(0, bundle.width);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      this.#tell(`${path}: ${error.message}`);
      return undefined;
    }
  }

  async #entry(entry: Uint8Array, index: bigint): Promise<void> {
    const problem = await this.#options.rules?.checkEntry?.(entry, index);
    if (problem !== undefined) this.#tell(`entry ${index}: ${problem}`);
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

  async #stateEntries(entries: readonly Uint8Array[], first: bigint): Promise<void> {
    const { state } = this.#options;
    if (state === undefined) return;
    const stored = await state.readEntries(first, entries.length);
    if (!entries.every((entry, slot) => equalBytes(entry, stored[slot]?.bytes ?? new Uint8Array(0))))
      this.#tell(`state: expected entries ${first} to ${first + BigInt(entries.length) - 1n} of the log, got others`);
    await this.#storedEntries(stored, first);
  }

  async #storedEntries(stored: readonly StoredEntry[], first: bigint): Promise<void> {
    const indices = await this.#options.state?.findDuplicates(stored.map(({ duplicateKey }) => duplicateKey));
    for (const [slot, entry] of stored.entries()) {
      const index = first + BigInt(slot);
      if (indices?.[slot] !== index) this.#tell(`state: expected to find entry ${index} by its key, got another`);
      const problem = this.#options.rules?.checkStored?.(entry, index);
      if (problem !== undefined) this.#tell(`state: entry ${index}: ${problem}`);
    }
  }

  /** The state may be ahead of the checkpoint, when it was stopped between the two; never behind, and never another tree. */
  async #stateBeyond(tree: GrowingTree, published: TreeHead): Promise<void> {
    const { state } = this.#options;
    if (state === undefined) return;
    const head = await state.readHead();
    if (head.treeSize < published.treeSize) {
      this.#tell(`state: expected at least ${published.treeSize} entries, got ${head.treeSize}`);
      return;
    }
    while (tree.size < head.treeSize) {
      const stored = await state.readEntries(tree.size, TILE_WIDTH);
      if (stored.length === 0) break;
      await this.#storedEntries(stored, tree.size);
      tree.append(stored.map(({ bytes }) => bytes));
    }
    if (!isSameHead(tree.head, head)) this.#tell("state: expected the size and root hash of its entries, got others");
  }

  /** What the state itself finds damaged is one more finding. */
  async #holdToState(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!isSigstoreError(error) || !error.code.startsWith("storage-")) throw error;
      this.#tell(`state: ${error.message}`);
    }
  }

  async #leftovers({ treeSize }: TreeHead): Promise<void> {
    const { files, rules } = this.#options;
    const paths = (await files.list?.()) ?? [];
    const isChecked = new Set<string>([CHECKPOINT_PATH, ...this.#pathsOfTree(treeSize)]);
    const rest = paths.filter((path) => !isChecked.has(path));
    const context = { files, encoding: this.#encoding, treeSize, ...(rules && { rules }) };
    for (const path of rest) {
      const problem = await checkLeftovers(path, context);
      if (problem !== undefined) this.#tell(`${path}: ${problem}`);
    }
  }

  *#pathsOfTree(treeSize: bigint): Generator<string> {
    for (const tile of tilesOfTree(treeSize)) yield tilePath(tile);
    for (const bundle of entryBundlesOfTree(treeSize)) yield bundlePath(this.#encoding, bundle);
  }

  #tell(problem: string): void {
    if (this.problems.length < MAXIMUM_PROBLEMS) this.problems.push(problem);
  }
}

interface BundleRead {
  readonly bundle: EntryBundle;
  /** Its bytes, and how many entries they hold; undefined when there are none. */
  readonly bytes: readonly [Uint8Array, number] | undefined;
}
