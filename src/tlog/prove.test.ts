import assert from "node:assert/strict";
import { test } from "node:test";
import { isSigstoreError } from "../errors.ts";
import { MemoryTree } from "./memory-tree.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import {
  buildProof,
  planConsistencyProof,
  planInclusionProof,
  planSubtreeConsistencyProof,
  planSubtreeInclusionProof,
  proveConsistency,
  proveInclusion,
  proveSubtreeInclusion,
  readSubtreeRoot,
} from "./prove.ts";

const TREE = new MemoryTree();
for (let index = 0; index < 70; index += 1) TREE.appendEntry(Uint8Array.of(index));

const isProofInvalid = (error: unknown): boolean => isSigstoreError(error, "proof-invalid");

test("a proof is planned, its nodes are read at leisure, and it is built", async () => {
  const readLater = async (nodes: Parameters<MemoryTree["readHashes"]>[0]): Promise<Uint8Array[]> =>
    Promise.resolve(TREE.readHashes(nodes));
  const inclusion = planInclusionProof(5n, 70n);
  assert.deepEqual(buildProof(inclusion, await readLater(inclusion.nodes)), proveInclusion(TREE, 5n, 70n));
  const subtree = planSubtreeInclusionProof(66n, 64n, 70n);
  assert.deepEqual(buildProof(subtree, await readLater(subtree.nodes)), proveSubtreeInclusion(TREE, 66n, 64n, 70n));
  const consistency = planConsistencyProof(33n, 70n);
  assert.deepEqual(buildProof(consistency, await readLater(consistency.nodes)), proveConsistency(TREE, 33n, 70n));
});

/** Nodes of RFC 6962's example tree of seven leaves, by its letters; l is made of i and j. */
const LETTERS: Readonly<Record<string, string>> = {
  "0/1": "b",
  "0/2": "c",
  "0/3": "d",
  "0/5": "f",
  "0/6": "j",
  "1/0": "g",
  "1/1": "h",
  "1/2": "i",
  "2/0": "k",
};

function lettersOf({ nodes, foldCounts }: ReturnType<typeof planInclusionProof>): string {
  let position = 0;
  const hashes = foldCounts.map((count) => {
    position += count;
    return nodes
      .slice(position - count, position)
      .map(({ level, index }) => LETTERS[`${level}/${index}`])
      .join("");
  });
  return hashes.join(" ").replace("ij", "l");
}

test("RFC 6962 2.1.3: the audit paths and consistency proofs of its example", () => {
  const paths = [0n, 3n, 4n, 6n].map((index) => lettersOf(planInclusionProof(index, 7n)));
  assert.deepEqual(paths, ["b h l", "c g l", "f j k", "i k"]);
  const proofs = [3n, 4n, 6n].map((size) => lettersOf(planConsistencyProof(size, 7n)));
  assert.deepEqual(proofs, ["c d g l", "l", "i j k"]);
});

test("the draft's examples of subtree consistency, [4, 8) and [8, 13) in a tree of 14", () => {
  const ranges = (start: bigint, end: bigint): readonly number[] =>
    planSubtreeConsistencyProof(start, end, 14n).foldCounts;
  assert.deepEqual(ranges(4n, 8n), [1, 2]);
  assert.deepEqual(ranges(8n, 13n), [1, 1, 1, 1]);
});

test("a plan takes exactly as many hashes as it has nodes", () => {
  const plan = planInclusionProof(5n, 70n);
  assert.throws(
    () =>
      buildProof(
        plan,
        plan.nodes.slice(1).map(() => EMPTY_ROOT),
      ),
    TypeError,
  );
});

test("only what is in the tree is proved", () => {
  for (const run of [
    () => proveInclusion(TREE, 70n, 70n),
    () => proveInclusion(TREE, 0n, 71n),
    () => proveInclusion(TREE, -1n, 70n),
    () => proveConsistency(TREE, 0n, 70n),
    () => proveConsistency(TREE, 3n, 2n),
    () => proveSubtreeInclusion(TREE, 3n, 3n, 5n),
    () => planSubtreeConsistencyProof(8n, 16n, 15n),
    () => readSubtreeRoot(TREE, 3n, 5n),
    () => TREE.rootHash(71n),
  ]) {
    assert.throws(run, isProofInvalid);
  }
});
