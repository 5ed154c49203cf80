/**
 * RFC 5280 §4.1: X.509 certificates, version 3, read strictly; the writers of authorities are in certificate-writer.ts.
 *
 * Everything is a slice of the certificate; names and extensions are opened by who asks (name.ts, extensions.ts). Leaves
 * out: signatures and paths (verify/), the meaning of keys (spki.ts), versions 1 and 2.
 */
import { equalBytes } from "../../encoding/bytes.ts";
import { contextConstructed, contextPrimitive, DerReader, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from "../algorithm-identifier.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import { type Extension, readExtensions } from "./extension-list.ts";
import { type Name, readName } from "./name.ts";

export type { AlgorithmIdentifier } from "../algorithm-identifier.ts";
export { type Extension, findExtension } from "./extension-list.ts";
export { type Name, nameAttributes, nameText, serializeName } from "./name.ts";
export { serializeCertificate, serializeTbsCertificate, type TbsCertificateFields } from "./certificate-writer.ts";

/** A certificate. `serialNumber` is big-endian without leading zeros; `tbs` and `spki` are whole elements; times are UTC milliseconds. */
export interface Certificate {
  readonly raw: Uint8Array;
  readonly tbs: Uint8Array;
  readonly version: 3;
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly spki: Uint8Array;
  readonly extensions: readonly Extension[];
}

/**
 * Parses a DER certificate.
 *
 * @throws SigstoreError `certificate-invalid`, or `input-too-large` above LIMITS.certificateBytes
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  requireSize(bytes, LIMITS.certificateBytes, "a certificate");
  return parsingAs("certificate-invalid", "an X.509 certificate", () => readCertificate(bytes));
}

function readCertificate(raw: Uint8Array): Certificate {
  const outer = new DerReader(raw);
  const fields = outer.sequence();
  outer.end();
  const tbs = fields.peekRaw();
  const body = fields.sequence();
  const signatureAlgorithm = readAlgorithmIdentifier(fields);
  const signature = fields.bitString();
  fields.end();
  if (signature.unusedBits !== 0) refuse("a signature of whole octets", "unused bits");

  requireVersion3(body);
  const serialNumber = readSerialNumber(body);
  // RFC 5280 4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field in the sequence tbsCertificate".
  const inner = body.raw(TAG.sequence);
  if (!equalBytes(inner, signatureAlgorithm.raw)) refuse("the same signature algorithm inside and outside", "two");
  const issuer = readName(body);
  const validity = body.sequence();
  const notBeforeMs = validity.time();
  const notAfterMs = validity.time();
  validity.end();
  const subject = readName(body);
  const spki = body.raw(TAG.sequence);
  const extensions = readTail(body);
  return {
    raw,
    tbs,
    version: 3,
    serialNumber,
    signatureAlgorithm,
    signature: signature.bytes,
    issuer,
    subject,
    notBeforeMs,
    notAfterMs,
    spki,
    extensions,
  };
}

/** Version ::= [0] EXPLICIT INTEGER DEFAULT v1: absent means a version that cannot carry extensions. */
function requireVersion3(body: DerReader): void {
  const version = body.optionalExplicit(0);
  const value = version?.smallInteger();
  version?.end();
  // RFC 5280 4.1.2.1: "When extensions are used, as expected in this profile, version MUST be 3 (value is 2)."
  if (value !== 2) refuse("version 3", value === undefined ? "version 1" : `version ${value + 1}`);
}

/** Reads a serial number: the magnitude of a positive INTEGER of at most 20 octets. @throws SigstoreError `certificate-invalid` */
export function readSerialNumber(reader: DerReader): Uint8Array {
  const octets = reader.integerBytes();
  const first = octets[0] ?? 0;
  const magnitude = first === 0 ? octets.subarray(1) : octets;
  // RFC 5280 4.1.2.2: "The serial number MUST be a positive integer […] Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
  if (magnitude.length === 0 || (first & 0x80) !== 0)
    refuse("a positive serial number", magnitude.length === 0 ? "zero" : "a negative one");
  if (magnitude.length > 20) refuse("a serial number of at most 20 octets", `${magnitude.length}`);
  return magnitude;
}

/** What may follow the key: the unique identifiers (passed over) and the extensions. */
function readTail(body: DerReader): Extension[] {
  body.optional(contextPrimitive(1));
  body.optional(contextPrimitive(2));
  if (body.done) return [];
  const wrapper = body.constructed(contextConstructed(3));
  body.end();
  const extensions = readExtensions(wrapper.sequence());
  wrapper.end();
  return extensions;
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("certificate-invalid", `expected ${expected}, got ${got}`);
}
