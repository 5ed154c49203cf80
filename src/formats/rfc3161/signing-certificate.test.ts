/** SigningCertificate and SigningCertificateV2: read, the latter written, and malformed ones refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { der } from "../../encoding/der.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { serializeName } from "../x509/name.ts";
import { OID } from "../x509/oids.ts";
import {
  type EssCertificateId,
  parseSigningCertificate,
  parseSigningCertificateV2,
  serializeSigningCertificateV2,
} from "./signing-certificate.ts";

const ISSUER = serializeName([{ oid: OID.commonName, value: "ca" }]);
const HASH = new Uint8Array(32).fill(9);

function refuses(read: () => unknown): void {
  assert.throws(read, (error) => isSigstoreError(error, "timestamp-invalid"));
}

function attribute(...ids: Uint8Array[]): Uint8Array {
  return der.sequence(der.sequence(...ids));
}

test("version 2, written and read again; SHA-256 is left out", () => {
  const issuerSerial = { issuer: ISSUER, serialNumber: Uint8Array.of(0x80) };
  const ids: readonly EssCertificateId[] = [
    { hashAlgorithm: OID.sha256, hash: HASH },
    { hashAlgorithm: OID.sha512, hash: HASH, issuerSerial },
    { hashAlgorithm: OID.sha256, hash: HASH, issuerSerial },
  ];
  for (const id of ids) assert.deepEqual(parseSigningCertificateV2(serializeSigningCertificateV2(id)), [id]);
  assert.deepEqual(
    serializeSigningCertificateV2({ hashAlgorithm: OID.sha256, hash: HASH }),
    attribute(der.sequence(der.octetString(HASH))),
  );
});

test("version 1 is SHA-1; several certificates, and policies behind", () => {
  const id = der.sequence(der.octetString(HASH.subarray(0, 20)));
  const policies = der.sequence(der.sequence(der.oid("1.2.3")));
  const expected = { hashAlgorithm: OID.sha1, hash: HASH.subarray(0, 20) };
  assert.deepEqual(parseSigningCertificate(der.sequence(der.sequence(id, id), policies)), [expected, expected]);
});

test("refused: no certificate, too many, other issuers than one directory name, something behind", () => {
  const id = der.sequence(der.octetString(HASH));
  const issued = (issuer: Uint8Array, ...rest: Uint8Array[]): Uint8Array =>
    attribute(der.sequence(der.octetString(HASH), der.sequence(issuer, ...rest)));
  const directoryName = der.explicit(4, ISSUER);
  for (const parse of [parseSigningCertificate, parseSigningCertificateV2]) {
    parse(issued(der.sequence(directoryName), der.integer(1)));
    refuses(() => parse(attribute()));
    refuses(() => parse(attribute(...Array.from({ length: LIMITS.cmsCertificates + 1 }, () => id))));
    refuses(() => parse(attribute(der.sequence())));
    refuses(() => parse(issued(der.sequence(directoryName, directoryName), der.integer(1))));
    refuses(() => parse(issued(der.sequence(der.implicit(2, Uint8Array.of(0x61), false)), der.integer(1))));
    refuses(() => parse(issued(der.sequence(der.explicit(4, Uint8Array.of(...ISSUER, 5, 0))), der.integer(1))));
    refuses(() => parse(issued(der.sequence(directoryName), der.integer(-1))));
    refuses(() => parse(issued(der.sequence(directoryName), der.integer(1), der.null())));
    refuses(() => parse(der.sequence(der.sequence(id), der.null())));
    refuses(() => parse(Uint8Array.of(...attribute(id), 0)));
    refuses(() => parse(new Uint8Array()));
  }
  refuses(() =>
    parseSigningCertificate(attribute(der.sequence(der.sequence(der.oid(OID.sha256)), der.octetString(HASH)))),
  );
});
