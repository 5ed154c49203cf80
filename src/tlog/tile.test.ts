import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { concatBytes } from "../encoding/bytes.ts";
import { isSigstoreError } from "../errors.ts";
import { MemoryTree } from "./memory-tree.ts";
import { proveConsistency, proveInclusion } from "./prove.ts";
import { tileHashReader, tilesForNodes } from "./tile-reader.ts";
import {
  entryBundlePath,
  entryBundlesOfTree,
  nodeFromTile,
  nodePosition,
  parseTile,
  parseTilePath,
  tilePath,
  tilesOfTree,
  tileWidth,
} from "./tile.ts";
import type { Tile } from "./tile.ts";
import { MAX_UINT64 } from "./uint64.ts";

const isTileInvalid = (error: unknown): boolean => isSigstoreError(error, "tile-invalid");

function pathsOf(treeSize: bigint, previousSize?: bigint): string[] {
  return [...tilesOfTree(treeSize, previousSize)].map(tilePath);
}

test("paths: the example of the specification, and numbers at their edges", () => {
  assert.equal(tilePath({ level: 0, index: 1234067n, width: 256 }), "tile/0/x001/x234/067");
  assert.equal(tilePath({ level: 63, index: 0n, width: 255 }), "tile/63/000.p/255");
  assert.equal(entryBundlePath({ index: 1000n, width: 1 }), "tile/entries/x001/000.p/1");
  assert.equal(entryBundlePath({ index: 999n, width: 256 }), "tile/entries/999");
  assert.equal(tilePath({ level: 7, index: MAX_UINT64, width: 256 }), "tile/7/x018/x446/x744/x073/x709/x551/615");
  for (const tile of [
    { level: 64, index: 0n, width: 1 },
    { level: -1, index: 0n, width: 1 },
    { level: 0, index: -1n, width: 1 },
    { level: 0, index: 0n, width: 0 },
    { level: 0, index: 0n, width: 257 },
  ]) {
    assert.throws(() => tilePath(tile), TypeError);
  }
});

test("a path is read back as it was written", () => {
  const resource = fc.record({
    level: fc.integer({ min: 0, max: 63 }),
    index: fc.bigInt(0n, MAX_UINT64),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(resource, ({ level, index, width }) => {
      assert.deepEqual(parseTilePath(tilePath({ level, index, width })), { kind: "tile", level, index, width });
      assert.deepEqual(parseTilePath(entryBundlePath({ index, width })), { kind: "entries", index, width });
    }),
  );
});

test("a path that is not the only one for its tile is refused", () => {
  const paths = [
    "",
    "tile",
    "tile/0",
    "tile/0/",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/01/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/data/000",
    "tile/0/x000/001",
    "tile/0/x001",
    "tile/0/001/001",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/300",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000.p/1/",
    "/tile/0/000",
    "tile/0/000\n",
    "tile/0/x018/x446/x744/x073/x709/x551/616",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    "checkpoint",
    "tile/0/٠٠٠",
    `tile/0/${"x000/".repeat(1000)}000`,
  ];
  for (const path of paths) assert.throws(() => parseTilePath(path), isTileInvalid, path);
});

test("tiles of a tree: the examples of the specification", () => {
  const tiles = [...tilesOfTree(70_000n)];
  const full = (level: number): number => tiles.filter((tile) => tile.level === level && tile.width === 256).length;
  assert.deepEqual([full(0), full(1), full(2)], [273, 1, 0]);
  assert.deepEqual(
    tiles.filter((tile) => tile.width < 256),
    [
      { level: 0, index: 273n, width: 112 },
      { level: 1, index: 1n, width: 17 },
      { level: 2, index: 0n, width: 1 },
    ],
  );
  assert.deepEqual(pathsOf(256n), ["tile/0/000", "tile/1/000.p/1"]);
  assert.deepEqual(pathsOf(0n), []);
  assert.deepEqual([...entryBundlesOfTree(257n)].map(entryBundlePath), ["tile/entries/000", "tile/entries/001.p/1"]);
});

test("tiles of a grown tree: only those that it did not have", () => {
  assert.deepEqual(pathsOf(5n, 5n), []);
  assert.deepEqual(pathsOf(7n, 5n), ["tile/0/000.p/7"]);
  assert.deepEqual(pathsOf(257n, 255n), ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
  assert.deepEqual(pathsOf(258n, 257n), ["tile/0/001.p/2"]);
  for (const [size, previous] of [
    [70_000n, 65_535n],
    [65_536n, 1n],
    [513n, 512n],
  ] as const) {
    const before = new Set(pathsOf(previous));
    assert.deepEqual(
      pathsOf(size, previous),
      pathsOf(size).filter((path) => !before.has(path)),
    );
  }
});

test("the width of a tile: floor(s / 256^l) mod 256 for the partial one, 256 before, 0 after", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, MAX_UINT64), fc.integer({ min: 0, max: 7 }), (treeSize, level) => {
      const hashes = treeSize / 256n ** BigInt(level);
      const last = hashes / 256n;
      assert.equal(tileWidth(level, last, treeSize), Number(hashes % 256n));
      assert.equal(tileWidth(level, last + 1n, treeSize), 0);
      if (last > 0n) assert.equal(tileWidth(level, last - 1n, treeSize), 256);
    }),
  );
});

