/**
 * The signing certificate: issued by a trusted authority, for code signing, valid at every proved time
 * (client specification 4.2; RFC 5280, section 6, "hybrid model").
 */
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { basicConstraints, extendedKeyUsage, keyUsage } from "../formats/x509/extensions.ts";
import { nameText } from "../formats/x509/name.ts";
import { OID } from "../formats/x509/oids.ts";
import { verifyWithAnyOf } from "./any-of.ts";
import {
  checkCriticalExtensions,
  findIssuer,
  isPathValidAt,
  isValidAt,
  namesIssuer,
  pathToAnchor,
} from "./authority-path.ts";
import type { CheckLog } from "./checks.ts";
import { timeText } from "./time.ts";
import type { VerifiedTime } from "./time.ts";
import type { VerifiedTlogEntry } from "./tlog-entry.ts";
import { inRange } from "./trust.ts";
import type { TrustedAuthority, TrustedCertificate, TrustMaterial } from "./trust.ts";

/** A signing certificate that a trusted authority issued and that was valid when it signed. */
export interface VerifiedCertificate {
  readonly certificate: Certificate;
  readonly authority: TrustedAuthority;
  /** From the issuing certificate to the anchor. */
  readonly path: readonly TrustedCertificate[];
}

/** Verifies `leaf` against the authorities of `trust` at each of `times`; throws the code of the first check that fails. */
export function verifyCertificatePath(
  leaf: Certificate,
  trust: TrustMaterial,
  times: readonly VerifiedTime[],
  log: CheckLog,
): VerifiedCertificate {
  checkLeaf(leaf);
  for (const time of times) checkLeafTime(leaf, time);
  const candidates = trust.certificateAuthorities.filter((authority) =>
    authority.certificates.some(({ certificate }) => namesIssuer(leaf, certificate)),
  );
  if (candidates.length === 0) throw unknownAuthority(leaf);
  const verified = verifyWithAnyOf(candidates, (authority) => verifyByAuthority(leaf, authority, times));
  log.pass(() => `certificate ${issuedText(leaf)} by ${issuerText(verified)} of ${verified.authority.label}`);
  return verified;
}

/** Who issued a verified certificate, in words. */
export function issuerText({ certificate, path: [issuer] }: VerifiedCertificate): string {
  return issuer === undefined ? nameText(certificate.issuer) : issuer.subjectText;
}

function unknownAuthority(leaf: Certificate): SigstoreError {
  return new SigstoreError(
    "certificate-path-invalid",
    `expected a certificate of an authority in the trusted root, got one issued by ${nameText(leaf.issuer)}`,
    {
      hint: "verify with the trusted root of the instance that made the bundle",
    },
  );
}

function verifyByAuthority(
  leaf: Certificate,
  authority: TrustedAuthority,
  times: readonly VerifiedTime[],
): VerifiedCertificate {
  for (const { timeMs } of times) checkAuthorityRange(authority, timeMs);
  const issuer = findIssuer(authority, leaf);
  if (issuer === undefined) {
    throw new SigstoreError(
      "certificate-path-invalid",
      `expected a certificate signed by ${authority.label}, got a signature that does not verify`,
    );
  }
  const path = pathToAnchor(authority, issuer, "codeSigning");
  for (const { timeMs } of times) {
    if (isPathValidAt(path, timeMs)) continue;
    throw new SigstoreError(
      "certificate-path-invalid",
      `expected every certificate of ${authority.label} to be valid at ${momentText(timeMs)}, got one that is not`,
    );
  }
  return { certificate: leaf, authority, path };
}

/** protobuf-specs, CertificateAuthority.valid_for: the time MUST lie in the range; both ends belong to it. */
function checkAuthorityRange(authority: TrustedAuthority, timeMs: number): void {
  if (inRange(authority.instance.validFor, timeMs)) return;
  throw new SigstoreError(
    "certificate-authority-not-valid-then",
    `expected a time in which the trusted root trusts ${authority.label}, got ${momentText(timeMs)}`,
  );
}

/** Fulcio certificate specification: not a CA, digitalSignature, extended key usage code signing. */
function checkLeaf(leaf: Certificate): void {
  checkCriticalExtensions(leaf);
  if (basicConstraints(leaf)?.isCa === true) throw usageError("a signing certificate", "the certificate of a CA");
  if (keyUsage(leaf)?.digitalSignature !== true) throw usageError("key usage digitalSignature", "none");
  const usage = extendedKeyUsage(leaf);
  if (usage?.oids.includes(OID.codeSigning) !== true)
    throw usageError("extended key usage codeSigning", usage?.oids.join(", ") ?? "none");
}

/** Client specification 4.2: the certificate MUST be valid at every proved time. */
function checkLeafTime(leaf: Certificate, time: VerifiedTime): void {
  if (isValidAt(leaf, time.timeMs)) return;
  const code =
    time.source === "transparency-log" ? "tlog-integrated-time-outside-certificate" : "certificate-not-valid-then";
  throw new SigstoreError(
    code,
    `expected a signing time from ${momentText(leaf.notBeforeMs)} to ${momentText(leaf.notAfterMs)}, got ${timeText(time)}`,
  );
}

/** Client specification 4.4: a non-zero integrated time MUST lie in the certificate's validity, promised or not. */
export function checkUnpromisedTimes(leaf: Certificate, entries: readonly VerifiedTlogEntry[]): void {
  for (const { entry, log, integratedTime } of entries) {
    if (integratedTime !== undefined || entry.integratedTimeSeconds === 0n) continue;
    checkLeafTime(leaf, { source: "transparency-log", timeMs: Number(entry.integratedTimeSeconds) * 1000, log });
  }
}

function usageError(expected: string, got: string): SigstoreError {
  return new SigstoreError("certificate-usage-invalid", `expected ${expected}, got ${got}`);
}

function issuedText(leaf: Certificate): string {
  return `valid ${momentText(leaf.notBeforeMs)} to ${momentText(leaf.notAfterMs)}, issued`;
}
