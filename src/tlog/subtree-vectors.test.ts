/** The accumulated test vectors of draft-ietf-plants-merkle-tree-certs, appendix "Subtree Test Vectors": one hash over all outputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createDigest } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { MemoryTree } from "./memory-tree.ts";
import { proveSubtreeConsistency, proveSubtreeInclusion, readSubtreeRoot } from "./prove.ts";
import { isSubtree } from "./tree-node.ts";

const MAX_LEAVES = 130n;

const TREE = new MemoryTree();
for (let value = 0; value < MAX_LEAVES; value += 1) TREE.appendEntry(Uint8Array.of(value));

function hashOfLines(lines: Iterable<string>): string {
  const digest = createDigest("sha256");
  for (const line of lines) digest.update(utf8Encode(`${line}\n`));
  return hexEncode(digest.digest());
}

function* subtrees(maxEnd: bigint): Generator<readonly [bigint, bigint]> {
  for (let end = 0n; end <= maxEnd; end += 1n) yield* subtreesUpTo(end);
}

function* subtreesUpTo(end: bigint): Generator<readonly [bigint, bigint]> {
  for (let start = 0n; start <= end; start += 1n) if (isSubtree(start, end)) yield [start, end];
}

function proofText(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => ` ${hexEncode(hash)}`).join("");
}

function* rootLines(): Generator<string> {
  for (const [start, end] of subtrees(MAX_LEAVES))
    yield `[${start}, ${end}) ${hexEncode(readSubtreeRoot(TREE, start, end))}`;
}

function* inclusionLines(): Generator<string> {
  for (const [start, end] of subtrees(MAX_LEAVES)) {
    for (let index = start; index < end; index += 1n)
      yield `${index} [${start}, ${end})${proofText(proveSubtreeInclusion(TREE, index, start, end))}`;
  }
}

function* consistencyLines(): Generator<string> {
  for (let size = 0n; size <= MAX_LEAVES; size += 1n) {
    for (const [start, end] of subtrees(size))
      yield `[${start}, ${end}) ${size}${proofText(proveSubtreeConsistency(TREE, start, end, size))}`;
  }
}

test("roots of every subtree up to 130 leaves", () => {
  assert.equal(hashOfLines(rootLines()), "b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81");
});

test("inclusion proofs of every leaf in every subtree up to 130 leaves", () => {
  assert.equal(hashOfLines(inclusionLines()), "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f");
});

test("consistency proofs of every subtree in every tree up to 130 leaves", () => {
  assert.equal(hashOfLines(consistencyLines()), "10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74");
});
