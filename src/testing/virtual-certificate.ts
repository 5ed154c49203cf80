/**
 * Issuing of signing certificates in the virtual Sigstore: certificate authority and CT logs together.
 *
 * The precertificate itself is never signed: what CT logs sign is the same, and a signature by P-384 takes a millisecond.
 */
import {
  precertificateEntry,
  SIGNING_CERTIFICATE_LIFETIME_MS,
  signingCertificateFields,
  signSigningCertificate,
} from "../authority/certificate.ts";
import type { Sct } from "../formats/sct.ts";
import { type SigningIdentity, subjectAlternativeName } from "./identities.ts";
import type { CertificateLies } from "./lie-hooks.ts";
import type { VirtualCertificateAuthority } from "./virtual-certificate-authority.ts";
import type { VirtualCtLog } from "./virtual-ct-log.ts";

/** What a certificate is asked for; times in milliseconds, whole seconds. */
export interface VirtualCertificateRequest {
  readonly authority: VirtualCertificateAuthority;
  readonly ctLogs: readonly VirtualCtLog[];
  readonly identity: SigningIdentity;
  readonly spki: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly notBeforeMs: number;
  readonly sctMs: number;
  readonly lies: CertificateLies;
}

/** Issues a certificate, DER, with an SCT of each log. */
export async function issueVirtualCertificate(request: VirtualCertificateRequest): Promise<Uint8Array> {
  const { authority, identity, lies } = request;
  const honest = signingCertificateFields(authority.issuer, {
    serialNumber: request.serialNumber,
    spki: request.spki,
    subjectAlternativeName: subjectAlternativeName(identity),
    extensions: { ...identity.extensions, issuer: identity.issuer },
    notBeforeMs: request.notBeforeMs,
    notAfterMs: request.notBeforeMs + SIGNING_CERTIFICATE_LIFETIME_MS,
  });
  const fields = lies.certificateFields?.(honest) ?? honest;
  const scts = await acknowledge(request, precertificateEntry(authority.issuer, fields));
  const certificate = await signSigningCertificate(
    authority.issuer,
    lies.issuedFields?.(fields) ?? fields,
    lies.scts?.(scts) ?? scts,
  );
  return lies.certificate?.(certificate) ?? certificate;
}

async function acknowledge(
  { ctLogs, lies, sctMs }: VirtualCertificateRequest,
  entry: ReturnType<typeof precertificateEntry>,
): Promise<readonly Sct[]> {
  const scts: Sct[] = [];
  for (const log of ctLogs) {
    const honest = log.request(entry, sctMs);
    scts.push(await log.sign(lies.sctRequest?.(honest) ?? honest));
  }
  return scts;
}
