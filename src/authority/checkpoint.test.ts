/** Checkpoints, proofs and promises of a log that grows, held to the verifiers of tlog/. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../crypto/digest.ts";
import { verifySignature } from "../crypto/verify.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { VirtualKeys } from "../testing/virtual-keys.ts";
import { openCheckpoint } from "../tlog/checkpoint.ts";
import { cosignatureSigner, cosignatureVerifier } from "../tlog/cosignature.ts";
import { MemoryTree } from "../tlog/memory-tree.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { noteVerifier } from "../tlog/note-key.ts";
import { verifyInclusion } from "../tlog/proof.ts";
import { parseNote } from "../tlog/signed-note.ts";
import { rekorV1Log, rekorV2Log, signCheckpoint } from "./checkpoint.ts";
import { inclusionProof } from "./inclusion-proof.ts";
import { promisedBytes, signPromise } from "./promise.ts";

const keys = new VirtualKeys("logs");
const ecdsa = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
const ed25519 = keys.signer("log", "PKIX_ED25519");
const HEAD = { treeSize: 3n, rootHash: sha256(utf8Encode("root")) };

test("Rekor v1: the origin names host and tree, the signature line the host, the log ID is the hash of the key", async () => {
  const log = rekorV1Log("rekor.example.org", 1_193_050_959_916_656_506n, ecdsa);
  const { checkpoint, note } = openCheckpoint(await signCheckpoint(log, HEAD), [
    noteVerifier("rekor.example.org", ecdsa.publicKey),
  ]);
  assert.equal(checkpoint.origin, "rekor.example.org - 1193050959916656506");
  assert.deepEqual(
    [checkpoint.treeSize, checkpoint.rootHash, checkpoint.extensions],
    [HEAD.treeSize, HEAD.rootHash, []],
  );
  assert.equal(note.verified.length, 1);
  assert.deepEqual(log.logId, sha256(ecdsa.publicKey.spki));
});

for (const algorithm of ["PKIX_ED25519", "PKIX_RSA_PKCS1V15_2048_SHA256"] as const) {
  test(`Rekor v1: log ID and key ID are the hash of the key alone for ${algorithm} too`, async () => {
    const signer = keys.signer("log", algorithm);
    const log = rekorV1Log("rekor.example.org", 7n, signer);
    assert.deepEqual(log.logId, sha256(signer.publicKey.spki));
    const { text, signatures } = parseNote(await signCheckpoint(log, HEAD));
    assert.deepEqual(
      signatures.map(({ keyId }) => keyId),
      [log.logId.subarray(0, 4)],
    );
    assert.ok(noteVerifier(log.name, signer.publicKey).verify(text, signatures[0]?.signature ?? new Uint8Array(0)));
  });
}

test("Rekor v2: origin and signature line are the same, and Ed25519 binds the log ID to both", async () => {
  const log = rekorV2Log("log2026-1.example.org", ed25519);
  const { checkpoint } = openCheckpoint(await signCheckpoint(log, HEAD), [noteVerifier(log.origin, ed25519.publicKey)]);
  assert.equal(checkpoint.origin, "log2026-1.example.org");
  assert.notDeepEqual(log.logId, rekorV2Log("log2026-2.example.org", ed25519).logId);
  assert.deepEqual(rekorV2Log("a.example.org", ecdsa).logId, rekorV2Log("b.example.org", ecdsa).logId);
});

test("witnesses cosign after the log, each line verifies", async () => {
  const log = rekorV2Log("log.example.org", ed25519);
  const witness = keys.signer("witness", "PKIX_ED25519");
  const note = await signCheckpoint({ ...log }, { ...HEAD, extensions: ["further line"] }, [
    cosignatureSigner("witness.example.org", witness, 1_772_366_400n),
  ]);
  const verifiers = [
    noteVerifier(log.name, ed25519.publicKey),
    cosignatureVerifier("witness.example.org", witness.publicKey),
  ];
  const opened = openCheckpoint(note, verifiers);
  assert.deepEqual(
    opened.note.verified.map(({ name }) => name),
    ["log.example.org", "witness.example.org"],
  );
  assert.deepEqual(opened.checkpoint.extensions, ["further line"]);
});

test("every entry of a growing log has a proof to every later head", () => {
  const tree = new MemoryTree();
  for (let size = 1; size <= 20; size += 1) {
    tree.appendEntry(utf8Encode(`entry ${size - 1}`));
    const head = { treeSize: tree.size, rootHash: tree.rootHash() };
    for (let index = 0n; index < head.treeSize; index += 1n) {
      const proof = inclusionProof(tree, index, head, "checkpoint");
      assert.ok(verifyInclusion({ ...proof, index, leafHash: hashLeaf(utf8Encode(`entry ${index}`)) }));
      assert.equal(proof.checkpoint, "checkpoint");
    }
  }
  assert.throws(
    () => inclusionProof(tree, 20n, { treeSize: 20n, rootHash: tree.rootHash() }, ""),
    (error) => isSigstoreError(error, "proof-invalid"),
  );
});

test("a promise signs body, time, log and index as canonical JSON", async () => {
  const promised = {
    body: utf8Encode("{}"),
    integratedTimeSeconds: 1_772_366_400n,
    logId: new Uint8Array(32).fill(0xab),
    logIndex: 9_007_199_254_740_991n,
  };
  assert.equal(
    utf8Decode(promisedBytes(promised)),
    `{"body":"e30=","integratedTime":1772366400,"logID":"${"ab".repeat(32)}","logIndex":9007199254740991}`,
  );
  assert.ok(
    verifySignature(ecdsa.publicKey, ecdsa.algorithm, promisedBytes(promised), await signPromise(ecdsa, promised)),
  );
});
