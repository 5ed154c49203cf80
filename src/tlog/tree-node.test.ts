import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { coveringNodes, isSubtree, splitPoint } from "./tree-node.ts";
import { MAX_UINT64 } from "./uint64.ts";

const range = fc
  .tuple(fc.bigInt(0n, MAX_UINT64), fc.bigInt(0n, MAX_UINT64))
  .map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a }));

test("covering nodes are adjacent, cover exactly the range, and no two are siblings", () => {
  fc.assert(
    fc.property(range, ({ start, end }) => {
      let position = start;
      let previous: { level: number; index: bigint } | undefined;
      const nodes = coveringNodes(start, end);
      for (const { level, index } of nodes) {
        assert.equal(index << BigInt(level), position);
        assert.ok(previous === undefined || previous.level !== level || previous.index % 2n === 1n);
        position += 1n << BigInt(level);
        previous = { level, index };
      }
      assert.equal(position, end);
      assert.ok(nodes.length < 128);
    }),
  );
});

test("the whole of the greatest tree has 64 covering nodes", () => {
  assert.equal(coveringNodes(0n, MAX_UINT64).length, 64);
  assert.deepEqual(coveringNodes(5n, 5n), []);
});

test("subtrees by their definition, every range up to 70", () => {
  for (let start = 0n; start <= 70n; start += 1n) {
    for (let end = 0n; end <= 70n; end += 1n) {
      let ceiling = 1n;
      while (ceiling < end - start) ceiling *= 2n;
      assert.equal(isSubtree(start, end), start <= end && start % ceiling === 0n, `[${start}, ${end})`);
    }
  }
  assert.equal(isSubtree(-1n, 0n), false);
  assert.equal(isSubtree(1n, 9223372036854775810n), false);
  assert.equal(isSubtree(1n << 63n, MAX_UINT64), true);
});

test("a tree is divided at the largest power of two below its size", () => {
  for (let size = 2n; size <= 300n; size += 1n) {
    const split = splitPoint(size);
    assert.ok(split < size && split * 2n >= size && (split & (split - 1n)) === 0n);
  }
});
