/**
 * Signed certificate timestamps: did a CT log take the certificate in? (RFC 6962, section 3.2; client specification 4.2)
 *
 * Embedded SCTs only. An SCT of a log that nobody trusts is left out of account; one of a trusted log that does not hold
 * refuses the bundle. Whether the log kept its promise is a monitor's question.
 */
import { verifySignature } from "../crypto/verify.ts";
import { hexEncode } from "../encoding/hex.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import { embeddedScts, precertificateTbs, sctSignatureInput } from "../formats/sct.ts";
import type { Sct } from "../formats/sct.ts";
import { verifyWithAnyOf } from "./any-of.ts";
import type { VerifiedCertificate } from "./certificate-path.ts";
import type { CheckLog } from "./checks.ts";
import { countOperators, inRange, logsById } from "./trust.ts";
import type { TrustedLog, TrustMaterial } from "./trust.ts";

/** An SCT of a trusted CT log over the certificate. */
export interface VerifiedSct {
  readonly log: TrustedLog;
  readonly timeMs: number;
}

/** Verifies every SCT in `verified.certificate` and returns those of trusted logs. */
export function verifyScts(verified: VerifiedCertificate, trust: TrustMaterial, log: CheckLog): readonly VerifiedSct[] {
  const scts = embeddedScts(verified.certificate);
  if (scts.length === 0) return [];
  const precertificate = precertificateEntry(verified);
  const found: VerifiedSct[] = [];
  for (const sct of scts) {
    const logs = logsById(trust.ctlogs, sct.logId);
    if (logs.length === 0) {
      log.skip(
        new SigstoreError(
          "sct-log-unknown",
          `expected an SCT of a CT log in the trusted root, got one of log ${hexEncode(sct.logId)}`,
        ),
      );
      continue;
    }
    const signed = sctSignatureInput({
      timestampMs: sct.timestampMs,
      extensions: sct.extensions,
      entry: precertificate,
    });
    const accepted = verifyWithAnyOf(logs, (candidate) => verifySct(sct, signed, candidate));
    found.push(accepted);
    log.pass(() => `SCT of ${accepted.log.instance.baseUrl} at ${momentText(accepted.timeMs)}`);
  }
  return found;
}

/** How many independent logs stand behind `scts`. */
export function countCtLogs(scts: readonly VerifiedSct[]): number {
  return countOperators(scts.map(({ log }) => log));
}

/** RFC 6962, section 3.2: the log signs the TBS without SCTs and poison, together with the hash of the issuer's key. */
function precertificateEntry({
  certificate,
  path,
}: VerifiedCertificate): Parameters<typeof sctSignatureInput>[0]["entry"] {
  const issuer = path[0];
  if (issuer === undefined) throw new Error("a verified certificate has a path");
  return { type: "precertificate", issuerKeyHash: issuer.keyHash, tbs: precertificateTbs(certificate) };
}

function verifySct(sct: Sct, signed: Uint8Array, log: TrustedLog): VerifiedSct {
  const timeMs = Number(sct.timestampMs);
  // Client specification 4.2: the SCT's time MUST lie in the log's range; both ends belong to it.
  if (!inRange(log.instance.validFor, timeMs)) {
    throw new SigstoreError(
      "sct-log-not-valid-then",
      `expected a time in which the trusted root trusts the CT log ${log.instance.baseUrl}, got ${momentText(timeMs)}`,
    );
  }
  if (!namesKeyAlgorithm(sct, log) || !verifySignature(log.key, log.algorithm, signed, sct.signature)) {
    throw new SigstoreError(
      "sct-signature-invalid",
      `expected an SCT signed by ${log.instance.baseUrl} over this certificate, got a signature that does not verify`,
    );
  }
  return { log, timeMs };
}

/** RFC 5246, section 7.4.1.4.1, and RFC 6962, section 2.1.4: SHA-256 (4) with RSA (1) or ECDSA (3). */
function namesKeyAlgorithm(sct: Sct, log: TrustedLog): boolean {
  return sct.hashAlgorithm === 4 && sct.signatureAlgorithm === (log.key.keyType === "rsa" ? 1 : 3);
}
