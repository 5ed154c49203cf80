/**
 * Compact ranges: the fewest perfect nodes that cover some consecutive leaves (transparency-dev/merkle, "Compact Ranges"; the
 * stack of RFC 9162, section 2.1.2).
 *
 * What a log keeps in memory to append leaves and to know its root, and what allows parts of a tree to be hashed apart and
 * joined. Leaves out: all nodes below; `onNode` hands out each node once, when it becomes perfect.
 */
import { SigstoreError } from "../errors.ts";
import { HASH_BYTES, hashChildren } from "./merkle.ts";
import { foldHashes } from "./prove.ts";
import { coveringNodes, isSubtree } from "./tree-node.ts";
import type { TreeNode } from "./tree-node.ts";
import { isUint64, MAX_UINT64 } from "./uint64.ts";

/** Told of every node that becomes perfect, children before parents; what the log stores. */
export type NodeListener = (node: TreeNode, hash: Uint8Array) => void;

interface CoveringNode {
  readonly level: number;
  readonly hash: Uint8Array;
}

/** The leaves [begin, end) of a tree as hashes of their covering nodes; grows at its right end only. */
export class CompactRange {
  /** The first leaf; 0 for the range that is a whole tree. */
  readonly begin: bigint;
  #end: bigint;
  /** From left to right. */
  readonly #nodes: CoveringNode[] = [];

  /** The empty range at `begin`. */
  constructor(begin: bigint = 0n) {
    if (!isUint64(begin)) throw new TypeError(`expected a leaf index below 2^64, got ${begin}`);
    this.begin = begin;
    this.#end = begin;
  }

  /**
   * The range [begin, end) whose covering nodes have these `hashes`, from left to right, as {@link CompactRange.hashes} gave them.
   * @throws {SigstoreError} `proof-invalid` when there are not exactly as many hashes as covering nodes, 32 bytes each
   */
  static fromHashes(hashes: readonly Uint8Array[], end: bigint, begin: bigint = 0n): CompactRange {
    const range = new CompactRange(begin);
    if (!isUint64(end) || end < begin) throw rangeError(`a range from ${begin} to below 2^64`, `[${begin}, ${end})`);
    const nodes = coveringNodes(begin, end);
    if (hashes.length !== nodes.length)
      throw rangeError(`${nodes.length} hashes for the leaves [${begin}, ${end})`, `${hashes.length}`);
    for (const [position, { level }] of nodes.entries())
      range.#nodes.push({ level, hash: checkedHash(hashes[position]) });
    range.#end = end;
    return range;
  }

  /** The leaf after the last one; the tree size when `begin` is 0. */
  get end(): bigint {
    return this.#end;
  }

  /** How many leaves there are. */
  get size(): bigint {
    return this.#end - this.begin;
  }

  /** The hashes of the covering nodes, from left to right: all that needs to be kept to go on later. */
  get hashes(): Uint8Array[] {
    return this.#nodes.map((node) => node.hash);
  }

  /** Appends one leaf, by its hash. */
  append(leafHash: Uint8Array, onNode?: NodeListener): void {
    this.#push(0, checkedHash(leafHash), onNode);
  }

  /**
   * Appends the leaves of another range, which must begin where this one ends; `onNode` is not told of nodes within `other`.
   * @throws {TypeError} when there is a gap or an overlap
   */
  appendRange(other: CompactRange, onNode?: NodeListener): void {
    if (other.begin !== this.#end)
      throw new TypeError(`expected a range that begins at ${this.#end}, got one at ${other.begin}`);
    for (const { level, hash } of other.#nodes) this.#push(level, hash, onNode, true);
  }

  /**
   * The root hash: of the tree when `begin` is 0, else of the subtree.
   * @throws {TypeError} when [begin, end) is not a subtree, and so has no root
   */
  root(): Uint8Array {
    if (!isSubtree(this.begin, this.#end)) throw new TypeError(`expected a subtree, got [${this.begin}, ${this.#end})`);
    return foldHashes(this.hashes);
  }

  #push(level: number, hash: Uint8Array, onNode: NodeListener | undefined, isKnown = false): void {
    if (MAX_UINT64 - this.#end < 1n << BigInt(level)) throw new TypeError("expected fewer than 2^64 leaves, got more");
    let node: CoveringNode = { level, hash };
    let index = this.#end >> BigInt(level);
    if (!isKnown) onNode?.({ level, index }, hash);
    // A right child and its left sibling, where the range has it, are one node: their parent.
    for (let left = this.#nodes.at(-1); left?.level === node.level && (index & 1n) === 1n; left = this.#nodes.at(-1)) {
      this.#nodes.pop();
      node = { level: node.level + 1, hash: hashChildren(left.hash, node.hash) };
      index >>= 1n;
      onNode?.({ level: node.level, index }, node.hash);
    }
    this.#nodes.push(node);
    this.#end += 1n << BigInt(level);
  }
}

function checkedHash(hash: Uint8Array | undefined): Uint8Array {
  if (hash?.length !== HASH_BYTES) throw rangeError(`hashes of ${HASH_BYTES} bytes`, `one of ${hash?.length ?? 0}`);
  return hash;
}

function rangeError(expected: string, got: string): SigstoreError {
  return new SigstoreError("proof-invalid", `expected ${expected}, got ${got}`);
}
