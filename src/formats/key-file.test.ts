/** Which notation a key file has, and in words what a file is that holds no key of ours. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keySample, keySampleText } from "../../test/key-samples.ts";
import { base64Encode } from "../encoding/base64.ts";
import { parsePem, serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { parseKeyFile } from "./key-file.ts";
import { parseMinisignPublicKey } from "./minisign-key.ts";
import { parseSpki } from "./spki.ts";

const body = (name: string): Uint8Array => parsePem(keySampleText(name))[0]?.bytes ?? new Uint8Array(0);

describe("notations", () => {
  it("PEM, with text around and a byte order mark before", () => {
    for (const text of [
      keySampleText("pkcs8.pem"),
      `\uFEFF${keySampleText("pkcs8.pem")}`,
      `a\n${keySampleText("rsa.pub")}`,
    ])
      assert.equal(parseKeyFile(utf8Encode(text)).notation, "pem");
  });

  it("DER, by the tags of its fields", () => {
    const kinds = {
      "pkcs8.pem": "pkcs8",
      "sec1.pem": "sec1",
      "rsa-pkcs1.pem": "pkcs1-private",
      "pbes2-scrypt.pem": "encrypted-pkcs8",
      "pbes1.pem": "encrypted-pkcs8",
      "p256.pub": "spki",
      "certificate.pem": "certificate",
      "request.pem": "certification-request",
    };
    for (const [name, kind] of Object.entries(kinds)) {
      const file = parseKeyFile(body(name));
      assert.deepEqual([file.notation, file.notation === "der" && file.kind], ["der", kind], name);
    }
    const pkcs1 = parseKeyFile(parseSpki(body("rsa.pub")).keyBytes);
    assert.equal(pkcs1.notation === "der" && pkcs1.kind, "pkcs1-public");
    const store = parseKeyFile(keySample("store.p12"));
    assert.equal(store.notation === "der" && store.kind, "pkcs12");
  });

  it("JSON Web Keys, alone and in sets; OpenSSH's lines, with remarks; minisign", () => {
    assert.equal(parseKeyFile(utf8Encode('{"kty":"OKP"}')).notation, "jwk");
    assert.equal(parseKeyFile(utf8Encode('{"keys":[]}')).notation, "jwk");
    const lines = parseKeyFile(utf8Encode(`# mine\n\n${keySampleText("lines.pub")}`));
    assert.equal(lines.notation === "openssh-lines" && lines.lines.length, 4);
    assert.equal(parseKeyFile(keySample("minisign.pub")).notation, "minisign");
  });
});

describe("files of others are told by name, with what to do", () => {
  const pgp = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: x\n\nmQENBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";
  const files: Readonly<Record<string, readonly [string | readonly number[], RegExp, ErrorCode?]>> = {
    "PGP public": [pgp, /PGP public key/],
    "PGP private": [pgp.replaceAll("PUBLIC", "PRIVATE"), /PGP private key/],
    "PGP signature": [pgp.replaceAll("PUBLIC KEY BLOCK", "SIGNATURE"), /PGP signature/],
    "binary PGP": [[0x99, 0x01, 0x0d, 0x04, 0xff], /PGP/],
    "age secret": ["# created: now\nAGE-SECRET-KEY-1QQQ\n", /age secret key/],
    "age recipient": ["age1qqq\n", /age recipient/],
    PuTTY: ["PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", /puttygen/],
    "RFC 4716": ["---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n", /ssh-keygen -i/],
    request: [serializePem("CERTIFICATE REQUEST", Uint8Array.of(1)), /certificate request/],
    "new request": [serializePem("NEW CERTIFICATE REQUEST", Uint8Array.of(1)), /certificate request/],
    "revocation list": [serializePem("X509 CRL", Uint8Array.of(1)), /revocation list/],
    "PKCS #7": [serializePem("PKCS7", Uint8Array.of(1)), /PKCS #7/],
    DSA: [serializePem("DSA PRIVATE KEY", Uint8Array.of(1)), /DSA key/],
    "DH parameters": [serializePem("DH PARAMETERS", Uint8Array.of(1)), /Diffie-Hellman/],
    "SSH signature": [serializePem("SSH SIGNATURE", Uint8Array.of(1)), /signature by ssh-keygen/],
    "a page": ["<!DOCTYPE html><html></html>", /HTML/],
    "Git LFS": ["version https://git-lfs.github.com/spec/v1\n", /git lfs pull/],
    "bare base64": [base64Encode(body("pkcs8.pem")), /BEGIN and END/],
    "UTF-16": [[0xff, 0xfe, 0x2d, 0x00, 0x2d, 0x00, 0x00, 0xd8], /UTF-16/],
    "Java key store": [[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], /Java key store/],
    archive: [[0x1f, 0x8b, 8, 0, 0xff], /archive/],
    "the inside of cosign.key": [new TextDecoder().decode(body("cosign.key")), /cosign key/],
    "a bundle": ['{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}', /bundle/, "input-unrecognized"],
    words: ["no key, but words", /plain text/, "input-unrecognized"],
  };
  for (const [name, [content, words, code = "key-unsupported"]] of Object.entries(files)) {
    it(name, () => {
      const bytes = typeof content === "string" ? utf8Encode(content) : Uint8Array.from(content);
      assert.throws(
        () => parseKeyFile(bytes),
        (error) => isSigstoreError(error, code) && words.test(`${error.message} ${error.hint ?? ""}`),
      );
    });
  }

  it("nothing, and too much", () => {
    assert.throws(
      () => parseKeyFile(new Uint8Array(0)),
      (error) => isSigstoreError(error, "input-empty"),
    );
    for (const bytes of [
      new Uint8Array(LIMITS.smallFileBytes + 1),
      utf8Encode(`${keySampleText("ed25519.pub").trim()}\n`.repeat(LIMITS.publicKeyLines + 1)),
    ])
      assert.throws(
        () => parseKeyFile(bytes),
        (error) => isSigstoreError(error, "input-too-large"),
      );
  });
});

describe("minisign", () => {
  const text = keySampleText("minisign.pub");

  it("the key, its comment, and the key ID that the comment names", () => {
    const { spki, keyId, comment } = parseMinisignPublicKey(text);
    assert.equal(parseSpki(spki).keyType, "ed25519");
    assert.equal(comment, `minisign public key ${keyId}`);
    assert.deepEqual(parseMinisignPublicKey(text.replaceAll("\n", "\r\n")).spki, spki);
  });

  it("secret keys, signatures and other texts are refused", () => {
    const encoded = text.split("\n")[1] ?? "";
    const comment = "untrusted comment: x\n";
    const wrong: readonly string[] = [
      text.replace("untrusted", "trusted"),
      `${comment}${base64Encode(new Uint8Array(158))}\n`,
      `${comment}${base64Encode(new Uint8Array(74))}\n`,
      `${comment}${encoded}\ntrusted comment: y\n`,
      comment,
      `${comment}${encoded.replace("RW", "RU")}\n`,
    ];
    for (const one of wrong)
      assert.throws(
        () => parseMinisignPublicKey(one),
        (error) => isSigstoreError(error, "key-invalid"),
        one,
      );
  });
});
