/**
 * Making of inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2; the same for subtrees:
 * draft-ietf-plants-merkle-tree-certs, "Subtree Inclusion Proofs" and "Subtree Consistency Proofs").
 *
 * A proof is a list of roots of leaf ranges. Planning says which perfect nodes they are made of; whoever stores the tree reads
 * the hashes, in its own time and way; building folds them. Leaves out: storage, and verification, which is in proof.ts.
 */
import { SigstoreError } from "../errors.ts";
import { EMPTY_ROOT, hashChildren } from "./merkle.ts";
import { coveringNodes, isSubtree, splitPoint } from "./tree-node.ts";
import type { LeafRange, TreeNode } from "./tree-node.ts";
import { isUint64 } from "./uint64.ts";

/**
 * Where the hashes of a tree are kept.
 *
 * `readHashes` returns the hash of each of `nodes`, in their order, 32 bytes each; a node that is not there yet is the reader's
 * error to throw. Perfect nodes never change, so calls need no order among each other and may be answered from any copy.
 */
export interface HashReader {
  readHashes(nodes: readonly TreeNode[]): readonly Uint8Array[];
}

/** What a proof is made of: hash i of the proof is folded from the next `foldCounts[i]` of `nodes`. */
export interface ProofPlan {
  /** The nodes to read, in this order. */
  readonly nodes: readonly TreeNode[];
  /** For each hash of the proof, how many nodes it is made of: one, or several for the ragged right end of the tree. */
  readonly foldCounts: readonly number[];
}

/**
 * Plans the proof that leaf `index` is in the tree of `treeSize` leaves.
 * @throws {SigstoreError} `proof-invalid` unless 0 ≤ index < treeSize < 2^64
 */
export function planInclusionProof(index: bigint, treeSize: bigint): ProofPlan {
  return planSubtreeInclusionProof(index, 0n, treeSize);
}

/**
 * Plans the proof that leaf `index` is in the subtree [start, end).
 * @throws {SigstoreError} `proof-invalid` unless [start, end) is a subtree and start ≤ index < end < 2^64
 */
export function planSubtreeInclusionProof(index: bigint, start: bigint, end: bigint): ProofPlan {
  assertSubtree(start, end);
  if (index < start || index >= end) throw proofError(`an index from ${start} to below ${end}`, `${index}`);
  return planOf(siblings({ start: index, end: index + 1n }, { start, end }));
}

/**
 * Plans the proof that the tree of `size2` leaves begins with the tree of `size1` leaves.
 * @throws {SigstoreError} `proof-invalid` unless 0 < size1 ≤ size2 < 2^64
 */
export function planConsistencyProof(size1: bigint, size2: bigint): ProofPlan {
  // RFC 6962 2.1.2 defines PROOF(m, D[n]) for 0 < m < n: every tree begins with the empty one.
  if (size1 === 0n) throw proofError("a first tree size of at least 1", "0");
  return planSubtreeConsistencyProof(0n, size1, size2);
}

/**
 * Plans the proof that the tree of `treeSize` leaves contains the subtree [start, end); the empty subtree needs none.
 * @throws {SigstoreError} `proof-invalid` unless [start, end) is a subtree and end ≤ treeSize < 2^64
 */
export function planSubtreeConsistencyProof(start: bigint, end: bigint, treeSize: bigint): ProofPlan {
  assertSubtree(start, end);
  if (end > treeSize || !isUint64(treeSize)) throw proofError(`a tree size from ${end} to below 2^64`, `${treeSize}`);
  if (start === end) return { nodes: [], foldCounts: [] };
  return planOf(siblings({ start, end }, { start: 0n, end: treeSize }));
}

/**
 * The ranges whose roots, with that of `part`, make the root of `whole`: SUBTREE_SUBPROOF of the draft, of which PATH and
 * SUBPROOF of RFC 6962 are cases. Lowest first. Where the tree divides inside of `part`, its own root is of no more use: what
 * is left of it on the right begins the list.
 */
