/**
 * Verification of inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2, by the algorithms of RFC 9162,
 * sections 2.1.3.2 and 2.1.4.2; the same for subtrees: draft-ietf-plants-merkle-tree-certs, "Subtree Inclusion Proofs" and
 * "Subtree Consistency Proofs").
 *
 * Proofs are hostile input. `rootFrom…` computes where a proof leads and says in words what is wrong with its shape; `verify…`
 * says whether it leads to the given root, and no to every malformed one. Leaves out: whether a root is one to trust.
 */
import { equalBytes } from "../encoding/bytes.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { EMPTY_ROOT, HASH_BYTES, hashChildren, hashUpwards } from "./merkle.ts";
import { planSubtreeConsistencyProof } from "./prove.ts";
import { isSubtree } from "./tree-node.ts";
import { bitLength, countOnes, highWord, isUint64, lowWord } from "./uint64.ts";

/** An inclusion proof with what it is about. All hashes are 32 bytes, those of the proof from the leaf's sibling upwards. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: bigint;
  readonly treeSize: bigint;
  readonly hashes: readonly Uint8Array[];
}

/** An inclusion proof within the subtree [start, end); `index` counts from the beginning of the tree. */
export interface SubtreeInclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly hashes: readonly Uint8Array[];
}

/** A consistency proof: the tree of `size2` leaves begins with the tree of `size1` leaves and the root `root1`. */
export interface ConsistencyClaim {
  readonly size1: bigint;
  readonly root1: Uint8Array;
  readonly size2: bigint;
  readonly hashes: readonly Uint8Array[];
}

/** A consistency proof of a subtree: the tree of `treeSize` leaves contains [start, end) with the root `subtreeRoot`. */
export interface SubtreeConsistencyClaim {
  readonly start: bigint;
  readonly end: bigint;
  readonly subtreeRoot: Uint8Array;
  readonly treeSize: bigint;
  readonly hashes: readonly Uint8Array[];
}

/** True when the proof leads from the leaf to `rootHash`; false too for an index outside the tree and any malformed proof. */
export function verifyInclusion(claim: InclusionClaim & { readonly rootHash: Uint8Array }): boolean {
  return leadsTo(claim.rootHash, () => rootFromInclusionProof(claim));
}

/** True when the proof leads from the leaf to the root hash of the subtree [start, end); false for any malformed proof. */
export function verifySubtreeInclusion(claim: SubtreeInclusionClaim & { readonly rootHash: Uint8Array }): boolean {
  return leadsTo(claim.rootHash, () => rootFromSubtreeInclusionProof(claim));
}

/** True when the proof leads from `root1` to `root2`; false too when `size1` is 0 or above `size2`, and for any malformed proof. */
export function verifyConsistency(claim: ConsistencyClaim & { readonly root2: Uint8Array }): boolean {
  return leadsTo(claim.root2, () => rootFromConsistencyProof(claim));
}

/**
 * True when the proof leads from `subtreeRoot` to `rootHash`; false for any malformed proof.
 *
 * The empty subtree is in every tree that reaches so far: its root must be the empty one and its proof empty, and `rootHash`
 * is not looked at (as in transparency-dev/merkle).
 */
export function verifySubtreeConsistency(claim: SubtreeConsistencyClaim & { readonly rootHash: Uint8Array }): boolean {
  const { start, end, treeSize, subtreeRoot, hashes } = claim;
  if (start === end) {
    const isInside = start >= 0n && end <= treeSize && isUint64(treeSize);
    return isInside && hashes.length === 0 && equalBytes(subtreeRoot, EMPTY_ROOT);
  }
  return leadsTo(claim.rootHash, () => rootFromSubtreeConsistencyProof(claim));
}

function leadsTo(rootHash: Uint8Array, computeRoot: () => Uint8Array): boolean {
  try {
    return equalBytes(computeRoot(), rootHash);
  } catch (error) {
    if (isSigstoreError(error, "proof-invalid")) return false;
    throw error;
  }
}

