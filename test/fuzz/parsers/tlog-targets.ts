/**
 * Logs: signed notes, checkpoints, cosignatures, keys as text, tiles, and proofs with hostile numbers.
 */
import { importPublicKey } from "../../../src/crypto/keys.ts";
import { isSigstoreError } from "../../../src/errors.ts";
import { parseCheckpoint, openCheckpoint, serializeCheckpoint } from "../../../src/tlog/checkpoint.ts";
import { cosignatureVerifier, parseCosignature, serializeCosignature } from "../../../src/tlog/cosignature.ts";
import { parseEntryBundle, serializeEntryBundle } from "../../../src/tlog/entry-bundle.ts";
import { noteVerifier } from "../../../src/tlog/note-key.ts";
import {
  rootFromInclusionProof,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from "../../../src/tlog/proof.ts";
import { parseNote, parseSignatureLine, serializeNote, serializeSignatureLine } from "../../../src/tlog/signed-note.ts";
import type { Note } from "../../../src/tlog/signed-note.ts";
import { entryBundlePath, parseTile, parseTilePath, tilePath } from "../../../src/tlog/tile.ts";
import type { TileResource } from "../../../src/tlog/tile.ts";
import { parseTreeHeadSignature, serializeTreeHeadSignature, treeHeadVerifier } from "../../../src/tlog/tree-head.ts";
import {
  parseSignerKey,
  parseVerifierKey,
  serializeCosignerKey,
  serializeVerifierKey,
} from "../../../src/tlog/verifier-key.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import { lineSignature, noteTexts, signatureLines } from "./corpus.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, textTarget, tryAll } from "./parser-target.ts";

const TILE_PATHS = ["tile/0/000", "tile/0/x001/x234/067.p/12", "tile/entries/x001/067", "tile/63/255.p/1"];
/** From golang.org/x/mod/sumdb/note's own documentation. */
const SIGNER_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/** All targets of tlog/. */
export function tlogTargets(corpus: Corpus): readonly FuzzTarget[] {
  const { notes, publicKeys } = corpus;
  const lines = signatureLines(notes);
  const keys = publicKeys.map(importPublicKey);
  const ed25519 = keys.filter(({ keyType }) => keyType === "ed25519");
  const keyTexts = [
    ...keys.map((key) => serializeVerifierKey("log.example", key)),
    ...ed25519.map((key) => serializeCosignerKey("witness.example", key)),
  ];
  return [
    textTarget({
      name: "tlog/note",
      corpus: notes,
      read: parseNote,
      again: (note) => [note, parseNote(serializeNote(note))],
    }),
    bytesTarget("bytes", {
      name: "tlog/note-bytes",
      corpus: notes.map((note) => new TextEncoder().encode(note)),
      read: parseNote,
    }),
    textTarget({
      name: "tlog/signature-line",
      corpus: lines,
      read: parseSignatureLine,
      again: (line) => [line, parseSignatureLine(serializeSignatureLine(line))],
    }),
    textTarget({
      name: "tlog/checkpoint",
      corpus: noteTexts(notes),
      read: parseCheckpoint,
      again: checkpointRoundTrip,
    }),
    textTarget({ name: "tlog/open-checkpoint", corpus: notes, read: openWithMany(keys.slice(0, 3)) }),
    bytesTarget("bytes", {
      name: "tlog/cosignature",
      corpus: lines.map(lineSignature),
      read: parseCosignature,
      again: (one) => [one, parseCosignature(serializeCosignature(one))],
    }),
    bytesTarget("bytes", {
      name: "tlog/tree-head",
      corpus: [treeHead(), ...lines.map(lineSignature)],
      read: parseTreeHeadSignature,
      again: (one) => [one, parseTreeHeadSignature(serializeTreeHeadSignature(one))],
    }),
    textTarget({ name: "tlog/verifier-key", corpus: keyTexts, read: parseVerifierKey }),
    textTarget({ name: "tlog/signer-key", corpus: [SIGNER_KEY], read: parseSignerKey }),
    textTarget({
      name: "tlog/tile-path",
      corpus: TILE_PATHS,
      read: parseTilePath,
      again: (resource) => [resource, parseTilePath(pathOf(resource))],
    }),
    bytesTarget("bytes", {
      name: "tlog/tile",
      corpus: [new Uint8Array(1 + 32 * 3).fill(3), new Uint8Array(1)],
      read: (bytes) => parseTile(bytes.subarray(1), bytes[0] ?? 0),
    }),
    bytesTarget("bytes", {
      name: "tlog/entry-bundle",
      corpus: [entryBundle()],
      read: (bytes) => parseEntryBundle(bytes.subarray(1), bytes[0] ?? 0),
      again: (entries) =>
        entries.length === 0 ? undefined : [entries, parseEntryBundle(serializeEntryBundle(entries), entries.length)],
    }),
    bytesTarget("bytes", { name: "tlog/proof", corpus: proofSeeds(), read: readProof }),
  ];
}

