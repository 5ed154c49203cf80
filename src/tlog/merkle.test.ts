import assert from "node:assert/strict";
import { test } from "node:test";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import { MemoryTree } from "./memory-tree.ts";
import { EMPTY_ROOT, hashChildren, hashLeaf, hashUpwards } from "./merkle.ts";

/** Leaves and roots of the certificate transparency reference implementation (merkle_tree_test of google/certificate-transparency). */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test("RFC 6962 2.1: the empty tree's root is SHA-256 of nothing", () => {
  assert.equal(hexEncode(EMPTY_ROOT), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.deepEqual(new MemoryTree().rootHash(), EMPTY_ROOT);
});

test("RFC 6962 2.1: roots of the reference implementation's eight leaves", () => {
  const tree = new MemoryTree();
  for (const [position, leaf] of LEAVES.entries()) {
    assert.equal(tree.appendEntry(hexDecode(leaf)), BigInt(position));
    assert.equal(hexEncode(tree.rootHash()), ROOTS[position]);
  }
});

test("a leaf cannot pass for an interior node", () => {
  const children = new Uint8Array(64);
  assert.notDeepEqual(hashLeaf(children), hashChildren(children.subarray(0, 32), children.subarray(32)));
});

test("interior nodes hash exactly two hashes of 32 bytes", () => {
  for (const [left, right] of [
    [31, 32],
    [32, 33],
    [0, 64],
  ] as const) {
    assert.throws(() => hashChildren(new Uint8Array(left), new Uint8Array(right)), TypeError);
  }
});

test("a step up a path gives the hash of both children, in their order", () => {
  const child = new Uint8Array(32).fill(1);
  const sibling = new Uint8Array(32).fill(2);
  for (const [isRightChild, parent] of [
    [true, hashChildren(sibling, child)],
    [false, hashChildren(child, sibling)],
  ] as const) {
    const node = new Uint8Array(child);
    hashUpwards(node, sibling, isRightChild);
    assert.deepEqual(node, parent);
  }
  assert.throws(() => hashUpwards(child, new Uint8Array(31), true), TypeError);
});