function siblings(part: LeafRange, whole: LeafRange): LeafRange[] {
  const path: LeafRange[] = [];
  let { start } = part;
  const { end } = part;
  let rest = whole;
  let isPartKnown = true;
  while (rest.start !== start || rest.end !== end) {
    const middle = rest.start + splitPoint(rest.end - rest.start);
    const [left, right] = [
      { start: rest.start, end: middle },
      { start: middle, end: rest.end },
    ];
    if (end <= middle) {
      path.push(right);
      rest = left;
    } else {
      path.push(left);
      rest = right;
      if (start < middle) {
        start = middle;
        isPartKnown = false;
      }
    }
  }
  if (!isPartKnown) path.push(rest);
  return path.reverse();
}

function planOf(ranges: readonly LeafRange[]): ProofPlan {
  const nodes: TreeNode[] = [];
  const foldCounts: number[] = [];
  for (const { start, end } of ranges) {
    const covering = coveringNodes(start, end);
    for (const node of covering) nodes.push(node);
    foldCounts.push(covering.length);
  }
  return { nodes, foldCounts };
}

/**
 * Makes the proof of a `plan` from the hashes of its nodes, in their order.
 * @throws {TypeError} when there are not as many hashes as nodes
 */
export function buildProof(plan: ProofPlan, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length !== plan.nodes.length)
    throw new TypeError(`expected ${plan.nodes.length} hashes, got ${hashes.length}`);
  let position = 0;
  return plan.foldCounts.map((count) => {
    position += count;
    return foldHashes(hashes.slice(position - count, position));
  });
}

/** The root over the hashes of covering nodes, given from left to right; that of the empty tree when there are none. */
export function foldHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => hashChildren(left, right));
}

/** The root hash of the leaves [start, end), which must be a subtree; `start` 0 for a tree of `end` leaves. */
export function readSubtreeRoot(reader: HashReader, start: bigint, end: bigint): Uint8Array {
  assertSubtree(start, end);
  return foldHashes(reader.readHashes(coveringNodes(start, end)));
}

/** Proves that leaf `index` is in the tree of `treeSize` leaves; errors as in {@link planInclusionProof}. */
export function proveInclusion(reader: HashReader, index: bigint, treeSize: bigint): Uint8Array[] {
  return readAndBuild(reader, planInclusionProof(index, treeSize));
}

/** Proves that leaf `index` is in the subtree [start, end); errors as in {@link planSubtreeInclusionProof}. */
export function proveSubtreeInclusion(reader: HashReader, index: bigint, start: bigint, end: bigint): Uint8Array[] {
  return readAndBuild(reader, planSubtreeInclusionProof(index, start, end));
}

/** Proves that the tree of `size2` leaves begins with that of `size1`; errors as in {@link planConsistencyProof}. */
export function proveConsistency(reader: HashReader, size1: bigint, size2: bigint): Uint8Array[] {
  return readAndBuild(reader, planConsistencyProof(size1, size2));
}

/** Proves that the tree of `treeSize` leaves contains [start, end); errors as in {@link planSubtreeConsistencyProof}. */
export function proveSubtreeConsistency(
  reader: HashReader,
  start: bigint,
  end: bigint,
  treeSize: bigint,
): Uint8Array[] {
  return readAndBuild(reader, planSubtreeConsistencyProof(start, end, treeSize));
}

function readAndBuild(reader: HashReader, plan: ProofPlan): Uint8Array[] {
  return buildProof(plan, reader.readHashes(plan.nodes));
}

function assertSubtree(start: bigint, end: bigint): void {
  if (!isUint64(end) || !isSubtree(start, end)) throw proofError("a subtree", `[${start}, ${end})`);
}

function proofError(expected: string, got: string): SigstoreError {
  return new SigstoreError("proof-invalid", `expected ${expected}, got ${got}`);
}
