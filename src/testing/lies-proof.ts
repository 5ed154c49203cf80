/**
 * Inclusion proofs and checkpoints that are refused (RFC 6962 §2.1.1; C2SP tlog-checkpoint and signed-note).
 */
import { rekorV2Log, type SigningLog } from "../authority/checkpoint.ts";
import type { InclusionProof } from "../formats/bundle/bundle.ts";
import { type NoteSignature, parseNote, serializeNote } from "../tlog/signed-note.ts";
import type { Lie, Lies } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import { type CaseMaker, type EdgeCase, flipBit, type LieCase, messageCase } from "./verification-case.ts";
import { createVirtualSigstore, type VirtualSigstore } from "./virtual-sigstore.ts";

const step = "tlog-entry";

/** An entry in Rekor v2. */
function proved(lies: Lies): CaseMaker {
  return messageCase({ rekor: 2, lies });
}

/** An entry whose proof is wrong; enough of others follow that it has several hashes. */
function wrongProof(proof: Lie<InclusionProof>): CaseMaker {
  return messageCase({ rekor: 2, laterEntries: 3, lies: { proof } });
}

/** A checkpoint that the log signs with its own key, name and origin replaced. */
function renamed(
  sigstore: VirtualSigstore,
  change: (log: SigningLog) => Partial<SigningLog>,
  version: 1 | 2,
): Promise<SigningOptions> {
  return Promise.resolve({
    logs: [sigstore.activeLog(version)],
    lies: { checkpointLog: (log) => ({ ...log, ...change(log) }) },
  });
}

function ecdsaRekorV2(options: (sigstore: VirtualSigstore) => Promise<SigningOptions>): CaseMaker {
  return async () =>
    messageCase(options)(
      await createVirtualSigstore({ seed: "ecdsa log", rekorV2Algorithm: "PKIX_ECDSA_P256_SHA_256" }),
    );
}

/** Signature lines of a checkpoint, changed after it was signed. */
function changeSignatures(change: Lie<readonly NoteSignature[]>): Lie<string> {
  return (checkpoint) => {
    const note = parseNote(checkpoint);
    return serializeNote({ text: note.text, signatures: change(note.signatures) });
  };
}

