/**
 * Certificates of the authorities themselves: root, intermediate, and the leaf of a timestamp authority (Fulcio,
 * docs/certificate-specification.md; RFC 3161 §2.3; timestamp-authority, VerifyCertChain).
 *
 * Leaves out: AIA and CRL pointers, which nothing of Sigstore reads, and the choice of lifetimes.
 */
import type { Signer } from "../crypto/signer.ts";
import type { Extension } from "../formats/x509/extension-list.ts";
import {
  serializeAuthorityKeyIdentifier,
  serializeBasicConstraints,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
  serializeSubjectKeyIdentifier,
} from "../formats/x509/extensions.ts";
import { type NameAttribute, serializeName } from "../formats/x509/name.ts";
import { OID } from "../formats/x509/oids.ts";
import {
  type CertificateFields,
  type IssuingAuthority,
  keyIdentifierOf,
  signCertificate,
} from "./issuing-authority.ts";

/** What authorities are for: the chain of Fulcio signs code, that of a timestamp authority stamps time. */
export type AuthorityPurpose = "codeSigning" | "timeStamping";

/** Which authority a certificate is for. Times in whole seconds, written as milliseconds; `spki` is DER. */
export interface AuthorityCertificateRequest {
  readonly serialNumber: Uint8Array;
  readonly spki: Uint8Array;
  /** Organization and common name, as a rule. */
  readonly subject: readonly NameAttribute[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Fields of a root: self-issued, for signing certificates and revocation lists only, no extended key usage. */
export function rootCertificateFields(request: AuthorityCertificateRequest): CertificateFields {
  const name = serializeName(request.subject);
  return commonFields(request, name, name, [
    serializeKeyUsage({ keyCertSign: true, crlSign: true }),
    serializeBasicConstraints({ isCa: true }),
    serializeSubjectKeyIdentifier(keyIdentifierOf(request.spki)),
  ]);
}

/** Fields of an intermediate that issues leaves alone (path length 0) for one purpose. */
export function intermediateCertificateFields(
  issuer: IssuingAuthority,
  request: AuthorityCertificateRequest,
  purpose: AuthorityPurpose,
): CertificateFields {
  return commonFields(request, issuer.name, serializeName(request.subject), [
    serializeKeyUsage({ keyCertSign: true, crlSign: true }),
    serializeExtendedKeyUsage({ oids: [OID[purpose]], critical: false }),
    serializeBasicConstraints({ isCa: true, pathLength: 0 }),
    serializeSubjectKeyIdentifier(keyIdentifierOf(request.spki)),
    serializeAuthorityKeyIdentifier(issuer.keyIdentifier),
  ]);
}

/**
 * Fields of the certificate of a timestamp authority.
 *
 * RFC 3161 §2.3: "The corresponding certificate MUST contain only one instance of the extended key usage field extension […]
 * having as value id-kp-timeStamping. This extension MUST be critical."
 */
export function timestampCertificateFields(
  issuer: IssuingAuthority,
  request: AuthorityCertificateRequest,
): CertificateFields {
  return commonFields(request, issuer.name, serializeName(request.subject), [
    serializeKeyUsage({ digitalSignature: true }),
    serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: true }),
    serializeSubjectKeyIdentifier(keyIdentifierOf(request.spki)),
    serializeAuthorityKeyIdentifier(issuer.keyIdentifier),
  ]);
}

/** Signs a root with its own key and returns its DER. */
export async function signRootCertificate(
  signer: Signer,
  request: Omit<AuthorityCertificateRequest, "spki">,
): Promise<Uint8Array> {
  return signCertificate(signer, rootCertificateFields({ ...request, spki: signer.publicKey.spki }));
}

function commonFields(
  request: AuthorityCertificateRequest,
  issuer: Uint8Array,
  subject: Uint8Array,
  extensions: readonly Extension[],
): CertificateFields {
  const { serialNumber, spki, notBeforeMs, notAfterMs } = request;
  return { serialNumber, issuer, subject, notBeforeMs, notAfterMs, spki, extensions };
}
