import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sha256 } from "../crypto/digest.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { isSigstoreError } from "../errors.ts";
import { MemoryTree } from "./memory-tree.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import {
  rootFromConsistencyProof,
  rootFromInclusionProof,
  rootFromSubtreeConsistencyProof,
  rootFromSubtreeInclusionProof,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from "./proof.ts";
import {
  planConsistencyProof,
  planInclusionProof,
  proveConsistency,
  proveInclusion,
  proveSubtreeConsistency,
  proveSubtreeInclusion,
} from "./prove.ts";
import { isSubtree } from "./tree-node.ts";
import { MAX_UINT64 } from "./uint64.ts";

const MAX_LEAVES = 70;

/** The definitions of RFC 6962, 2.1, word for word, as the measure of everything else. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return sha256(concatBytes(Uint8Array.of(0), first));
  const k = largestPowerBelow(leaves.length);
  return sha256(concatBytes(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k))));
}

function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = largestPowerBelow(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function subproof(m: number, leaves: readonly Uint8Array[], isComplete: boolean): Uint8Array[] {
  if (m === leaves.length) return isComplete ? [] : [mth(leaves)];
  const k = largestPowerBelow(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isComplete), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const ENTRIES = Array.from({ length: MAX_LEAVES }, (_, index) => Uint8Array.of(index, 7));
const TREE = new MemoryTree();
for (const entry of ENTRIES) TREE.appendEntry(entry);
const ROOTS = Array.from({ length: MAX_LEAVES + 1 }, (_, size) => TREE.rootHash(BigInt(size)));

function rootOf(size: number): Uint8Array {
  return ROOTS[size] ?? assert.fail(`no tree of size ${size}`);
}

function leafHashOf(index: number): Uint8Array {
  return TREE.readHashes([{ level: 0, index: BigInt(index) }])[0] ?? assert.fail(`no leaf ${index}`);
}

function flipped(hash: Uint8Array, position = hash.length - 1): Uint8Array {
  const other = Uint8Array.from(hash);
  other[position] = (other[position] ?? 0) ^ 1;
  return other;
}

/** Every proof that differs from `hashes` in one hash, in their number, or in their order. */
function* corruptions(hashes: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [position, hash] of hashes.entries()) {
    yield hashes.with(position, flipped(hash, position % 32));
    yield hashes.toSpliced(position, 1);
    yield hashes.toSpliced(position, 0, hash);
    yield hashes.with(position, hash.subarray(1));
    if (position > 0) yield hashes.with(position, hashes[position - 1] ?? EMPTY_ROOT).with(position - 1, hash);
  }
  yield [...hashes, EMPTY_ROOT];
}

function* sizes(from = 1): Generator<number> {
  for (let size = from; size <= MAX_LEAVES; size += 1) yield size;
}

test("roots and proofs are those of RFC 6962's definitions, every tree up to 70 leaves", () => {
  for (const size of sizes()) {
    const leaves = ENTRIES.slice(0, size);
    assert.deepEqual(rootOf(size), mth(leaves));
    // The definitions hash every leaf again for every proof; some sizes tell as much as all.
    if (size > 20 && ![31, 32, 33, 63, 64, 65, 70].includes(size)) continue;
    for (let index = 0; index < size; index += 1)
      assert.deepEqual(proveInclusion(TREE, BigInt(index), BigInt(size)), path(index, leaves));
    for (let smaller = 1; smaller <= size; smaller += 1)
      assert.deepEqual(proveConsistency(TREE, BigInt(smaller), BigInt(size)), subproof(smaller, leaves, true));
  }
});

