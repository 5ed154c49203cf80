import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { it } from "node:test";
import { p256 } from "@noble/curves/nist.js";
import * as fc from "fast-check";
import { der } from "../encoding/der.ts";
import { hexDecode } from "../encoding/hex.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { serializeSpki } from "../formats/spki.ts";
import { importPublicKey, keyIdentifier, publicKeyFromBytes } from "./keys.ts";

const spkiOf = (...[type, options]: [type: string, options: object]): Uint8Array => {
  const generate = generateKeyPairSync as (
    type: string,
    options: object,
  ) => { publicKey: { export(form: object): Uint8Array } };
  return new Uint8Array(generate(type, options).publicKey.export({ format: "der", type: "spki" }));
};

function refused(code: ErrorCode, spki: Uint8Array): void {
  assert.throws(
    () => importPublicKey(spki),
    (error) => isSigstoreError(error, code),
  );
}

it("imports every type of the registry as Node writes it", () => {
  for (const [keyType, spki] of [
    ["ecdsa-p256", spkiOf("ec", { namedCurve: "P-256" })],
    ["ecdsa-p384", spkiOf("ec", { namedCurve: "P-384" })],
    ["ecdsa-p521", spkiOf("ec", { namedCurve: "P-521" })],
    ["ed25519", spkiOf("ed25519", {})],
    ["rsa", spkiOf("rsa", { modulusLength: 2048, publicExponent: 3 })],
  ] as const) {
    const key = importPublicKey(spki);
    assert.equal(key.keyType, keyType);
    assert.deepEqual(key.spki, spki);
    assert.equal(key.modulusBits, keyType === "rsa" ? 2048 : undefined);
    assert.deepEqual(keyIdentifier(key), new Uint8Array(createHash("sha256").update(spki).digest()));
    assert.deepEqual(publicKeyFromBytes(keyType, key.keyBytes).spki, spki);
  }
});

it("refuses a point that is not on its curve", () => {
  const point = p256.Point.BASE.toBytes(false);
  point[64] = (point[64] ?? 0) ^ 1;
  refused("key-invalid", serializeSpki({ keyType: "ecdsa-p256", keyBytes: point }));
  refused("key-invalid", serializeSpki({ keyType: "ecdsa-p256", keyBytes: Uint8Array.of(4, ...new Uint8Array(64)) }));
});

it("refuses a point that is not uncompressed", () => {
  refused("key-invalid", serializeSpki({ keyType: "ecdsa-p256", keyBytes: p256.Point.BASE.toBytes(true) }));
  refused("key-invalid", serializeSpki({ keyType: "ecdsa-p256", keyBytes: Uint8Array.of(0) }));
});

it("refuses RSA keys that are too small or too large", () => {
  const rsa = (modulus: bigint, exponent: bigint): Uint8Array =>
    serializeSpki({ keyType: "rsa", keyBytes: der.sequence(der.integer(modulus), der.integer(exponent)) });
  importPublicKey(rsa(2n ** 2048n - 1n, 65537n));
  importPublicKey(rsa(2n ** 4096n - 1n, 3n));
  refused("key-unsupported", rsa(2n ** 2047n - 1n, 65537n));
  refused("key-unsupported", rsa(2n ** 4096n + 1n, 65537n));
  refused("key-unsupported", rsa(2n ** 1024n - 1n, 65537n));
});

it("refuses RSA keys whose exponent is even, one or huge, and whose modulus is even", () => {
  const rsa = (modulus: bigint, exponent: bigint): Uint8Array =>
    serializeSpki({ keyType: "rsa", keyBytes: der.sequence(der.integer(modulus), der.integer(exponent)) });
  for (const exponent of [0n, 1n, 2n, 65536n, 2n ** 64n + 1n]) refused("key-invalid", rsa(2n ** 2048n - 1n, exponent));
  refused("key-invalid", rsa(2n ** 2047n, 65537n));
});

it("refuses keys of other kinds, and bytes that are no key", () => {
  refused("key-unsupported", spkiOf("ec", { namedCurve: "secp256k1" }));
  refused("key-unsupported", spkiOf("x25519", {}));
  refused("key-invalid", hexDecode("3000"));
  refused("key-invalid", Uint8Array.of(...spkiOf("ed25519", {}), 0));
  refused("key-invalid", new Uint8Array(0));
});

it("keeps a copy of what it checked", () => {
  const spki = spkiOf("ed25519", {});
  const before = new Uint8Array(spki);
  const key = importPublicKey(spki);
  spki.fill(0);
  assert.deepEqual(key.spki, before);
});

it("whatever the bytes are, there is a key or a SigstoreError", () => {
  const samples = [
    spkiOf("ec", { namedCurve: "P-256" }),
    spkiOf("ed25519", {}),
    spkiOf("rsa", { modulusLength: 2048 }),
  ];
  const changes = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...samples), changes, fc.nat(20), (sample, replacements, cut) => {
      const bytes = new Uint8Array(sample);
      for (const [index, octet] of replacements) bytes[index % bytes.length] = octet;
      try {
        importPublicKey(bytes.subarray(0, bytes.length - (cut > 10 ? 0 : cut)));
      } catch (error) {
        assert.ok(isSigstoreError(error));
      }
    }),
    { numRuns: 500 },
  );
});
