/** Standard extensions: written and read again, absent ones, and malformed ones refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der } from "../../encoding/der.ts";
import { hexDecode } from "../../encoding/hex.ts";
import { isSigstoreError } from "../../errors.ts";
import type { Extension } from "./extension-list.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  serializeAuthorityKeyIdentifier,
  serializeBasicConstraints,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
  serializeSubjectAlternativeNames,
  serializeSubjectKeyIdentifier,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { OID } from "./oids.ts";

interface Extended {
  readonly extensions: readonly Extension[];
}

const NONE: Extended = { extensions: [] };

function withExtension(extension: Extension): Extended {
  return { extensions: [extension] };
}

function refuses(oid: string, hex: string, read: (certificate: Extended) => unknown): void {
  const certificate = withExtension({ oid, critical: false, value: hexDecode(hex.replaceAll(" ", "")) });
  assert.throws(
    () => read(certificate),
    (error) => isSigstoreError(error, "certificate-invalid"),
    `accepted ${hex}`,
  );
}

test("absent extensions", () => {
  assert.equal(basicConstraints(NONE), undefined);
  assert.equal(keyUsage(NONE), undefined);
  assert.equal(extendedKeyUsage(NONE), undefined);
  assert.equal(subjectKeyIdentifier(NONE), undefined);
  assert.equal(authorityKeyIdentifier(NONE), undefined);
  assert.deepEqual(subjectAlternativeNames(NONE), []);
});

describe("basic constraints", () => {
  test("written and read again", () => {
    for (const constraints of [
      { isCa: false },
      { isCa: true },
      { isCa: true, pathLength: 0 },
      { isCa: true, pathLength: 300 },
    ]) {
      assert.deepEqual(basicConstraints(withExtension(serializeBasicConstraints(constraints))), constraints);
    }
  });
  test("refused: FALSE written out, negative lengths, something behind", () => {
    for (const hex of ["30 03 010100", "30 06 0101ff 0201ff", "30 08 0101ff 020100 0500", "3000 00", "0500", ""])
      refuses(OID.basicConstraints, hex, basicConstraints);
  });
});

describe("key usage", () => {
  test("digitalSignature alone is 03 02 07 80, as in every Fulcio leaf", () => {
    assert.deepEqual(serializeKeyUsage({ digitalSignature: true }).value, hexDecode("03020780"));
    assert.deepEqual(serializeKeyUsage({ keyCertSign: true, crlSign: true }).value, hexDecode("03020106"));
  });
  test("any purposes, written and read again", () => {
    const names = [
      "digitalSignature",
      "contentCommitment",
      "keyEncipherment",
      "dataEncipherment",
      "keyAgreement",
      "keyCertSign",
      "crlSign",
      "encipherOnly",
      "decipherOnly",
    ] as const;
    fc.assert(
      fc.property(fc.subarray([...names], { minLength: 1 }), (purposes) => {
        const usage = keyUsage(
          withExtension(serializeKeyUsage(Object.fromEntries(purposes.map((name) => [name, true])))),
        );
        assert.ok(usage !== undefined);
        assert.deepEqual(
          names.filter((name) => usage[name]),
          purposes,
        );
      }),
    );
  });
  test("refused: no purpose, trailing zero bits, more than nine bits", () => {
    for (const hex of ["030100", "03020700", "03020080", "03020680", "0303 00 80 00", "0303 05 80 20", "030207 80 00"])
      refuses(OID.keyUsage, hex, keyUsage);
    assert.throws(() => serializeKeyUsage({}), TypeError);
  });
});

describe("extended key usage", () => {
  test("written and read again", () => {
    for (const usage of [
      { oids: [OID.codeSigning], critical: false },
      { oids: [OID.timeStamping, OID.codeSigning], critical: true },
    ]) {
      assert.deepEqual(extendedKeyUsage(withExtension(serializeExtendedKeyUsage(usage))), usage);
    }
  });
  test("refused: no purpose, something else", () => {
    for (const hex of ["3000", "30020500", "0603550403", "3003060100 00"])
      refuses(OID.extendedKeyUsage, hex, extendedKeyUsage);
  });
});

describe("key identifiers", () => {
  test("written and read again", () => {
    const id = Uint8Array.of(1, 2, 3);
    assert.deepEqual(subjectKeyIdentifier(withExtension(serializeSubjectKeyIdentifier(id))), id);
    assert.deepEqual(authorityKeyIdentifier(withExtension(serializeAuthorityKeyIdentifier(id))), id);
  });
  test("the authority's may lack the key identifier and bring issuer and serial number", () => {
    const read = (...parts: Uint8Array[]): Uint8Array | undefined =>
      authorityKeyIdentifier(
        withExtension({ oid: OID.authorityKeyIdentifier, critical: false, value: der.sequence(...parts) }),
      );
    const issuer = der.implicit(1, der.raw(0x82, Uint8Array.of(0x61)), true);
    const serial = der.implicit(2, Uint8Array.of(1), false);
    assert.equal(read(), undefined);
    assert.equal(read(issuer, serial), undefined);
    assert.deepEqual(read(der.implicit(0, Uint8Array.of(7), false), issuer, serial), Uint8Array.of(7));
  });
  test("refused: other types, other order, something behind", () => {
    for (const hex of ["0500", "040101 00", "3003020101"]) refuses(OID.subjectKeyIdentifier, hex, subjectKeyIdentifier);
    for (const hex of ["0500", "3005820101 8000", "30048000 0500", "3000 00"])
      refuses(OID.authorityKeyIdentifier, hex, authorityKeyIdentifier);
  });
});

test("subject alternative names: the extension around them", () => {
  const names = [{ kind: "uri", value: "https://example.com/a" }] as const;
  assert.equal(serializeSubjectAlternativeNames(names).critical, true);
  assert.equal(serializeSubjectAlternativeNames(names, false).critical, false);
  assert.deepEqual(subjectAlternativeNames(withExtension(serializeSubjectAlternativeNames(names))), names);
  for (const hex of ["3000", "0500", "3003810161 00"])
    refuses(OID.subjectAlternativeName, hex, subjectAlternativeNames);
});
