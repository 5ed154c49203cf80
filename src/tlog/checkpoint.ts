/**
 * Checkpoints (C2SP tlog-checkpoint): the text of a note in which a log says its size and root hash.
 *
 * The origin is any text of one line: Rekor v1 writes `rekor.sigstore.dev - 2605736670972794746`, others their address.
 * Leaves out: which key may sign for which origin, which is the caller's to know.
 */
import { base64Decode, base64Encode } from "../encoding/base64.ts";
import { SigstoreError } from "../errors.ts";
import { HASH_BYTES } from "./merkle.ts";
import { assertNoteText, parseNote, verifyNote } from "./signed-note.ts";
import type { NoteVerifier, VerifiedNote } from "./signed-note.ts";
import { isUint64 } from "./uint64.ts";

/** What a log says of its tree. */
export interface Checkpoint {
  /** Which log. */
  readonly origin: string;
  /** Leaves of the tree, below 2^64. */
  readonly treeSize: bigint;
  /** 32 bytes. */
  readonly rootHash: Uint8Array;
  /** Lines after the root hash, without newlines; opaque. */
  readonly extensions: readonly string[];
}

/** A checkpoint with the note that says it, of which at least one known key's signature is verified. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: VerifiedNote;
}

const DECIMAL = /^(?:0|[1-9]\d{0,19})$/;

/**
 * Reads the text of a note as a checkpoint; the signatures are {@link parseNote}'s.
 * @throws {SigstoreError} `checkpoint-invalid`
 */
export function parseCheckpoint(noteText: string): Checkpoint {
  const lines = noteText.split("\n");
  if (lines.pop() !== "") throw checkpointError("a text that ends with a newline", "one that does not");
  // "The note text is a sequence of at least three non-empty lines, separated by newlines (U+000A)."
  const [origin, size, root, ...extensions] = lines;
  if (origin === undefined || size === undefined || root === undefined)
    throw checkpointError("at least three lines", `${lines.length}`);
  if (lines.includes("")) throw checkpointError("lines that are not empty", "an empty one");
  return { origin, treeSize: parseTreeSize(size), rootHash: parseRootHash(root), extensions };
}

/** "the ASCII decimal representation of the number of leaves in the tree, with no leading zeroes" */
function parseTreeSize(line: string): bigint {
  const size = DECIMAL.test(line) ? BigInt(line) : -1n;
  if (!isUint64(size))
    throw checkpointError("a decimal tree size below 2^64 in the second line", JSON.stringify(line.slice(0, 40)));
  return size;
}

/** "the base64 encoding of the root of the [RFC 6962] Merkle hash tree at the specified tree size" */
function parseRootHash(line: string): Uint8Array {
  let rootHash: Uint8Array;
  try {
    rootHash = base64Decode(line);
  } catch (cause) {
    throw new SigstoreError(
      "checkpoint-invalid",
      "expected a root hash in base64 in the third line, got something else",
      { cause },
    );
  }
  if (rootHash.length !== HASH_BYTES) throw checkpointError(`a root hash of ${HASH_BYTES} bytes`, `${rootHash.length}`);
  return rootHash;
}

/**
 * Writes the text to sign as a note.
 * @throws {SigstoreError} `checkpoint-invalid` or `note-invalid` when {@link parseCheckpoint} would not read the same back
 */
export function serializeCheckpoint(checkpoint: Checkpoint): string {
  const { origin, treeSize, rootHash, extensions } = checkpoint;
  if (!isUint64(treeSize)) throw checkpointError("a tree size below 2^64", `${treeSize}`);
  if (rootHash.length !== HASH_BYTES) throw checkpointError(`a root hash of ${HASH_BYTES} bytes`, `${rootHash.length}`);
  for (const line of [origin, ...extensions]) {
    if (line === "" || line.includes("\n"))
      throw checkpointError("an origin and extensions of one line each", JSON.stringify(line));
  }
  const text = `${[origin, treeSize.toString(), base64Encode(rootHash), ...extensions].join("\n")}\n`;
  assertNoteText(text);
  return text;
}

/**
 * Reads a signed checkpoint and verifies it with the keys that the caller knows for the log.
 * @throws {SigstoreError} as {@link parseNote}, {@link verifyNote} and {@link parseCheckpoint}
 */
export function openCheckpoint(source: string | Uint8Array, verifiers: readonly NoteVerifier[]): VerifiedCheckpoint {
  const note = verifyNote(parseNote(source), verifiers);
  return { checkpoint: parseCheckpoint(note.text), note };
}

function checkpointError(expected: string, got: string): SigstoreError {
  return new SigstoreError("checkpoint-invalid", `expected ${expected}, got ${got}`);
}
