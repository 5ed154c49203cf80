/**
 * Signed notes and checkpoints (C2SP) as they show themselves.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { parseCheckpoint } from "../../tlog/checkpoint.ts";
import { parseNote } from "../../tlog/signed-note.ts";
import type { Note } from "../../tlog/signed-note.ts";
import type { View } from "./view.ts";

/** A signed note whose text is a checkpoint. */
export function checkpointView(text: string): View {
  const note = parseNote(text);
  const { origin, treeSize, rootHash, extensions } = parseCheckpoint(note.text);
  return {
    origin,
    treeSize: treeSize.toString(),
    rootHashHex: hexEncode(rootHash),
    extensions: extensions.length === 0 ? undefined : extensions,
    signatures: signatureViews(note),
  };
}

/** Any other signed note. */
export function noteView(text: string): View {
  const note = parseNote(text);
  return { lines: note.text.split("\n").slice(0, -1), signatures: signatureViews(note) };
}

function signatureViews({ signatures }: Note): readonly View[] {
  return signatures.map(({ name, keyId, signature }) => ({
    name,
    keyIdHex: hexEncode(keyId),
    signatureBytes: signature.length,
  }));
}
