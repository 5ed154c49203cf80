/**
 * Signed notes (C2SP signed-note): a text with one or more signature lines.
 *
 * Reads and writes the form, and asks the verifiers that the caller knows. Signatures of unknown keys are kept and ignored,
 * for witnesses and new keys sign beside old ones. Leaves out: what each type of signature signs (note-key.ts, cosignature.ts,
 * tree-head.ts), and what the text says (checkpoint.ts).
 */
import { base64Decode, base64Encode } from "../encoding/base64.ts";
import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Decode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/** One signature line: "— <key name> base64(32-bit key ID || signature)". */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes; name and key ID together say which key it was. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note as it was read; nothing in it is verified. */
export interface Note {
  /** The signed text with its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A key that is known to the caller. `verify` says no, and does not throw, for any signature that is not this key's of `text`. */
export interface NoteVerifier {
  readonly name: string;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  verify(text: string, signature: Uint8Array): boolean;
}

/** A key that signs. `sign` may be called several times at once; its errors are those of the key, and nothing is signed then. */
export interface NoteSigner {
  readonly name: string;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  /** The signature without the key ID. */
  sign(text: string): Promise<Uint8Array>;
}

/** A note that at least one known key has signed, and none wrongly. */
export interface VerifiedNote {
  readonly text: string;
  /** One for each known key that signed, in the order of their lines; never empty. */
  readonly verified: readonly NoteSignature[];
  /** Those of keys that the caller does not know: they say nothing. */
  readonly unknown: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
const LINE_START = "— ";
const SEPARATOR = "\n\n";

/** "Signed notes [...] MUST NOT contain any ASCII control characters (those below U+0020) other than newline." */
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters." The spaces are those of
 * \p{White_Space}, written out: to look the property up takes a twentieth of a whole verification by the command.
 */
const KEY_NAME = /^[^+\u0000- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** True when `name` may stand in a signature line. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && KEY_NAME.test(name);
}

/**
 * Reads a note; verifies nothing.
 * @throws {SigstoreError} `note-invalid` for anything that is not exactly a signed note, `input-too-large`, `utf8-invalid`
 */
export function parseNote(source: string | Uint8Array): Note {
  if (source.length > LIMITS.noteBytes)
    throw new SigstoreError(
      "input-too-large",
      `expected a note of at most ${LIMITS.noteBytes} bytes, got ${source.length}`,
    );
  const whole = typeof source === "string" ? source : utf8Decode(source);
  assertCharacters(whole);
  // "The note text MAY contain empty lines; the text is separated from the signatures by the last empty line in the note."
  const separator = whole.lastIndexOf(SEPARATOR);
  if (separator < 0) throw noteError("a text, an empty line and signatures", "no empty line");
  const lines = whole.slice(separator + SEPARATOR.length).split("\n");
  if (lines.pop() !== "" || lines.length === 0)
    throw noteError("signature lines that end with a newline", "none or an unfinished one");
  if (lines.length > LIMITS.noteSignatures)
    throw noteError(`at most ${LIMITS.noteSignatures} signatures`, `${lines.length}`);
  return { text: whole.slice(0, separator + 1), signatures: lines.map(parseSignatureLine) };
}

function assertCharacters(text: string): void {
  if (!text.isWellFormed()) throw noteError("text in UTF-8", "a lone surrogate");
  if (CONTROL_CHARACTER.test(text)) throw noteError("no control character but newline", "another one");
}

/**
 * Reads one signature line, without its newline.
 * @throws {SigstoreError} `note-invalid`
 */
export function parseSignatureLine(line: string): NoteSignature {
  const space = line.indexOf(" ", LINE_START.length);
  if (!line.startsWith(LINE_START) || space < 0)
    throw noteError("a signature line — <key name> <base64>", "another line");
  const name = line.slice(LINE_START.length, space);
  if (!isKeyName(name)) throw noteError("a key name without spaces and plus signs", JSON.stringify(name));
  const bytes = decodeSignature(line.slice(space + 1));
  if (bytes.length <= KEY_ID_BYTES) throw noteError("a key ID of 4 bytes and a signature", `${bytes.length} bytes`);
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

function decodeSignature(text: string): Uint8Array {
  try {
    return base64Decode(text);
  } catch (cause) {
    throw new SigstoreError("note-invalid", "expected a signature in base64, got something else", { cause });
  }
}

/**
 * Writes a note.
 * @throws {SigstoreError} `note-invalid` when {@link parseNote} would not read the same back
 */
export function serializeNote(note: Note): string {
  assertNoteText(note.text);
  if (note.signatures.length === 0) throw noteError("at least one signature", "none");
  return `${note.text}\n${note.signatures.map((signature) => `${serializeSignatureLine(signature)}\n`).join("")}`;
}

/**
 * Checks that `text` can be signed as a note: UTF-8 without control characters, with a newline at its end.
 * @throws {SigstoreError} `note-invalid`
 */
export function assertNoteText(text: string): void {
  assertCharacters(text);
  if (!text.endsWith("\n")) throw noteError("a text that ends with a newline", "one that does not");
}

/**
 * Writes one signature line, without its newline.
 * @throws {SigstoreError} `note-invalid` for a name that is none, a key ID that is not 4 bytes, and an empty signature
 */
export function serializeSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw noteError("a key name without spaces and plus signs", JSON.stringify(name));
  if (keyId.length !== KEY_ID_BYTES || signature.length === 0)
    throw noteError("a key ID of 4 bytes and a signature", `${keyId.length} and ${signature.length} bytes`);
  return `${LINE_START}${name} ${base64Encode(concatBytes(keyId, signature))}`;
}

/** Signs `text`, which must end with a newline, and returns the line; errors are `note-invalid` and those of the signer. */
export async function signText(text: string, signer: NoteSigner): Promise<NoteSignature> {
  assertNoteText(text);
  return { name: signer.name, keyId: signer.keyId, signature: await signer.sign(text) };
}

/** Signs `text`, which must end with a newline, with each signer in turn, and returns the note. */
export async function signNote(text: string, ...signers: readonly NoteSigner[]): Promise<string> {
  const signatures: NoteSignature[] = [];
  for (const signer of signers) signatures.push(await signText(text, signer));
  return serializeNote({ text, signatures });
}

/**
 * Verifies a note with the keys that the caller knows. Of several lines of one key the first counts, as in the Go reference.
 * @throws {SigstoreError} `tlog-checkpoint-signature-invalid` when no known key signed, or one of them wrongly
 */
export function verifyNote(note: Note, verifiers: readonly NoteVerifier[]): VerifiedNote {
  const verified: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const line of note.signatures) {
    // "Verifiers MUST ignore signatures from unknown keys, even if they share a name or ID (but not both) with a known key."
    const known = verifiers.filter((verifier) => isOfSameKey(verifier, line));
    if (known.length === 0) {
      unknown.push(line);
    } else if (!verified.some((earlier) => isOfSameKey(earlier, line))) {
      // "If the key name and ID match a known key, verifiers MUST verify the signature. If a signature from a known key fails
      // to verify, clients SHOULD reject the whole note."
      if (!known.some((verifier) => verifier.verify(note.text, line.signature)))
        throw signatureError("a valid signature", `one of ${keyText(line)} that is not`);
      verified.push(line);
    }
  }
  // "If no signature from a known key verifies successfully, clients MUST reject the note."
  if (verified.length === 0)
    throw signatureError(
      `a signature of ${verifiers.map(keyText).join(" or ")}`,
      note.signatures.map(keyText).join(", "),
    );
  return { text: note.text, verified, unknown };
}

/** "The tuple of key name and key ID uniquely identifies the key that performed the signature and the algorithm it used." */
function isOfSameKey(a: Pick<NoteSignature, "name" | "keyId">, b: Pick<NoteSignature, "name" | "keyId">): boolean {
  return a.name === b.name && equalBytes(a.keyId, b.keyId);
}

function keyText(key: Pick<NoteSignature, "name" | "keyId">): string {
  return `${key.name} (${hexEncode(key.keyId)})`;
}

function noteError(expected: string, got: string): SigstoreError {
  return new SigstoreError("note-invalid", `expected ${expected}, got ${got}`);
}

function signatureError(expected: string, got: string): SigstoreError {
  return new SigstoreError("tlog-checkpoint-signature-invalid", `expected ${expected}, got ${got}`);
}