const TREE = new MemoryTree();
for (let index = 0; index < 1200; index += 1) TREE.appendEntry(Uint8Array.of(index >> 8, index & 0xff));

function tileBytes({ level, index, width }: Tile): Uint8Array {
  const nodes = Array.from({ length: width }, (_, at) => ({ level: level * 8, index: index * 256n + BigInt(at) }));
  return concatBytes(...TREE.readHashes(nodes));
}

test("every node of a tree of 1,200 leaves is found in its tile", () => {
  for (let level = 0; level <= 10; level += 1) {
    for (let index = 0n; (index + 1n) << BigInt(level) <= TREE.size; index += 1n) {
      const position = nodePosition({ level, index });
      const bytes = tileBytes({
        level: position.level,
        index: position.index,
        width: tileWidth(position.level, position.index, TREE.size),
      });
      assert.deepEqual(nodeFromTile(position, bytes), TREE.readHashes([{ level, index }])[0]);
      assert.throws(
        () => nodeFromTile(position, bytes.subarray(0, (position.first + position.count) * 32 - 1)),
        isTileInvalid,
      );
    }
  }
});

test("proofs made from tiles are those made from the tree", () => {
  const sizes = fc
    .tuple(fc.integer({ min: 1, max: 1200 }), fc.nat())
    .map(([size, number]) => ({ size: BigInt(size), index: BigInt(number % size) }));
  fc.assert(
    fc.property(sizes, ({ size, index }) => {
      const asked = new Set<string>();
      const reader = tileHashReader(
        {
          readTile(tile) {
            assert.equal(tile.width, tileWidth(tile.level, tile.index, size));
            assert.ok(!asked.has(tilePath(tile)) && asked.add(tilePath(tile)), "each tile is read once");
            return tileBytes(tile);
          },
        },
        size,
      );
      assert.deepEqual(proveInclusion(reader, index, size), proveInclusion(TREE, index, size));
      asked.clear();
      assert.deepEqual(proveConsistency(reader, index + 1n, size), proveConsistency(TREE, index + 1n, size));
    }),
  );
});

test("a full tile may stand in for a partial one; a shorter one may not", () => {
  const full = tileBytes({ level: 0, index: 0n, width: 256 });
  const nodes = [{ level: 0, index: 4n }];
  assert.deepEqual(tileHashReader({ readTile: () => full }, 5n).readHashes(nodes), TREE.readHashes(nodes));
  assert.throws(
    () => tileHashReader({ readTile: () => full.subarray(0, 4 * 32) }, 5n).readHashes(nodes),
    isTileInvalid,
  );
  assert.throws(
    () => tileHashReader({ readTile: () => full.subarray(0, 5 * 32 + 1) }, 5n).readHashes(nodes),
    isTileInvalid,
  );
});

test("a node that is not in the tree has no tile", () => {
  assert.deepEqual(
    tilesForNodes(
      [
        { level: 3, index: 0n },
        { level: 0, index: 1n },
      ],
      9n,
    ),
    [{ level: 0, index: 0n, width: 9 }],
  );
  assert.throws(() => tilesForNodes([{ level: 3, index: 1n }], 9n), isTileInvalid);
  assert.throws(() => tilesForNodes([{ level: 0, index: 9n }], 9n), isTileInvalid);
});

test("the bytes of a tile are exactly 32 for each hash", () => {
  const bytes = tileBytes({ level: 0, index: 0n, width: 3 });
  assert.deepEqual(parseTile(bytes, 3), TREE.readHashes([0n, 1n, 2n].map((index) => ({ level: 0, index }))));
  assert.throws(() => parseTile(bytes, 2), isTileInvalid);
  assert.throws(() => parseTile(bytes.subarray(1), 3), isTileInvalid);
});
