/**
 * RFC 5652 §5: CMS SignedData, as timestamps (RFC 3161) and gitsign use it; the writer is in cms-writer.ts.
 *
 * Reads DER only. Signed attributes come with the bytes that are signed. Certificates are handed out unparsed, revocation
 * lists and certificates of other kinds are passed over. Leaves out: signatures (verify/), indefinite lengths, several
 * values of one attribute, and versions with attribute certificates.
 */
import { compareBytes } from "../encoding/bytes.ts";
import { contextConstructed, contextPrimitive, DerReader, TAG } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from "./algorithm-identifier.ts";
import { parsingAs, requireSize } from "./parse-error.ts";
import { readSerialNumber } from "./x509/certificate.ts";
import { OID } from "./x509/oids.ts";

export {
  serializeAttributes,
  serializeSignedData,
  type SignedDataFields,
  type SignerInfoFields,
} from "./cms-writer.ts";

/** Which certificate's key signed: by issuer (a whole Name) and serial number (without leading zeros), or by key identifier. */
export type SignerIdentifier =
  | { readonly kind: "issuerAndSerialNumber"; readonly issuer: Uint8Array; readonly serialNumber: Uint8Array }
  | { readonly kind: "subjectKeyIdentifier"; readonly id: Uint8Array };

/** Attributes: `raw` is a whole DER SET (what is signed, if they are signed); `values` holds each attribute's one value, a whole element. */
export interface CmsAttributes {
  readonly raw: Uint8Array;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** One signer of a SignedData. `digestAlgorithm` is an object identifier. */
export interface SignerInfo {
  readonly signerId: SignerIdentifier;
  readonly digestAlgorithm: string;
  readonly signedAttributes: CmsAttributes | undefined;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly unsignedAttributes: CmsAttributes | undefined;
}

/** A SignedData: `raw` is the ContentInfo; `content` is undefined when detached; `certificates` are whole X.509 certificates. */
export interface SignedData {
  readonly raw: Uint8Array;
  readonly version: number;
  readonly digestAlgorithms: readonly string[];
  readonly contentType: string;
  readonly content: Uint8Array | undefined;
  readonly certificates: readonly Uint8Array[];
  readonly signerInfos: readonly SignerInfo[];
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("cms-invalid", `expected ${expected}, got ${got}`);
}

/**
 * Parses a ContentInfo that holds SignedData.
 *
 * @throws SigstoreError `cms-invalid`, or `input-too-large` above LIMITS.smallFileBytes
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  requireSize(bytes, LIMITS.smallFileBytes, "a CMS structure");
  return parsingAs("cms-invalid", "a CMS SignedData", () => {
    const outer = new DerReader(bytes);
    const contentInfo = outer.sequence();
    outer.end();
    const contentType = contentInfo.oid();
    if (contentType !== OID.signedData) refuse("content of type SignedData", contentType);
    const wrapper = contentInfo.explicit(0);
    contentInfo.end();
    const signedData = readSignedData(bytes, wrapper.sequence());
    wrapper.end();
    return signedData;
  });
}

function readSignedData(raw: Uint8Array, fields: DerReader): SignedData {
  const version = fields.smallInteger();
  // RFC 5652 5.1: the version is 1, 3, 4 or 5, by what is inside.
  if (version !== 1 && version !== 3 && version !== 4 && version !== 5)
    refuse("SignedData of version 1, 3, 4 or 5", `${version}`);
  const digestAlgorithms = readDigestAlgorithms(fields.set());
  const encapsulated = fields.sequence();
  const contentType = encapsulated.oid();
  const content = readContent(encapsulated);
  const certificates = fields.peekTag() === contextConstructed(0) ? readCertificates(fields.explicit(0)) : [];
  // Revocation lists: signatures at a time in the past are judged without them.
  if (fields.peekTag() === contextConstructed(1)) passOver(fields.explicit(1));
  const signerInfos = readSignerInfos(fields.set());
  fields.end();
  return { raw, version, digestAlgorithms, contentType, content, certificates, signerInfos };
}

function readDigestAlgorithms(set: DerReader): string[] {
  const oids: string[] = [];
  while (!set.done) {
    if (oids.push(readAlgorithmIdentifier(set).oid) > LIMITS.cmsSigners)
      refuse(`at most ${LIMITS.cmsSigners} digest algorithms`, "more");
  }
  return oids;
}

/** eContent [0] EXPLICIT OCTET STRING OPTIONAL. */
function readContent(encapsulated: DerReader): Uint8Array | undefined {
  const wrapper = encapsulated.optionalExplicit(0);
  encapsulated.end();
  const content = wrapper?.octetString();
  wrapper?.end();
  return content;
}

/** CertificateSet ::= SET OF CertificateChoices; only X.509 certificates are handed out. */
function readCertificates(set: DerReader): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  let count = 0;
  while (!set.done) {
    if (++count > LIMITS.cmsCertificates) refuse(`at most ${LIMITS.cmsCertificates} certificates`, "more");
    const isX509 = set.peekTag() === TAG.sequence;
    const raw = set.rawAny();
    if (isX509) certificates.push(raw);
  }
  return certificates;
}

