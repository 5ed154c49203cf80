/** The door for public keys: every form, files of several keys, and what is none told with words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keySample, keySampleText } from "../../test/key-samples.ts";
import { parsePem, serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { parsePublicKeyPem, parseSpki } from "../formats/spki.ts";
import { privateKeyFromSeed } from "./private-key.ts";
import { readPublicKey, readPublicKeyFile } from "./read-public-key.ts";
import { serializePrivateJwk, serializePublicJwk } from "./write-keys.ts";

const p256 = parsePublicKeyPem(keySampleText("p256.pub"));
const rsa = parsePublicKeyPem(keySampleText("rsa.pub"));
const der = (name: string): Uint8Array => parsePem(keySampleText(name))[0]?.bytes ?? new Uint8Array(0);

function refused(bytes: Uint8Array, code: ErrorCode, words = /./): void {
  assert.throws(
    () => readPublicKey(bytes),
    (error) => isSigstoreError(error, code) && words.test(`${error.message} ${error.hint ?? ""}`),
  );
}

describe("one key", () => {
  const pkcs1 = parseSpki(rsa).keyBytes;
  const files: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ["spki", keySample("p256.pub"), p256],
    ["spki", der("p256.pub"), p256],
    ["certificate", keySample("certificate.pem"), p256],
    ["certificate", der("certificate.pem"), p256],
    ["pkcs1", utf8Encode(serializePem("RSA PUBLIC KEY", pkcs1)), rsa],
    ["pkcs1", pkcs1, rsa],
  ];
  for (const [form, bytes, expected] of files) {
    it(`${form}, ${bytes[0] === 0x30 ? "DER" : "PEM"}`, () => {
      const found = readPublicKeyFile(bytes);
      assert.deepEqual(
        [found.form, found.keys.map((key) => key.publicKey.spki), found.passedOver],
        [form, [expected], []],
      );
      assert.deepEqual(
        readPublicKey(bytes).map(({ spki }) => spki),
        [expected],
      );
    });
  }

  it("JSON Web Key, with its name", () => {
    const { publicKey } = privateKeyFromSeed("ml-dsa-65", Uint8Array.of(1));
    const text = serializePublicJwk(publicKey).replace("{", '{"kid":"mine",');
    const { form, keys } = readPublicKeyFile(utf8Encode(text));
    assert.deepEqual([form, keys[0]?.name, keys[0]?.publicKey.spki], ["jwk", "mine", publicKey.spki]);
  });

  it("minisign, named by its key ID", () => {
    const { form, keys } = readPublicKeyFile(keySample("minisign.pub"));
    assert.deepEqual([form, keys[0]?.publicKey.keyType], ["minisign", "ed25519"]);
    assert.match(keys[0]?.name ?? "", /^[0-9A-F]{16}$/);
  });
});

describe("several keys", () => {
  const lines = keySampleText("lines.pub");

  it("OpenSSH's lines, each with its comment", () => {
    const { form, keys } = readPublicKeyFile(utf8Encode(lines));
    assert.equal(form, "openssh");
    assert.deepEqual(
      keys.map(({ name, publicKey }) => [publicKey.keyType, name]),
      [
        ["ecdsa-p256", "joe@example.org"],
        ["rsa", ""],
        ["ed25519", ""],
        ["ecdsa-p521", "jane at home"],
      ],
    );
    assert.deepEqual(keys[0]?.publicKey.spki, p256);
  });

  it("those that cannot verify are passed over, and said", () => {
    const device = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIA==";
    const { keys, passedOver } = readPublicKeyFile(utf8Encode(`${device}\n${lines}nonsense\n`));
    assert.equal(keys.length, 4);
    assert.equal(passedOver.length, 2);
    assert.match(passedOver[0] ?? "", /security key/);
    refused(utf8Encode(device), "key-unsupported", /security key/);
  });

  it("a set of JSON Web Keys", () => {
    const [first, second] = [1, 2].map((octet) => privateKeyFromSeed("ed25519", Uint8Array.of(octet)).publicKey);
    assert.ok(first !== undefined && second !== undefined);
    const set = `{"keys":[${serializePublicJwk(first)},{"kty":"oct"},${serializePublicJwk(second)}]}`;
    const { keys, passedOver } = readPublicKeyFile(utf8Encode(set));
    assert.deepEqual(
      keys.map(({ publicKey }) => publicKey.spki),
      [first.spki, second.spki],
    );
    assert.equal(passedOver.length, 1);
    refused(utf8Encode('{"keys":[]}'), "key-invalid", /empty/);
  });
});

describe("what is no public key is told", () => {
  it("private keys, in every form", () => {
    const jwk = utf8Encode(serializePrivateJwk(privateKeyFromSeed("ed25519", Uint8Array.of(1))));
    for (const bytes of [...["pkcs8.pem", "sec1.pem", "openssh.pem", "cosign.key"].map((name) => keySample(name)), jwk])
      refused(bytes, "key-invalid", /sigstore key public/);
    for (const name of ["pkcs8.pem", "sec1.pem", "rsa-pkcs1.pem", "pbes2-scrypt.pem"])
      refused(der(name), "key-invalid", /private key/);
  });

  it("a chain: the keys of its authorities are not to be trusted by mistake", () => {
    const certificate = keySampleText("certificate.pem");
    refused(utf8Encode(certificate + certificate), "key-invalid", /signer's certificate alone/);
    refused(utf8Encode(keySampleText("p256.pub").repeat(2)), "key-invalid", /one public key/);
  });

  it("requests and stores", () => {
    refused(keySample("request.pem"), "key-unsupported", /certificate request/);
    refused(der("request.pem"), "key-unsupported", /certificate request/);
    refused(keySample("store.p12"), "key-unsupported", /PKCS #12/);
  });
});
