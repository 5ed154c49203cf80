/**
 * From what was verified to what the result says: plain values, hexadecimal and RFC 3339 text.
 */
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { formatRfc3339, parseRfc3339 } from "../encoding/time.ts";
import { expectedText } from "../policy/identity.ts";
import type { CertificateIdentity, IdentityExpectation } from "../policy/identity.ts";
import type { DigestedMessage } from "../verify/artifact.ts";
import { issuerText } from "../verify/certificate-path.ts";
import type { VerifiedCertificate } from "../verify/certificate-path.ts";
import type { VerifiedTime } from "../verify/time.ts";
import type { VerifiedTlogEntry } from "../verify/tlog-entry.ts";
import type { VerifiedBundle } from "../verify/verify-bundle.ts";
import type {
  CertificateSigner,
  KeySigner,
  ResultArtifact,
  ResultTime,
  ResultTlogEntry,
  ResultTrust,
  VerificationResult,
} from "./result.ts";
import type { Trust } from "./trust.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The artifact with the digests known by now. */
export function describeArtifact(artifact: DigestedMessage, name: string | undefined): ResultArtifact {
  const digests: Record<string, string> = {};
  for (const [algorithm, digest] of Object.entries(artifact.known)) digests[algorithm] = hexEncode(digest);
  return name === undefined ? { digests } : { name, digests };
}

/** The part of the result that speaks of verified things; empty lists where nothing was verified. */
export function describeVerified(
  verified: VerifiedBundle | undefined,
  identity: CertificateIdentity | undefined,
): Pick<VerificationResult, "signer" | "signatureAlgorithm" | "statement" | "times" | "tlogEntries" | "scts"> {
  if (verified === undefined) return { times: [], tlogEntries: [], scts: [] };
  const signer = describeSigner(verified, identity);
  const { statement } = verified;
  return {
    ...(signer === undefined ? {} : { signer }),
    signatureAlgorithm: verified.algorithm.name,
    ...(statement === undefined
      ? {}
      : {
          statement: {
            type: statement.statement.type,
            predicateType: statement.statement.predicateType,
            subject: statement.subject,
            subjectCount: statement.statement.subjects.length,
          },
        }),
    times: verified.times.map(describeTime),
    tlogEntries: verified.tlogEntries.map(describeEntry),
    scts: verified.scts.map(({ log, timeMs }) => ({
      log: log.instance.baseUrl,
      logIdHex: log.logIdHex,
      time: formatRfc3339(timeMs),
    })),
  };
}

/** The trust that was used and its age at `nowMs`. */
export function describeTrust(trust: Trust, profile: string, nowMs: number): ResultTrust {
  const { instance, source, fingerprintHex, takenOn } = trust;
  const known = takenOn === undefined ? {} : { takenOn, ageDays: Math.floor((nowMs - parseRfc3339(takenOn)) / DAY_MS) };
  return { instance, source, fingerprintHex, ...known, profile };
}

/** The identity of the policy that matched. */
export function describeMatch({
  issuer,
  subject,
}: IdentityExpectation): NonNullable<VerificationResult["matchedIdentity"]> {
  return {
    issuer: expectedText(issuer),
    subject: expectedText(subject),
    pattern: issuer.kind === "pattern" || subject.kind === "pattern",
  };
}

function describeSigner(
  { signer }: VerifiedBundle,
  identity: CertificateIdentity | undefined,
): CertificateSigner | KeySigner | undefined {
  if (signer.kind === "key") {
    return { kind: "key", hint: signer.hint, fingerprintHex: hexEncode(sha256(signer.key.spki)) };
  }
  return identity === undefined ? undefined : describeCertificate(signer.certificate, identity);
}

function describeCertificate(signed: VerifiedCertificate, identity: CertificateIdentity): CertificateSigner {
  const { certificate } = signed;
  const { issuer, subject, subjectKind, extensions } = identity;
  return {
    kind: "certificate",
    issuer,
    subject,
    subjectKind,
    extensions,
    certificateAuthority: issuerText(signed),
    serialNumberHex: hexEncode(certificate.serialNumber),
    // A digest of the whole certificate, for who reads it.
    get fingerprintHex() {
      return hexEncode(sha256(certificate.raw));
    },
    notBefore: formatRfc3339(certificate.notBeforeMs),
    notAfter: formatRfc3339(certificate.notAfterMs),
  };
}

function describeTime(time: VerifiedTime): ResultTime {
  return {
    time: formatRfc3339(time.timeMs),
    source: time.source,
    origin: time.source === "timestamp-authority" ? time.authority.label : time.log.instance.baseUrl,
  };
}

function describeEntry({
  entry,
  log,
  hasPromise,
  hasProof,
  checkpoint,
  integratedTime,
}: VerifiedTlogEntry): ResultTlogEntry {
  return {
    log: log.instance.baseUrl,
    logIdHex: log.logIdHex,
    logIndex: entry.logIndex.toString(),
    kind: entry.kindVersion.kind,
    kindVersion: entry.kindVersion.version,
    ...(integratedTime === undefined ? {} : { integratedTime: formatRfc3339(integratedTime.timeMs) }),
    inclusionPromise: hasPromise,
    inclusionProof: hasProof,
    ...(checkpoint === undefined
      ? {}
      : {
          checkpoint: {
            origin: checkpoint.origin,
            treeSize: checkpoint.treeSize.toString(),
            rootHashHex: hexEncode(checkpoint.rootHash),
          },
        }),
  };
}
