/** CMS SignedData: written and read again, and malformed structures refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { concatBytes } from "../encoding/bytes.ts";
import { der } from "../encoding/der.ts";
import { type ErrorCode, isSigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import {
  parseSignedData,
  serializeAttributes,
  serializeSignedData,
  type SignedDataFields,
  type SignerIdentifier,
  type SignerInfoFields,
} from "./cms.ts";
import { serializeName } from "./x509/name.ts";
import { OID } from "./x509/oids.ts";

const SHA256 = der.sequence(der.oid(OID.sha256));
const SHA512 = der.sequence(der.oid(OID.sha512));
const ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"));
const ISSUER = serializeName([{ oid: OID.commonName, value: "tsa" }]);
const BY_SERIAL: SignerIdentifier = {
  kind: "issuerAndSerialNumber",
  issuer: ISSUER,
  serialNumber: Uint8Array.of(0x90),
};
const BY_KEY: SignerIdentifier = { kind: "subjectKeyIdentifier", id: Uint8Array.of(1, 2) };
const ATTRIBUTES = serializeAttributes([
  { oid: OID.messageDigest, value: der.octetString(new Uint8Array(32)) },
  { oid: OID.contentType, value: der.oid(OID.tstInfo) },
]);
const SIGNER: SignerInfoFields = {
  signerId: BY_SERIAL,
  digestAlgorithm: SHA256,
  signedAttributes: ATTRIBUTES,
  signatureAlgorithm: ECDSA,
  signature: Uint8Array.of(7),
};
const FIELDS: SignedDataFields = {
  contentType: OID.tstInfo,
  content: Uint8Array.of(5),
  certificates: [der.sequence(der.integer(1))],
  signerInfos: [SIGNER],
};

/** SignedData of ready elements, for the forms that the writer cannot be brought to write. */
function rawSignedData(parts: {
  version?: number;
  digests?: Uint8Array;
  encapsulated?: Uint8Array;
  between?: readonly Uint8Array[];
  signers?: readonly Uint8Array[];
}): Uint8Array {
  const { version = 3, digests = der.set(SHA256), between = [], signers = [rawSigner({})] } = parts;
  const encapsulated = parts.encapsulated ?? der.sequence(der.oid(OID.data));
  const signedData = der.sequence(der.integer(version), digests, encapsulated, ...between, der.set(...signers));
  return der.sequence(der.oid(OID.signedData), der.explicit(0, signedData));
}

function rawSigner(parts: {
  version?: number;
  id?: Uint8Array;
  attributes?: readonly Uint8Array[];
  tail?: readonly Uint8Array[];
}): Uint8Array {
  const { version = 1, id = der.sequence(ISSUER, der.integer(5)), attributes = [], tail = [] } = parts;
  return der.sequence(
    der.integer(version),
    id,
    SHA256,
    ...attributes,
    ECDSA,
    der.octetString(new Uint8Array(1)),
    ...tail,
  );
}

function attribute(oid: string, ...values: Uint8Array[]): Uint8Array {
  return der.sequence(der.oid(oid), der.set(...values));
}

