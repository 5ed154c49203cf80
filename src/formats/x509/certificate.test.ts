/** Certificates: written and read again, and every malformed one refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { der } from "../../encoding/der.ts";
import { type ErrorCode, isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { serializeSpki } from "../spki.ts";
import {
  type Extension,
  findExtension,
  parseCertificate,
  serializeCertificate,
  serializeName,
  serializeTbsCertificate,
  type TbsCertificateFields,
} from "./certificate.ts";
import { OID } from "./oids.ts";

const ALGORITHM = der.sequence(der.oid("1.2.840.10045.4.3.3"));
const ISSUER = serializeName([{ oid: OID.organizationName, value: "sigstore.dev" }]);
const SUBJECT = serializeName([]);
const KEY = serializeSpki({ keyType: "ed25519", keyBytes: new Uint8Array(32) });
const SIGNATURE = Uint8Array.of(1, 2, 3);
const EXTENSION: Extension = { oid: "1.2.3", critical: true, value: Uint8Array.of(9) };

const FIELDS: TbsCertificateFields = {
  serialNumber: Uint8Array.of(0x80, 1),
  signatureAlgorithm: ALGORITHM,
  issuer: ISSUER,
  subject: SUBJECT,
  notBeforeMs: Date.UTC(2024, 0, 1),
  notAfterMs: Date.UTC(2051, 0, 1),
  spki: KEY,
  extensions: [EXTENSION, { oid: "1.2.4", critical: false, value: new Uint8Array() }],
};

function certificate(changes: Partial<TbsCertificateFields> = {}): Uint8Array {
  return serializeCertificate(serializeTbsCertificate({ ...FIELDS, ...changes }), ALGORITHM, SIGNATURE);
}

/** A TBSCertificate of ready elements, for the forms that the writer cannot be brought to write. */
function rawCertificate(changes: {
  version?: Uint8Array;
  serial?: Uint8Array;
  validity?: Uint8Array;
  tail?: readonly Uint8Array[];
}): Uint8Array {
  const { version = der.explicit(0, der.integer(2)), serial = der.integer(1), tail = [] } = changes;
  const validity = changes.validity ?? der.sequence(der.time(0), der.time(0));
  return serializeCertificate(
    der.sequence(version, serial, ALGORITHM, ISSUER, validity, SUBJECT, KEY, ...tail),
    ALGORITHM,
    SIGNATURE,
  );
}