/** Proofs and checkpoints that are refused. */
export const PROOF_LIES: readonly LieCase[] = [
  {
    name: "proof-hash-changed",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof with one bit of a hash changed",
    make: wrongProof((proof) => ({
      ...proof,
      hashes: proof.hashes.map((hash, index) => (index === 0 ? flipBit(hash) : hash)),
    })),
  },
  {
    name: "proof-hash-missing",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof without its last hash",
    make: wrongProof((proof) => ({ ...proof, hashes: proof.hashes.slice(0, -1) })),
  },
  {
    name: "proof-hash-added",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof with one hash too many",
    make: wrongProof((proof) => ({ ...proof, hashes: [...proof.hashes, new Uint8Array(32)] })),
  },
  {
    name: "proof-hash-short",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof with a hash of 31 bytes",
    make: wrongProof((proof) => ({ ...proof, hashes: proof.hashes.map((hash) => hash.subarray(1)) })),
  },
  {
    name: "proof-other-index",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "the proof of a lower index",
    make: wrongProof((proof) => ({ ...proof, logIndex: proof.logIndex - 1n })),
  },
  {
    name: "proof-outside-tree",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof in a tree that ends before the entry",
    make: wrongProof((proof) => ({ ...proof, treeSize: proof.logIndex })),
  },
  {
    name: "proof-empty-tree",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof in an empty tree",
    make: wrongProof((proof) => ({ ...proof, treeSize: 0n, hashes: [] })),
  },
  {
    name: "proof-other-root",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a proof to another root",
    make: wrongProof((proof) => ({ ...proof, rootHash: flipBit(proof.rootHash) })),
  },
  {
    name: "proof-index-above-entry",
    step,
    expectedCode: "tlog-proof-index-mismatch",
    describe: "a proof for a higher index than the entry has",
    make: proved({ tlogEntry: (entry) => ({ ...entry, logIndex: entry.logIndex - 1n }) }),
  },
  {
    name: "entry-index-above-proof",
    step,
    expectedCode: "tlog-proof-index-mismatch",
    describe: "an entry of Rekor v2 that claims a higher index than its proof, which nothing signs",
    make: proved({ tlogEntry: (entry) => ({ ...entry, logIndex: entry.logIndex + 1000n }) }),
  },
  {
    name: "proof-hash-changed-v0.1",
    step,
    expectedCode: "tlog-proof-invalid",
    describe: "a v0.1 bundle with a promise, which suffices, and a proof beside it that leads elsewhere",
    make: messageCase({
      bundleVersion: "0.1",
      rekor: 1,
      hasProof: true,
      laterEntries: 3,
      lies: { proof: (proof) => ({ ...proof, hashes: proof.hashes.toReversed() }) },
    }),
  },
  {
    name: "checkpoint-other-root",
    step,
    expectedCode: "tlog-checkpoint-mismatch",
    describe: "a signed checkpoint with another root hash than the proof",
    make: proved({ treeHead: (head) => ({ ...head, rootHash: flipBit(head.rootHash) }) }),
  },
  {
    name: "checkpoint-other-size",
    step,
    expectedCode: "tlog-checkpoint-mismatch",
    describe: "a signed checkpoint with another tree size than the proof",
    make: proved({ treeHead: (head) => ({ ...head, treeSize: head.treeSize + 1n }) }),
  },
  {
    name: "checkpoint-other-root-v1",
    step,
    expectedCode: "tlog-checkpoint-mismatch",
    describe: "the same in Rekor v1, with a promise that is good",
    make: messageCase({ rekor: 1, lies: { treeHead: (head) => ({ ...head, rootHash: flipBit(head.rootHash) }) } }),
  },
  {
    name: "checkpoint-other-key-v2",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint signed under the log's name and with another key",
    make: messageCase((sigstore) =>
      renamed(sigstore, ({ name }) => rekorV2Log(name, sigstore.keys.signer("thief", "PKIX_ED25519")), 2),
    ),
  },
  {
    name: "checkpoint-other-key-v1",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "the same in Rekor v1, with a promise that is good",
    make: messageCase((sigstore) =>
      renamed(sigstore, () => ({ signer: sigstore.keys.signer("thief", "PKIX_ECDSA_P256_SHA_256") }), 1),
    ),
  },
  {
    name: "checkpoint-text-changed",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint with a line added after it was signed",
    make: proved({ checkpoint: (note) => note.replace("\n\n", "\nadded\n\n") }),
  },
  {
    name: "checkpoint-witnesses-alone",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint with cosignatures and without the log's own signature",
    make: messageCase({ witnesses: 2, lies: { checkpoint: changeSignatures((signatures) => signatures.slice(1)) } }),
  },
  {
    name: "checkpoint-other-name-v1",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint of Rekor v1 signed under another name than its origin has",
    make: messageCase((sigstore) => renamed(sigstore, () => ({ name: "other.sigstore.test" }), 1)),
  },
  {
    name: "checkpoint-other-origin-v2",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint of an Ed25519 log for another origin, whose key ID is another too",
    make: messageCase((sigstore) =>
      renamed(sigstore, () => ({ name: "other.sigstore.test", origin: "other.sigstore.test" }), 2),
    ),
  },
  {
    name: "checkpoint-other-origin-ecdsa",
    step,
    expectedCode: "tlog-checkpoint-origin-mismatch",
    describe: "a checkpoint of an ECDSA log for another origin",
    make: ecdsaRekorV2((sigstore) =>
      renamed(sigstore, () => ({ name: "other.sigstore.test", origin: "other.sigstore.test" }), 2),
    ),
  },
  {
    name: "checkpoint-other-key-id",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "a good signature under a key ID that is not the log's",
    make: proved({
      checkpoint: changeSignatures((signatures) => signatures.map((line) => ({ ...line, keyId: flipBit(line.keyId) }))),
    }),
  },
  {
    name: "checkpoint-signed-wrongly-first",
    step,
    expectedCode: "tlog-checkpoint-signature-invalid",
    describe: "two lines of the log's key, of which the first does not verify: the whole note is refused",
    make: proved({
      checkpoint: changeSignatures((signatures) => [
        ...signatures.map((line) => ({ ...line, signature: flipBit(line.signature) })),
        ...signatures,
      ]),
    }),
  },
  {
    name: "checkpoint-no-note",
    step,
    expectedCode: "note-invalid",
    describe: "a checkpoint without a signature line",
    make: proved({ checkpoint: (note) => note.slice(0, note.indexOf("\n\n") + 1) }),
  },
  {
    name: "checkpoint-no-root-hash",
    step,
    expectedCode: "checkpoint-invalid",
    describe: "a note that is no checkpoint: the root hash is missing",
    make: proved({ checkpoint: (note) => note.split("\n").toSpliced(2, 1).join("\n") }),
  },
];

/** Proofs and checkpoints that are accepted at the edge. */
export const PROOF_EDGES: readonly EdgeCase[] = [
  {
    name: "proof-in-tree-of-one",
    check: "tlog-proof-invalid",
    describe: "the only entry of its log: a proof without hashes",
    make: async () => messageCase()(await createVirtualSigstore({ seed: "one", earlierEntries: 0 })),
  },
  {
    name: "proof-deep-in-tree",
    check: "tlog-proof-invalid",
    describe: "an entry among 200 others",
    make: messageCase({ laterEntries: 200 }),
  },
  {
    name: "proof-in-second-shard",
    check: "tlog-proof-index-mismatch",
    describe: "an entry of the second shard of Rekor v1: its index is above that of its proof",
    make: async () => messageCase({ rekor: 1 })(await createVirtualSigstore({ seed: "shards", rekorV1Shards: 2 })),
  },
  {
    name: "checkpoint-cosigned",
    check: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint with two cosignatures of witnesses, before the log's own signature",
    make: messageCase({
      witnesses: 2,
      lies: { checkpoint: changeSignatures((signatures) => signatures.toReversed()) },
    }),
  },
  {
    name: "checkpoint-signed-twice",
    check: "tlog-checkpoint-signature-invalid",
    describe: "two lines of the log's key, both good",
    make: proved({ checkpoint: changeSignatures((signatures) => [...signatures, ...signatures]) }),
  },
  {
    name: "checkpoint-with-extension",
    check: "tlog-checkpoint-signature-invalid",
    describe: "a checkpoint with a further line that is signed",
    make: proved({ treeHead: (head) => ({ ...head, extensions: ["Log frozen — Sun Mar  1 12:00:00 UTC 2026"] }) }),
  },
  {
    name: "checkpoint-ecdsa-origin",
    check: "tlog-checkpoint-origin-mismatch",
    describe: "a Rekor v2 log with an ECDSA key",
    make: ecdsaRekorV2(() => Promise.resolve({})),
  },
];
