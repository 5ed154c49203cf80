import assert from "node:assert/strict";
import { test } from "node:test";
import { algorithmByName } from "../crypto/algorithms.ts";
import { importPublicKey } from "../crypto/keys.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { privateKeyFromSeed } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { base64Decode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { logKeyHash, noteScheme, noteSigner, noteVerifier } from "./note-key.ts";
import { parseNote, signNote, verifyNote } from "./signed-note.ts";

const SEED = utf8Encode("note keys");
const TEXT = "example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

function keyOfBase64(spki: string): PublicKey {
  return importPublicKey(base64Decode(spki));
}

/** Keys of the public instance, as its trusted root has them. */
const REKOR_V1_KEY = keyOfBase64(
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
);
const REKOR_V2_KEY = keyOfBase64("MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=");

test("the log IDs of the public instance: Rekor v1 hashes the key, Rekor v2 name and key", () => {
  assert.equal(
    hexEncode(logKeyHash("rekor.sigstore.dev", REKOR_V1_KEY)),
    "c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d",
  );
  assert.deepEqual(
    logKeyHash("log2025-1.rekor.sigstore.dev", REKOR_V2_KEY),
    base64Decode("zxGZFVvd0FEmjR8WrFwMdcAJ9vtaY/QXf44Y1wUeP6A="),
  );
});

for (const keyType of ["ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const) {
  test(`${keyType}: a signed note verifies with its key, and with no other name, key or text`, async () => {
    const key = privateKeyFromSeed(keyType, SEED);
    const other = privateKeyFromSeed(keyType, utf8Encode("another")).publicKey;
    const signer = createSigner(key, algorithmByName(ALGORITHMS[keyType]));
    const source = await signNote(TEXT, noteSigner("example.com/log", signer));
    const note = parseNote(source);
    assert.equal(verifyNote(note, [noteVerifier("example.com/log", key.publicKey)]).verified.length, 1);
    const isRefused = (error: unknown): boolean => isSigstoreError(error, "tlog-checkpoint-signature-invalid");
    assert.throws(() => verifyNote(note, [noteVerifier("example.com/other", key.publicKey)]), isRefused);
    assert.throws(() => verifyNote(note, [noteVerifier("example.com/log", other)]), isRefused);
    assert.throws(
      () =>
        verifyNote({ ...note, text: note.text.replace("1", "2") }, [noteVerifier("example.com/log", key.publicKey)]),
      isRefused,
    );
    assert.equal(parseCheckpoint(note.text).treeSize, 1n);
  });
}

const ALGORITHMS = {
  ed25519: "PKIX_ED25519",
  "ecdsa-p256": "PKIX_ECDSA_P256_SHA_256",
  "ecdsa-p384": "PKIX_ECDSA_P384_SHA_256",
  "ecdsa-p521": "PKIX_ECDSA_P521_SHA_256",
} as const;

test("a log on P-384 that signs with SHA-384 verifies when its algorithm is named", async () => {
  const key = privateKeyFromSeed("ecdsa-p384", SEED);
  const note = parseNote(await signNote(TEXT, noteSigner("log", createSigner(key))));
  assert.throws(() => verifyNote(note, [noteVerifier("log", key.publicKey)]));
  assert.equal(
    verifyNote(note, [noteVerifier("log", key.publicKey, algorithmByName("PKIX_ECDSA_P384_SHA_384"))]).verified.length,
    1,
  );
});

test("notes know neither Ed25519ph nor names with spaces", () => {
  const key = privateKeyFromSeed("ed25519", SEED);
  assert.throws(() => noteSigner("log", createSigner(key, algorithmByName("PKIX_ED25519_PH"))), TypeError);
  for (const name of ["", "a b", "a+b"]) {
    assert.throws(() => noteSigner(name, createSigner(key)), TypeError);
    assert.throws(() => noteVerifier(name, key.publicKey), TypeError);
  }
});

/** The RSA key of rekor-tiles' tests of key IDs, the log ID expected there, and a signature over TEXT made with openssl. */
const RSA_KEY = keyOfBase64(
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAs7ieTaJ8PAkzCks++ubDNW4Nc4hi7+/JUmSvqq6pIWAfjGrVXI/Z6ROUOnNgvjkW6pOP/KkO1YQfuLtP86X5LD43aIsf" +
    "H/3VQ0L8X4W64x/JgmA9TWQa+w4OeXaFdGw+lEnGy2rlAL3kIYn/BAbmoAZhyWXQFkPYg6vlypN0H6qQH8hct0SXn7y6casIk7GB7TQt/+OqkkQ55ojM91cXUq6YYsvAjBjQwEvG" +
    "GXqLvwOhtbD+eMc2fpw7GlAgiiQpq4khzWrtuZJ0Hd/BFZNpHH+UAddQ4Jvv7dbXDinavVzEbvJssQAN9nB39UPHpUQn9mojAuh/qg+vDNyEH3liIQIDAQAB",
);
const RSA_SIGNATURE = base64Decode(
  "mT9bmlXCs/jH0YO159++EkRvoGEXNwquK9JtgVnMV8j02XxC58fGccfHKJ/1iK2BEEUN7pTkmlKsNzQ0o8MtmKFZb9vw4UiK2Sup7Xy7rOSdLknUYvv9goIBPaMW7cfLDLDA7BRD" +
    "F9kyDQDAmTB8WKnHIzCo5smzQ2WwDhcLO3xwfaugaSqpIxbgGGTOCouR4A5wT/NCCxedOBpWI8TXSj8Z63s4Y6y3bg455KdnfebH5ptbcPDtJeQWKfiAYYRNt+ySpuJaWU5FBZO6" +
    "Y2Btat8fI1gR9ZN8ts6bo7S5v4oOcsv2mJxB3Y8Kw89QLi7iGPF9A6cXfPY+WxC8IpMZEQ==",
);

test("RSA: the longer type identifier of Rekor v2, its log ID and a signature of openssl", () => {
  assert.deepEqual(noteScheme(RSA_KEY), { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256" });
  assert.equal(
    hexEncode(logKeyHash("testkey", RSA_KEY)),
    "adf42d0b4478f2d07e5c8c3e63640a7e41b440c19dc47010c3a4936af75d85b6",
  );
  const verifier = noteVerifier("testkey", RSA_KEY);
  assert.equal(hexEncode(verifier.keyId), "adf42d0b");
  assert.equal(verifier.verify(TEXT.replace("example.com/log", "log"), RSA_SIGNATURE), true);
  assert.equal(verifier.verify(TEXT, RSA_SIGNATURE), false);
});
