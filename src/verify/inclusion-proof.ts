/**
 * The inclusion proof of an entry: Merkle path to the root of a checkpoint that the log signed (RFC 6962, section 2.1.1;
 * C2SP tlog-checkpoint and signed-note; client specification 4.4).
 *
 * Signatures of others than the log (witnesses) are left out of account: the trusted root names no witness keys yet.
 */
import { verifySignature } from "../crypto/verify.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { InclusionProof, TlogEntry } from "../formats/bundle/bundle.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import type { Checkpoint } from "../tlog/checkpoint.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { logKeyHash } from "../tlog/note-key.ts";
import { verifyInclusion } from "../tlog/proof.ts";
import { parseNote } from "../tlog/signed-note.ts";
import type { Note } from "../tlog/signed-note.ts";
import type { TrustedLog } from "./trust.ts";

/** Verifies the proof of `entry` in `log` and returns the checkpoint that covers it. */
export function verifyInclusionProof(entry: TlogEntry, proof: InclusionProof, log: TrustedLog): Checkpoint | undefined {
  checkMerklePath(entry, proof);
  if (proof.checkpoint === undefined) return undefined;
  const note = parseNote(proof.checkpoint);
  const checkpoint = parseCheckpoint(note.text);
  checkAgainstCheckpoint(proof, checkpoint);
  checkIndex(entry, proof, checkpoint);
  checkCheckpointSignature(note, checkpoint, log);
  return checkpoint;
}

function checkMerklePath(entry: TlogEntry, proof: InclusionProof): void {
  const included = verifyInclusion({
    leafHash: hashLeaf(entry.canonicalizedBody),
    index: proof.logIndex,
    treeSize: proof.treeSize,
    hashes: proof.hashes,
    rootHash: proof.rootHash,
  });
  if (!included)
    throw proofError(
      "tlog-proof-invalid",
      `a Merkle path from the entry to the root of the tree of size ${proof.treeSize}`,
      "one that leads elsewhere",
    );
}

/**
 * sigstore_rekor.proto: the index of the proof MUST be that of the entry, but for shards of Rekor v1, whose global index
 * adds the sizes of the shards before.
 */
function checkIndex(entry: TlogEntry, proof: InclusionProof, { origin }: Checkpoint): void {
  const isRight = SHARD_ORIGIN.test(origin) ? proof.logIndex <= entry.logIndex : proof.logIndex === entry.logIndex;
  if (!isRight)
    throw proofError("tlog-proof-index-mismatch", `a proof for index ${entry.logIndex}`, `${proof.logIndex}`);
}

/** Client specification 4.4: the root hash of the proof MUST be that of the checkpoint, and the tree size too. */
function checkAgainstCheckpoint(proof: InclusionProof, checkpoint: Checkpoint): void {
  if (checkpoint.treeSize !== proof.treeSize) {
    throw proofError(
      "tlog-checkpoint-mismatch",
      `a checkpoint of tree size ${proof.treeSize}`,
      `${checkpoint.treeSize}`,
    );
  }
  if (!equalBytes(checkpoint.rootHash, proof.rootHash)) {
    throw proofError("tlog-checkpoint-mismatch", "a checkpoint with the root hash of the proof", "another root hash");
  }
}

/**
 * C2SP signed-note: lines of unknown keys MUST be ignored; a note with a line of a known key that does not verify MUST be
 * rejected. The log's lines are those of its name and key ID, and there must be one.
 */
function checkCheckpointSignature(note: Note, checkpoint: Checkpoint, log: TrustedLog): void {
  const name = signerName(checkpoint.origin);
  const keyId = (log.instance.checkpointKeyId ?? log.instance.logId).subarray(0, 4);
  const candidates = note.signatures.filter((line) => line.name === name && equalBytes(line.keyId, keyId));
  const text = utf8Encode(note.text);
  if (
    candidates.length === 0 ||
    !candidates.every((line) => verifySignature(log.key, log.algorithm, text, line.signature))
  ) {
    throw proofError(
      "tlog-checkpoint-signature-invalid",
      `a checkpoint signed by ${log.instance.baseUrl}`,
      candidates.length === 0 ? `no signature of ${name} with its key` : "a signature that does not verify",
    );
  }
  checkOrigin(checkpoint.origin, log);
}

/** Rekor v1 writes the origin as `HOST - TREEID` and signs as `HOST`; elsewhere both are the same (tlog-checkpoint). */
function signerName(origin: string): string {
  return SHARD_ORIGIN.exec(origin)?.[1] ?? origin;
}

const SHARD_ORIGIN = /^(\S+) - \d{1,20}$/;

/**
 * The origin MUST be that of the log. The log ID of an Ed25519 log is the hash of origin and key, which binds both; for
 * other keys the origin is the host name of the log's address. Rekor v1 is held to its key alone, as stock clients do.
 */
function checkOrigin(origin: string, log: TrustedLog): void {
  if (SHARD_ORIGIN.test(origin) || origin === log.hostname || bindsOrigin(origin, log)) return;
  throw proofError("tlog-checkpoint-origin-mismatch", `a checkpoint with the origin ${log.hostname}`, origin);
}

/** C2SP signed-note: the key ID of an Ed25519 key hashes name and key; the log ID is the whole hash. */
function bindsOrigin(origin: string, log: TrustedLog): boolean {
  return log.key.keyType === "ed25519" && equalBytes(logKeyHash(origin, log.key), log.instance.logId);
}

function proofError(code: ErrorCode, expected: string, got: string): SigstoreError {
  return new SigstoreError(code, `expected ${expected}, got ${got}`);
}