function passOver(set: DerReader): void {
  while (!set.done) set.rawAny();
}

function readSignerInfos(set: DerReader): SignerInfo[] {
  const signerInfos: SignerInfo[] = [];
  while (!set.done) {
    if (signerInfos.push(readSignerInfo(set.sequence())) > LIMITS.cmsSigners)
      refuse(`at most ${LIMITS.cmsSigners} signers`, "more");
  }
  return signerInfos;
}

function readSignerInfo(fields: DerReader): SignerInfo {
  const version = fields.smallInteger();
  const signerId = readSignerIdentifier(fields);
  // RFC 5652 5.3: "If the SignerIdentifier is the CHOICE issuerAndSerialNumber, then the version MUST be 1. If the
  // SignerIdentifier is subjectKeyIdentifier, then the version MUST be 3."
  const expected = signerId.kind === "issuerAndSerialNumber" ? 1 : 3;
  if (version !== expected) refuse(`a signer of version ${expected} with ${signerId.kind}`, `${version}`);
  const digestAlgorithm = readAlgorithmIdentifier(fields).oid;
  const signedAttributes = fields.peekTag() === contextConstructed(0) ? readAttributes(fields, 0) : undefined;
  const signatureAlgorithm = readAlgorithmIdentifier(fields);
  const signature = fields.octetString();
  const unsignedAttributes = fields.peekTag() === contextConstructed(1) ? readAttributes(fields, 1) : undefined;
  fields.end();
  return { signerId, digestAlgorithm, signedAttributes, signatureAlgorithm, signature, unsignedAttributes };
}

function readSignerIdentifier(fields: DerReader): SignerIdentifier {
  const keyIdentifier = fields.optional(contextPrimitive(0));
  if (keyIdentifier !== undefined) return { kind: "subjectKeyIdentifier", id: keyIdentifier.content };
  const pair = fields.sequence();
  const issuer = pair.raw(TAG.sequence);
  const serialNumber = readSerialNumber(pair);
  pair.end();
  return { kind: "issuerAndSerialNumber", issuer, serialNumber };
}

/** SignedAttributes ::= [0] IMPLICIT SET SIZE (1..MAX) OF Attribute, and the unsigned ones under [1]. */
function readAttributes(fields: DerReader, number: 0 | 1): CmsAttributes {
  const { raw, content } = fields.element(contextConstructed(number));
  const set = new DerReader(content);
  const values = new Map<string, Uint8Array>();
  let previous: Uint8Array | undefined;
  while (!set.done) {
    const attribute = set.peekRaw();
    // RFC 5652 5.3: "SignedAttributes MUST be DER encoded, even if the rest of the structure is BER encoded": sorted (X.690 11.6).
    if (number === 0 && previous !== undefined && compareBytes(previous, attribute) >= 0)
      refuse("signed attributes in DER order", "another order");
    previous = attribute;
    readAttribute(set.sequence(), values);
  }
  if (values.size === 0) refuse("an attribute", "an empty set");
  return { raw: retagged(raw), values };
}

function readAttribute(fields: DerReader, values: Map<string, Uint8Array>): void {
  const oid = fields.oid();
  const set = fields.set();
  fields.end();
  const value = set.rawAny();
  // RFC 5652 11.1–11.3: the attributes we know "MUST have a single attribute value" and "MUST NOT include multiple instances".
  if (!set.done) refuse(`one value of the attribute ${oid}`, "several");
  if (values.has(oid)) refuse(`the attribute ${oid} once`, "twice");
  values.set(oid, value);
  if (values.size > LIMITS.cmsAttributes) refuse(`at most ${LIMITS.cmsAttributes} attributes`, "more");
}

/** RFC 5652 5.4: "The IMPLICIT [0] tag in the signedAttrs is not used for the DER encoding, rather an EXPLICIT SET OF tag is used." */
function retagged(raw: Uint8Array): Uint8Array {
  // A copy, which slice would not be of a Node Buffer.
  const copy = new Uint8Array(raw);
  copy[0] = TAG.set;
  return copy;
}