function refuses(bytes: Uint8Array, message: RegExp, code: ErrorCode = "cms-invalid"): void {
  assert.throws(
    () => parseSignedData(bytes),
    (error) => {
      assert.ok(isSigstoreError(error, code), String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

describe("written and read again", () => {
  test("one signer with attributes, certificates and content", () => {
    const bytes = serializeSignedData(FIELDS);
    const parsed = parseSignedData(bytes);
    assert.equal(parsed.raw, bytes);
    assert.equal(parsed.version, 3);
    assert.deepEqual(parsed.digestAlgorithms, [OID.sha256]);
    assert.equal(parsed.contentType, OID.tstInfo);
    assert.deepEqual(parsed.content, Uint8Array.of(5));
    assert.deepEqual(parsed.certificates, FIELDS.certificates);
    const [signer] = parsed.signerInfos;
    assert.deepEqual(signer?.signerId, BY_SERIAL);
    assert.equal(signer?.digestAlgorithm, OID.sha256);
    assert.equal(signer?.signatureAlgorithm.oid, "1.2.840.10045.4.3.2");
    assert.deepEqual(signer?.signature, Uint8Array.of(7));
    assert.equal(signer?.unsignedAttributes, undefined);
  });
  test("signed attributes come as the SET that is signed", () => {
    const [signer] = parseSignedData(serializeSignedData(FIELDS)).signerInfos;
    assert.deepEqual(signer?.signedAttributes?.raw, ATTRIBUTES);
    assert.equal(signer?.signedAttributes?.raw[0], 0x31);
    assert.deepEqual([...(signer?.signedAttributes?.values.keys() ?? [])], [OID.contentType, OID.messageDigest]);
    assert.deepEqual(signer?.signedAttributes?.values.get(OID.contentType), der.oid(OID.tstInfo));
  });
  test("the input stays as it was, a Node Buffer too", () => {
    const bytes = serializeSignedData(FIELDS);
    const buffer = Buffer.from(bytes);
    const [signer] = parseSignedData(buffer).signerInfos;
    assert.deepEqual(Uint8Array.from(buffer), bytes);
    assert.deepEqual(Uint8Array.from(signer?.signedAttributes?.raw ?? []), ATTRIBUTES);
  });
  test("detached, several signers, key identifiers, unsigned attributes", () => {
    const unsignedAttributes = serializeAttributes([{ oid: "1.2.3", value: der.null() }]);
    const second: SignerInfoFields = {
      signerId: BY_KEY,
      digestAlgorithm: SHA512,
      signatureAlgorithm: ECDSA,
      signature: Uint8Array.of(8),
      unsignedAttributes,
    };
    const parsed = parseSignedData(
      serializeSignedData({ contentType: OID.data, certificates: [], signerInfos: [SIGNER, second] }),
    );
    assert.equal(parsed.version, 3);
    assert.equal(parsed.content, undefined);
    assert.deepEqual(parsed.certificates, []);
    assert.deepEqual(new Set(parsed.digestAlgorithms), new Set([OID.sha256, OID.sha512]));
    const found = parsed.signerInfos.find((signer) => signer.signerId.kind === "subjectKeyIdentifier");
    assert.deepEqual(found?.signerId, BY_KEY);
    assert.equal(found?.signedAttributes, undefined);
    assert.deepEqual(found?.unsignedAttributes?.raw, unsignedAttributes);
    assert.deepEqual(found?.unsignedAttributes?.values.get("1.2.3"), der.null());
  });
  test("version 1 for plain data by issuer and serial number", () => {
    assert.equal(
      parseSignedData(serializeSignedData({ contentType: OID.data, certificates: [], signerInfos: [SIGNER] })).version,
      1,
    );
  });
});

test("revocation lists and certificates of other kinds are passed over", () => {
  const crls = der.implicit(1, der.sequence(der.integer(1)), true);
  const certificates = der.implicit(
    0,
    Uint8Array.of(...der.sequence(), ...der.implicit(3, der.oid("1.2.3"), true)),
    true,
  );
  assert.deepEqual(parseSignedData(rawSignedData({ between: [certificates, crls] })).certificates, [der.sequence()]);
  refuses(rawSignedData({ between: [der.implicit(1, Uint8Array.of(0x30), true)] }), /an element/);
});

describe("refused", () => {
  test("other content, other versions, something behind", () => {
    refuses(der.sequence(der.oid(OID.data), der.explicit(0, der.octetString(new Uint8Array()))), /type SignedData/);
    refuses(rawSignedData({ version: 2 }), /version 1, 3, 4 or 5/);
    refuses(Uint8Array.of(...serializeSignedData(FIELDS), 0), /end of a DER value/);
    refuses(rawSignedData({ between: [der.null()] }), /set/);
    refuses(new Uint8Array(LIMITS.smallFileBytes + 1), /at most/, "input-too-large");
    for (const cut of [0, 1, 30, 60]) refuses(serializeSignedData(FIELDS).subarray(0, cut), /malformed/);
  });
  test("content that is no OCTET STRING, or in pieces (BER)", () => {
    refuses(
      rawSignedData({ encapsulated: der.sequence(der.oid(OID.data), der.explicit(0, der.sequence())) }),
      /octetString/,
    );
    refuses(
      rawSignedData({
        encapsulated: der.sequence(
          der.oid(OID.data),
          der.explicit(0, der.raw(0x24, der.octetString(new Uint8Array()))),
        ),
      }),
      /octetString/,
    );
  });
  test("too many signers, certificates, digest algorithms", () => {
    refuses(
      rawSignedData({ signers: Array.from({ length: LIMITS.cmsSigners + 1 }, () => rawSigner({})) }),
      /at most 4 signers/,
    );
    refuses(
      rawSignedData({ digests: der.set(...Array.from({ length: LIMITS.cmsSigners + 1 }, () => SHA256)) }),
      /at most 4 digest/,
    );
    const many = Array.from({ length: LIMITS.cmsCertificates + 1 }, () => [...der.sequence()]).flat();
    refuses(rawSignedData({ between: [der.implicit(0, Uint8Array.from(many), true)] }), /at most 16 certificates/);
  });
  test("signers of another version than their identifier says", () => {
    refuses(rawSignedData({ signers: [rawSigner({ version: 3 })] }), /a signer of version 1/);
    refuses(
      rawSignedData({ signers: [rawSigner({ version: 1, id: der.implicit(0, Uint8Array.of(1), false) })] }),
      /a signer of version 3/,
    );
    refuses(rawSignedData({ signers: [rawSigner({ id: der.sequence(ISSUER, der.integer(0)) })] }), /positive serial/);
    refuses(rawSignedData({ signers: [rawSigner({ tail: [der.null()] })] }), /end of a DER value/);
  });
  test("attributes: none, unsorted, twice, several values, no value, something behind", () => {
    const withAttributes = (...attributes: Uint8Array[]): Uint8Array => {
      const content = concatBytes(...attributes);
      return rawSignedData({ signers: [rawSigner({ attributes: [der.implicit(0, content, true)] })] });
    };
    const a = attribute("1.2.3", der.null());
    const b = attribute("1.2.4", der.null());
    parseSignedData(withAttributes(a, b));
    refuses(withAttributes(), /an attribute/);
    refuses(withAttributes(b, a), /DER order/);
    refuses(withAttributes(a, a), /DER order/);
    refuses(withAttributes(a, attribute("1.2.3", der.integer(1))), /1\.2\.3 once/);
    refuses(withAttributes(attribute("1.2.3", der.null(), der.null())), /one value/);
    refuses(withAttributes(attribute("1.2.3")), /an element/);
    refuses(withAttributes(der.sequence(der.oid("1.2.3"), der.set(der.null()), der.null())), /end of a DER value/);
    const many = Array.from({ length: LIMITS.cmsAttributes + 1 }, (_, index) => attribute(`1.2.${index}`, der.null()));
    refuses(withAttributes(...many), /at most 32 attributes/);
  });
});

test("hostile bytes: SignedData or a SigstoreError", () => {
  const valid = serializeSignedData(FIELDS);
  fc.assert(
    fc.property(
      fc.nat(valid.length - 1),
      fc.nat(255),
      fc.integer({ min: 0, max: valid.length }),
      (index, octet, length) => {
        const mutated = valid.slice(0, length);
        if (index < length) mutated[index] = octet;
        try {
          parseSignedData(mutated);
        } catch (error) {
          assert.ok(isSigstoreError(error), String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});
