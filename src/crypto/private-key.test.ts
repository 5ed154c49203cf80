import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { platform } from "#platform";
import { DerReader, der } from "../encoding/der.ts";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import { serializePem } from "../encoding/pem.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { serializeSpki } from "../formats/spki.ts";
import { NIST_CURVES } from "./nist-curves.ts";
import { parsePkcs8, serializePkcs8 } from "./pkcs8.ts";
import {
  exportPkcs8,
  generatePrivateKey,
  importPrivateKey,
  importPrivateKeyPem,
  privateKeyFromSeed,
} from "./private-key.ts";

const seed = Uint8Array.of(1);
const withoutRsa = platform.name === "browser" ? "RSA private keys are not supported in browsers" : false;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

function refused(code: ErrorCode, run: () => unknown): void {
  assert.throws(run, (error) => isSigstoreError(error, code));
}

const derOf = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1"): Uint8Array =>
  new Uint8Array(key.export({ format: "der", type } as { format: "der"; type: "pkcs8" }));

describe("generated keys", () => {
  for (const kind of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const) {
    it(`${kind}: are new each time, and come back from PKCS #8`, () => {
      const key = generatePrivateKey(kind);
      assert.equal(key.keyType, kind);
      assert.notDeepEqual(generatePrivateKey(kind).publicKey.spki, key.publicKey.spki);
      const again = importPrivateKey(exportPkcs8(key));
      assert.deepEqual(again.publicKey.spki, key.publicKey.spki);
      assert.deepEqual(exportPkcs8(again), exportPkcs8(key));
    });
  }

  it("rsa-2048: comes back from PKCS #8", { skip: withoutRsa }, () => {
    const key = generatePrivateKey("rsa-2048");
    assert.equal(key.publicKey.modulusBits, 2048);
    assert.deepEqual(importPrivateKey(exportPkcs8(key)).publicKey.spki, key.publicKey.spki);
  });

  it("rsa: browsers say that they have none", { skip: platform.name === "node" ? "Node has RSA" : false }, () => {
    refused("algorithm-unsupported", () => generatePrivateKey("rsa-2048"));
    refused("algorithm-unsupported", () => importPrivateKey(derOf(rsa.privateKey, "pkcs8")));
  });
});

