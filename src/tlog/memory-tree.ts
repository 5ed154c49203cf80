/**
 * A Merkle tree whose nodes are all in memory (RFC 6962, section 2.1): for small logs, for the virtual one of tests, and as the
 * plain measure of everything that stores less.
 *
 * Leaves out: entries, and durability.
 */
import { SigstoreError } from "../errors.ts";
import { CompactRange } from "./compact-range.ts";
import { hashLeaf } from "./merkle.ts";
import { readSubtreeRoot } from "./prove.ts";
import type { HashReader } from "./prove.ts";
import type { TreeNode } from "./tree-node.ts";

/** An append-only tree; give it to `proveInclusion` and its kin as the reader. */
export class MemoryTree implements HashReader {
  readonly #range = new CompactRange();
  readonly #levels: Uint8Array[][] = [];

  /** How many leaves there are. */
  get size(): bigint {
    return this.#range.size;
  }

  /** Appends the leaf of an `entry` and returns its index. */
  appendEntry(entry: Uint8Array): bigint {
    return this.appendLeaf(hashLeaf(entry));
  }

  /** Appends a leaf by its hash and returns its index. */
  appendLeaf(leafHash: Uint8Array): bigint {
    const index = this.size;
    this.#range.append(leafHash, (node, hash) => {
      this.#levels[node.level] ??= [];
      this.#levels[node.level]?.push(hash);
    });
    return index;
  }

  /**
   * The root hash of the whole tree, or of its first `treeSize` leaves.
   * @throws {SigstoreError} `proof-invalid` when there are fewer leaves
   */
  rootHash(treeSize: bigint = this.size): Uint8Array {
    return readSubtreeRoot(this, 0n, treeSize);
  }

  /** The hashes of perfect nodes; `proof-invalid` when one is not there. */
  readHashes(nodes: readonly TreeNode[]): Uint8Array[] {
    return nodes.map(({ level, index }) => {
      const hash = this.#levels[level]?.[Number(index)];
      if (hash !== undefined) return hash;
      throw new SigstoreError(
        "proof-invalid",
        `expected nodes of a tree of size ${this.size}, got index ${index} at level ${level}`,
      );
    });
  }
}