test("every inclusion proof up to 70 leaves holds, and no corruption of it", () => {
  for (const size of sizes()) {
    for (let at = 0; at < size; at += 1) {
      const [index, treeSize] = [BigInt(at), BigInt(size)];
      const claim = {
        leafHash: leafHashOf(at),
        index,
        treeSize,
        hashes: proveInclusion(TREE, index, treeSize),
        rootHash: rootOf(size),
      };
      assert.equal(verifyInclusion(claim), true, `${index} of ${treeSize}`);
      assert.equal(verifyInclusion({ ...claim, leafHash: flipped(claim.leafHash) }), false);
      assert.equal(verifyInclusion({ ...claim, rootHash: flipped(claim.rootHash) }), false);
      assert.equal(verifyInclusion({ ...claim, index: index + treeSize }), false);
      for (const hashes of corruptions(claim.hashes))
        assert.equal(verifyInclusion({ ...claim, hashes }), false, `${index} of ${treeSize}`);
    }
  }
});

test("an inclusion proof holds at no other index of its tree", () => {
  for (const size of [1, 2, 5, 8, 21, 64, 70]) {
    for (let at = 0; at < size; at += 1) {
      const treeSize = BigInt(size);
      const claim = {
        leafHash: leafHashOf(at),
        treeSize,
        hashes: proveInclusion(TREE, BigInt(at), treeSize),
        rootHash: rootOf(size),
      };
      for (let index = 0; index < size; index += 1)
        assert.equal(verifyInclusion({ ...claim, index: BigInt(index) }), index === at);
    }
  }
});

test("every consistency proof up to 70 leaves holds, and no corruption of it", () => {
  for (const size of sizes()) {
    for (let smaller = 1; smaller <= size; smaller += 1) {
      const [size1, size2] = [BigInt(smaller), BigInt(size)];
      const claim = {
        size1,
        size2,
        root1: rootOf(smaller),
        root2: rootOf(size),
        hashes: proveConsistency(TREE, size1, size2),
      };
      assert.equal(verifyConsistency(claim), true, `${size1} to ${size2}`);
      assert.equal(verifyConsistency({ ...claim, root1: flipped(claim.root1) }), false);
      assert.equal(verifyConsistency({ ...claim, root2: flipped(claim.root2) }), false);
      for (const hashes of corruptions(claim.hashes))
        assert.equal(verifyConsistency({ ...claim, hashes }), false, `${size1} to ${size2}`);
    }
  }
});

test("every subtree inclusion proof up to 70 leaves holds, and no corruption of it", () => {
  for (const [start, end] of subtrees(MAX_LEAVES)) {
    const rootHash = mth(ENTRIES.slice(Number(start), Number(end)));
    for (let index = start; index < end; index += 1n) {
      const claim = {
        leafHash: leafHashOf(Number(index)),
        index,
        start,
        end,
        rootHash,
        hashes: proveSubtreeInclusion(TREE, index, start, end),
      };
      assert.equal(verifySubtreeInclusion(claim), true, `${index} of [${start}, ${end})`);
      assert.equal(verifySubtreeInclusion({ ...claim, leafHash: flipped(claim.leafHash) }), false);
      assert.equal(verifySubtreeInclusion({ ...claim, index: end }), false);
      for (const hashes of corruptions(claim.hashes)) assert.equal(verifySubtreeInclusion({ ...claim, hashes }), false);
    }
  }
});

test("every subtree consistency proof up to 70 leaves holds, and no corrupted hash of it", () => {
  for (const [start, end] of subtrees(MAX_LEAVES)) {
    const subtreeRoot = mth(ENTRIES.slice(Number(start), Number(end)));
    for (let treeSize = end; treeSize <= MAX_LEAVES; treeSize += 1n) {
      const claim = {
        start,
        end,
        treeSize,
        subtreeRoot,
        rootHash: rootOf(Number(treeSize)),
        hashes: proveSubtreeConsistency(TREE, start, end, treeSize),
      };
      assert.equal(verifySubtreeConsistency(claim), true, `[${start}, ${end}) of ${treeSize}`);
      assert.equal(verifySubtreeConsistency({ ...claim, subtreeRoot: flipped(subtreeRoot) }), false);
      assert.equal(verifySubtreeConsistency({ ...claim, rootHash: flipped(claim.rootHash) }), false);
      for (const [position, hash] of claim.hashes.entries()) {
        assert.equal(verifySubtreeConsistency({ ...claim, hashes: claim.hashes.with(position, flipped(hash)) }), false);
      }
      assert.equal(verifySubtreeConsistency({ ...claim, hashes: claim.hashes.slice(1) }), claim.hashes.length === 0);
      assert.equal(verifySubtreeConsistency({ ...claim, hashes: [...claim.hashes, EMPTY_ROOT] }), false);
    }
  }
});

