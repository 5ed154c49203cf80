/**
 * Reading of tree nodes from tiles (C2SP tlog-tiles): which tiles a proof needs, and the hashes out of them.
 *
 * Tiles are not signed: what is made of them counts only once it leads to a signed root hash, as a proof does when it is
 * verified. Leaves out: fetching; ask `tilesForNodes` first, fetch as you like, then read.
 */
import { SigstoreError } from "../errors.ts";
import { HASH_BYTES } from "./merkle.ts";
import type { HashReader } from "./prove.ts";
import { nodeFromTile, nodePosition, tileWidth } from "./tile.ts";
import type { Tile } from "./tile.ts";
import type { TreeNode } from "./tree-node.ts";

/**
 * Bytes of the tiles of one tree.
 *
 * `readTile` returns the bytes of `tile`, at least `tile.width` hashes: a full tile may stand in for a partial one, which logs
 * delete when it is full. It is called once for each tile of a request; errors are its own to throw.
 */
export interface TileSource {
  readTile(tile: Tile): Uint8Array;
}

/**
 * The tiles that hold `nodes` in a tree of `treeSize` leaves, each once, in the order of their first use.
 * @throws {SigstoreError} `tile-invalid` when a node is not in that tree
 */
export function tilesForNodes(nodes: readonly TreeNode[], treeSize: bigint): Tile[] {
  const tiles = new Map<string, Tile>();
  for (const node of nodes) {
    const tile = tileOfNode(node, treeSize);
    tiles.set(tileKey(tile), tile);
  }
  return [...tiles.values()];
}

function tileOfNode(node: TreeNode, treeSize: bigint): Tile {
  const { level, index, first, count } = nodePosition(node);
  const width = tileWidth(level, index, treeSize);
  if (width < first + count) {
    throw new SigstoreError(
      "tile-invalid",
      `expected a node of a tree of size ${treeSize}, got index ${node.index} at level ${node.level}`,
    );
  }
  return { level, index, width };
}

function tileKey(tile: Tile): string {
  return `${tile.level}/${tile.index}`;
}

/** A reader of nodes of the tree of `treeSize` leaves out of its tiles; errors are `tile-invalid` and those of `source`. */
export function tileHashReader(source: TileSource, treeSize: bigint): HashReader {
  return {
    readHashes(nodes) {
      const tiles = new Map<string, Uint8Array>();
      return nodes.map((node) => {
        const tile = tileOfNode(node, treeSize);
        const bytes = tiles.get(tileKey(tile)) ?? readWholeTile(source, tile);
        tiles.set(tileKey(tile), bytes);
        return nodeFromTile(nodePosition(node), bytes);
      });
    },
  };
}

function readWholeTile(source: TileSource, tile: Tile): Uint8Array {
  const bytes = source.readTile(tile);
  if (bytes.length < tile.width * HASH_BYTES || bytes.length % HASH_BYTES !== 0) {
    throw new SigstoreError(
      "tile-invalid",
      `expected a tile of ${tile.width} hashes, ${tile.width * HASH_BYTES} bytes, got ${bytes.length} bytes`,
    );
  }
  return bytes;
}
