/**
 * RFC 5280 §4.2.1: what the standard extensions say, each read only when asked for; and the same written for authorities.
 *
 * A reader returns undefined when the extension is absent and refuses one whose content is not exactly its type. Leaves
 * out: policies, name constraints and revocation pointers (whoever meets them critical must refuse them), and all judgement.
 */
import { contextConstructed, contextPrimitive, DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { parsingAs } from "../parse-error.ts";
import { type Extension, findExtension } from "./extension-list.ts";
import { type GeneralName, readGeneralNames, serializeGeneralName } from "./general-name.ts";
import { OID } from "./oids.ts";

export type { GeneralName } from "./general-name.ts";

/** What has extensions: a certificate. */
interface Extended {
  readonly extensions: readonly Extension[];
}

/** RFC 5280 §4.2.1.9: whether a certificate may issue others, and how many authorities may follow below it. */
export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength?: number;
}

/** RFC 5280 §4.2.1.3, in the order of the bits. */
const KEY_USAGE_NAMES = [
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

/** What the key may be used for, each purpose by name. */
export type KeyUsage = Readonly<Record<(typeof KEY_USAGE_NAMES)[number], boolean>>;

/** RFC 5280 §4.2.1.12: purposes as object identifiers, and whether the extension is critical. */
export interface ExtendedKeyUsage {
  readonly oids: readonly string[];
  readonly critical: boolean;
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("certificate-invalid", `expected ${expected}, got ${got}`);
}

/** Reads the one element that is the value of the extension `oid`; `what` names it in errors. */
function readExtensionValue<Value>(
  certificate: Extended,
  oid: string,
  what: string,
  read: (value: DerReader, extension: Extension) => Value,
): Value | undefined {
  const extension = findExtension(certificate, oid);
  if (extension === undefined) return undefined;
  return parsingAs("certificate-invalid", what, () => {
    const value = new DerReader(extension.value);
    const result = read(value, extension);
    value.end();
    return result;
  });
}

/** Basic constraints, or undefined. @throws SigstoreError `certificate-invalid` */
export function basicConstraints(certificate: Extended): BasicConstraints | undefined {
  return readExtensionValue(certificate, OID.basicConstraints, "basic constraints", (value) => {
    const fields = value.sequence();
    const hasFlag = fields.peekTag() === TAG.boolean;
    const isCa = hasFlag && fields.boolean();
    // X.690 11.5: a component equal to its default value (FALSE) shall not be encoded.
    if (hasFlag && !isCa) refuse("FALSE to be left out of basic constraints", "an explicit one");
    const pathLength = fields.done ? undefined : fields.smallInteger();
    fields.end();
    return pathLength === undefined ? { isCa } : { isCa, pathLength };
  });
}

/** Key usage, or undefined. @throws SigstoreError `certificate-invalid` */
export function keyUsage(certificate: Extended): KeyUsage | undefined {
  return readExtensionValue(certificate, OID.keyUsage, "a key usage", (value) => {
    const { bytes, unusedBits } = value.bitString();
    const bits = 8 * bytes.length - unusedBits;
    // RFC 5280 4.2.1.3: "When the keyUsage extension appears in a certificate, at least one of the bits MUST be set to 1."
    if (!bytes.some((octet) => octet !== 0)) refuse("a key usage with a purpose", "none");
    // X.690 11.2.2: "the bitstring shall have all trailing 0 bits removed before it is encoded".
    if ((((bytes[bytes.length - 1] ?? 0) >> unusedBits) & 1) === 0)
      refuse("a key usage without trailing zero bits", "some");
    if (bits > KEY_USAGE_NAMES.length) refuse("the nine bits of a key usage", `${bits}`);
    return keyUsageOf((bit) => (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0);
  });
}

function keyUsageOf(isSet: (bit: number) => boolean): KeyUsage {
  return {
    digitalSignature: isSet(0),
    contentCommitment: isSet(1),
    keyEncipherment: isSet(2),
    dataEncipherment: isSet(3),
    keyAgreement: isSet(4),
    keyCertSign: isSet(5),
    crlSign: isSet(6),
    encipherOnly: isSet(7),
    decipherOnly: isSet(8),
  };
}

/** Extended key usage, or undefined. @throws SigstoreError `certificate-invalid` */
export function extendedKeyUsage(certificate: Extended): ExtendedKeyUsage | undefined {
  return readExtensionValue(certificate, OID.extendedKeyUsage, "an extended key usage", (value, { critical }) => {
    const purposes = value.sequence();
    const oids: string[] = [];
    // RFC 5280 4.2.1.12: ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF KeyPurposeId.
    if (purposes.done) refuse("a purpose in an extended key usage", "none");
    while (!purposes.done) oids.push(purposes.oid());
    return { oids, critical };
  });
}

/** Subject key identifier, or undefined. @throws SigstoreError `certificate-invalid` */
export function subjectKeyIdentifier(certificate: Extended): Uint8Array | undefined {
  return readExtensionValue(certificate, OID.subjectKeyIdentifier, "a subject key identifier", (value) =>
    value.octetString(),
  );
}

/** Key identifier of the authority key identifier; undefined when it or the extension is absent. @throws SigstoreError `certificate-invalid` */
export function authorityKeyIdentifier(certificate: Extended): Uint8Array | undefined {
  return readExtensionValue(certificate, OID.authorityKeyIdentifier, "an authority key identifier", (value) => {
    const fields = value.sequence();
    const keyIdentifier = fields.optional(contextPrimitive(0))?.content;
    fields.optional(contextConstructed(1));
    fields.optional(contextPrimitive(2));
    fields.end();
    return keyIdentifier;
  });
}

/** Subject alternative names; empty when the extension is absent. @throws SigstoreError `certificate-invalid` */
export function subjectAlternativeNames(certificate: Extended): GeneralName[] {
  const names = readExtensionValue(certificate, OID.subjectAlternativeName, "subject alternative names", (value) =>
    readGeneralNames(value.sequence()),
  );
  return names ?? [];
}

/** Basic constraints as an extension (critical, as RFC 5280 wants it of authorities). */
export function serializeBasicConstraints(constraints: BasicConstraints): Extension {
  const fields: Uint8Array[] = [];
  if (constraints.isCa) fields.push(der.boolean(true));
  if (constraints.pathLength !== undefined) fields.push(der.integer(constraints.pathLength));
  return { oid: OID.basicConstraints, critical: true, value: der.sequence(...fields) };
}

/** Key usage as a critical extension. @throws TypeError without any purpose */
export function serializeKeyUsage(purposes: Partial<KeyUsage>): Extension {
  const set = KEY_USAGE_NAMES.flatMap((name, bit) => (purposes[name] === true ? [bit] : []));
  const last = set.at(-1);
  if (last === undefined) throw new TypeError("expected a purpose in a key usage, got none");
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of set) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return { oid: OID.keyUsage, critical: true, value: der.bitString(bytes, 7 - (last & 7)) };
}

/** Extended key usage as an extension. */
export function serializeExtendedKeyUsage(usage: ExtendedKeyUsage): Extension {
  return {
    oid: OID.extendedKeyUsage,
    critical: usage.critical,
    value: der.sequence(...usage.oids.map((oid) => der.oid(oid))),
  };
}

/** Subject key identifier as an extension. */
export function serializeSubjectKeyIdentifier(keyIdentifier: Uint8Array): Extension {
  return { oid: OID.subjectKeyIdentifier, critical: false, value: der.octetString(keyIdentifier) };
}

/** Authority key identifier with the authority's key identifier alone, as an extension. */
export function serializeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Extension {
  return {
    oid: OID.authorityKeyIdentifier,
    critical: false,
    value: der.sequence(der.implicit(0, keyIdentifier, false)),
  };
}

/** Subject alternative names as an extension; critical when the subject is empty (RFC 5280 §4.2.1.6), as in every Fulcio leaf. */
export function serializeSubjectAlternativeNames(names: readonly GeneralName[], critical = true): Extension {
  return { oid: OID.subjectAlternativeName, critical, value: der.sequence(...names.map(serializeGeneralName)) };
}
