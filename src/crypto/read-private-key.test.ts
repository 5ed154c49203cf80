/** The door for private keys: every form that others write gives the same key; wrong passwords, damage and other files are told. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { platform } from "#platform";
import {
  ENCRYPTED_SAMPLES,
  keySample,
  keySampleText,
  PLAIN_SAMPLES,
  SAMPLE_PASSWORD,
  TRIPLE_DES_SAMPLES,
} from "../../test/key-samples.ts";
import { parsePem, serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { parsePublicKeyPem } from "../formats/spki.ts";
import { generatePrivateKey, privateKeyFromSeed } from "./private-key.ts";
import { parsePrivateKeyFile, readPrivateKey } from "./read-private-key.ts";
import { serializePrivateKeyPem } from "./write-keys.ts";

const isBrowser = platform.name === "browser";
const spki = parsePublicKeyPem(keySampleText("p256.pub"));
const password = (): Uint8Array => SAMPLE_PASSWORD;
const wrong = (): Uint8Array => utf8Encode("hunter3");

async function refused(
  bytes: Uint8Array,
  code: ErrorCode,
  ask?: () => Uint8Array | undefined,
  words = /./,
): Promise<void> {
  await assert.rejects(
    async () => readPrivateKey(bytes, { password: ask }),
    (error) => isSigstoreError(error, code) && words.test(`${error.message} ${error.hint ?? ""}`),
  );
}

describe("one key in every form", () => {
  for (const name of PLAIN_SAMPLES) {
    it(`${name}: no password is asked for`, async () => {
      assert.equal(parsePrivateKeyFile(keySample(name)).isEncrypted, false);
      const key = await readPrivateKey(keySample(name), {
        password: () => assert.fail("expected no question for a password"),
      });
      assert.deepEqual(key.publicKey.spki, spki);
    });
  }

  for (const name of ENCRYPTED_SAMPLES) {
    it(`${name}: with the password, and not without or with another`, async () => {
      const file = parsePrivateKeyFile(keySample(name));
      assert.equal(file.isEncrypted, true);
      assert.deepEqual((await file.open(password)).publicKey.spki, spki);
      await refused(keySample(name), "password-required");
      await refused(keySample(name), "password-required", () => undefined);
      await refused(keySample(name), "password-wrong", wrong);
    });
  }

  it("an empty password is a password, and the wrong one", async () => {
    for (const name of ["openssh-aes256-ctr.pem", "pbes2-scrypt.pem"])
      await refused(keySample(name), "password-wrong", () => new Uint8Array(0));
  });

  for (const name of TRIPLE_DES_SAMPLES) {
    it(`${name}: ${isBrowser ? "browsers say what to do" : "read"}`, async () => {
      if (isBrowser) return refused(keySample(name), "algorithm-unsupported", password, /aes-256/);
      assert.deepEqual((await readPrivateKey(keySample(name), { password })).publicKey.spki, spki);
      return refused(keySample(name), "password-wrong", wrong);
    });
  }

  it("as DER", async () => {
    for (const name of ["pkcs8.pem", "sec1.pem", "pbes2-scrypt.pem"]) {
      const bytes = parsePem(keySampleText(name))[0]?.bytes ?? new Uint8Array(0);
      assert.deepEqual((await readPrivateKey(bytes, { password })).publicKey.spki, spki, name);
    }
  });

  it("with its certificate beside it", async () => {
    const both = keySampleText("certificate.pem") + keySampleText("pkcs8.pem");
    assert.deepEqual((await readPrivateKey(utf8Encode(both))).publicKey.spki, spki);
  });

  it("under cosign's old name", async () => {
    const old = keySampleText("cosign.key").replaceAll("SIGSTORE", "COSIGN");
    assert.deepEqual((await readPrivateKey(utf8Encode(old), { password })).publicKey.spki, spki);
  });

  it("RSA and Ed25519 of others", { skip: isBrowser ? "browsers have no RSA private keys" : false }, async () => {
    const rsa = parsePublicKeyPem(keySampleText("rsa.pub"));
    for (const name of ["rsa-pkcs1.pem", "rsa-openssh.pem"])
      assert.deepEqual((await readPrivateKey(keySample(name))).publicKey.spki, rsa, name);
  });

  it("forms are named, and OpenSSH shows its public key without the password", () => {
    const forms = ["pkcs8.pem", "sec1.pem", "rsa-pkcs1.pem", "old-aes256.pem", "openssh.pem", "cosign.key"];
    assert.deepEqual(
      forms.map((name) => parsePrivateKeyFile(keySample(name)).form),
      ["pkcs8", "sec1", "pkcs1", "sec1", "openssh", "cosign"],
    );
    assert.deepEqual(parsePrivateKeyFile(keySample("openssh-aes256-gcm.pem")).publicKey?.spki, spki);
    assert.equal(parsePrivateKeyFile(keySample("cosign.key")).publicKey, undefined);
  });

  it("the caller may wipe its octets once the file is read", async () => {
    const bytes = keySample("pkcs8.pem");
    const file = parsePrivateKeyFile(bytes);
    bytes.fill(0);
    assert.deepEqual((await file.open()).publicKey.spki, spki);
  });
});

describe("what is no private key is told", () => {
  const key = privateKeyFromSeed("ed25519", Uint8Array.of(1));
  const files: Readonly<Record<string, readonly [Uint8Array, ErrorCode, RegExp]>> = {
    "a public key": [keySample("p256.pub"), "key-invalid", /PUBLIC KEY/],
    "a certificate": [keySample("certificate.pem"), "key-invalid", /CERTIFICATE/],
    "a certificate request": [keySample("request.pem"), "key-unsupported", /certificate request/],
    "a PKCS #12 store": [keySample("store.p12"), "key-unsupported", /openssl pkcs12/],
    "a public line of OpenSSH": [keySample("ed25519.pub"), "key-invalid", /without \.pub/],
    "a key of minisign": [keySample("minisign.pub"), "key-invalid", /minisign/],
    "two keys": [utf8Encode(serializePrivateKeyPem(key).repeat(2)), "key-invalid", /got 2/],
    "a public JSON Web Key": [utf8Encode('{"kty":"OKP","crv":"Ed25519","x":"AA"}'), "key-invalid", /public/],
    "a set of keys": [utf8Encode('{"keys":[{"kty":"OKP"},{"kty":"OKP"}]}'), "key-invalid", /set of 2/],
    "an empty set": [utf8Encode('{"keys":[]}'), "key-invalid", /set of 0/],
    PBES1: [keySample("pbes1.pem"), "key-encryption-invalid", /-topk8/],
    "another label": [utf8Encode(serializePem("ANY KEY", Uint8Array.of(1))), "key-invalid", /ANY KEY/],
  };
  for (const [name, [bytes, code, words]] of Object.entries(files)) {
    it(name, async () => refused(bytes, code, password, words));
  }

  it("headers that name no encryption, or one of others", async () => {
    const old = keySampleText("old-aes256.pem");
    for (const [from, to] of [
      ["AES-256-CBC", "DES-CBC"],
      ["AES-256-CBC,", "AES-256-CBC,00"],
      ["4,ENCRYPTED", "4,MIC-ONLY"],
      ["Proc-Type", "Proc-Kind"],
    ] as const)
      await refused(utf8Encode(old.replace(from, to)), "key-encryption-invalid", password);
  });

  it("headers in a block that has none", async () => {
    const old = keySampleText("old-aes256.pem").replaceAll("EC PRIVATE", "PRIVATE");
    await refused(utf8Encode(old), "key-encryption-invalid", password, /without headers/);
  });

  it("another cipher of OpenSSH, a tag that is missing, a part that is no whole blocks", async () => {
    const [block] = parsePem(keySampleText("openssh-aes256-gcm.pem"));
    const bytes = block?.bytes ?? new Uint8Array(0);
    const file = (octets: Uint8Array): Uint8Array => utf8Encode(serializePem("OPENSSH PRIVATE KEY", octets));
    await refused(file(bytes.subarray(0, -16)), "key-encryption-invalid", password, /tag/);
    await refused(file(bytes.with(20, 0x78)), "key-encryption-invalid", password, /ssh-keygen/);
    await refused(file(bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)), "password-wrong", password);
  });

  it("curve parameters of another curve", async () => {
    const other = keySampleText("sec1-parameters.pem").replace("BggqhkjOPQMBBw==", "BgUrgQQAIg==");
    await refused(utf8Encode(other), "key-invalid");
  });
});

describe("damage", () => {
  // Deriving a key costs what the file asks for: these do not derive.
  const samples = ["pkcs8.pem", "sec1-parameters.pem", "openssh.pem"].map((name) => keySample(name));

  it("a changed octet gives the same key or a SigstoreError", async () => {
    const property = fc.asyncProperty(fc.constantFrom(...samples), fc.nat(), fc.nat(255), async (sample, at, octet) => {
      try {
        const key = await readPrivateKey(sample.with(at % sample.length, octet));
        assert.deepEqual(key.publicKey.spki, spki);
      } catch (error) {
        assert.ok(isSigstoreError(error), String(error));
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("no error shows the secret", async () => {
    const text = serializePrivateKeyPem(generatePrivateKey("ed25519"));
    const secret = text.split("\n")[1] ?? "";
    for (const broken of [text.replace("END PRIVATE", "END PUBLIC"), text.replace(secret, `${secret}*`)]) {
      await assert.rejects(readPrivateKeyAsync(utf8Encode(broken)), (error) => {
        assert.ok(isSigstoreError(error));
        assert.ok(
          !`${error.message} ${error.hint ?? ""} ${JSON.stringify(error.details)}`.includes(secret.slice(16, 40)),
        );
        return true;
      });
    }
  });

  async function readPrivateKeyAsync(bytes: Uint8Array): Promise<unknown> {
    return readPrivateKey(bytes);
  }
});
