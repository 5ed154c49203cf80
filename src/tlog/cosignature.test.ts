import assert from "node:assert/strict";
import { test } from "node:test";
import { privateKeyFromSeed } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { utf8Decode, utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import {
  cosignatureMessage,
  cosignatureSigner,
  cosignatureVerifier,
  parseCosignature,
  serializeCosignature,
} from "./cosignature.ts";
import { noteSigner, noteVerifier } from "./note-key.ts";
import { parseNote, serializeNote, signNote, signText, verifyNote } from "./signed-note.ts";
import { MAX_UINT64 } from "./uint64.ts";

const KEY = privateKeyFromSeed("ed25519", utf8Encode("witness"));
const LOG_KEY = privateKeyFromSeed("ed25519", utf8Encode("log"));
const NAME = "witness.example.com/w1";
const TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const isCosignatureInvalid = (error: unknown): boolean => isSigstoreError(error, "cosignature-invalid");

test("C2SP tlog-cosignature: the signed message of its example", () => {
  assert.equal(utf8Decode(cosignatureMessage(1679315147n, TEXT)), `cosignature/v1\ntime 1679315147\n${TEXT}`);
});

test("a witness signs a log's checkpoint: both signatures verify, and the time is told", async () => {
  const logNote = parseNote(await signNote(TEXT, noteSigner("example.com/behind-the-sofa", createSigner(LOG_KEY))));
  const line = await signText(logNote.text, cosignatureSigner(NAME, createSigner(KEY), 1679315147n));
  const note = parseNote(serializeNote({ text: logNote.text, signatures: [...logNote.signatures, line] }));
  const { verified } = verifyNote(note, [
    noteVerifier("example.com/behind-the-sofa", LOG_KEY.publicKey),
    cosignatureVerifier(NAME, KEY.publicKey),
  ]);
  assert.equal(verified.length, 2);
  assert.equal(parseCosignature(line.signature).timeSeconds, 1679315147n);
});

test("a cosignature holds for no other text, time, key or type", async () => {
  const { signature } = await signText(TEXT, cosignatureSigner(NAME, createSigner(KEY), 5n));
  const verifier = cosignatureVerifier(NAME, KEY.publicKey);
  assert.equal(verifier.verify(TEXT, signature), true);
  assert.equal(verifier.verify(TEXT.replace("20852163", "20852164"), signature), false);
  assert.equal(verifier.verify(`${TEXT}extension\n`, signature), false);
  assert.equal(verifier.verify(TEXT, serializeCosignature({ ...parseCosignature(signature), timeSeconds: 6n })), false);
  assert.equal(cosignatureVerifier(NAME, LOG_KEY.publicKey).verify(TEXT, signature), false);
  assert.equal(noteVerifier(NAME, KEY.publicKey).verify(TEXT, signature.subarray(8)), false);
  for (let length = 0; length < signature.length; length += 1)
    assert.equal(verifier.verify(TEXT, signature.subarray(0, length)), false);
  assert.equal(verifier.verify(TEXT, Uint8Array.of(...signature, 0)), false);
});

test("the key ID is another than that of the same key as a log's", () => {
  assert.notDeepEqual(cosignatureVerifier(NAME, KEY.publicKey).keyId, noteVerifier(NAME, KEY.publicKey).keyId);
});

test("only checkpoints are cosigned", async () => {
  const signer = cosignatureSigner(NAME, createSigner(KEY), 5n);
  await assert.rejects(signText("any text\n", signer), (error) => isSigstoreError(error, "checkpoint-invalid"));
  const text = "any text\n";
  const signature = await createSigner(KEY).sign(cosignatureMessage(5n, text));
  assert.equal(
    cosignatureVerifier(NAME, KEY.publicKey).verify(text, serializeCosignature({ timeSeconds: 5n, signature })),
    false,
  );
});

test("72 bytes: the time, then the signature", () => {
  const cosignature = { timeSeconds: MAX_UINT64, signature: new Uint8Array(64).fill(7) };
  const bytes = serializeCosignature(cosignature);
  assert.equal(bytes.length, 72);
  assert.deepEqual(parseCosignature(bytes), cosignature);
  for (const length of [0, 8, 71])
    assert.throws(() => parseCosignature(bytes.subarray(0, length)), isCosignatureInvalid);
  assert.throws(() => parseCosignature(new Uint8Array(73)), isCosignatureInvalid);
  assert.throws(() => serializeCosignature({ timeSeconds: 0n, signature: new Uint8Array(63) }), TypeError);
});

test("witnesses have Ed25519 keys, a name and a time", () => {
  const other = privateKeyFromSeed("ecdsa-p256", utf8Encode("witness"));
  assert.throws(() => cosignatureVerifier(NAME, other.publicKey), TypeError);
  assert.throws(() => cosignatureSigner(NAME, createSigner(other), 0n), TypeError);
  assert.throws(() => cosignatureVerifier("a b", KEY.publicKey), TypeError);
  for (const time of [-1n, MAX_UINT64 + 1n])
    assert.throws(() => cosignatureSigner(NAME, createSigner(KEY), time), TypeError);
});
