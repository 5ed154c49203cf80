/**
 * Merkle tree hashes with SHA-256 (RFC 6962, section 2.1).
 *
 * A leaf is hashed with the prefix 0x00, an interior node with 0x01, so that neither can pass for the other. Leaves out: other
 * hash functions, which no log of Sigstore uses, and the shape of the tree, which is in tree-node.ts.
 */
import { sha256, sha256Into } from "../crypto/digest.ts";

/** Bytes of every hash in a tree. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** The root hash of a tree without leaves: "MTH({}) = SHA-256()". Not to be written to. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** The leaf hash of an `entry`: "MTH({d(0)}) = SHA-256(0x00 || d(0))", 32 bytes. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  const length = 1 + entry.length;
  const input = length <= leafInput.length ? leafInput.subarray(0, length) : new Uint8Array(length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

/** One buffer for all leaves of common length: it is filled and hashed within one call, so no two uses meet. */
const leafInput = new Uint8Array(8192);

/** One buffer for all interior nodes: it is filled and hashed within one call, so no two uses meet. */
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX;

/**
 * The hash of the interior node over `left` and `right`: "SHA-256(0x01 || left || right)", 32 bytes each.
 * @throws {TypeError} when either is not 32 bytes long: hashes from outside are measured before they come here.
 */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new TypeError(`expected two hashes of ${HASH_BYTES} bytes, got ${left.length} and ${right.length}`);
  }
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/**
 * Replaces `node`, 32 bytes, by the hash of its parent, whose other child is `sibling`: a step up a path that leaves nothing behind.
 * @throws {TypeError} as {@link hashChildren}
 */
export function hashUpwards(node: Uint8Array, sibling: Uint8Array, isRightChild: boolean): void {
  if (node.length !== HASH_BYTES || sibling.length !== HASH_BYTES) {
    throw new TypeError(`expected two hashes of ${HASH_BYTES} bytes, got ${node.length} and ${sibling.length}`);
  }
  nodeInput.set(sibling, isRightChild ? 1 : 1 + HASH_BYTES);
  nodeInput.set(node, isRightChild ? 1 + HASH_BYTES : 1);
  sha256Into(nodeInput, node, 0);
}
