import assert from "node:assert/strict";
import { test } from "node:test";
import { algorithmByName } from "../crypto/algorithms.ts";
import { privateKeyFromSeed } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { base64Encode } from "../encoding/base64.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { cosignatureSigner } from "./cosignature.ts";
import { noteSigner, noteVerifier } from "./note-key.ts";
import { parseNote, signNote, verifyNote } from "./signed-note.ts";
import type { NoteSigner } from "./signed-note.ts";
import { treeHeadSigner, treeHeadVerifier } from "./tree-head.ts";
import { parseSignerKey, parseVerifierKey, serializeCosignerKey, serializeVerifierKey } from "./verifier-key.ts";

const SEED = utf8Encode("verifier keys");
const ED25519 = privateKeyFromSeed("ed25519", SEED);
const P256 = privateKeyFromSeed("ecdsa-p256", SEED);
const NAME = "example.com/log";
const TEXT = `${NAME}\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
// A published test key (transparency-dev/tessera): it protects nothing.
const SIGNER_KEY = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";

const isKeyInvalid = (error: unknown): boolean => isSigstoreError(error, "key-invalid");
const isKeyUnsupported = (error: unknown): boolean => isSigstoreError(error, "key-unsupported");

async function verifies(verifierKey: string, signer: NoteSigner): Promise<boolean> {
  return verifyNote(parseNote(await signNote(TEXT, signer)), [parseVerifierKey(verifierKey)]).verified.length === 1;
}

test("the specification's example has name and key ID", () => {
  const verifier = parseVerifierKey(EXAMPLE_KEY);
  assert.deepEqual([verifier.name, hexEncode(verifier.keyId)], ["example.com/foo", "530d903a"]);
});

test("type 1, Ed25519", async () => {
  assert.ok(await verifies(serializeVerifierKey(NAME, ED25519.publicKey), noteSigner(NAME, createSigner(ED25519))));
});

for (const [keyType, algorithm] of [
  ["ecdsa-p256", "PKIX_ECDSA_P256_SHA_256"],
  ["ecdsa-p384", "PKIX_ECDSA_P384_SHA_256"],
  ["ecdsa-p521", "PKIX_ECDSA_P521_SHA_256"],
] as const) {
  test(`type 2, ${keyType} with SHA-256`, async () => {
    const key = privateKeyFromSeed(keyType, SEED);
    const verifierKey = serializeVerifierKey(NAME, key.publicKey);
    assert.match(verifierKey, /\+Aj[^+]/);
    assert.ok(await verifies(verifierKey, noteSigner(NAME, createSigner(key, algorithmByName(algorithm)))));
  });
}

test("type 4, cosignature", async () => {
  assert.ok(
    await verifies(serializeCosignerKey(NAME, ED25519.publicKey), cosignatureSigner(NAME, createSigner(ED25519), 5n)),
  );
});

test("type 5, tree head", async () => {
  const { keyId } = treeHeadVerifier(NAME, P256.publicKey);
  const verifierKey = `${NAME}+${hexEncode(keyId)}+${base64Encode(concatBytes(Uint8Array.of(5), P256.publicKey.spki))}`;
  assert.ok(await verifies(verifierKey, treeHeadSigner(NAME, createSigner(P256), 5n)));
});

test("a signer key signs what its verifier key verifies", async () => {
  const signer = parseSignerKey(SIGNER_KEY);
  const verifier = parseVerifierKey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  assert.deepEqual([signer.name, signer.keyId], [verifier.name, verifier.keyId]);
  assert.ok(verifier.verify(TEXT, await signer.sign(TEXT)));
});

function keyText(name: string, keyId: string, material: Uint8Array): string {
  return `${name}+${keyId}+${base64Encode(material)}`;
}

test("what is not exactly a verifier key is refused", () => {
  const keyId = hexEncode(noteVerifier(NAME, ED25519.publicKey).keyId);
  const raw = ED25519.publicKey.keyBytes;
  const good = keyText(NAME, keyId, Uint8Array.of(1, ...raw));
  assert.ok(parseVerifierKey(good));
  const texts: Readonly<Record<string, string>> = {
    nothing: "",
    "no plus": "example.com",
    "one plus": "example.com+530d903a",
    "no name": `+${keyId}+AQ==`,
    "space in the name": good.replace("example", "exam ple"),
    "another name": good.replace("example", "sample"),
    "another key ID": good.replace(keyId, "00000000"),
    "upper case": EXAMPLE_KEY.replace("530d903a", "530D903A"),
    "short key ID": good.replace(keyId, keyId.slice(1)),
    "no key": `${NAME}+${keyId}+`,
    "space at the end": `${good} `,
    "newline at the end": `${good}\n`,
    "key of 31 bytes": keyText(NAME, keyId, Uint8Array.of(1, ...raw.subarray(1))),
    "key of 33 bytes": keyText(NAME, keyId, Uint8Array.of(1, ...raw, 0)),
    "no SubjectPublicKeyInfo": keyText(NAME, keyId, Uint8Array.of(2, ...raw)),
    "an Ed25519 key as ECDSA": keyText(NAME, keyId, Uint8Array.of(2, ...ED25519.publicKey.spki)),
    "base64 without padding": `${NAME}+${keyId}+AQ`,
    "very long": `${NAME}+${keyId}+${"A".repeat(100_000)}`,
  };
  for (const [what, text] of Object.entries(texts)) assert.throws(() => parseVerifierKey(text), isKeyInvalid, what);
});

test("types that are not spoken here are unsupported", () => {
  for (const type of [0, 3, 6, 0xfa])
    assert.throws(() => parseVerifierKey(keyText(NAME, "00000000", Uint8Array.of(type, 1, 2, 3))), isKeyUnsupported);
  assert.throws(() => parseVerifierKey(keyText(NAME, "00000000", Uint8Array.of(0xff, 1, 2, 3))), isKeyUnsupported);
});

test("a signer key that is refused is not shown", () => {
  const secret = "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";
  const texts = [
    SIGNER_KEY.slice(12),
    `${SIGNER_KEY} `,
    SIGNER_KEY.replace("33d7b496", "33d7b497"),
    SIGNER_KEY.replace("+Aeym", "+Beym"),
    SIGNER_KEY.replace("example", "sample"),
    SIGNER_KEY.slice(0, -4),
    `PRIVATE+KEY+${secret}`,
  ];
  for (const text of texts) {
    assert.throws(
      () => parseSignerKey(text),
      (error) => {
        assert.ok(error instanceof Error && (isKeyInvalid(error) || isKeyUnsupported(error)), text);
        for (const shown of [error.message, String(error.cause)])
          assert.ok(!shown.includes(secret.slice(4, 12)), shown);
        return true;
      },
    );
  }
});