function refuses(bytes: Uint8Array, message: RegExp, code: ErrorCode = "certificate-invalid"): void {
  assert.throws(
    () => parseCertificate(bytes),
    (error) => {
      assert.ok(isSigstoreError(error, code), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

function extensionElement(...parts: Uint8Array[]): Uint8Array {
  return der.explicit(3, der.sequence(der.sequence(der.oid("1.2.3"), ...parts)));
}

test("written and read again", () => {
  const bytes = certificate();
  const parsed = parseCertificate(bytes);
  assert.equal(parsed.raw, bytes);
  assert.deepEqual(parsed.tbs, serializeTbsCertificate(FIELDS));
  assert.equal(parsed.version, 3);
  assert.deepEqual(parsed.serialNumber, FIELDS.serialNumber);
  assert.equal(parsed.signatureAlgorithm.oid, "1.2.840.10045.4.3.3");
  assert.equal(parsed.signatureAlgorithm.parameters, undefined);
  assert.deepEqual(parsed.signatureAlgorithm.raw, ALGORITHM);
  assert.deepEqual(parsed.signature, SIGNATURE);
  assert.deepEqual(parsed.issuer.raw, ISSUER);
  assert.deepEqual(parsed.subject.raw, SUBJECT);
  assert.equal(parsed.notBeforeMs, FIELDS.notBeforeMs);
  assert.equal(parsed.notAfterMs, FIELDS.notAfterMs);
  assert.deepEqual(parsed.spki, KEY);
  assert.deepEqual(parsed.extensions, FIELDS.extensions);
  assert.deepEqual(findExtension(parsed, "1.2.3"), EXTENSION);
  assert.equal(findExtension(parsed, "1.2.5"), undefined);
});

test("nothing is copied", () => {
  const bytes = certificate();
  const parsed = parseCertificate(bytes);
  for (const slice of [
    parsed.tbs,
    parsed.serialNumber,
    parsed.signature,
    parsed.spki,
    parsed.issuer.raw,
    parsed.signatureAlgorithm.raw,
    ...parsed.extensions.map((one) => one.value),
  ]) {
    assert.equal(slice.buffer, bytes.buffer);
  }
});

test("any fields, written and read again", () => {
  const second = fc
    .integer({ min: Date.UTC(1, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    .map((seconds) => seconds * 1000);
  const extension = fc.record(
    { oid: fc.nat(5000).map((arc) => `1.2.${arc}`), critical: fc.boolean(), value: fc.uint8Array({ maxLength: 200 }) },
    { noNullPrototype: true },
  );
  const fields = fc.record({
    serialNumber: fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((octets) => octets[0] !== 0),
    notBeforeMs: second,
    notAfterMs: second,
    extensions: fc.uniqueArray(extension, { maxLength: 8, selector: ({ oid }) => oid }),
  });
  fc.assert(
    fc.property(fields, (changes) => {
      const parsed = parseCertificate(certificate(changes));
      const { serialNumber, notBeforeMs, notAfterMs, extensions } = parsed;
      assert.deepEqual({ serialNumber, notBeforeMs, notAfterMs, extensions }, { ...changes });
    }),
  );
});

test("unique identifiers are passed over, and extensions may be absent", () => {
  const ids = [der.implicit(1, Uint8Array.of(0), false), der.implicit(2, Uint8Array.of(0, 1), false)];
  assert.deepEqual(parseCertificate(rawCertificate({ tail: ids })).extensions, []);
  assert.deepEqual(parseCertificate(rawCertificate({})).extensions, []);
});

describe("refused", () => {
  test("versions 1 and 2", () => {
    refuses(rawCertificate({ version: new Uint8Array() }), /expected version 3, got version 1/);
    refuses(rawCertificate({ version: der.explicit(0, der.integer(1)) }), /got version 2/);
    refuses(rawCertificate({ version: der.explicit(0, der.integer(3)) }), /got version 4/);
    refuses(rawCertificate({ version: der.raw(0xa0, Uint8Array.of(2, 1, 2, 5, 0)) }), /end of a DER value/);
  });
  test("serial numbers that are zero, negative, longer than 20 octets, or padded", () => {
    refuses(rawCertificate({ serial: der.integer(0) }), /positive serial number, got zero/);
    refuses(rawCertificate({ serial: der.integer(-1) }), /got a negative one/);
    refuses(rawCertificate({ serial: der.integer(1n << 160n) }), /at most 20 octets, got 21/);
    refuses(rawCertificate({ serial: der.raw(2, Uint8Array.of(0, 1)) }), /minimal INTEGER/);
    parseCertificate(rawCertificate({ serial: der.integer((1n << 160n) - 1n) }));
  });
  test("two signature algorithms", () => {
    const tbs = serializeTbsCertificate(FIELDS);
    refuses(
      serializeCertificate(tbs, der.sequence(der.oid("1.2.840.10045.4.3.2")), SIGNATURE),
      /same signature algorithm/,
    );
    refuses(
      serializeCertificate(tbs, der.sequence(der.oid("1.2.840.10045.4.3.3"), der.null()), SIGNATURE),
      /same signature algorithm/,
    );
  });
  test("times that are none", () => {
    refuses(rawCertificate({ validity: der.sequence(der.time(0)) }), /an element/);
    refuses(rawCertificate({ validity: der.sequence(der.time(0), der.time(0), der.time(0)) }), /end of a DER value/);
    refuses(rawCertificate({ validity: der.sequence(der.time(0), der.generalizedTime(1)) }), /without fraction/);
    refuses(rawCertificate({ validity: der.sequence(der.time(0), der.utf8String("240101000000Z")) }), /a time/);
  });
  test("extensions: none in the list, twice the same, too many, FALSE written out, something behind", () => {
    refuses(rawCertificate({ tail: [der.explicit(3, der.sequence())] }), /an empty list/);
    refuses(certificate({ extensions: [EXTENSION, EXTENSION] }), /1\.2\.3 twice/);
    const many = Array.from({ length: LIMITS.certificateExtensions + 1 }, (_, index) => ({
      ...EXTENSION,
      oid: `1.2.${index}`,
    }));
    refuses(certificate({ extensions: many }), /at most 64 extensions/);
    parseCertificate(certificate({ extensions: many.slice(1) }));
    refuses(
      rawCertificate({ tail: [extensionElement(der.boolean(false), der.octetString(SIGNATURE))] }),
      /FALSE to be left out/,
    );
    refuses(rawCertificate({ tail: [extensionElement(der.octetString(SIGNATURE), der.null())] }), /end of a DER value/);
    refuses(rawCertificate({ tail: [extensionElement(der.utf8String("x"))] }), /octetString/);
    refuses(
      rawCertificate({ tail: [der.explicit(3, der.sequence(der.sequence())), der.null()] }),
      /end of a DER value/,
    );
    refuses(rawCertificate({ tail: [der.raw(0xa3, new Uint8Array())] }), /an element/);
  });
  test("unused bits in the signature", () => {
    refuses(
      der.sequence(serializeTbsCertificate(FIELDS), ALGORITHM, der.bitString(Uint8Array.of(0x80), 7)),
      /whole octets/,
    );
  });
  test("missing or additional parts, trailing octets", () => {
    const bytes = certificate();
    for (const cut of [0, 1, 2, 50, bytes.length - 1]) refuses(bytes.subarray(0, cut), /certificate/);
    refuses(Uint8Array.of(...bytes, 0), /end of a DER value/);
    refuses(der.sequence(serializeTbsCertificate(FIELDS), ALGORITHM), /an element/);
    refuses(
      der.sequence(serializeTbsCertificate(FIELDS), ALGORITHM, der.bitString(SIGNATURE), der.null()),
      /end of a DER value/,
    );
  });
  test("too many bytes", () => {
    const large = { oid: "1.2.3", critical: false, value: new Uint8Array(LIMITS.certificateBytes) };
    refuses(certificate({ extensions: [large] }), /at most 65536 bytes/, "input-too-large");
  });
});

test("hostile bytes: a certificate or a SigstoreError", () => {
  const valid = certificate();
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (index, octet, length) => {
      const mutated = valid.slice(0, length);
      if (index < length) mutated[index] = octet;
      try {
        parseCertificate(mutated);
      } catch (error) {
        assert.ok(isSigstoreError(error), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
