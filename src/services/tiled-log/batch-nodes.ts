/**
 * The nodes that the proofs of one batch are made of: those that became perfect with it, and the right edge before it.
 *
 * Every sibling of a new leaf's ancestors either contains a new leaf or ends where the batch begins: in the second case its
 * parent is not perfect without the batch, so it is one of the nodes that cover the old tree. Nothing else is ever asked for.
 */
import { SigstoreError } from "../../errors.ts";
import type { HashReader } from "../../tlog/prove.ts";
import { coveringNodes, type TreeNode } from "../../tlog/tree-node.ts";

/** Consecutive nodes of one level, from index `first` on. */
interface NodeRow {
  readonly first: bigint;
  readonly hashes: Uint8Array[];
}

/** A reader of the nodes of one batch. */
export class BatchNodes implements HashReader {
  readonly #rows = new Map<number, NodeRow>();

  /** `edge`: hashes of the nodes that cover the tree of `size` leaves, from left to right, as a compact range has them. */
  constructor(size: bigint, edge: readonly Uint8Array[]) {
    for (const [position, node] of coveringNodes(0n, size).entries()) {
      const hash = edge[position];
      if (hash !== undefined) this.add(node, hash);
    }
  }

  /** Adds the next node of its level. */
  add(node: TreeNode, hash: Uint8Array): void {
    const row = this.#rows.get(node.level);
    if (row === undefined) this.#rows.set(node.level, { first: node.index, hashes: [hash] });
    else row.hashes.push(hash);
  }

  /** The hashes of nodes; `proof-invalid` for one that no proof of this batch needs. */
  readHashes(nodes: readonly TreeNode[]): Uint8Array[] {
    return nodes.map(({ level, index }) => {
      const row = this.#rows.get(level);
      const hash = row?.hashes[Number(index - row.first)];
      if (hash !== undefined) return hash;
      throw new SigstoreError("proof-invalid", `expected a node of this batch, got index ${index} at level ${level}`);
    });
  }
}