/**
 * The root hash of the tree in which the leaf has this proof.
 * @throws {SigstoreError} `proof-invalid` unless 0 ≤ index < treeSize < 2^64, when there are not exactly as many hashes as
 * index and size ask for, and when a hash is not 32 bytes long
 */
export function rootFromInclusionProof(claim: InclusionClaim): Uint8Array {
  const { leafHash, index, treeSize, hashes } = claim;
  // RFC 9162 2.1.3.2: "Compare leaf_index from the inclusion_proof_v2 structure against tree_size. If leaf_index is greater
  // than or equal to tree_size, then stop the process and fail the proof verification."
  if (!isUint64(treeSize)) throw proofError("a tree size below 2^64", `${treeSize}`);
  if (index < 0n || index >= treeSize)
    throw proofError(`an index from 0 to below the tree size ${treeSize}`, `${index}`);
  // Up to where the paths of this leaf and of the last one meet there is a sibling on either side at every level; above,
  // only where the path comes from the right.
  const innerLength = bitLength(index ^ (treeSize - 1n));
  const length = innerLength + countOnes(index >> BigInt(innerLength));
  if (hashes.length !== length)
    throw proofError(`${length} hashes for index ${index} in a tree of size ${treeSize}`, `${hashes.length}`);
  assertHash(leafHash);
  for (const hash of hashes) assertHash(hash);
  return climb(leafHash, hashes, innerLength, index);
}

/** Hashes upwards: as the bits of `index` say for the first `innerLength` hashes, then from the right border of the tree. */
function climb(leafHash: Uint8Array, hashes: readonly Uint8Array[], innerLength: number, index: bigint): Uint8Array {
  const low = lowWord(index);
  const high = highWord(index);
  const node = new Uint8Array(leafHash);
  let level = 0;
  for (const sibling of hashes) {
    const bit = level < 32 ? low >>> level : high >>> (level - 32);
    hashUpwards(node, sibling, level >= innerLength || (bit & 1) === 1);
    level += 1;
  }
  return node;
}

/**
 * The root hash of the subtree [start, end) in which the leaf has this proof.
 * @throws {SigstoreError} `proof-invalid` as {@link rootFromInclusionProof}, and when [start, end) is not a subtree
 */
export function rootFromSubtreeInclusionProof(claim: SubtreeInclusionClaim): Uint8Array {
  const { leafHash, index, start, end, hashes } = claim;
  assertSubtree(start, end);
  if (index < start || index >= end) throw proofError(`an index from ${start} to below ${end}`, `${index}`);
  // A subtree has the shape of a tree of its own; only its leaves are counted from elsewhere.
  return rootFromInclusionProof({ leafHash, index: index - start, treeSize: end - start, hashes });
}

/**
 * The root hash of the tree of `size2` leaves that has this proof of beginning with the tree of `size1` leaves.
 * @throws {SigstoreError} `proof-invalid` unless 0 < size1 ≤ size2 < 2^64, when the proof has too few or too many hashes or
 * one that is not 32 bytes long, and when it does not lead to `root1` either
 */
export function rootFromConsistencyProof(claim: ConsistencyClaim): Uint8Array {
  const { size1, root1, size2, hashes } = claim;
  // Every tree begins with the empty one: a proof of that would say nothing about `root2`.
  if (size1 === 0n) throw proofError("a first tree size of at least 1", "0");
  return rootFromSubtreeConsistencyProof({ start: 0n, end: size1, subtreeRoot: root1, treeSize: size2, hashes });
}

/**
 * The root hash of the tree of `treeSize` leaves that has this proof of containing the subtree [start, end).
 * @throws {SigstoreError} `proof-invalid` unless [start, end) is a subtree that is not empty and end ≤ treeSize < 2^64, when
 * the proof has too few or too many hashes or one that is not 32 bytes long, and when it does not lead to `subtreeRoot` either
 */
