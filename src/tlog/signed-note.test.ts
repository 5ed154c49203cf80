import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import {
  isKeyName,
  parseNote,
  parseSignatureLine,
  serializeSignatureLine,
  serializeNote,
  signNote,
  verifyNote,
} from "./signed-note.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { parseVerifierKey } from "./verifier-key.ts";

const isNoteInvalid = (error: unknown): boolean => isSigstoreError(error, "note-invalid");
const isSignatureInvalid = (error: unknown): boolean => isSigstoreError(error, "tlog-checkpoint-signature-invalid");

/** The examples of C2SP signed-note. */
const EXAMPLE =
  "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const POEM =
  "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

const SIGNATURE = "AAAAAQI=";

test("C2SP signed-note: its example verifies with its verifier key", () => {
  const { text, verified, unknown } = verifyNote(parseNote(EXAMPLE), [parseVerifierKey(EXAMPLE_KEY)]);
  assert.equal(text, "This is an example message.\n");
  assert.deepEqual([verified.length, unknown.length], [1, 0]);
});

test("C2SP signed-note: the text may contain empty lines, the last one divides", () => {
  const note = parseNote(POEM);
  assert.equal(
    note.text,
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n",
  );
  assert.equal(note.signatures[0]?.name, "quasimodo.example/salvatore");
  assert.deepEqual(parseNote(utf8Encode(POEM)), note);
  assert.equal(serializeNote(note), POEM);
});

test("a changed text or signature does not verify", () => {
  const verifiers = [parseVerifierKey(EXAMPLE_KEY)];
  for (const [from, to] of [
    ["example message", "other message"],
    ["yaQM=", "yaQQ="],
    ["Okn8", "Okn9"],
  ] as const) {
    const changed = EXAMPLE.replace(from, to);
    assert.notEqual(changed, EXAMPLE);
    assert.throws(() => verifyNote(parseNote(changed), verifiers), isSignatureInvalid);
  }
});

test("what is not exactly a signed note is refused", () => {
  const line = `— name ${SIGNATURE}\n`;
  const notes: Readonly<Record<string, string>> = {
    nothing: "",
    "no empty line": `text\n${line}`,
    "no signatures": "text\n\n",
    "unfinished last line": `text\n\n${line.trimEnd()}`,
    "empty line after the signatures": `text\n\n${line}\n`,
    "hyphen for the em dash": `text\n\n- name ${SIGNATURE}\n`,
    "no name": `text\n\n—  ${SIGNATURE}\n`,
    "no space": `text\n\n— name\n`,
    "space in the name": `text\n\n— na me ${SIGNATURE}\n`,
    "unicode space in the name": `text\n\n— na\u2003me ${SIGNATURE}\n`,
    "next line character in the name": `text\n\n— na\u0085me ${SIGNATURE}\n`,
    "plus in the name": `text\n\n— na+me ${SIGNATURE}\n`,
    "space after the signature": `text\n\n— name ${SIGNATURE} \n`,
    "no base64": `text\n\n— name AAAAAQI*\n`,
    "base64 without padding": `text\n\n— name AAAAAQI\n`,
    "base64 with bits that stand for nothing": `text\n\n— name AAAAAQJ=\n`,
    "key ID without signature": `text\n\n— name AAAAAA==\n`,
    "carriage return": `text\r\n\n${line}`,
    tab: `te\txt\n\n${line}`,
    null: `te\u0000xt\n\n${line}`,
    "lone surrogate": `te\ud800xt\n\n${line}`,
    "one bad line of two": `text\n\n${line}bad\n`,
  };
  for (const [what, note] of Object.entries(notes)) assert.throws(() => parseNote(note), isNoteInvalid, what);
  assert.throws(
    () => parseNote(Uint8Array.of(0xff, 0x0a)),
    (error) => isSigstoreError(error, "utf8-invalid"),
  );
});

test("a text may be a lone newline, and hold what looks like a signature", () => {
  assert.equal(parseNote(`\n\n— name ${SIGNATURE}\n`).text, "\n");
  const text = `a\n\n— name ${SIGNATURE}\n`;
  assert.equal(parseNote(`${text}\n— name ${SIGNATURE}\n`).text, text);
});

test("verifiers accept at least 16 signatures of nearly 5 kB, and there is an end", () => {
  const signature = { name: "name", keyId: Uint8Array.of(0, 0, 0, 1), signature: new Uint8Array(5000) };
  assert.equal(
    parseNote(serializeNote({ text: "text\n", signatures: Array.from({ length: 16 }, () => signature) })).signatures
      .length,
    16,
  );
  const short = { ...signature, signature: new Uint8Array(1) };
  const many = serializeNote({
    text: "text\n",
    signatures: Array.from({ length: LIMITS.noteSignatures + 1 }, () => short),
  });
  assert.throws(() => parseNote(many), isNoteInvalid);
  assert.throws(
    () => parseNote("a".repeat(LIMITS.noteBytes + 1)),
    (error) => isSigstoreError(error, "input-too-large"),
  );
});

test("a note is read back as it was written", () => {
  const text = fc
    .string({ unit: "grapheme" })
    .filter((part) => !/\p{Cc}/u.test(part))
    .map((part) => `${part}\n`);
  const signature = fc.record(
    {
      name: fc.string({ unit: "grapheme", minLength: 1 }).filter(isKeyName),
      keyId: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      signature: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1 }),
      fc.array(signature, { minLength: 1, maxLength: 5 }),
      (lines, signatures) => {
        const note = { text: lines.join(""), signatures };
        assert.deepEqual(parseNote(serializeNote(note)), note);
      },
    ),
  );
});

