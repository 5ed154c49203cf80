/**
 * The right edge of a log's tree, in memory: all that is needed to append entries, to know the root, and to write the tiles
 * that change (C2SP tlog-tiles).
 *
 * It holds at most 255 hashes a tile level and the entries of the last, unfinished bundle. Leaves out: storage, order, signatures.
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { SigstoreError } from "../../errors.ts";
import { CompactRange } from "../../tlog/compact-range.ts";
import { HASH_BYTES } from "../../tlog/merkle.ts";
import type { HashReader } from "../../tlog/prove.ts";
import { tileHashReader } from "../../tlog/tile-reader.ts";
import { entryBundlesOfTree, TILE_WIDTH, tilePath, tilesOfTree, tileWidth, type Tile } from "../../tlog/tile.ts";
import { coveringNodes } from "../../tlog/tree-node.ts";
import { BatchNodes } from "./batch-nodes.ts";
import { bundlePath, type EntryEncoding } from "./entry-encoding.ts";
import type { LogFile } from "./storage.ts";

const TILE_HEIGHT = 8;

/** The tree of one size, as it is taken up again. */
export interface TreeEdge {
  readonly treeSize: bigint;
  /** Bytes of the unfinished tile of each level, from level 0 on; empty where there is none. */
  readonly tiles: readonly Uint8Array[];
  /** Entries of the unfinished bundle. */
  readonly entries: readonly Uint8Array[];
}

/** What a batch has made of the tree. */
export interface Growth {
  readonly head: TreeHead;
  /** Tiles and bundles that are new or wider than before. */
  readonly files: readonly LogFile[];
  /** Paths of tiles and bundles that are full now and were partial before. */
  readonly completed: readonly string[];
  /** Every node that an inclusion proof of a new entry is made of. */
  readonly nodes: HashReader;
}

/** The unfinished tiles of a tree of `treeSize` leaves, level by level; undefined where a level has none. */
export function edgeTiles(treeSize: bigint): (Tile | undefined)[] {
  const tiles: (Tile | undefined)[] = [];
  for (let level = 0; treeSize >> BigInt(level * TILE_HEIGHT) > 0n; level += 1) {
    const index = treeSize >> BigInt((level + 1) * TILE_HEIGHT);
    const width = tileWidth(level, index, treeSize);
    tiles.push(width === 0 ? undefined : { level, index, width });
  }
  return tiles;
}

/** A tree that grows. An error while it grows leaves it unusable: it is made again from what is stored. */
export class GrowingTree {
  readonly #encoding: EntryEncoding;
  readonly #range: CompactRange;
  /** One tile's bytes a level, filled from the left. */
  readonly #edges: Uint8Array[] = [];
  #tail: Uint8Array[];

  private constructor(encoding: EntryEncoding, range: CompactRange, tail: readonly Uint8Array[]) {
    this.#encoding = encoding;
    this.#range = range;
    this.#tail = [...tail];
  }

  /** The tree without leaves. */
  static empty(encoding: EntryEncoding): GrowingTree {
    return new GrowingTree(encoding, new CompactRange(), []);
  }

  /**
   * Takes up a tree at its edge; whether it is the right one, its root tells.
   * @throws SigstoreError `tile-invalid` when tiles or entries are not as many as the size says, or do not belong together
   */
  static restore(encoding: EntryEncoding, edge: TreeEdge): GrowingTree {
    const { treeSize, tiles, entries } = edge;
    const reader = tileHashReader({ readTile: ({ level }) => tiles[level] ?? new Uint8Array(0) }, treeSize);
    const range = CompactRange.fromHashes(reader.readHashes(coveringNodes(0n, treeSize)), treeSize);
    const tree = new GrowingTree(encoding, range, entries);
    for (const [level, bytes] of tiles.entries()) tree.#edge(level).set(bytes.subarray(0, TILE_WIDTH * HASH_BYTES));
    tree.#checkTail();
    return tree;
  }

  /** Leaves of the tree. */
  get size(): bigint {
    return this.#range.size;
  }

