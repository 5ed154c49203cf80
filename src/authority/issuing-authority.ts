/**
 * A certificate authority that can issue: its certificate, its key, and what every certificate of its repeats.
 *
 * Made once and kept, as all of it is the same for each certificate. Leaves out: where certificate and key come from.
 */
import { sha256 } from "../crypto/digest.ts";
import type { Signer } from "../crypto/signer.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { parseSpki } from "../formats/spki.ts";
import {
  type Certificate,
  parseCertificate,
  serializeCertificate,
  serializeTbsCertificate,
  type TbsCertificateFields,
} from "../formats/x509/certificate.ts";
import { subjectKeyIdentifier } from "../formats/x509/extensions.ts";
import { signatureAlgorithmIdentifier } from "./algorithm-identifier.ts";

/** Who signs certificates. Names are whole elements, identifiers bare octets. */
export interface IssuingAuthority {
  readonly signer: Signer;
  /** The authority's own certificate; none while it makes itself a root. */
  readonly certificate: Certificate | undefined;
  readonly name: Uint8Array;
  /** What certificates below repeat as their authority key identifier. */
  readonly keyIdentifier: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo: `issuer_key_hash` of RFC 6962 §3.2. */
  readonly keyHash: Uint8Array;
}

/**
 * The authority of this DER certificate and key.
 *
 * @throws TypeError when the key is not that of the certificate
 * @throws SigstoreError `certificate-invalid`
 */
export function issuingAuthority(certificateDer: Uint8Array, signer: Signer): IssuingAuthority {
  const certificate = parseCertificate(certificateDer);
  if (!equalBytes(certificate.spki, signer.publicKey.spki))
    throw new TypeError("expected the key of the authority's certificate, got another");
  return {
    signer,
    certificate,
    name: certificate.subject.raw,
    keyIdentifier: subjectKeyIdentifier(certificate) ?? keyIdentifierOf(certificate.spki),
    keyHash: sha256(certificate.spki),
  };
}

const KEY_IDENTIFIER_BYTES = 20;

/**
 * The key identifier of a SubjectPublicKeyInfo: RFC 7093 §2 (1), the first 160 bits of the SHA-256 of the public key's bits.
 *
 * RFC 5280 §4.2.1.2 leaves the method open; SHA-1, its first example, exists nowhere else in this package.
 */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  return sha256(parseSpki(spki).keyBytes).subarray(0, KEY_IDENTIFIER_BYTES);
}

/** A certificate to be signed: everything but the algorithm, which follows from the signer. */
export type CertificateFields = Omit<TbsCertificateFields, "signatureAlgorithm">;

/** What `signer` would sign for these fields: the TBSCertificate. */
export function tbsCertificateOf(signer: Signer, fields: CertificateFields): Uint8Array {
  return serializeTbsCertificate({ ...fields, signatureAlgorithm: signatureAlgorithmIdentifier(signer.algorithm) });
}

/** Signs a certificate of exactly these fields and returns its DER. */
export async function signCertificate(signer: Signer, fields: CertificateFields): Promise<Uint8Array> {
  const tbs = tbsCertificateOf(signer, fields);
  return serializeCertificate(tbs, signatureAlgorithmIdentifier(signer.algorithm), await signer.sign(tbs));
}
