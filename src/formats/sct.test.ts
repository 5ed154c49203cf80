/** SCTs: lists, what the log signs, the certificate as the log saw it, and malformed ones refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der } from "../encoding/der.ts";
import { hexDecode, hexEncode } from "../encoding/hex.ts";
import { isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import {
  embeddedScts,
  leafIndexOfSct,
  parseSct,
  parseSctList,
  precertificateTbs,
  type Sct,
  sctSignatureInput,
  serializeLeafIndexExtension,
  serializeSct,
  serializeSctList,
  serializeSctListExtension,
} from "./sct.ts";
import { serializeSpki } from "./spki.ts";
import {
  type Certificate,
  type Extension,
  parseCertificate,
  serializeCertificate,
  serializeName,
  serializeTbsCertificate,
} from "./x509/certificate.ts";
import { OID } from "./x509/oids.ts";

const SCT: Sct = {
  version: 0,
  logId: Uint8Array.from({ length: 32 }, (_, index) => index),
  timestampMs: 1_710_869_186_123n,
  extensions: new Uint8Array(),
  hashAlgorithm: 4,
  signatureAlgorithm: 3,
  signature: Uint8Array.of(0x30, 0),
};
const ALGORITHM = der.sequence(der.oid("1.2.840.10045.4.3.2"));
const POISON: Extension = { oid: OID.poison, critical: true, value: der.null() };
const LIST: Extension = { oid: OID.sctList, critical: false, value: serializeSctListExtension([SCT]) };

function tbsOf(extensions: readonly Extension[]): Uint8Array {
  const name = serializeName([]);
  const spki = serializeSpki({ keyType: "ed25519", keyBytes: new Uint8Array(32) });
  return serializeTbsCertificate({
    serialNumber: Uint8Array.of(1),
    signatureAlgorithm: ALGORITHM,
    issuer: name,
    subject: name,
    notBeforeMs: 0,
    notAfterMs: 0,
    spki,
    extensions,
  });
}

function certificateWith(extensions: readonly Extension[]): Certificate {
  return parseCertificate(serializeCertificate(tbsOf(extensions), ALGORITHM, new Uint8Array(1)));
}

function refuses(read: () => unknown): void {
  assert.throws(read, (error) => isSigstoreError(error, "sct-invalid"));
}

describe("lists", () => {
  const sct = fc.record(
    {
      version: fc.constant<0>(0),
      logId: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      timestampMs: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      extensions: fc.uint8Array({ maxLength: 20 }),
      hashAlgorithm: fc.nat(255),
      signatureAlgorithm: fc.nat(255),
      signature: fc.uint8Array({ maxLength: 80 }),
    },
    { noNullPrototype: true },
  );
  test("written and read again", () => {
    fc.assert(
      fc.property(fc.array(sct, { minLength: 1, maxLength: 5 }), (scts) =>
        assert.deepEqual(parseSctList(serializeSctList(scts)), scts),
      ),
    );
    fc.assert(fc.property(sct, (one) => assert.deepEqual(parseSct(serializeSct(one)), one)));
  });
  test("in a certificate", () => {
    assert.deepEqual(embeddedScts(certificateWith([LIST])), [SCT]);
    assert.deepEqual(embeddedScts(certificateWith([POISON])), []);
  });
  test("refused: empty, cut off, trailing octets, other versions, too many", () => {
    const list = serializeSctList([SCT]);
    refuses(() => parseSctList(new Uint8Array()));
    refuses(() => parseSctList(Uint8Array.of(0, 0)));
    refuses(() => parseSctList(Uint8Array.of(0, 2, 0, 0)));
    refuses(() => parseSctList(Uint8Array.of(...list, 0)));
    for (let length = 0; length < list.length; length++) refuses(() => parseSctList(list.subarray(0, length)));
    refuses(() => parseSct(Uint8Array.of(1, ...serializeSct(SCT).subarray(1))));
    refuses(() => parseSct(Uint8Array.of(...serializeSct(SCT), 0)));
    refuses(() => parseSctList(serializeSctList(Array.from({ length: LIMITS.scts + 1 }, () => SCT))));
  });
  test("refused: an extension that is no OCTET STRING, or has something behind it", () => {
    for (const value of [
      serializeSctList([SCT]),
      Uint8Array.of(...LIST.value, 0),
      der.utf8String(""),
      new Uint8Array(),
    ]) {
      refuses(() => embeddedScts(certificateWith([{ ...LIST, value }])));
    }
  });
});

describe("the certificate as the log saw it", () => {
  const other = (n: number, size: number): Extension => ({
    oid: `1.2.${n}`,
    critical: n % 2 === 0,
    value: new Uint8Array(size),
  });
  test("without list and poison, wherever they stand", () => {
    const kept = [other(1, 3), other(2, 40), other(3, 0)];
    for (const cut of [LIST, POISON]) {
      for (let at = 0; at <= kept.length; at++) {
        const extensions = [...kept.slice(0, at), cut, ...kept.slice(at)];
        assert.deepEqual(precertificateTbs({ tbs: tbsOf(extensions) }), tbsOf(kept));
      }
    }
    assert.deepEqual(precertificateTbs({ tbs: tbsOf([LIST, ...kept, POISON]) }), tbsOf(kept));
    assert.deepEqual(precertificateTbs({ tbs: tbsOf(kept) }), tbsOf(kept));
  });
  test("lengths that become shorter", () => {
    for (const size of [0, 60, 90, 100, 127, 128, 200, 250, 255, 256, 60_000]) {
      assert.deepEqual(precertificateTbs({ tbs: tbsOf([other(1, size), LIST]) }), tbsOf([other(1, size)]));
    }
  });
  test("no extensions left, or none at all", () => {
    assert.deepEqual(precertificateTbs({ tbs: tbsOf([LIST]) }), tbsOf([]));
    assert.deepEqual(precertificateTbs({ tbs: tbsOf([]) }), tbsOf([]));
  });
  test("an object identifier that only begins the same stays", () => {
    const longer: Extension = { oid: `${OID.sctList}.1`, critical: false, value: new Uint8Array(2) };
    assert.deepEqual(precertificateTbs({ tbs: tbsOf([longer, LIST]) }), tbsOf([longer]));
  });
});

test("what the log signs, by RFC 6962 3.2", () => {
  const tbs = Uint8Array.of(0x30, 0);
  const issuerKeyHash = new Uint8Array(32).fill(0xaa);
  const precertificate = sctSignatureInput({
    timestampMs: 0x0102n,
    extensions: Uint8Array.of(7),
    entry: { type: "precertificate", issuerKeyHash, tbs },
  });
  assert.equal(
    hexEncode(precertificate),
    `00 00 0000000000000102 0001 ${"aa".repeat(32)} 000002 3000 0001 07`.replaceAll(" ", ""),
  );
  const x509 = sctSignatureInput({
    timestampMs: 0x0102n,
    extensions: new Uint8Array(),
    entry: { type: "x509", certificate: tbs },
  });
  assert.equal(hexEncode(x509), "00000000000000000102 0000 000002 3000 0000".replaceAll(" ", ""));
});

describe("leaf index of static-ct-api", () => {
  test("written and read again", () => {
    assert.equal(hexEncode(serializeLeafIndexExtension(0x0102030405n)), "0000050102030405");
    for (const index of [0n, 1n, (1n << 40n) - 1n])
      assert.equal(leafIndexOfSct({ extensions: serializeLeafIndexExtension(index) }), index);
    assert.throws(() => serializeLeafIndexExtension(1n << 40n), TypeError);
    assert.throws(() => serializeLeafIndexExtension(-1n), TypeError);
  });
  test("absent, and beside other extensions", () => {
    assert.equal(leafIndexOfSct({ extensions: new Uint8Array() }), undefined);
    assert.equal(leafIndexOfSct({ extensions: hexDecode("010001ff") }), undefined);
    assert.equal(leafIndexOfSct({ extensions: hexDecode("010001ff0000050000000009") }), 9n);
  });
  test("refused: twice, other sizes, cut off", () => {
    for (const hex of ["00000500000000090000050000000009", "00000400000009", "000005000000", "00", "0000"]) {
      refuses(() => leafIndexOfSct({ extensions: hexDecode(hex) }));
    }
  });
});

test("hostile bytes: SCTs or a SigstoreError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      for (const read of [parseSct, parseSctList, (extensions: Uint8Array) => leafIndexOfSct({ extensions })]) {
        try {
          read(bytes);
        } catch (error) {
          assert.ok(isSigstoreError(error), String(error));
        }
      }
    }),
  );
});
