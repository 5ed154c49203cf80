/**
 * Signing certificates as Fulcio issues them (Fulcio, docs/certificate-specification.md; RFC 6962 §3.1 and §3.3).
 *
 * Fields and order of extensions are those of the original: key usage, extended key usage, key identifiers, the one subject
 * alternative name, Fulcio's own extensions by number, SCT list last. First the precertificate, which carries the poison; then
 * the certificate with the SCTs that CT logs gave for it. Leaves out: who may have a certificate (services/fulcio).
 */
import { der } from "../encoding/der.ts";
import { type Sct, serializeSctListExtension } from "../formats/sct.ts";
import type { Extension } from "../formats/x509/extension-list.ts";
import {
  type GeneralName,
  serializeAuthorityKeyIdentifier,
  serializeExtendedKeyUsage,
  serializeKeyUsage,
  serializeSubjectAlternativeNames,
  serializeSubjectKeyIdentifier,
} from "../formats/x509/extensions.ts";
import { type FulcioExtensions, serializeFulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import {
  type CertificateFields,
  type IssuingAuthority,
  keyIdentifierOf,
  signCertificate,
  tbsCertificateOf,
} from "./issuing-authority.ts";

/** How long a signing certificate is valid: ten minutes. */
export const SIGNING_CERTIFICATE_LIFETIME_MS = 600_000;

/** Whom a signing certificate is for. Times in whole seconds, written as milliseconds; `spki` is DER. */
export interface SigningCertificateRequest {
  /** 20 random bytes, see `randomSerialNumber`. */
  readonly serialNumber: Uint8Array;
  readonly spki: Uint8Array;
  readonly subjectAlternativeName: GeneralName;
  readonly extensions: FulcioExtensions;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What every signing certificate may be used for. */
const USAGE: readonly Extension[] = [
  serializeKeyUsage({ digitalSignature: true }),
  serializeExtendedKeyUsage({ oids: [OID.codeSigning], critical: false }),
];

/** The fields of the signing certificate for `request`, without poison and SCT list. */
export function signingCertificateFields(
  authority: Pick<IssuingAuthority, "name" | "keyIdentifier">,
  request: SigningCertificateRequest,
): CertificateFields {
  return {
    serialNumber: request.serialNumber,
    issuer: authority.name,
    // Fulcio certificate specification: the subject MUST be empty; who it is stands in the subject alternative name.
    subject: der.sequence(),
    notBeforeMs: request.notBeforeMs,
    notAfterMs: request.notAfterMs,
    spki: request.spki,
    extensions: [
      ...USAGE,
      serializeSubjectKeyIdentifier(keyIdentifierOf(request.spki)),
      serializeAuthorityKeyIdentifier(authority.keyIdentifier),
      serializeSubjectAlternativeNames([request.subjectAlternativeName], true),
      ...serializeFulcioExtensions(request.extensions),
    ],
  };
}

/** RFC 6962 §3.1: the poison, a critical extension whose value is NULL, so that nobody takes a precertificate for a certificate. */
const POISON: Extension = { oid: OID.poison, critical: true, value: der.null() };

/** Signs the precertificate of `fields`: the DER that goes to `add-pre-chain`, signed by the issuing authority itself. */
export async function signPrecertificate(authority: IssuingAuthority, fields: CertificateFields): Promise<Uint8Array> {
  return signCertificate(authority.signer, { ...fields, extensions: [...fields.extensions, POISON] });
}

/** Signs the certificate of `fields` with `scts` in it; without any, the extension is left out (no CT log is used then). */
export async function signSigningCertificate(
  authority: IssuingAuthority,
  fields: CertificateFields,
  scts: readonly Sct[],
): Promise<Uint8Array> {
  return signCertificate(authority.signer, { ...fields, extensions: [...fields.extensions, ...sctList(scts)] });
}

function sctList(scts: readonly Sct[]): Extension[] {
  return scts.length === 0 ? [] : [{ oid: OID.sctList, critical: false, value: serializeSctListExtension(scts) }];
}

/** RFC 6962 §3.2: what a CT log signs of the certificate to come, the same for precertificate and certificate. */
export function precertificateEntry(
  authority: IssuingAuthority,
  fields: CertificateFields,
): { readonly type: "precertificate"; readonly issuerKeyHash: Uint8Array; readonly tbs: Uint8Array } {
  return { type: "precertificate", issuerKeyHash: authority.keyHash, tbs: tbsCertificateOf(authority.signer, fields) };
}
