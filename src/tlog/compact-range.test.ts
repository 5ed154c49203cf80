import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isSigstoreError } from "../errors.ts";
import { CompactRange } from "./compact-range.ts";
import { MemoryTree } from "./memory-tree.ts";
import { EMPTY_ROOT, hashLeaf } from "./merkle.ts";
import { readSubtreeRoot } from "./prove.ts";
import { coveringNodes, isSubtree } from "./tree-node.ts";
import { MAX_UINT64 } from "./uint64.ts";

const MAX_LEAVES = 70;
const LEAF_HASHES = Array.from({ length: MAX_LEAVES }, (_, index) => hashLeaf(Uint8Array.of(index)));
const TREE = new MemoryTree();
for (const leafHash of LEAF_HASHES) TREE.appendLeaf(leafHash);

function rangeOf(begin: number, end: number): CompactRange {
  const range = new CompactRange(BigInt(begin));
  for (const leafHash of LEAF_HASHES.slice(begin, end)) range.append(leafHash);
  return range;
}

test("the range of every tree up to 70 leaves has its covering nodes and its root", () => {
  const range = new CompactRange();
  for (let size = 0; size <= MAX_LEAVES; size += 1) {
    assert.equal(range.size, BigInt(size));
    assert.deepEqual(range.hashes, TREE.readHashes(coveringNodes(0n, BigInt(size))));
    assert.deepEqual(range.root(), TREE.rootHash(BigInt(size)));
    const leafHash = LEAF_HASHES[size];
    if (leafHash !== undefined) range.append(leafHash);
  }
});

test("every range up to 70 leaves: covering nodes; a root where it is a subtree, and only there", () => {
  for (let begin = 0; begin <= MAX_LEAVES; begin += 1) {
    const range = new CompactRange(BigInt(begin));
    for (let end = begin; end < MAX_LEAVES; end += 1) {
      const [start, stop] = [BigInt(begin), BigInt(end)];
      assert.deepEqual(range.hashes, TREE.readHashes(coveringNodes(start, stop)));
      if (isSubtree(start, stop)) assert.deepEqual(range.root(), readSubtreeRoot(TREE, start, stop));
      else assert.throws(() => range.root(), TypeError);
      for (const leafHash of LEAF_HASHES.slice(end, end + 1)) range.append(leafHash);
    }
  }
});

test("two adjacent ranges join to the range of both, at every cut", () => {
  for (let cut = 0; cut <= MAX_LEAVES; cut += 1) {
    const joined = rangeOf(0, cut);
    joined.appendRange(rangeOf(cut, MAX_LEAVES));
    assert.deepEqual(joined.hashes, rangeOf(0, MAX_LEAVES).hashes);
    assert.equal(joined.end, BigInt(MAX_LEAVES));
  }
});

test("any cuts in any place join to the same range", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: MAX_LEAVES }), { minLength: 2, maxLength: 8 }), (places) => {
      const cuts = places.toSorted((a, b) => a - b);
      const [first = 0, ...rest] = cuts;
      const joined = new CompactRange(BigInt(first));
      let from = first;
      for (const cut of rest) {
        joined.appendRange(rangeOf(from, cut));
        from = cut;
      }
      assert.deepEqual(joined.hashes, rangeOf(first, from).hashes);
    }),
  );
});

test("a range is restored from its hashes, and goes on", () => {
  for (let size = 0; size < MAX_LEAVES; size += 1) {
    const restored = CompactRange.fromHashes(rangeOf(0, size).hashes, BigInt(size));
    for (const leafHash of LEAF_HASHES.slice(size)) restored.append(leafHash);
    assert.deepEqual(restored.root(), TREE.rootHash());
  }
});

test("each node is told once, when it becomes perfect, children first", () => {
  const told: string[] = [];
  const range = new CompactRange();
  for (const leafHash of LEAF_HASHES.slice(0, 4))
    range.append(leafHash, ({ level, index }) => told.push(`${level}/${index}`));
  assert.deepEqual(told, ["0/0", "0/1", "1/0", "0/2", "0/3", "1/1", "2/0"]);
});

test("joining tells only of nodes that neither range had", () => {
  const told: string[] = [];
  const range = rangeOf(0, 3);
  range.appendRange(rangeOf(3, 8), ({ level, index }, hash) => {
    assert.deepEqual([hash], TREE.readHashes([{ level, index }]));
    told.push(`${level}/${index}`);
  });
  assert.deepEqual(told, ["1/1", "2/0", "3/0"]);
});

test("what does not fit is refused", () => {
  const range = rangeOf(0, 3);
  const isProofInvalid = (error: unknown): boolean => isSigstoreError(error, "proof-invalid");
  assert.throws(() => range.appendRange(rangeOf(4, 5)), TypeError);
  assert.throws(() => range.append(new Uint8Array(31)), isProofInvalid);
  assert.throws(() => CompactRange.fromHashes(range.hashes, 4n), isProofInvalid);
  assert.throws(() => CompactRange.fromHashes([...range.hashes, EMPTY_ROOT], 3n), isProofInvalid);
  assert.throws(() => CompactRange.fromHashes([new Uint8Array(33)], 1n), isProofInvalid);
  assert.throws(() => CompactRange.fromHashes([], -1n), isProofInvalid);
  assert.throws(() => new CompactRange(-1n), TypeError);
  assert.throws(
    () =>
      CompactRange.fromHashes(
        Array.from({ length: 64 }, () => EMPTY_ROOT),
        MAX_UINT64,
      ).append(EMPTY_ROOT),
    TypeError,
  );
});
