/**
 * Chains as they are submitted to a CT log: precertificate or certificate first, its issuers behind.
 */
import { signingCertificateFields, signPrecertificate, signSigningCertificate } from "../authority/certificate.ts";
import type { CertificateFields } from "../authority/issuing-authority.ts";
import { randomSerialNumber } from "../authority/serial-number.ts";
import { PERSON, subjectAlternativeName } from "./identities.ts";
import type { Lie } from "./lie-hooks.ts";
import type { VirtualCertificateAuthority } from "./virtual-certificate-authority.ts";
import type { VirtualKeys } from "./virtual-keys.ts";

/** What is submitted. Without `fields` an honest certificate of Fulcio's, for a new serial number each time. */
export interface VirtualSubmission {
  readonly keys: VirtualKeys;
  readonly authority: VirtualCertificateAuthority;
  readonly notBeforeMs: number;
  readonly fields?: Lie<CertificateFields>;
}

/** A precertificate with its issuers up to the root, DER. */
export async function virtualPrecertificateChain(submission: VirtualSubmission): Promise<Uint8Array[]> {
  const { authority } = submission;
  return [await signPrecertificate(authority.issuer, fieldsOf(submission)), ...authority.chain];
}

/** A certificate without SCTs with its issuers up to the root, DER. */
export async function virtualCertificateChain(submission: VirtualSubmission): Promise<Uint8Array[]> {
  const { authority } = submission;
  return [await signSigningCertificate(authority.issuer, fieldsOf(submission), []), ...authority.chain];
}

function fieldsOf({ keys, authority, notBeforeMs, fields }: VirtualSubmission): CertificateFields {
  const honest = signingCertificateFields(authority.issuer, {
    serialNumber: randomSerialNumber(keys.random),
    spki: keys.signer("leaf", "PKIX_ECDSA_P256_SHA_256").publicKey.spki,
    subjectAlternativeName: subjectAlternativeName(PERSON),
    extensions: { issuer: PERSON.issuer },
    notBeforeMs,
    notAfterMs: notBeforeMs + 600_000,
  });
  return fields?.(honest) ?? honest;
}
