/**
 * The shape of a Merkle tree (RFC 6962, section 2.1; subtrees: draft-ietf-plants-merkle-tree-certs, "Definition of a Subtree").
 *
 * Only perfect nodes have coordinates: node (level, index) covers the leaves [index × 2^level, (index + 1) × 2^level), and its
 * hash never changes once they are there. Fewer than 128 of them cover any range of leaves. Leaves out: hashes.
 */
import { bitLength, countTrailingZeros } from "./uint64.ts";

/** A perfect node: `level` 0 is that of the leaves, `index` counts from the left within the level. */
export interface TreeNode {
  readonly level: number;
  readonly index: bigint;
}

/** The leaves from `start` to before `end`. */
export interface LeafRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The fewest perfect nodes that cover the leaves [start, end), from left to right; none for an empty range. */
export function coveringNodes(start: bigint, end: bigint): TreeNode[] {
  const nodes: TreeNode[] = [];
  let position = start;
  while (position < end) {
    // A node begins at a multiple of its width, and must not reach beyond the end.
    const level = Math.min(countTrailingZeros(position), bitLength(end - position) - 1);
    nodes.push({ level, index: position >> BigInt(level) });
    position += 1n << BigInt(level);
  }
  return nodes;
}

/**
 * True when [start, end) is a subtree: 0 ≤ start ≤ end, and "start is a multiple of BIT_CEIL(end − start)", the smallest power
 * of two that is not smaller than its width. Only then is its root the root of a part of every larger tree.
 */
export function isSubtree(start: bigint, end: bigint): boolean {
  if (start < 0n || start > end) return false;
  if (start === 0n || start === end) return true;
  return countTrailingZeros(start) >= bitLength(end - start - 1n);
}

/** The largest power of two smaller than `size`, where RFC 6962 divides a tree; `size` is at least 2. */
export function splitPoint(size: bigint): bigint {
  return 1n << BigInt(bitLength(size - 1n) - 1);
}
