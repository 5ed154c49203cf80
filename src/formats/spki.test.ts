/** SubjectPublicKeyInfo: each key type in its one form, and every other form refused. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der } from "../encoding/der.ts";
import { serializePem } from "../encoding/pem.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type KeyType, parsePublicKeyPem, parseSpki, serializeSpki, spkiFromPkcs1 } from "./spki.ts";
import { serializeCertificate, serializeName, serializeTbsCertificate } from "./x509/certificate.ts";

const EC = der.oid("1.2.840.10045.2.1");
const P256 = der.oid("1.2.840.10045.3.1.7");
const RSA = der.oid("1.2.840.113549.1.1.1");
const ED25519 = der.oid("1.3.101.112");
const POINT = Uint8Array.from({ length: 65 }, (_, index) => (index === 0 ? 4 : index));

function refuses(bytes: Uint8Array, code: ErrorCode = "key-invalid"): void {
  assert.throws(
    () => parseSpki(bytes),
    (error) => isSigstoreError(error, code),
  );
}

function spki(algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array {
  return der.sequence(der.sequence(...algorithm), der.bitString(key));
}

function rsaKey(modulus: bigint, exponent: bigint): Uint8Array {
  return der.sequence(der.integer(modulus), der.integer(exponent));
}

describe("keys that node:crypto makes", () => {
  for (const [curve, keyType, size] of [
    ["P-256", "ecdsa-p256", 65],
    ["P-384", "ecdsa-p384", 97],
    ["P-521", "ecdsa-p521", 133],
  ] as const) {
    test(curve, () => {
      const bytes = new Uint8Array(
        generateKeyPairSync("ec", { namedCurve: curve }).publicKey.export({ type: "spki", format: "der" }),
      );
      const key = parseSpki(bytes);
      assert.equal(key.keyType, keyType);
      assert.equal(key.keyBytes.length, size);
      assert.deepEqual(serializeSpki(key), bytes);
    });
  }
  test("Ed25519", () => {
    const bytes = new Uint8Array(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }));
    const key = parseSpki(bytes);
    assert.equal(key.keyType, "ed25519");
    assert.equal(key.keyBytes.length, 32);
    assert.deepEqual(serializeSpki(key), bytes);
  });
  test("RSA, in PKCS#1 too", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024, publicExponent: 3 });
    const bytes = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
    const key = parseSpki(bytes);
    assert.equal(key.keyType, "rsa");
    assert.equal(key.rsa?.modulusBits, 1024);
    assert.equal(key.rsa?.publicExponent, 3n);
    assert.equal(key.rsa?.modulus.length, 128);
    assert.deepEqual(serializeSpki(key), bytes);
    assert.deepEqual(spkiFromPkcs1(new Uint8Array(publicKey.export({ type: "pkcs1", format: "der" }))), bytes);
  });
});

describe("refused", () => {
  test("other kinds of keys", () => {
    refuses(spki([der.oid("1.3.101.113")], new Uint8Array(57)), "key-unsupported");
    refuses(spki([EC, der.oid("1.3.132.0.10")], POINT), "key-unsupported");
    refuses(spki([der.oid("1.2.840.113549.1.1.10")], rsaKey(15n, 3n)), "key-unsupported");
  });
  test("points in another form or of another size", () => {
    refuses(spki([EC, P256], Uint8Array.of(2, ...POINT.subarray(1, 33))));
    refuses(spki([EC, P256], Uint8Array.of(6, ...POINT.subarray(1))));
    refuses(spki([EC, P256], POINT.subarray(0, 64)));
    refuses(spki([EC, der.oid("1.3.132.0.34")], POINT));
    refuses(spki([EC, P256], new Uint8Array()));
  });
  test("parameters that are missing, of another type, or too many", () => {
    refuses(spki([EC], POINT));
    refuses(spki([EC, der.null()], POINT));
    refuses(spki([EC, P256, der.null()], POINT));
    refuses(spki([RSA], rsaKey(15n, 3n)));
    refuses(spki([RSA, der.sequence()], rsaKey(15n, 3n)));
    refuses(spki([ED25519, der.null()], new Uint8Array(32)));
  });
  test("Ed25519 keys of another size", () => refuses(spki([ED25519], new Uint8Array(33))));
  test("RSA numbers that no key has", () => {
    for (const key of [
      rsaKey(16n, 3n),
      rsaKey(-15n, 3n),
      rsaKey(0n, 3n),
      rsaKey(15n, 1n),
      rsaKey(15n, 4n),
      rsaKey(15n, -3n),
      rsaKey(15n, (1n << 32n) + 1n),
    ]) {
      refuses(spki([RSA, der.null()], key));
    }
    refuses(spki([RSA, der.null()], der.sequence(der.integer(15))));
    refuses(spki([RSA, der.null()], der.sequence(der.integer(15), der.integer(3), der.null())));
    refuses(spki([RSA, der.null()], Uint8Array.of(...rsaKey(15n, 3n), 0)));
  });
  test("unused bits, trailing octets, missing parts, too many bytes", () => {
    refuses(
      der.sequence(
        der.sequence(EC, P256),
        der.bitString(
          POINT.map((octet) => octet & 0xfe),
          1,
        ),
      ),
    );
    refuses(Uint8Array.of(...spki([EC, P256], POINT), 0));
    refuses(der.sequence(der.sequence(EC, P256), der.bitString(POINT), der.null()));
    refuses(der.sequence(der.sequence(EC, P256)));
    refuses(new Uint8Array());
    refuses(new Uint8Array(LIMITS.smallFileBytes + 1), "input-too-large");
  });
});

test("modulus bits are counted from the first set bit", () => {
  for (const bits of [9, 2047, 2048, 2049]) {
    const key = parseSpki(serializeSpki({ keyType: "rsa", keyBytes: rsaKey((1n << BigInt(bits - 1)) + 1n, 65_537n) }));
    assert.equal(key.rsa?.modulusBits, bits);
  }
});

test("written and read again", () => {
  const sizes: readonly (readonly [KeyType, number])[] = [
    ["ecdsa-p256", 65],
    ["ecdsa-p384", 97],
    ["ecdsa-p521", 133],
    ["ed25519", 32],
  ];
  for (const [keyType, size] of sizes) {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size, maxLength: size }), (keyBytes) => {
        if (keyType !== "ed25519") keyBytes[0] = 4;
        const parsed = parseSpki(serializeSpki({ keyType, keyBytes }));
        assert.equal(parsed.keyType, keyType);
        assert.deepEqual(parsed.keyBytes, keyBytes);
      }),
    );
  }
});

describe("PEM", () => {
  const key = spki([EC, P256], POINT);
  const algorithm = der.sequence(der.oid("1.2.840.10045.4.3.2"));
  const name = serializeName([]);
  test("PUBLIC KEY, RSA PUBLIC KEY, CERTIFICATE", () => {
    assert.deepEqual(parsePublicKeyPem(serializePem("PUBLIC KEY", key)), key);
    assert.deepEqual(
      parsePublicKeyPem(serializePem("RSA PUBLIC KEY", rsaKey(15n, 3n))),
      spki([RSA, der.null()], rsaKey(15n, 3n)),
    );
    const tbs = serializeTbsCertificate({
      serialNumber: Uint8Array.of(1),
      signatureAlgorithm: algorithm,
      issuer: name,
      subject: name,
      notBeforeMs: 0,
      notAfterMs: 0,
      spki: key,
      extensions: [],
    });
    assert.deepEqual(
      parsePublicKeyPem(serializePem("CERTIFICATE", serializeCertificate(tbs, algorithm, new Uint8Array(8)))),
      key,
    );
  });
  test("refused: private keys, several blocks, none, a broken key", () => {
    const refusesText = (text: string, code: ErrorCode): void =>
      assert.throws(
        () => parsePublicKeyPem(text),
        (error) => isSigstoreError(error, code),
      );
    refusesText(serializePem("PRIVATE KEY", key), "key-invalid");
    refusesText(serializePem("PUBLIC KEY", key).repeat(2), "pem-invalid");
    refusesText("", "pem-invalid");
    refusesText(serializePem("PUBLIC KEY", key.subarray(1)), "key-invalid");
    refusesText(serializePem("RSA PUBLIC KEY", key), "key-invalid");
    refusesText(serializePem("CERTIFICATE", key), "certificate-invalid");
  });
});

test("hostile bytes: a key or a SigstoreError", () => {
  const valid = spki([EC, P256], POINT);
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (index, octet) => {
      const mutated = valid.slice();
      mutated[index] = octet;
      try {
        parseSpki(mutated);
      } catch (error) {
        assert.ok(isSigstoreError(error), String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