  /** Size and root. */
  get head(): TreeHead {
    return { treeSize: this.#range.size, rootHash: this.#range.root() };
  }

  /** Appends entries, each no longer than the encoding allows. */
  append(entries: readonly Uint8Array[]): Growth {
    const previousSize = this.size;
    const nodes = new BatchNodes(previousSize, this.#range.hashes);
    const fullTiles = new Map<string, Uint8Array>();
    for (const entry of entries) {
      this.#range.append(this.#encoding.leafHash(entry), (node, hash) => {
        nodes.add(node, hash);
        if (node.level % TILE_HEIGHT === 0) this.#put(node.level / TILE_HEIGHT, node.index, hash, fullTiles);
      });
    }
    const tiles = this.#tileFiles(previousSize, fullTiles);
    const bundles = this.#bundleFiles(previousSize, entries);
    return { head: this.head, files: [...bundles, ...tiles], completed: this.#completed(previousSize), nodes };
  }

  /** The unfinished tiles of the tree as it is now. */
  unfinishedTiles(): LogFile[] {
    return edgeTiles(this.size).flatMap((tile) =>
      tile === undefined
        ? []
        : [{ path: tilePath(tile), bytes: this.#edge(tile.level).slice(0, tile.width * HASH_BYTES) }],
    );
  }

  #edge(level: number): Uint8Array {
    return (this.#edges[level] ??= new Uint8Array(TILE_WIDTH * HASH_BYTES));
  }

  #put(level: number, index: bigint, hash: Uint8Array, fullTiles: Map<string, Uint8Array>): void {
    const slot = Number(index % BigInt(TILE_WIDTH));
    const edge = this.#edge(level);
    edge.set(hash, slot * HASH_BYTES);
    if (slot < TILE_WIDTH - 1) return;
    fullTiles.set(tilePath({ level, index: index / BigInt(TILE_WIDTH), width: TILE_WIDTH }), edge.slice());
  }

  #tileFiles(previousSize: bigint, fullTiles: ReadonlyMap<string, Uint8Array>): LogFile[] {
    return [...tilesOfTree(this.size, previousSize)].map((tile) => {
      const path = tilePath(tile);
      return { path, bytes: fullTiles.get(path) ?? this.#edge(tile.level).slice(0, tile.width * HASH_BYTES) };
    });
  }

  #bundleFiles(previousSize: bigint, entries: readonly Uint8Array[]): LogFile[] {
    const width = BigInt(TILE_WIDTH);
    const first = previousSize / width;
    const all = [...this.#tail, ...entries];
    const files = [...entryBundlesOfTree(this.size, previousSize)].map((bundle) => {
      const start = Number(bundle.index - first) * TILE_WIDTH;
      const bytes = this.#encoding.serializeBundle(all.slice(start, start + bundle.width));
      return { path: bundlePath(this.#encoding, bundle), bytes };
    });
    this.#tail = all.slice(Number(this.size / width - first) * TILE_WIDTH);
    return files;
  }

  #completed(previousSize: bigint): string[] {
    return edgeTiles(previousSize).flatMap((tile) => {
      if (tile === undefined || tileWidth(tile.level, tile.index, this.size) < TILE_WIDTH) return [];
      const full = { ...tile, width: TILE_WIDTH };
      return tile.level === 0 ? [tilePath(full), bundlePath(this.#encoding, full)] : [tilePath(full)];
    });
  }

  /** The unfinished bundle must hold the entries of the unfinished tile: both are written again with the next entry. */
  #checkTail(): void {
    const expected = Number(this.size % BigInt(TILE_WIDTH));
    const edge = this.#edge(0);
    const isWhole = this.#tail.every((entry, slot) =>
      equalBytes(this.#encoding.leafHash(entry), edge.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES)),
    );
    if (this.#tail.length !== expected || !isWhole)
      throw new SigstoreError("tile-invalid", `expected the ${expected} entries of the last tile, got others`);
  }
}
