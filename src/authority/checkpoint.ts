/**
 * Signed checkpoints of transparency logs (C2SP tlog-checkpoint and signed-note; Rekor, pkg/util/checkpoint.go; rekor-tiles).
 *
 * A log signs its size and root hash; witnesses may sign along. Who calls has made the tree durable before, and never signs
 * two roots of one size. Leaves out: tree heads of CT logs (tlog/tree-head.ts).
 */
import { keyIdentifier } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { serializeCheckpoint } from "../tlog/checkpoint.ts";
import { logKeyHash, noteSigner } from "../tlog/note-key.ts";
import type { NoteSigner } from "../tlog/signed-note.ts";
import { signNote } from "../tlog/signed-note.ts";

/** A transparency log that can sign. */
export interface SigningLog {
  readonly signer: Signer;
  /** First line of its checkpoints. */
  readonly origin: string;
  /** Name in its signature lines. */
  readonly name: string;
  /** 32 bytes; entries, promises and trusted roots name the log by it. */
  readonly logId: Uint8Array;
  /** Four bytes, the key ID in its signature lines; absent where it is C2SP signed-note's. */
  readonly keyId?: Uint8Array;
}

/** Size and root of a tree at one moment. `extensions` are further lines, none as a rule. */
export interface TreeHead {
  readonly treeSize: bigint;
  /** 32 bytes. */
  readonly rootHash: Uint8Array;
  readonly extensions?: readonly string[];
}

/**
 * A shard of Rekor v1: the origin is `HOST - TREEID`, the signature line names the host alone; log ID and key ID are the
 * SHA-256 of the key and its beginning, for keys of every kind (pkg/util/signed_note.go).
 */
export function rekorV1Log(hostname: string, treeId: bigint, signer: Signer): SigningLog {
  const logId = keyIdentifier(signer.publicKey);
  return { signer, origin: `${hostname} - ${treeId}`, name: hostname, logId, keyId: logId.subarray(0, 4) };
}

/** A log of Rekor v2: "The origin line SHOULD be the schema-less URL of the log", here its host; the signature line names the same. */
export function rekorV2Log(origin: string, signer: Signer): SigningLog {
  return { signer, origin, name: origin, logId: logKeyHash(origin, signer.publicKey) };
}

/** The text that a log signs of its tree: origin, size, root hash, extensions, each a line. */
export function checkpointText(log: Pick<SigningLog, "origin">, head: TreeHead): string {
  return serializeCheckpoint({
    origin: log.origin,
    treeSize: head.treeSize,
    rootHash: head.rootHash,
    extensions: head.extensions ?? [],
  });
}

/** The checkpoint of `head` signed by the log, then by each cosigner in turn (`cosignatureSigner`). */
export async function signCheckpoint(
  log: SigningLog,
  head: TreeHead,
  cosigners: readonly NoteSigner[] = [],
): Promise<string> {
  const signer = noteSigner(log.name, log.signer);
  const named = log.keyId === undefined ? signer : { ...signer, keyId: log.keyId };
  return signNote(checkpointText(log, head), named, ...cosigners);
}
