/**
 * RFC 5280 §4.1.2.4: distinguished names, read only when somebody asks what they say.
 *
 * Two names are equal to us when their bytes are (RFC 5280 §7.1 allows more; Sigstore's authorities copy names byte by byte).
 * Leaves out: RFC 4514's escaping rules in full; the text is for people.
 */
import { DerReader, type DerElement, der, derStringText, TAG } from "../../encoding/der.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parsingAs } from "../parse-error.ts";
import { OID } from "./oids.ts";

/** A distinguished name: its whole element, a slice of where it stood. */
export interface Name {
  readonly raw: Uint8Array;
}

/** One attribute of a name: `2.5.4.3` and `sigstore`, for instance. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [OID.commonName, "CN"],
  [OID.serialNumber, "serialNumber"],
  [OID.countryName, "C"],
  [OID.localityName, "L"],
  [OID.stateOrProvinceName, "ST"],
  [OID.streetAddress, "street"],
  [OID.organizationName, "O"],
  [OID.organizationalUnitName, "OU"],
  [OID.postalCode, "postalCode"],
  [OID.organizationIdentifier, "organizationIdentifier"],
  [OID.domainComponent, "DC"],
  [OID.userId, "UID"],
  [OID.emailAddress, "emailAddress"],
]);

/**
 * The attributes of a name in their order; a value of no readable string type is `#` and its element in hex.
 *
 * @throws SigstoreError `certificate-invalid`
 */
export function nameAttributes(name: Name): NameAttribute[] {
  return parsingAs("certificate-invalid", "a distinguished name", () => {
    const attributes: NameAttribute[] = [];
    const relativeNames = new DerReader(name.raw).sequence();
    while (!relativeNames.done) readRelativeName(relativeNames.set(), attributes);
    return attributes;
  });
}

/** RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue. */
function readRelativeName(set: DerReader, attributes: NameAttribute[]): void {
  if (set.done)
    throw new SigstoreError("certificate-invalid", "expected an attribute in a relative distinguished name, got none");
  while (!set.done) {
    const fields = set.sequence();
    const oid = fields.oid();
    const value = fields.any();
    fields.end();
    attributes.push({ oid, value: attributeText(value) });
    if (attributes.length > LIMITS.nameAttributes) {
      throw new SigstoreError(
        "certificate-invalid",
        `expected at most ${LIMITS.nameAttributes} attributes in a name, got more`,
      );
    }
  }
}

function attributeText(value: DerElement): string {
  return derStringText(value) ?? `#${hexEncode(value.raw)}`;
}

/** A name in words: `O=sigstore.dev, CN=sigstore`; empty for the empty name. @throws SigstoreError `certificate-invalid` */
export function nameText(name: Name): string {
  return nameAttributes(name)
    .map(({ oid, value }) => `${SHORT_NAMES.get(oid) ?? oid}=${value}`)
    .join(", ");
}

/** A name as one element, one attribute to a relative name; country and serial number as PrintableString, e-mail and DC as IA5String. */
export function serializeName(attributes: readonly NameAttribute[]): Uint8Array {
  return der.sequence(
    ...attributes.map(({ oid, value }) => der.set(der.sequence(der.oid(oid), attributeValue(oid, value)))),
  );
}

function attributeValue(oid: string, value: string): Uint8Array {
  switch (oid) {
    case OID.countryName:
    case OID.serialNumber:
      return der.printableString(value);
    case OID.emailAddress:
    case OID.domainComponent:
      return der.ia5String(value);
    default:
      return der.utf8String(value);
  }
}

/** Refuses what is no Name: SEQUENCE OF SET, without looking at the attributes. */
export function readName(reader: DerReader): Name {
  return { raw: reader.raw(TAG.sequence) };
}
