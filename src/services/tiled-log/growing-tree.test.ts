/** The growing tree against one that keeps every node, at every size around the edges of tiles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { MemoryTree } from "../../tlog/memory-tree.ts";
import { proveInclusion } from "../../tlog/prove.ts";
import { TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { edgeTiles, GrowingTree, type TreeEdge } from "./growing-tree.ts";

const entries = Array.from({ length: 800 }, (_, at) => utf8Encode(`entry ${at}`));

function treeOf(size: number): GrowingTree {
  const tree = GrowingTree.empty(TLOG_TILES_ENCODING);
  tree.append(entries.slice(0, size));
  return tree;
}

function edgeOf(tree: GrowingTree): TreeEdge {
  const size = Number(tree.size);
  const unfinished = tree.unfinishedTiles().map(({ bytes }) => bytes);
  const tiles = edgeTiles(tree.size).map((tile) => (tile && unfinished.shift()) ?? new Uint8Array(0));
  return { treeSize: tree.size, tiles, entries: entries.slice(size - (size % 256), size) };
}

test("roots and proofs are those of the whole tree, from every size on", () => {
  const whole = new MemoryTree();
  for (const entry of entries) whole.appendEntry(entry);
  for (const from of [0, 1, 2, 3, 5, 7, 64, 127, 128, 255, 256, 257, 511, 512, 513, 700]) {
    const restored = GrowingTree.restore(TLOG_TILES_ENCODING, edgeOf(treeOf(from)));
    assert.deepEqual(restored.head, { treeSize: BigInt(from), rootHash: whole.rootHash(BigInt(from)) });
    for (const to of [from + 1, from + 2, 800]) {
      const tree = treeOf(from);
      const { head, nodes, files } = tree.append(entries.slice(from, to));
      assert.deepEqual(head, { treeSize: BigInt(to), rootHash: whole.rootHash(BigInt(to)) });
      for (const index of [from, Math.floor((from + to) / 2), to - 1].map(BigInt))
        assert.deepEqual(proveInclusion(nodes, index, head.treeSize), proveInclusion(whole, index, head.treeSize));
      const paths = files.map(({ path }) => path);
      assert.equal(new Set(paths).size, paths.length);
    }
  }
});

test("what is completed is named, so that its partial forms can go", () => {
  const tree = treeOf(255);
  assert.deepEqual(tree.append(entries.slice(255, 256)).completed, ["tile/0/000", "tile/entries/000"]);
  assert.deepEqual(tree.append(entries.slice(256, 257)).completed, []);
});

test("an edge that does not belong together is refused", () => {
  const edge = edgeOf(treeOf(300));
  for (const wrong of [
    { ...edge, entries: edge.entries.slice(1) },
    { ...edge, entries: entries.slice(0, 44) },
    { ...edge, tiles: [] },
    { ...edge, tiles: [new Uint8Array(31), ...edge.tiles.slice(1)] },
  ])
    assert.throws(
      () => GrowingTree.restore(TLOG_TILES_ENCODING, wrong),
      (error) => isSigstoreError(error, "tile-invalid"),
    );
});
