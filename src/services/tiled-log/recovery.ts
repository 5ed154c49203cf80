/**
 * Taking up a log after a stop of any kind: what the state holds is published, and nothing else is.
 *
 * The state decides. Files that the checkpoint covers are believed when they lead to its root, and else made again from the
 * entries; entries beyond the checkpoint get their tiles and a new checkpoint. Refused is what no stop can explain: a
 * checkpoint larger than the state, or of another tree. To go on from there would fork the log.
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { EMPTY_ROOT } from "../../tlog/merkle.ts";
import { TILE_WIDTH } from "../../tlog/tile.ts";
import type { EntryEncoding } from "./entry-encoding.ts";
import { edgeTiles, GrowingTree } from "./growing-tree.ts";
import type { LogIdentity } from "./log-identity.ts";
import { isSameHead, type PublishedHead, readPublishedHead, readTileFile } from "./published.ts";
import { CHECKPOINT_PATH, type LogStorage } from "./storage.ts";

/** Entries that are read from the state at a time: sixteen full bundles. */
const CHUNK_ENTRIES = 16 * TILE_WIDTH;

const EMPTY_HEAD: TreeHead = { treeSize: 0n, rootHash: EMPTY_ROOT };

/** What is needed of a log to take it up. */
export interface LogParts {
  readonly identity: LogIdentity;
  readonly storage: LogStorage;
  readonly encoding: EntryEncoding;
}

/** A log whose state, files and checkpoint agree. */
export interface RecoveredLog {
  readonly tree: GrowingTree;
  readonly published: PublishedHead;
}

/**
 * Brings files and checkpoint up to the state; a new log gets the checkpoint of an empty tree.
 * @throws SigstoreError `storage-damaged` when the state is not what was published or does not hold what its head says;
 * `storage-failed`, and then it may be tried again
 */
export async function recoverLog(parts: LogParts): Promise<RecoveredLog> {
  const head = await parts.storage.state.readHead();
  const published = await readPublishedHead(parts.storage.files, parts.identity);
  if (published !== undefined && published.treeSize > head.treeSize) throw stateIsOlder(head, published);
  const tree = await treeOf(parts, published ?? EMPTY_HEAD);
  await writeMissing(parts, tree, head.treeSize);
  if (!isSameHead(tree.head, head)) throw damagedState(`the entries of its tree of size ${head.treeSize}`);
  if (published !== undefined && isSameHead(published, head)) return { tree, published };
  return { tree, published: await publishHead(parts, head) };
}

/**
 * Makes all tiles and bundles of a log again from the entries of its state, and its checkpoint.
 * @throws SigstoreError as {@link recoverLog}
 */
export async function rebuildFiles(parts: LogParts): Promise<RecoveredLog> {
  const head = await parts.storage.state.readHead();
  const tree = GrowingTree.empty(parts.encoding);
  await writeMissing(parts, tree, head.treeSize);
  if (!isSameHead(tree.head, head)) throw damagedState(`the entries of its tree of size ${head.treeSize}`);
  return { tree, published: await publishHead(parts, head) };
}

/** Signs a head that is durable and whose tiles are written, and publishes it. */
export async function publishHead({ identity, storage }: LogParts, head: TreeHead): Promise<PublishedHead> {
  const checkpoint = await identity.signCheckpoint(head);
  await storage.files.write([{ path: CHECKPOINT_PATH, bytes: utf8Encode(checkpoint) }]);
  return { ...head, checkpoint };
}

/** The tree of a published head: from its files where they lead to its root, else from the entries. */
async function treeOf(parts: LogParts, published: TreeHead): Promise<GrowingTree> {
  const tree = await treeFromFiles(parts, published.treeSize);
  if (tree !== undefined && isSameHead(tree.head, published)) return tree;
  const rebuilt = GrowingTree.empty(parts.encoding);
  await writeMissing(parts, rebuilt, published.treeSize);
  if (isSameHead(rebuilt.head, published)) return rebuilt;
  throw damagedState(`the tree of size ${published.treeSize} that was published`);
}

async function treeFromFiles(parts: LogParts, treeSize: bigint): Promise<GrowingTree | undefined> {
  const { storage, encoding } = parts;
  const bundled = treeSize % BigInt(TILE_WIDTH);
  const stored = await storage.state.readEntries(treeSize - bundled, Number(bundled));
  const tiles = await Promise.all(
    edgeTiles(treeSize).map(async (tile) => {
      const bytes = tile === undefined ? undefined : await readTileFile(storage.files, tile);
      return bytes ?? new Uint8Array(0);
    }),
  );
  try {
    return GrowingTree.restore(encoding, { treeSize, tiles, entries: stored.map(({ bytes }) => bytes) });
  } catch (error) {
    // Missing, short or foreign tiles: the entries have all that they had.
    if (isSigstoreError(error, "tile-invalid") || isSigstoreError(error, "proof-invalid")) return undefined;
    throw error;
  }
}

/** Appends the entries of the state up to `treeSize`, and writes every tile and bundle that this changes. */
async function writeMissing({ storage }: LogParts, tree: GrowingTree, treeSize: bigint): Promise<void> {
  while (tree.size < treeSize) {
    const missing = treeSize - tree.size;
    const count = missing < BigInt(CHUNK_ENTRIES) ? Number(missing) : CHUNK_ENTRIES;
    const stored = await storage.state.readEntries(tree.size, count);
    if (stored.length !== count) throw damagedState(`${count} entries from index ${tree.size} on`);
    const { files } = tree.append(stored.map(({ bytes }) => bytes));
    await storage.files.write(files);
  }
}

function stateIsOlder(head: TreeHead, published: TreeHead): SigstoreError {
  return new SigstoreError(
    "storage-damaged",
    `expected a state of at least the ${published.treeSize} entries of the published checkpoint, got ${head.treeSize}`,
    { hint: "the state is older than the files, as after a partial restore; going on from it would fork the log" },
  );
}

function damagedState(expected: string): SigstoreError {
  return new SigstoreError("storage-damaged", `expected a state with ${expected}, got another`, {
    hint: "the state of the log is damaged or not its own; nothing was signed",
  });
}