/** A text may be no note (a control character): then nothing was signed, and nothing can be written. */
function checkpointRoundTrip(checkpoint: ReturnType<typeof parseCheckpoint>): readonly [unknown, unknown] | undefined {
  try {
    return [checkpoint, parseCheckpoint(serializeCheckpoint(checkpoint))];
  } catch (error) {
    if (isSigstoreError(error, "note-invalid")) return undefined;
    throw error;
  }
}

/** Opens a note with every kind of verifier that the name in its lines could mean. */
function openWithMany(keys: readonly ReturnType<typeof importPublicKey>[]): (text: string) => unknown {
  const make = (name: string) =>
    keys.flatMap((key) => {
      const verifiers = [noteVerifier(name, key)];
      if (key.keyType === "ed25519") verifiers.push(cosignatureVerifier(name, key));
      if (key.keyType === "ecdsa-p256") verifiers.push(treeHeadVerifier(name, key));
      return verifiers;
    });
  const known = make("log2026.sigstore.test");
  return (text) => {
    const note: Note = parseNote(text);
    for (const { signature } of note.signatures)
      for (const verifier of known.slice(0, 4)) verifier.verify(note.text, signature);
    return openCheckpoint(text, known);
  };
}

function pathOf(resource: TileResource): string {
  return resource.kind === "entries" ? entryBundlePath(resource) : tilePath(resource);
}

function treeHead(): Uint8Array {
  return serializeTreeHeadSignature({
    timestampMs: 1_700_000_000_000n,
    signatureAlgorithm: 3,
    signature: new Uint8Array(70).fill(7),
  });
}

function entryBundle(): Uint8Array {
  const bundle = serializeEntryBundle([new Uint8Array(3).fill(1), new Uint8Array(0), new Uint8Array(300).fill(2)]);
  return Uint8Array.of(3, ...bundle);
}

/** Four numbers of eight bytes, a root, and hashes. */
function proofSeeds(): readonly Uint8Array[] {
  const numbers = [
    [0, 1, 1, 2],
    [3, 7, 8, 12],
    [5, 6, 4, 6],
    [0, 0, 0, 0],
  ];
  return numbers.map((four) => {
    const bytes = new Uint8Array(32 + 32 * 5).fill(9);
    const view = new DataView(bytes.buffer);
    for (const [position, number] of four.entries()) view.setBigUint64(position * 8, BigInt(number));
    return bytes;
  });
}

/** Claims of every kind from the same numbers: each is answered, and nothing verifies with hashes that nobody computed. */
function readProof(bytes: Uint8Array): string {
  if (bytes.length < 64) return "short";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [a = 0n, b = 0n, c = 0n, d = 0n] = [0, 8, 16, 24].map((at) => view.getBigInt64(at));
  const rest = bytes.subarray(32);
  const hashes = Array.from({ length: Math.min(80, Math.floor(rest.length / 32)) }, (_, index) =>
    rest.subarray(32 * index, 32 * index + 32),
  );
  const [root = rest, ...path] = hashes;
  const leafHash = path[0] ?? root;
  const answers = [
    verifyInclusion({ leafHash: root, index: a, treeSize: b, hashes: path, rootHash: leafHash }) &&
      path.length > 0 &&
      !isSame(root, leafHash),
    verifySubtreeInclusion({ leafHash: root, index: a, start: b, end: c, hashes: path, rootHash: leafHash }) &&
      path.length > 0 &&
      !isSame(root, leafHash),
    verifyConsistency({ size1: a, root1: root, size2: b, root2: leafHash, hashes: path }) && a !== b,
    verifySubtreeConsistency({
      start: a,
      end: b,
      subtreeRoot: root,
      treeSize: c + d,
      hashes: path,
      rootHash: leafHash,
    }) &&
      a !== b &&
      b - a !== c + d,
  ];
  if (answers.includes(true))
    throw new FuzzFailure(`expected no proof from made-up hashes, got ${answers.join()} for ${[a, b, c, d].join()}`);
  tryAll(path, () => rootFromInclusionProof({ leafHash, index: a, treeSize: b, hashes: path }));
  return "answered";
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