test("any bytes are read or refused with a code, and what is read is written the same", () => {
  const pieces = fc
    .array(fc.oneof(fc.constantFrom("\n", "\n\n", "— ", "name ", SIGNATURE, "+", " ", "=\n"), fc.string()), {
      maxLength: 12,
    })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(pieces, (source) => {
      try {
        assert.equal(serializeNote(parseNote(source)), source);
      } catch (error) {
        assert.ok(error instanceof SigstoreError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test("what cannot be read is not written", () => {
  const signature = { name: "name", keyId: new Uint8Array(4), signature: new Uint8Array(1) };
  for (const note of [
    { text: "text", signatures: [signature] },
    { text: "te\txt\n", signatures: [signature] },
    { text: "text\n", signatures: [] },
    { text: "text\n", signatures: [{ ...signature, name: "a b" }] },
    { text: "text\n", signatures: [{ ...signature, keyId: new Uint8Array(5) }] },
    { text: "text\n", signatures: [{ ...signature, signature: new Uint8Array(0) }] },
  ]) {
    assert.throws(() => serializeNote(note), isNoteInvalid);
  }
});

test("key names: no spaces, no plus sign, no control character", () => {
  for (const name of ["a", "example.com/foo", "è", "rekor.sigstore.dev", "\ufeff"])
    assert.equal(isKeyName(name), true, name);
  for (const name of ["", " ", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\nb", "a\u0000b", "\ud800"])
    assert.equal(isKeyName(name), false, JSON.stringify(name));
});

test("the spaces that key names lack are those of Unicode", () => {
  const spaces = /\p{White_Space}/u;
  for (let code = 0x20; code <= 0x10ffff; code++) {
    const name = String.fromCodePoint(code);
    if (name !== "+" && name.isWellFormed() && isKeyName(name) === spaces.test(name)) assert.fail(code.toString(16));
  }
});

/** A key whose only valid signature is the byte 1. */
function fakeVerifier(name: string, id: number, valid = 1): NoteVerifier {
  return { name, keyId: Uint8Array.of(0, 0, 0, id), verify: (_text, signature) => signature[0] === valid };
}

function noteWith(...lines: readonly (readonly [name: string, id: number, signature: number])[]): string {
  return serializeNote({
    text: "text\n",
    signatures: lines.map(([name, id, signature]) => ({
      name,
      keyId: Uint8Array.of(0, 0, 0, id),
      signature: Uint8Array.of(signature),
    })),
  });
}

test("verifiers MUST ignore signatures from unknown keys, even if they share a name or ID (but not both) with a known key", () => {
  const note = parseNote(noteWith(["log", 2, 0], ["other", 1, 0], ["log", 1, 1]));
  const result = verifyNote(note, [fakeVerifier("log", 1)]);
  assert.deepEqual([result.verified, result.unknown], [[note.signatures[2]], note.signatures.slice(0, 2)]);
});

test("if no signature from a known key verifies successfully, clients MUST reject the note", () => {
  const note = parseNote(noteWith(["log", 2, 1]));
  assert.throws(() => verifyNote(note, [fakeVerifier("log", 1)]), {
    code: "tlog-checkpoint-signature-invalid",
    message: "expected a signature of log (00000001), got log (00000002)",
  });
  assert.throws(() => verifyNote(note, []), isSignatureInvalid);
});

test("if a signature from a known key fails to verify, clients SHOULD reject the whole note", () => {
  const note = parseNote(noteWith(["log", 1, 1], ["witness", 3, 0]));
  assert.throws(() => verifyNote(note, [fakeVerifier("log", 1), fakeVerifier("witness", 3)]), isSignatureInvalid);
  assert.equal(verifyNote(note, [fakeVerifier("log", 1)]).verified.length, 1);
});

test("a key that signed twice counts once", () => {
  const note = parseNote(noteWith(["log", 1, 1], ["log", 1, 1]));
  assert.equal(verifyNote(note, [fakeVerifier("log", 1)]).verified.length, 1);
});

test("of two known keys with the same name and ID one is enough", () => {
  const note = parseNote(noteWith(["log", 1, 2]));
  assert.equal(verifyNote(note, [fakeVerifier("log", 1), fakeVerifier("log", 1, 2)]).verified.length, 1);
});

test("several signers sign in turn", async () => {
  const signer = (name: string, id: number) => ({
    name,
    keyId: Uint8Array.of(0, 0, 0, id),
    sign: async () => Uint8Array.of(1),
  });
  assert.equal(
    await signNote("text\n", signer("log", 1), signer("witness", 3)),
    noteWith(["log", 1, 1], ["witness", 3, 1]),
  );
  await assert.rejects(signNote("text", signer("log", 1)), isNoteInvalid);
  await assert.rejects(signNote("text\n"), isNoteInvalid);
});

test("a lone signature line, as witnesses answer", () => {
  const line = `— name ${SIGNATURE}`;
  const signature = { name: "name", keyId: Uint8Array.of(0, 0, 0, 1), signature: Uint8Array.of(2) };
  assert.deepEqual(parseSignatureLine(line), signature);
  assert.equal(serializeSignatureLine(signature), line);
});
