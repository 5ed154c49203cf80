import assert from "node:assert/strict";
import { it } from "node:test";
import { DerReader, der } from "../encoding/der.ts";
import {
  type AlgorithmIdentifier,
  readAlgorithmIdentifier,
  serializeAlgorithmIdentifier,
} from "../formats/algorithm-identifier.ts";
import { algorithmFromX509Oid } from "./algorithms.ts";
import { publicKeyFromBytes } from "./keys.ts";
import { privateKeyFromSeed } from "./private-key.ts";

const p256 = privateKeyFromSeed("ecdsa-p256", Uint8Array.of(1)).publicKey;
const p384 = privateKeyFromSeed("ecdsa-p384", Uint8Array.of(1)).publicKey;
const ed25519 = privateKeyFromSeed("ed25519", Uint8Array.of(1)).publicKey;
const rsa = publicKeyFromBytes("rsa", der.sequence(der.integer(2n ** 2048n - 1n), der.integer(65537)));

const SHA256 = "2.16.840.1.101.3.4.2.1";
const SHA384 = "2.16.840.1.101.3.4.2.2";
const RSASSA_PSS = "1.2.840.113549.1.1.10";

function identifier(oid: string, parameters?: Uint8Array): AlgorithmIdentifier {
  return readAlgorithmIdentifier(new DerReader(serializeAlgorithmIdentifier(oid, parameters)));
}

function pss(...fields: Uint8Array[]): AlgorithmIdentifier {
  return identifier(RSASSA_PSS, der.sequence(...fields));
}

const hashField = (oid: string, parameters: Uint8Array | undefined = der.null()): Uint8Array =>
  der.explicit(0, serializeAlgorithmIdentifier(oid, parameters));
const maskField = (oid: string): Uint8Array =>
  der.explicit(1, serializeAlgorithmIdentifier("1.2.840.113549.1.1.8", serializeAlgorithmIdentifier(oid, der.null())));
const saltField = (length: number): Uint8Array => der.explicit(2, der.integer(length));

it("ECDSA: the curve of the key with the hash of the identifier, which has no parameters", () => {
  for (const [oid, hash] of [
    ["1.2.840.10045.4.3.2", "sha256"],
    ["1.2.840.10045.4.3.3", "sha384"],
    ["1.2.840.10045.4.3.4", "sha512"],
  ] as const) {
    assert.deepEqual(algorithmFromX509Oid(identifier(oid), p256), { scheme: "ecdsa", keyType: "ecdsa-p256", hash });
    assert.deepEqual(algorithmFromX509Oid(identifier(oid), p384), { scheme: "ecdsa", keyType: "ecdsa-p384", hash });
    assert.equal(algorithmFromX509Oid(identifier(oid, der.null()), p256), undefined);
    assert.equal(algorithmFromX509Oid(identifier(oid), rsa), undefined);
  }
});

it("RSA PKCS #1 v1.5: parameters NULL or absent, nothing else", () => {
  for (const [oid, hash] of [
    ["1.2.840.113549.1.1.11", "sha256"],
    ["1.2.840.113549.1.1.12", "sha384"],
    ["1.2.840.113549.1.1.13", "sha512"],
  ] as const) {
    const expected = { scheme: "rsa-pkcs1v15", keyType: "rsa", hash };
    assert.deepEqual(algorithmFromX509Oid(identifier(oid, der.null()), rsa), expected);
    assert.deepEqual(algorithmFromX509Oid(identifier(oid), rsa), expected);
    assert.equal(algorithmFromX509Oid(identifier(oid, der.integer(5)), rsa), undefined);
    assert.equal(algorithmFromX509Oid(identifier(oid, der.null()), p256), undefined);
  }
});

it("Ed25519: no parameters", () => {
  assert.deepEqual(algorithmFromX509Oid(identifier("1.3.101.112"), ed25519), {
    scheme: "ed25519",
    keyType: "ed25519",
    hash: undefined,
  });
  assert.deepEqual(algorithmFromX509Oid(identifier("1.3.101.112"), ed25519, "sha512"), {
    scheme: "ed25519",
    keyType: "ed25519",
    hash: undefined,
  });
  assert.equal(algorithmFromX509Oid(identifier("1.3.101.112", der.null()), ed25519), undefined);
  assert.equal(algorithmFromX509Oid(identifier("1.3.101.112"), p256), undefined);
});

it("CMS: an identifier that names only the key takes the digest algorithm; one that names a hash must agree with it", () => {
  const rsaEncryption = identifier("1.2.840.113549.1.1.1", der.null());
  assert.deepEqual(algorithmFromX509Oid(rsaEncryption, rsa, "sha512"), {
    scheme: "rsa-pkcs1v15",
    keyType: "rsa",
    hash: "sha512",
  });
  assert.deepEqual(algorithmFromX509Oid(identifier("1.2.840.10045.2.1"), p384, "sha384"), {
    scheme: "ecdsa",
    keyType: "ecdsa-p384",
    hash: "sha384",
  });
  assert.equal(algorithmFromX509Oid(rsaEncryption, rsa), undefined);
  assert.equal(algorithmFromX509Oid(identifier("1.2.840.10045.4.3.2"), p256, "sha512"), undefined);
  assert.equal(
    algorithmFromX509Oid(pss(hashField(SHA256), maskField(SHA256), saltField(32)), rsa, "sha512"),
    undefined,
  );
});

it("PSS: one hash for both, the salt that is named or 20 octets", () => {
  const scheme = { scheme: "rsa-pss", keyType: "rsa", hash: "sha256" };
  assert.deepEqual(algorithmFromX509Oid(pss(hashField(SHA256), maskField(SHA256), saltField(32)), rsa), {
    ...scheme,
    saltBytes: 32,
  });
  assert.deepEqual(algorithmFromX509Oid(pss(hashField(SHA256, undefined), maskField(SHA256)), rsa), {
    ...scheme,
    saltBytes: 20,
  });
  const refused = [
    pss(),
    pss(hashField(SHA256), saltField(32)),
    pss(maskField(SHA256), saltField(32)),
    pss(hashField(SHA256), maskField(SHA384), saltField(32)),
    pss(hashField("1.3.14.3.2.26"), maskField("1.3.14.3.2.26"), saltField(20)),
    pss(hashField(SHA256), maskField(SHA256), saltField(-1)),
    pss(hashField(SHA256), maskField(SHA256), saltField(32), der.explicit(3, der.integer(1))),
    pss(hashField(SHA256), maskField(SHA256), saltField(32), der.explicit(3, der.integer(2))),
    pss(saltField(32), hashField(SHA256), maskField(SHA256)),
    identifier(RSASSA_PSS),
    identifier(RSASSA_PSS, der.null()),
  ];
  for (const parameters of refused) assert.equal(algorithmFromX509Oid(parameters, rsa), undefined);
  assert.equal(algorithmFromX509Oid(pss(hashField(SHA256), maskField(SHA256), saltField(32)), p256), undefined);
});

it("what is old or unknown is nothing", () => {
  for (const oid of ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.3"]) {
    for (const key of [rsa, p256, ed25519])
      assert.equal(algorithmFromX509Oid(identifier(oid), key, "sha256"), undefined);
  }
});
