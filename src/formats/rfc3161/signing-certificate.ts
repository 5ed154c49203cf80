/**
 * RFC 2634 §5.4 and RFC 5035 §3 (with RFC 5816): the attributes SigningCertificate and SigningCertificateV2, which tie a
 * signature to one certificate.
 *
 * Leaves out: the policies that may follow (they must be well-formed), and the comparison (verify/).
 */
import { contextConstructed, DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { readAlgorithmIdentifier, serializeAlgorithmIdentifier } from "../algorithm-identifier.ts";
import { parsingAs } from "../parse-error.ts";
import { readSerialNumber } from "../x509/certificate.ts";
import { OID } from "../x509/oids.ts";

/**
 * One certificate named by its hash (`hashAlgorithm` is an object identifier) and, if given, by its issuer (a whole Name) and
 * serial number (without leading zeros).
 */
export interface EssCertificateId {
  readonly hashAlgorithm: string;
  readonly hash: Uint8Array;
  readonly issuerSerial?: { readonly issuer: Uint8Array; readonly serialNumber: Uint8Array };
}

/** Parses a SigningCertificate (its hashes are SHA-1). @throws SigstoreError `timestamp-invalid` */
export function parseSigningCertificate(bytes: Uint8Array): EssCertificateId[] {
  return parsingAs("timestamp-invalid", "a signing certificate attribute", () =>
    readSigningCertificate(bytes, readEssCertId),
  );
}

/** Parses a SigningCertificateV2. @throws SigstoreError `timestamp-invalid` */
export function parseSigningCertificateV2(bytes: Uint8Array): EssCertificateId[] {
  return parsingAs("timestamp-invalid", "a signing certificate attribute", () =>
    readSigningCertificate(bytes, readEssCertIdV2),
  );
}

/** SigningCertificate ::= SEQUENCE { certs SEQUENCE OF ESSCertID, policies SEQUENCE OF PolicyInformation OPTIONAL }. */
function readSigningCertificate(
  bytes: Uint8Array,
  readId: (fields: DerReader) => EssCertificateId,
): EssCertificateId[] {
  const outer = new DerReader(bytes);
  const fields = outer.sequence();
  outer.end();
  const certificates = fields.sequence();
  const ids: EssCertificateId[] = [];
  while (!certificates.done) {
    if (ids.push(readId(certificates.sequence())) > LIMITS.cmsCertificates)
      refuse(`at most ${LIMITS.cmsCertificates} certificates`, "more");
  }
  // RFC 2634 5.4: "The first certificate identified in the sequence of certificate identifiers MUST be the certificate used to verify the signature."
  if (ids.length === 0) refuse("a certificate in the signing certificate attribute", "none");
  fields.optional(TAG.sequence);
  fields.end();
  return ids;
}

function readEssCertId(fields: DerReader): EssCertificateId {
  return readHashAndIssuer(fields, OID.sha1);
}

/** ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT {id-sha256}, certHash OCTET STRING, issuerSerial OPTIONAL }. */
function readEssCertIdV2(fields: DerReader): EssCertificateId {
  return readHashAndIssuer(
    fields,
    fields.peekTag() === TAG.sequence ? readAlgorithmIdentifier(fields).oid : OID.sha256,
  );
}

function readHashAndIssuer(fields: DerReader, hashAlgorithm: string): EssCertificateId {
  const hash = fields.octetString();
  const issuerSerial = fields.done ? undefined : readIssuerSerial(fields.sequence());
  fields.end();
  return issuerSerial === undefined ? { hashAlgorithm, hash } : { hashAlgorithm, hash, issuerSerial };
}

/** IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }; RFC 5035 4: the issuer is one directoryName. */
function readIssuerSerial(fields: DerReader): { issuer: Uint8Array; serialNumber: Uint8Array } {
  const names = fields.sequence();
  const directoryName = names.constructed(contextConstructed(4));
  names.end();
  const issuer = directoryName.raw(TAG.sequence);
  directoryName.end();
  const serialNumber = readSerialNumber(fields);
  fields.end();
  return { issuer, serialNumber };
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("timestamp-invalid", `expected ${expected}, got ${got}`);
}

/** A SigningCertificateV2 with one certificate; the algorithm is left out for SHA-256, its default. */
export function serializeSigningCertificateV2(id: EssCertificateId): Uint8Array {
  const elements: Uint8Array[] = [];
  if (id.hashAlgorithm !== OID.sha256) elements.push(serializeAlgorithmIdentifier(id.hashAlgorithm));
  elements.push(der.octetString(id.hash));
  if (id.issuerSerial !== undefined) {
    const issuer = der.sequence(der.explicit(4, id.issuerSerial.issuer));
    elements.push(der.sequence(issuer, der.integer(id.issuerSerial.serialNumber)));
  }
  return der.sequence(der.sequence(der.sequence(...elements)));
}