describe("keys that Node and OpenSSL write", () => {
  for (const [keyType, namedCurve] of [
    ["ecdsa-p256", "P-256"],
    ["ecdsa-p384", "P-384"],
    ["ecdsa-p521", "P-521"],
  ] as const) {
    it(`${keyType}: PKCS #8 and SEC 1, each byte as we write it`, () => {
      const pair = generateKeyPairSync("ec", { namedCurve });
      const spki = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
      const pkcs8 = derOf(pair.privateKey, "pkcs8");
      assert.deepEqual(importPrivateKey(pkcs8).publicKey.spki, spki);
      assert.deepEqual(exportPkcs8(importPrivateKey(pkcs8)), pkcs8);
      assert.deepEqual(
        importPrivateKeyPem(String(pair.privateKey.export({ format: "pem", type: "pkcs8" }))).publicKey.spki,
        spki,
      );
      assert.deepEqual(
        importPrivateKeyPem(String(pair.privateKey.export({ format: "pem", type: "sec1" }))).publicKey.spki,
        spki,
      );
    });
  }

  it("ed25519: PKCS #8, each byte as we write it", () => {
    const pair = generateKeyPairSync("ed25519");
    const pkcs8 = derOf(pair.privateKey, "pkcs8");
    assert.deepEqual(exportPkcs8(importPrivateKey(pkcs8)), pkcs8);
  });

  it("rsa: PKCS #8 and PKCS #1, each byte as we write it", { skip: withoutRsa }, () => {
    const pkcs8 = derOf(rsa.privateKey, "pkcs8");
    assert.deepEqual(exportPkcs8(importPrivateKey(pkcs8)), pkcs8);
    assert.deepEqual(
      importPrivateKeyPem(serializePem("RSA PRIVATE KEY", derOf(rsa.privateKey, "pkcs1"))).publicKey.keyType,
      "rsa",
    );
  });

  it("ed25519: RFC 8410 §10.3, with attributes and public key", () => {
    const withPublicKey = hexDecode(
      "3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842" +
        "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273812100" +
        "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
    );
    const key = importPrivateKey(withPublicKey);
    assert.equal(hexEncode(key.publicKey.keyBytes), "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    refused("key-invalid", () => importPrivateKey(withPublicKey.with(withPublicKey.length - 1, 0)));
  });
});

describe("seeded keys", () => {
  it("are the same on every platform and in every version", () => {
    const fingerprints = Object.fromEntries(
      (["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"] as const).map((keyType) => [
        keyType,
        hexEncode(privateKeyFromSeed(keyType, seed).publicKey.keyBytes.subarray(0, 9)),
      ]),
    );
    assert.deepEqual(fingerprints, {
      "ecdsa-p256": "04d7c2c4f9e98285fb",
      "ecdsa-p384": "04ebc8eba562f736d7",
      "ecdsa-p521": "04000a7c9318d600d3",
      ed25519: "1c06b9b2305c9eac50",
    });
  });

  it("differ by seed", () => {
    assert.notDeepEqual(
      privateKeyFromSeed("ed25519", seed).publicKey.spki,
      privateKeyFromSeed("ed25519", Uint8Array.of(2)).publicKey.spki,
    );
  });
});

describe("malformed private keys", () => {
  const key = privateKeyFromSeed("ecdsa-p256", seed);
  const pkcs8 = exportPkcs8(key);
  const { secret } = parsePkcs8(pkcs8);
  const p256 = algorithmOf("ecdsa-p256");
  const inner = (...fields: Uint8Array[]): Uint8Array =>
    der.sequence(der.integer(0), p256, der.octetString(der.sequence(...fields)));

  it("good ones are made of the same parts", () => {
    importPrivateKey(inner(der.integer(1), der.octetString(secret)));
    importPrivateKey(inner(der.integer(1), der.octetString(secret), der.explicit(0, der.oid("1.2.840.10045.3.1.7"))));
  });

  const wrong: Readonly<Record<string, Uint8Array>> = {
    "trailing octets": Uint8Array.of(...pkcs8, 0),
    "a cut": pkcs8.subarray(0, -1),
    "version 2": der.sequence(der.integer(2), p256, der.octetString(new Uint8Array(0))),
    "version 1 without a public key": der.sequence(
      der.integer(1),
      p256,
      der.octetString(der.sequence(der.integer(1), der.octetString(secret))),
    ),
    "another version of the ECPrivateKey": inner(der.integer(0), der.octetString(secret)),
    "a short scalar": inner(der.integer(1), der.octetString(secret.subarray(1))),
    "a long scalar": inner(der.integer(1), der.octetString(Uint8Array.of(0, ...secret))),
    "the scalar 0": inner(der.integer(1), der.octetString(new Uint8Array(32))),
    "the scalar n": inner(der.integer(1), der.octetString(hexDecode(NIST_CURVES["ecdsa-p256"].order.toString(16)))),
    "another curve inside": inner(der.integer(1), der.octetString(secret), der.explicit(0, der.oid("1.3.132.0.34"))),
    "another public key": inner(
      der.integer(1),
      der.octetString(secret),
      der.explicit(1, der.bitString(privateKeyFromSeed("ecdsa-p256", Uint8Array.of(2)).publicKey.keyBytes)),
    ),
    "a short Ed25519 key": serializePkcs8({ keyType: "ed25519", secret: new Uint8Array(31), publicBytes: undefined }),
    "a public key": key.publicKey.spki,
    nothing: new Uint8Array(0),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    it(`${name} is refused`, () => refused("key-invalid", () => importPrivateKey(bytes)));
  }

  it("other kinds are named", () => {
    refused("key-unsupported", () => importPrivateKey(derOf(generateKeyPairSync("x25519").privateKey, "pkcs8")));
    refused("key-unsupported", () =>
      importPrivateKey(derOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "pkcs8")),
    );
    const secp256k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;
    refused("key-unsupported", () => importPrivateKeyPem(String(secp256k1.export({ format: "pem", type: "sec1" }))));
  });

  it("RSA numbers that do not belong together, and keys of other sizes, are refused", () => {
    const fields = new DerReader(derOf(rsa.privateKey, "pkcs1")).sequence();
    const numbers = Array.from({ length: 9 }, () => fields.integer());
    const build = (changed: readonly bigint[]): Uint8Array =>
      serializePkcs8({
        keyType: "rsa",
        secret: der.sequence(...changed.map((n) => der.integer(n))),
        publicBytes: new Uint8Array(0),
      });
    assert.equal(parsePkcs8(build(numbers)).keyType, "rsa");
    for (const index of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      refused("key-invalid", () => parsePkcs8(build(numbers.with(index, (numbers[index] ?? 0n) + 2n))));
    }
    refused("key-unsupported", () => parsePkcs8(build(numbers.with(1, 2n ** 4096n))));
    if (withoutRsa !== false) return;
    const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    refused("key-unsupported", () => importPrivateKey(derOf(small, "pkcs8")));
  });

  it("PEM with another label, several blocks or none is refused", () => {
    refused("key-unsupported", () => importPrivateKeyPem(serializePem("ENCRYPTED PRIVATE KEY", pkcs8)));
    refused("pem-invalid", () => importPrivateKeyPem(serializePem("PRIVATE KEY", pkcs8).repeat(2)));
    refused("pem-invalid", () => importPrivateKeyPem(""));
    refused("key-invalid", () => importPrivateKeyPem(serializePem("EC PRIVATE KEY", pkcs8)));
  });

  it("whatever the bytes are, there is a key or a SigstoreError", () => {
    const samples = [pkcs8, exportPkcs8(privateKeyFromSeed("ed25519", seed)), derOf(rsa.privateKey, "pkcs8")];
    const changes = fc.array(fc.tuple(fc.nat(1300), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), changes, (sample, replacements) => {
        const bytes = new Uint8Array(sample);
        for (const [index, octet] of replacements) bytes[index % bytes.length] = octet;
        try {
          importPrivateKey(bytes);
        } catch (error) {
          assert.ok(isSigstoreError(error), String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("no octet of a key changes unseen", () => {
    for (const [index, octet] of pkcs8.entries()) {
      let imported: Uint8Array | undefined;
      try {
        imported = exportPkcs8(importPrivateKey(pkcs8.with(index, octet ^ 0x01)));
      } catch (error) {
        assert.ok(isSigstoreError(error), `octet ${index}`);
      }
      assert.equal(imported, undefined, `octet ${index}`);
    }
  });
});

it("a key does not show its secret", () => {
  const key = privateKeyFromSeed("ecdsa-p256", seed);
  const { d = "" } = createPrivateKey({ key: Buffer.from(exportPkcs8(key)), format: "der", type: "pkcs8" }).export({
    format: "jwk",
  });
  assert.ok(d.length > 0);
  const secret = hexEncode(Buffer.from(d, "base64url"));
  assert.ok(
    !JSON.stringify(key, (_, value: unknown) => (value instanceof Uint8Array ? hexEncode(value) : value)).includes(
      secret,
    ),
  );
});

function algorithmOf(keyType: "ecdsa-p256"): Uint8Array {
  return new DerReader(serializeSpki({ keyType, keyBytes: new Uint8Array(0) })).sequence().rawAny();
}