export function rootFromSubtreeConsistencyProof(claim: SubtreeConsistencyClaim): Uint8Array {
  const { start, end, subtreeRoot, treeSize, hashes } = claim;
  assertSubtree(start, end);
  if (start === end) throw proofError("a subtree with leaves", `[${start}, ${end})`);
  if (!isUint64(treeSize) || end > treeSize) throw proofError(`a tree size from ${end} to below 2^64`, `${treeSize}`);
  // Of a tree with itself nothing is hashed: its root leads to itself, whatever it is (as in transparency-dev/merkle).
  if (hashes.length > 0) assertHash(subtreeRoot);
  for (const hash of hashes) assertHash(hash);
  const roots = new ConsistencyClimb(start, end, treeSize).climb(subtreeRoot, hashes);
  if (roots === undefined) throw lengthError(claim);
  if (!equalBytes(roots.subtreeRoot, subtreeRoot))
    throw proofError("a proof that leads to the root of the smaller tree", "one that leads elsewhere");
  return roots.rootHash;
}

/**
 * The climb from a node of the smaller tree to the roots of both trees, step by step as the draft has it ("Verifying a Subtree
 * Consistency Proof"): `first` is the path of the subtree's first leaf ("fn"), `last` that of its last leaf ("sn"), `treeLast`
 * that of the tree's last leaf ("tn").
 */
class ConsistencyClimb {
  #first: bigint;
  #last: bigint;
  #treeLast: bigint;

  constructor(start: bigint, end: bigint, treeSize: bigint) {
    this.#first = start;
    this.#last = end - 1n;
    this.#treeLast = treeSize - 1n;
  }

  /** Both roots, or undefined when there are too few or too many hashes. */
  climb(
    knownRoot: Uint8Array,
    hashes: readonly Uint8Array[],
  ): { subtreeRoot: Uint8Array; rootHash: Uint8Array } | undefined {
    this.#ascendToFirstNode();
    // "If fn is equal to sn, set fr and sr to node_hash. Otherwise [...] set fr and sr to the first value of the proof."
    const isWhole = this.#first === this.#last;
    let subtreeRoot = isWhole ? knownRoot : hashes[0];
    if (subtreeRoot === undefined) return undefined;
    let rootHash = subtreeRoot;
    for (const hash of isWhole ? hashes : hashes.slice(1)) {
      // "If tn is zero, then stop the iteration and fail the proof verification."
      if (this.#treeLast === 0n) return undefined;
      if (this.#last % 2n === 1n || this.#last === this.#treeLast) {
        if (this.#first < this.#last) subtreeRoot = hashChildren(hash, subtreeRoot);
        rootHash = hashChildren(hash, rootHash);
        while (this.#last % 2n === 0n) this.#ascend();
      } else {
        rootHash = hashChildren(rootHash, hash);
      }
      this.#ascend();
    }
    // "Compare tn to zero": the proof reaches the root, and no hash is left over.
    return this.#treeLast === 0n ? { subtreeRoot, rootHash } : undefined;
  }

  /** The largest node that ends with the subtree: the whole subtree where it is such a node, or the tree ends with it too. */
  #ascendToFirstNode(): void {
    if (this.#last === this.#treeLast) while (this.#first !== this.#last) this.#ascend();
    else while (this.#first !== this.#last && this.#last % 2n === 1n) this.#ascend();
  }

  #ascend(): void {
    this.#first >>= 1n;
    this.#last >>= 1n;
    this.#treeLast >>= 1n;
  }
}

function lengthError(claim: SubtreeConsistencyClaim): SigstoreError {
  const { start, end, treeSize, hashes } = claim;
  const plan = planSubtreeConsistencyProof(start, end, treeSize);
  const range = start === 0n ? `size ${end}` : `[${start}, ${end})`;
  return proofError(`${plan.foldCounts.length} hashes from ${range} to a tree of size ${treeSize}`, `${hashes.length}`);
}

function assertSubtree(start: bigint, end: bigint): void {
  if (!isUint64(end) || !isSubtree(start, end)) throw proofError("a subtree", `[${start}, ${end})`);
}

function assertHash(hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES) throw proofError(`hashes of ${HASH_BYTES} bytes`, `one of ${hash.length}`);
}

function proofError(expected: string, got: string): SigstoreError {
  return new SigstoreError("proof-invalid", `expected ${expected}, got ${got}`);
}
