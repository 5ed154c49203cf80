/**
 * RFC 5652 §5: writes CMS SignedData with one signer or more, for timestamps and gitsign.
 *
 * The caller signs: over `serializeAttributes(…)` when there are signed attributes, else over the content. Versions are
 * chosen as §5.1 and §5.3 say. Leaves out: revocation lists, attribute certificates.
 */
import { der, DerReader, TAG } from "../encoding/der.ts";
import type { SignerIdentifier } from "./cms.ts";
import { OID } from "./x509/oids.ts";

/** One signer; algorithms are ready AlgorithmIdentifier elements, attributes as `serializeAttributes` made them. */
export interface SignerInfoFields {
  readonly signerId: SignerIdentifier;
  readonly digestAlgorithm: Uint8Array;
  readonly signedAttributes?: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly unsignedAttributes?: Uint8Array;
}

/** What a SignedData is made of; without `content` it is detached. */
export interface SignedDataFields {
  readonly contentType: string;
  readonly content?: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly signerInfos: readonly SignerInfoFields[];
}

/** Attributes as a DER SET OF, each with its one value (a ready element): the bytes to sign, and what SignerInfoFields takes. */
export function serializeAttributes(
  attributes: readonly { readonly oid: string; readonly value: Uint8Array }[],
): Uint8Array {
  return der.setOf(...attributes.map(({ oid, value }) => der.sequence(der.oid(oid), der.set(value))));
}

/** A ContentInfo with SignedData. */
export function serializeSignedData(fields: SignedDataFields): Uint8Array {
  const { contentType, content, certificates, signerInfos } = fields;
  const encapsulated =
    content === undefined
      ? der.sequence(der.oid(contentType))
      : der.sequence(der.oid(contentType), der.explicit(0, der.octetString(content)));
  const elements = [
    der.integer(signedDataVersion(fields)),
    der.setOf(...distinct(signerInfos.map((signer) => signer.digestAlgorithm))),
    encapsulated,
  ];
  if (certificates.length > 0) elements.push(retagged(der.setOf(...certificates), 0));
  elements.push(der.setOf(...signerInfos.map(serializeSignerInfo)));
  return der.sequence(der.oid(OID.signedData), der.explicit(0, der.sequence(...elements)));
}

/** RFC 5652 5.1: 3 when a signer is of version 3 or the content is not plain data, else 1. */
function signedDataVersion({ contentType, signerInfos }: SignedDataFields): 1 | 3 {
  return contentType !== OID.data || signerInfos.some((signer) => signer.signerId.kind === "subjectKeyIdentifier")
    ? 3
    : 1;
}

function distinct(elements: readonly Uint8Array[]): Uint8Array[] {
  const byText = new Map(elements.map((element) => [element.join(), element]));
  return [...byText.values()];
}

function serializeSignerInfo(signer: SignerInfoFields): Uint8Array {
  const elements = [
    der.integer(signer.signerId.kind === "issuerAndSerialNumber" ? 1 : 3),
    serializeSignerIdentifier(signer.signerId),
    signer.digestAlgorithm,
  ];
  if (signer.signedAttributes !== undefined) elements.push(retagged(signer.signedAttributes, 0));
  elements.push(signer.signatureAlgorithm, der.octetString(signer.signature));
  if (signer.unsignedAttributes !== undefined) elements.push(retagged(signer.unsignedAttributes, 1));
  return der.sequence(...elements);
}

function serializeSignerIdentifier(signerId: SignerIdentifier): Uint8Array {
  return signerId.kind === "issuerAndSerialNumber"
    ? der.sequence(signerId.issuer, der.integer(signerId.serialNumber))
    : der.implicit(0, signerId.id, false);
}

/** A SET under the IMPLICIT tag `[number]`. */
function retagged(set: Uint8Array, number: number): Uint8Array {
  return der.implicit(number, new DerReader(set).element(TAG.set).content, true);
}
