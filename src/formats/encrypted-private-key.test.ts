/** EncryptedPrivateKeyInfo: what is written is read, and what asks for too much or for old ciphers is refused with words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { keySampleText } from "../../test/key-samples.ts";
import { der } from "../encoding/der.ts";
import { parsePem } from "../encoding/pem.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import {
  ENCRYPTION_BYTES,
  type EncryptedPrivateKey,
  type EncryptionName,
  parseEncryptedPrivateKey,
  type PasswordDerivation,
  serializeEncryptedPrivateKey,
} from "./encrypted-private-key.ts";

const octets = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

const derivation: fc.Arbitrary<PasswordDerivation> = fc.oneof(
  fc.record(
    {
      name: fc.constant("pbkdf2" as const),
      hash: fc.constantFrom("sha1" as const, "sha256" as const, "sha384" as const, "sha512" as const),
      salt: octets(0, 64),
      iterations: fc.integer({ min: 1, max: LIMITS.pbkdf2Iterations }),
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      name: fc.constant("scrypt" as const),
      salt: octets(0, 64),
      parameters: fc.record(
        { cost: fc.nat(), blockSize: fc.nat(1000), parallelization: fc.nat(1000) },
        { noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  ),
);

const encryption = fc
  .constantFrom<EncryptionName>("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc")
  .chain((name) => octets(ENCRYPTION_BYTES[name].iv).map((iv) => ({ name, iv })));

const key: EncryptedPrivateKey = {
  derivation: { name: "pbkdf2", hash: "sha256", salt: new Uint8Array(8), iterations: 2048 },
  encryption: { name: "aes-256-cbc", iv: new Uint8Array(16) },
  ciphertext: new Uint8Array(16),
};

function refused(bytes: Uint8Array, code: ErrorCode = "key-encryption-invalid", words = /./): void {
  assert.throws(
    () => parseEncryptedPrivateKey(bytes),
    (error) => isSigstoreError(error, code) && words.test(`${error.message} ${error.hint ?? ""}`),
  );
}

it("what is written is read again", () => {
  fc.assert(
    fc.property(derivation, encryption, octets(0, 100), (one, other, ciphertext) => {
      const value = { derivation: one, encryption: other, ciphertext };
      assert.deepEqual(parseEncryptedPrivateKey(serializeEncryptedPrivateKey(value)), value);
    }),
  );
});

it("OpenSSL's files are written as it wrote them", () => {
  for (const name of ["pbes2-sha1-aes128.pem", "pbes2-sha512-aes192.pem", "pbes2-scrypt.pem", "pbes2-des3.pem"]) {
    const bytes = parsePem(keySampleText(name))[0]?.bytes ?? new Uint8Array(0);
    assert.deepEqual(serializeEncryptedPrivateKey(parseEncryptedPrivateKey(bytes)), bytes, name);
  }
});

describe("refused", () => {
  it("PBES1, with the command that lifts the key", () => {
    refused(parsePem(keySampleText("pbes1.pem"))[0]?.bytes ?? new Uint8Array(0), "key-encryption-invalid", /-topk8/);
  });

  it("no iterations, and too many", () => {
    const asking = (iterations: number): Uint8Array =>
      serializeEncryptedPrivateKey({
        ...key,
        derivation: { name: "pbkdf2", hash: "sha256", salt: new Uint8Array(8), iterations },
      });
    refused(asking(0));
    refused(asking(LIMITS.pbkdf2Iterations + 1), "input-too-large");
    refused(asking(2 ** 46), "input-too-large");
  });

  it("an initialization vector of another length, a salt without end, octets behind", () => {
    refused(serializeEncryptedPrivateKey({ ...key, encryption: { name: "aes-256-cbc", iv: new Uint8Array(15) } }));
    refused(
      serializeEncryptedPrivateKey({
        ...key,
        derivation: { name: "pbkdf2", hash: "sha256", salt: new Uint8Array(2000), iterations: 1 },
      }),
    );
    refused(Uint8Array.of(...serializeEncryptedPrivateKey(key), 0));
    refused(new Uint8Array(LIMITS.smallFileBytes + 1), "input-too-large");
  });

  it("a key length that is not the cipher's, a hash of others, a cipher of others", () => {
    const pbes2 = (kdfFields: readonly Uint8Array[], cipherOid = "2.16.840.1.101.3.4.1.42"): Uint8Array => {
      const kdf = der.sequence(der.oid("1.2.840.113549.1.5.12"), der.sequence(...kdfFields));
      const cipher = der.sequence(der.oid(cipherOid), der.octetString(new Uint8Array(16)));
      const algorithm = der.sequence(der.oid("1.2.840.113549.1.5.13"), der.sequence(kdf, cipher));
      return der.sequence(algorithm, der.octetString(new Uint8Array(16)));
    };
    const salt = der.octetString(new Uint8Array(8));
    const prf = (oid: string): Uint8Array => der.sequence(der.oid(oid), der.null());
    const sha256 = prf("1.2.840.113549.2.9");
    assert.equal(
      parseEncryptedPrivateKey(pbes2([salt, der.integer(1), der.integer(32), sha256])).encryption.iv.length,
      16,
    );
    refused(pbes2([salt, der.integer(1), der.integer(16), sha256]));
    refused(pbes2([salt, der.integer(1), prf("1.2.840.113549.2.8")]), "key-encryption-invalid", /SHA-256/);
    refused(pbes2([salt, der.integer(1), sha256], "1.3.14.3.2.7"), "key-encryption-invalid", /AES/);
    refused(pbes2([salt, der.integer(1), sha256, der.null()]));
  });
});
