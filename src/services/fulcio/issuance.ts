/**
 * From a proved key and identity to a certificate chain: precertificate, CT log, SCT verified, certificate (RFC 6962 §3.1; fulcio,
 * pkg/server/grpc_server.go and pkg/ca).
 *
 * The SCT is verified as a client would before it is used. Leaves out: CAs that cannot embed SCTs, and the log itself.
 */
import {
  precertificateEntry,
  SIGNING_CERTIFICATE_LIFETIME_MS,
  signingCertificateFields,
  signPrecertificate,
  signSigningCertificate,
} from "../../authority/certificate.ts";
import type { IssuingAuthority } from "../../authority/issuing-authority.ts";
import { ctLogId } from "../../authority/sct.ts";
import { randomSerialNumber, type RandomSource } from "../../authority/serial-number.ts";
import { defaultAlgorithm } from "../../crypto/algorithms.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import { verifySignatureInBackground } from "../../crypto/verify.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { SigstoreError } from "../../errors.ts";
import { type Sct, type SctEntry, sctSignatureInput } from "../../formats/sct.ts";
import type { CertificateIdentity } from "./identity/principal.ts";
import { orRefuse, TEXT } from "./refusal.ts";

/**
 * Port: a log to which precertificates go (this instance's CT log, or any of RFC 6962 over HTTP).
 *
 * When it answers, precertificate and time are durable: the SCT is its promise. The same precertificate again gets the same SCT. Calls
 * may run at once. It retries what is safe itself; a SigstoreError means that there is no SCT.
 */
export interface CertificateTransparencyLog {
  readonly publicKey: PublicKey;
  /** `chain` is DER, the precertificate first, its issuer next. */
  addPrecertificate(chain: readonly Uint8Array[]): Promise<Sct>;
}

/** Who issues, and with which chain: DER, the issuing certificate first, the root last. */
export interface ActiveAuthority {
  readonly issuing: IssuingAuthority;
  readonly chain: readonly Uint8Array[];
}

/** What a certificate is issued for. */
export interface IssuanceRequest {
  readonly identity: CertificateIdentity;
  readonly key: PublicKey;
  readonly nowMs: number;
}

/** A chain, DER, leaf first; whether the leaf carries an SCT. */
export interface IssuedCertificate {
  readonly chain: readonly Uint8Array[];
  readonly hasSct: boolean;
}

/** Issues; without a log the certificate has no SCT. @throws SigstoreError `certificate-refused` */
export async function issueCertificate(
  authority: ActiveAuthority,
  log: CertificateTransparencyLog | undefined,
  request: IssuanceRequest,
  random: RandomSource,
): Promise<IssuedCertificate> {
  const { issuing } = authority;
  const notBeforeMs = Math.floor(request.nowMs / 1000) * 1000;
  const fields = signingCertificateFields(issuing, {
    serialNumber: randomSerialNumber(random),
    spki: request.key.spki,
    ...request.identity,
    notBeforeMs,
    notAfterMs: notBeforeMs + SIGNING_CERTIFICATE_LIFETIME_MS,
  });
  const byCa = async <Value>(step: () => Promise<Value>): Promise<Value> =>
    orRefuse("INTERNAL", TEXT.authority, "AUTHORITY_FAILED", step);
  const scts: Sct[] = [];
  if (log !== undefined) {
    const precertificate = await byCa(async () => signPrecertificate(issuing, fields));
    const entry = precertificateEntry(issuing, fields);
    scts.push(await sctFor(log, [precertificate, ...authority.chain], entry));
  }
  const leaf = await byCa(async () => signSigningCertificate(issuing, fields, scts));
  return { chain: [leaf, ...authority.chain], hasSct: scts.length > 0 };
}

async function sctFor(log: CertificateTransparencyLog, chain: readonly Uint8Array[], entry: SctEntry): Promise<Sct> {
  return orRefuse("INTERNAL", TEXT.transparencyLog, "TRANSPARENCY_LOG_FAILED", async () => {
    const sct = await log.addPrecertificate(chain);
    await checkSct(sct, log.publicKey, entry);
    return sct;
  });
}

/** An SCT that no client would accept makes a certificate that nobody can use. @throws SigstoreError `sct-signature-invalid` */
async function checkSct(sct: Sct, key: PublicKey, entry: SctEntry): Promise<void> {
  const signed = sctSignatureInput({ timestampMs: sct.timestampMs, extensions: sct.extensions, entry });
  if (!equalBytes(sct.logId, ctLogId(key.spki))) throw refuseSct("one of another log");
  if (!(await verifySignatureInBackground(key, defaultAlgorithm(key), signed, sct.signature)))
    throw refuseSct("one that does not verify");
}

function refuseSct(got: string): SigstoreError {
  return new SigstoreError(
    "sct-signature-invalid",
    `expected an SCT of the configured CT log over the precertificate, got ${got}`,
  );
}
