/** RFC 9881: SubjectPublicKeyInfo of ML-DSA, its one form, and every other form refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { der } from "../encoding/der.ts";
import { isSigstoreError } from "../errors.ts";
import { isMlDsaKeyType, ML_DSA_OIDS, mlDsaKeyTypeOf, parseSpki, serializeSpki } from "./spki.ts";

const SIZES = [
  ["ml-dsa-44", 1312],
  ["ml-dsa-65", 1952],
  ["ml-dsa-87", 2592],
] as const;

describe("keys of ML-DSA", () => {
  for (const [keyType, size] of SIZES) {
    const oid = der.oid(ML_DSA_OIDS[keyType]);
    const spki = (key: Uint8Array, ...parameters: Uint8Array[]): Uint8Array =>
      der.sequence(der.sequence(oid, ...parameters), der.bitString(key));
    const key = new Uint8Array(size).fill(7);

    test(`${keyType}: comes back as it was written`, () => {
      const read = parseSpki(serializeSpki({ keyType, keyBytes: key }));
      assert.deepEqual([read.keyType, read.keyBytes, read.raw], [keyType, key, spki(key)]);
      assert.equal(mlDsaKeyTypeOf(ML_DSA_OIDS[keyType]), keyType);
      assert.ok(isMlDsaKeyType(keyType));
    });

    // RFC 9881 §2: "The contents of the parameters component for each algorithm MUST be absent."
    test(`${keyType}: parameters, and keys of other lengths, are refused`, () => {
      for (const bytes of [spki(key, der.null()), spki(key.subarray(1)), spki(new Uint8Array(size + 1))])
        assert.throws(
          () => parseSpki(bytes),
          (error) => isSigstoreError(error, "key-invalid"),
        );
    });
  }

  test("other algorithms are none of them", () => {
    assert.equal(mlDsaKeyTypeOf("2.16.840.1.101.3.4.3.20"), undefined);
    assert.equal(isMlDsaKeyType("ed25519"), false);
  });
});
