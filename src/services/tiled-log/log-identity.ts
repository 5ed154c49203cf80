/**
 * Who a log is: its origin, and how its checkpoints are signed and known again (C2SP tlog-checkpoint, signed-note).
 */
import { signCheckpoint, type SigningLog, type TreeHead } from "../../authority/checkpoint.ts";
import { noteVerifier } from "../../tlog/note-key.ts";
import type { NoteVerifier } from "../../tlog/signed-note.ts";

/** A log that can sign. */
export interface LogIdentity {
  /** First line of its checkpoints; no two logs share one. */
  readonly origin: string;
  /** 32 bytes; answers and trusted roots name the log by it. */
  readonly logId: Uint8Array;
  /** The log's own key, to recognize the checkpoints that it has published. */
  readonly verifier: NoteVerifier;
  /** A signed note over a tree head; its errors are those of the key. Called for heads that are durable, and may be repeated. */
  signCheckpoint(head: TreeHead): Promise<string>;
}

/** A log that signs its checkpoints as plain notes: Ed25519, ECDSA or RSA, by the log's signer. */
export function noteLogIdentity(log: SigningLog): LogIdentity {
  const { origin, logId, name, signer } = log;
  return {
    origin,
    logId,
    verifier: noteVerifier(name, signer.publicKey, signer.algorithm),
    signCheckpoint: (head) => signCheckpoint(log, head),
  };
}
