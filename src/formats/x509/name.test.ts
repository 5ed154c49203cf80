/** Distinguished names: text, order, string types, and malformed ones refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { der, DerReader, TAG } from "../../encoding/der.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type Name, nameAttributes, nameText, serializeName } from "./name.ts";
import { OID } from "./oids.ts";

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), value);
}

function name(...relativeNames: Uint8Array[]): Name {
  return { raw: der.sequence(...relativeNames) };
}

function refuses(value: Name): void {
  assert.throws(
    () => nameAttributes(value),
    (error) => isSigstoreError(error, "certificate-invalid"),
  );
}

test("text in the name's order, with the short names of the field", () => {
  const raw = serializeName([
    { oid: OID.organizationName, value: "sigstore.dev" },
    { oid: OID.commonName, value: "sigstore" },
    { oid: OID.countryName, value: "US" },
    { oid: "1.2.3.4", value: "ü" },
  ]);
  assert.equal(nameText({ raw }), "O=sigstore.dev, CN=sigstore, C=US, 1.2.3.4=ü");
  assert.equal(nameText({ raw: serializeName([]) }), "");
});

test("several attributes in one relative name, other string types, and what is no string", () => {
  const value = name(
    der.setOf(
      attribute(OID.commonName, der.printableString("a")),
      attribute(OID.organizationName, der.ia5String("b@c")),
    ),
    der.set(attribute(OID.localityName, der.raw(TAG.bmpString, Uint8Array.of(0, 0x41)))),
    der.set(attribute(OID.stateOrProvinceName, der.raw(TAG.teletexString, Uint8Array.of(0xe9)))),
  );
  assert.equal(nameText(value), "CN=a, O=b@c, L=A, ST=#1401e9");
});

test("string types that the writer chooses", () => {
  const tagOf = (oid: string, value: string): number | undefined => {
    const fields = new DerReader(serializeName([{ oid, value }])).sequence().set().sequence();
    fields.skip();
    return fields.peekTag();
  };
  assert.equal(tagOf(OID.countryName, "US"), TAG.printableString);
  assert.equal(tagOf(OID.serialNumber, "1"), TAG.printableString);
  assert.equal(tagOf(OID.emailAddress, "a@b"), TAG.ia5String);
  assert.equal(tagOf(OID.domainComponent, "dev"), TAG.ia5String);
  assert.equal(tagOf(OID.commonName, "x"), TAG.utf8String);
});

test("refused: an empty relative name, parts missing or too many, other alphabets, too many attributes", () => {
  refuses(name(der.set()));
  refuses(name(der.set(der.sequence(der.oid(OID.commonName)))));
  refuses(name(der.set(der.sequence(der.oid(OID.commonName), der.utf8String("a"), der.null()))));
  refuses(name(der.sequence()));
  refuses(name(der.set(attribute(OID.commonName, der.raw(TAG.printableString, Uint8Array.of(0x40))))));
  refuses(name(der.set(attribute(OID.commonName, der.raw(TAG.utf8String, Uint8Array.of(0xff))))));
  refuses({ raw: der.null() });
  refuses({
    raw: serializeName(Array.from({ length: LIMITS.nameAttributes + 1 }, () => ({ oid: OID.commonName, value: "a" }))),
  });
});

test("written and read again", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const one = fc.record(
    { oid: fc.constantFrom(OID.commonName, OID.organizationName, "1.2.3"), value: text },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 10 }), (attributes) =>
      assert.deepEqual(nameAttributes({ raw: serializeName(attributes) }), attributes),
    ),
  );
});