function* subtrees(maxEnd: number): Generator<readonly [bigint, bigint]> {
  for (let end = 1n; end <= maxEnd; end += 1n) {
    for (let start = 0n; start < end; start += 1n) if (isSubtree(start, end)) yield [start, end];
  }
}

test("the empty subtree is in every tree that reaches so far", () => {
  const claim = { start: 3n, end: 3n, treeSize: 5n, subtreeRoot: EMPTY_ROOT, rootHash: rootOf(5), hashes: [] };
  assert.equal(verifySubtreeConsistency(claim), true);
  assert.deepEqual(proveSubtreeConsistency(TREE, 3n, 3n, 5n), []);
  assert.equal(verifySubtreeConsistency({ ...claim, treeSize: 2n }), false);
  assert.equal(verifySubtreeConsistency({ ...claim, subtreeRoot: rootOf(1) }), false);
  assert.equal(verifySubtreeConsistency({ ...claim, hashes: [EMPTY_ROOT] }), false);
  assert.equal(verifySubtreeConsistency({ ...claim, start: -1n, end: -1n }), false);
});

/** RFC 9162, 2.1.3.2, step by step: another algorithm than ours. */
function rootByRfc9162(
  leafHash: Uint8Array,
  index: bigint,
  treeSize: bigint,
  hashes: readonly Uint8Array[],
): Uint8Array | undefined {
  let [fn, sn, r] = [index, treeSize - 1n, leafHash];
  for (const p of hashes) {
    if (sn === 0n) return undefined;
    if (fn % 2n === 1n || fn === sn) {
      r = sha256(concatBytes(Uint8Array.of(1), p, r));
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      r = sha256(concatBytes(Uint8Array.of(1), r, p));
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? r : undefined;
}

const treeSizes = fc.oneof(
  fc.bigInt(1n, MAX_UINT64),
  fc.bigInt(1n, 1000n),
  fc.integer({ min: 0, max: 63 }).map((shift) => 1n << BigInt(shift)),
  fc.constantFrom(MAX_UINT64, MAX_UINT64 - 1n, 1n << 32n, (1n << 32n) + 1n, (1n << 53n) + 1n),
);

test("inclusion in trees of any size up to 2^64 − 1 leads where RFC 9162's algorithm leads", () => {
  const indexAndSize = treeSizes.chain((treeSize) =>
    fc.tuple(
      fc.oneof(fc.bigInt(0n, treeSize - 1n), fc.constant(treeSize - 1n), fc.constant(0n)),
      fc.constant(treeSize),
    ),
  );
  fc.assert(
    fc.property(indexAndSize, fc.integer({ min: -1, max: 1 }), ([index, treeSize], excess) => {
      const length = planInclusionProof(index, treeSize).foldCounts.length + excess;
      const hashes = Array.from({ length: Math.max(0, length) }, (_, at) => sha256(Uint8Array.of(at)));
      const expected = rootByRfc9162(EMPTY_ROOT, index, treeSize, hashes);
      if (expected === undefined)
        assert.throws(() => rootFromInclusionProof({ leafHash: EMPTY_ROOT, index, treeSize, hashes }), isProofInvalid);
      else assert.deepEqual(rootFromInclusionProof({ leafHash: EMPTY_ROOT, index, treeSize, hashes }), expected);
    }),
    { numRuns: 500 },
  );
});

test("consistency proofs of trees of any size ask for as many hashes as their plan", () => {
  const pairs = treeSizes.chain((size2) => fc.tuple(fc.bigInt(1n, size2), fc.constant(size2)));
  fc.assert(
    fc.property(pairs, ([size1, size2]) => {
      const expected = planConsistencyProof(size1, size2).foldCounts.length;
      const hashes = Array.from({ length: expected + 1 }, () => EMPTY_ROOT);
      assert.throws(() => rootFromConsistencyProof({ size1, size2, root1: EMPTY_ROOT, hashes }), {
        code: "proof-invalid",
        message: `expected ${expected} hashes from size ${size1} to a tree of size ${size2}, got ${expected + 1}`,
      });
    }),
  );
});

const isProofInvalid = (error: unknown): boolean => isSigstoreError(error, "proof-invalid");

test("index and size: below the size, at least one leaf, at most 2^64 − 1", () => {
  const leafHash = EMPTY_ROOT;
  for (const [index, treeSize] of [
    [0n, 0n],
    [1n, 1n],
    [5n, 4n],
    [-1n, 4n],
    [0n, -1n],
    [0n, MAX_UINT64 + 1n],
  ] as const) {
    assert.throws(
      () => rootFromInclusionProof({ leafHash, index, treeSize, hashes: [] }),
      isProofInvalid,
      `${index} of ${treeSize}`,
    );
    assert.equal(verifyInclusion({ leafHash, index, treeSize, hashes: [], rootHash: leafHash }), false);
    assert.throws(() => planInclusionProof(index, treeSize), isProofInvalid);
  }
});

test("sizes of a consistency proof: the first at least 1 and not above the second", () => {
  for (const [size1, size2] of [
    [0n, 0n],
    [0n, 5n],
    [2n, 1n],
    [-1n, 1n],
    [1n, MAX_UINT64 + 1n],
  ] as const) {
    assert.throws(
      () => rootFromConsistencyProof({ size1, size2, root1: EMPTY_ROOT, hashes: [] }),
      isProofInvalid,
      `${size1} to ${size2}`,
    );
    assert.equal(verifyConsistency({ size1, size2, root1: EMPTY_ROOT, root2: EMPTY_ROOT, hashes: [] }), false);
    assert.throws(() => planConsistencyProof(size1, size2), isProofInvalid);
  }
});

test("what is wrong with a proof is said in words", () => {
  const hashes = proveInclusion(TREE, 5n, 70n);
  const claim = { leafHash: leafHashOf(5), index: 5n, treeSize: 70n, hashes };
  const cases: readonly [() => unknown, string][] = [
    [
      () => rootFromInclusionProof({ ...claim, hashes: hashes.slice(1) }),
      "expected 7 hashes for index 5 in a tree of size 70, got 6",
    ],
    [
      () => rootFromInclusionProof({ ...claim, index: 70n }),
      "expected an index from 0 to below the tree size 70, got 70",
    ],
    [
      () => rootFromInclusionProof({ ...claim, leafHash: new Uint8Array(20) }),
      "expected hashes of 32 bytes, got one of 20",
    ],
    [
      () => rootFromSubtreeInclusionProof({ leafHash: EMPTY_ROOT, index: 3n, start: 3n, end: 5n, hashes: [] }),
      "expected a subtree, got [3, 5)",
    ],
    [
      () => rootFromSubtreeConsistencyProof({ start: 3n, end: 3n, treeSize: 5n, subtreeRoot: EMPTY_ROOT, hashes: [] }),
      "expected a subtree with leaves, got [3, 3)",
    ],
    [
      () =>
        rootFromSubtreeConsistencyProof({ start: 8n, end: 13n, treeSize: 14n, subtreeRoot: EMPTY_ROOT, hashes: [] }),
      "expected 4 hashes from [8, 13) to a tree of size 14, got 0",
    ],
    [
      () =>
        rootFromConsistencyProof({ size1: 6n, size2: 8n, root1: EMPTY_ROOT, hashes: proveConsistency(TREE, 6n, 8n) }),
      "expected a proof that leads to the root of the smaller tree, got one that leads elsewhere",
    ],
  ];
  for (const [run, message] of cases) assert.throws(run, { code: "proof-invalid", message });
});
