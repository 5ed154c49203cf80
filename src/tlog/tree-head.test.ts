import assert from "node:assert/strict";
import { test } from "node:test";
import { importPublicKey } from "../crypto/keys.ts";
import { privateKeyFromSeed } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { base64Decode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import { signNote, signText } from "./signed-note.ts";
import {
  parseTreeHeadSignature,
  serializeTreeHeadSignature,
  treeHeadMessage,
  treeHeadSigner,
  treeHeadVerifier,
} from "./tree-head.ts";
import { MAX_UINT64 } from "./uint64.ts";

/** A checkpoint of a public log of 2024, Let's Encrypt's and Filippo Valsorda's Sunlight log Rome 2024h1, and its key. */
const ROME_NAME = "rome.ct.filippo.io/2024h1";
const ROME_CHECKPOINT = `${ROME_NAME}\n115474666\n2q1K6aiIJR+F7TyhiWOghoWOjY0/3dVBLsBbAvB4xCw=\n\n— ${ROME_NAME} ePSrrgAAAY5+gVlSBAMARzBFAiEAv8bOMzo3Ed/GbU9fzzJvaStX6i8xTsmEF+NqvpGhIO0CIEn1X+zzVEerdix64GEn97XCXObA2G5JQ8UDDqCKdG5m\n`;
const ROME_KEY = importPublicKey(
  base64Decode(
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAXM8Ld9qn64g1zVFDh5FtgxS3zj5sqQDwYMs3wrBV3MCBiFhK/iRLxdKF4YsAcJaEglMlu4Lewvzxs0xO2uwEw==",
  ),
);

const KEY = privateKeyFromSeed("ecdsa-p256", utf8Encode("ct log"));
const NAME = "ctlog.example.com/2026";
const TEXT = `${NAME}\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;

test("a public log's tree head verifies, and tells its time", () => {
  const { checkpoint, note } = openCheckpoint(ROME_CHECKPOINT, [treeHeadVerifier(ROME_NAME, ROME_KEY)]);
  assert.equal(checkpoint.treeSize, 115474666n);
  const [line] = note.verified;
  assert.ok(line !== undefined);
  assert.equal(
    new Date(Number(parseTreeHeadSignature(line.signature).timestampMs)).toISOString(),
    "2024-03-27T06:03:10.034Z",
  );
});

test("RFC 6962 3.5: version, signature type, time, size, root hash", () => {
  const message = treeHeadMessage(0x0102030405060708n, { treeSize: MAX_UINT64, rootHash: EMPTY_ROOT });
  assert.equal(hexEncode(message), `00010102030405060708${"f".repeat(16)}${hexEncode(EMPTY_ROOT)}`);
});

test("a signed tree head verifies with its key, and holds for no other size, root, time, name or key", async () => {
  const source = await signNote(TEXT, treeHeadSigner(NAME, createSigner(KEY), 1700000000123n));
  const verifier = treeHeadVerifier(NAME, KEY.publicKey);
  const { checkpoint, note } = openCheckpoint(source, [verifier]);
  assert.deepEqual(checkpoint, parseCheckpoint(TEXT));
  const signature = note.verified[0]?.signature ?? new Uint8Array(0);
  const parts = parseTreeHeadSignature(signature);
  assert.equal(parts.timestampMs, 1700000000123n);
  assert.equal(verifier.verify(TEXT, signature), true);
  assert.equal(verifier.verify(TEXT.replace("5", "6"), signature), false);
  assert.equal(verifier.verify(TEXT.replace("CsU", "CsV"), signature), false);
  assert.equal(verifier.verify(TEXT, serializeTreeHeadSignature({ ...parts, timestampMs: 1n })), false);
  assert.equal(verifier.verify(TEXT, serializeTreeHeadSignature({ ...parts, signatureAlgorithm: 1 })), false);
  assert.equal(treeHeadVerifier(NAME, ROME_KEY).verify(TEXT, signature), false);
});

test("the key name of the signature line MUST match the checkpoint origin line", async () => {
  const { signature } = await signText(TEXT, treeHeadSigner(NAME, createSigner(KEY), 0n));
  assert.equal(treeHeadVerifier("other", KEY.publicKey).verify(TEXT, signature), false);
  await assert.rejects(signText(TEXT, treeHeadSigner("other", createSigner(KEY), 0n)), (error) =>
    isSigstoreError(error, "checkpoint-invalid"),
  );
});

test("a checkpoint signed with this algorithm MUST NOT include any extension lines", async () => {
  const { signature } = await signText(TEXT, treeHeadSigner(NAME, createSigner(KEY), 0n));
  assert.equal(treeHeadVerifier(NAME, KEY.publicKey).verify(`${TEXT}extension\n`, signature), false);
  await assert.rejects(signText(`${TEXT}extension\n`, treeHeadSigner(NAME, createSigner(KEY), 0n)), (error) =>
    isSigstoreError(error, "checkpoint-invalid"),
  );
});

test("a malformed signature does not verify, at any length", async () => {
  const { signature } = await signText(TEXT, treeHeadSigner(NAME, createSigner(KEY), 0n));
  const verifier = treeHeadVerifier(NAME, KEY.publicKey);
  for (let length = 0; length < signature.length; length += 1) {
    assert.equal(verifier.verify(TEXT, signature.subarray(0, length)), false);
    assert.throws(
      () => parseTreeHeadSignature(signature.subarray(0, length)),
      (error) => isSigstoreError(error, "note-invalid"),
    );
  }
  assert.equal(verifier.verify(TEXT, Uint8Array.of(...signature, 0)), false);
  assert.equal(verifier.verify(TEXT, signature.with(8, 6)), false);
  assert.equal(verifier.verify("no checkpoint\n", signature), false);
});

test("RFC 6962 2.1.4: logs have P-256 or RSA keys", () => {
  for (const keyType of ["ed25519", "ecdsa-p384"] as const) {
    const key = privateKeyFromSeed(keyType, utf8Encode("ct log"));
    assert.throws(() => treeHeadVerifier(NAME, key.publicKey), TypeError);
    assert.throws(() => treeHeadSigner(NAME, createSigner(key), 0n), TypeError);
  }
  assert.throws(() => treeHeadSigner(NAME, createSigner(KEY), -1n), TypeError);
});
