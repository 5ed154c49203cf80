/**
 * Is the bundle sound? The steps of the client specification, section 4, in order; each step is a file of its own.
 *
 * Pure and synchronous: what counts is in the arguments, time included. Who signed is reported and not judged: identity
 * is policy. Returns only when every check holds; throws a `SigstoreError` with the code of the first that does not.
 */
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import { importPublicKey } from "../crypto/keys.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { DigestedMessage } from "./artifact.ts";
import { checkBundleShape } from "./bundle-shape.ts";
import { checkUnpromisedTimes, verifyCertificatePath } from "./certificate-path.ts";
import type { VerifiedCertificate } from "./certificate-path.ts";
import type { CheckLog, Step } from "./checks.ts";
import { checkEntryBodies } from "./entry-body.ts";
import { checkKeyRange, selectManagedKey } from "./managed-key.ts";
import type { ManagedKey } from "./managed-key.ts";
import { raiseRequirements, withoutCertificate } from "./requirements.ts";
import type { Requirements } from "./requirements.ts";
import { countCtLogs, verifyScts } from "./sct.ts";
import type { VerifiedSct } from "./sct.ts";
import { checkMessageDigest, signedContent, verifyContentSignature } from "./signed-content.ts";
import type { SignedContent } from "./signed-content.ts";
import { matchStatement } from "./statement.ts";
import type { StatementAboutArtifact } from "./statement.ts";
import type { VerifiedTime, VerifiedTimestamp } from "./time.ts";
import { timeText } from "./time.ts";
import { countAuthorities, verifyTimestamps } from "./timestamp.ts";
import { checkLogRanges, countLogs, integratedTimes, verifyTlogEntries } from "./tlog-entry.ts";
import type { VerifiedTlogEntry } from "./tlog-entry.ts";
import type { TrustMaterial } from "./trust.ts";

/** What a verification is given. */
export interface BundleVerification {
  readonly bundle: Bundle;
  readonly artifact: DigestedMessage;
  readonly trust: TrustMaterial;
  /** What is asked of a bundle with a certificate; of one without, all but SCTs and times. */
  readonly requirements: Requirements;
  /** What the caller asks besides, of either. */
  readonly raise?: Partial<Requirements> | undefined;
  /** The key for a bundle without certificate. */
  readonly key?: ManagedKey | undefined;
  /** The moment of judging: matters for a key with a range where nothing proves a time. */
  readonly nowMs: number;
  /** Evidence of a later time is refused. */
  readonly latestTimeMs?: number | undefined;
}

/** What is now verified. */
export interface VerifiedBundle {
  readonly signer:
    | { readonly kind: "certificate"; readonly certificate: VerifiedCertificate }
    | { readonly kind: "key"; readonly key: PublicKey; readonly hint: string };
  readonly algorithm: SignatureAlgorithm;
  readonly times: readonly VerifiedTime[];
  readonly tlogEntries: readonly VerifiedTlogEntry[];
  readonly scts: readonly VerifiedSct[];
  readonly statement: StatementAboutArtifact | undefined;
}

/** Verifies `request` and books every check in `log`. */
export function verifyBundle(given: BundleVerification, log: CheckLog): VerifiedBundle {
  const request = { ...given, requirements: requirementsOf(given) };
  const { bundle, artifact } = request;
  log.enter("bundle");
  const leaf = checkBundleShape(bundle, log);
  const managedKey = selectManagedKey(bundle, request.key);
  const content = signedContent(bundle, artifact);
  const evidence = verifyEvidence(request, content, log);
  const { signer, scts, key } = verifySigner(request, leaf, managedKey, evidence, log);
  const algorithm = verifySignedContent(request, content, key, log);
  log.enter("entry-body");
  const verifier = { certificate: leaf?.raw, spki: key.spki };
  checkEntryBodies(evidence.tlogEntries, { content, verifier, algorithm }, log);
  log.enter("artifact");
  const statement =
    content.envelope === undefined ? undefined : matchStatement(content.envelope.payload, artifact, log);
  return { signer, algorithm, times: evidence.times, tlogEntries: evidence.tlogEntries, scts, statement };
}

function requirementsOf({ bundle, requirements, raise = {} }: BundleVerification): Requirements {
  const isKeyless = bundle.material.key.kind === "certificate";
  return raiseRequirements(isKeyless ? requirements : withoutCertificate(requirements), raise);
}

interface Evidence {
  readonly times: readonly VerifiedTime[];
  readonly tlogEntries: readonly VerifiedTlogEntry[];
}

/** Timestamps and log entries, and whether there are enough of them. */
function verifyEvidence(request: BundleVerification, content: SignedContent, log: CheckLog): Evidence {
  const { bundle, trust, requirements } = request;
  log.enter("timestamp");
  const timestamps = verifyTimestamps(bundle.material.timestamps, new DigestedMessage(content.signature), trust, log);
  requireCount(
    log,
    "timestamp",
    requirements.signedTimestamps,
    countAuthorities(timestamps),
    "timestamp-threshold",
    "timestamps of distinct authorities",
  );
  log.enter("tlog-entry");
  const tlogEntries = verifyTlogEntries(bundle.material.tlogEntries, trust, log);
  requireCount(
    log,
    "tlog-entry",
    requirements.tlogEntries,
    countLogs(tlogEntries),
    "tlog-threshold",
    "entries in distinct logs",
  );
  log.enter("time");
  const times = collectTimes(request, timestamps, tlogEntries, log);
  checkLogRanges(tlogEntries, times);
  return { times, tlogEntries };
}

/** Client specification 4.3: a certificate needs a proved time. A managed key has no validity of minutes. */
function collectTimes(
  { requirements, latestTimeMs }: BundleVerification,
  timestamps: readonly VerifiedTimestamp[],
  tlogEntries: readonly VerifiedTlogEntry[],
  log: CheckLog,
): readonly VerifiedTime[] {
  const integrated = integratedTimes(tlogEntries);
  const promising = countLogs(tlogEntries.filter(({ integratedTime }) => integratedTime !== undefined));
  requireCount(
    log,
    "tlog-entry",
    requirements.integratedTimes,
    promising,
    "integrated-time-threshold",
    "integrated times promised by logs",
  );
  const available = countAuthorities(timestamps) + promising;
  requireCount(log, "timestamp", requirements.times, available, "time-threshold", "proved times of signing");
  const times = [...timestamps, ...integrated];
  refuseLateTimes(times, latestTimeMs);
  return times;
}

function refuseLateTimes(times: readonly VerifiedTime[], latestTimeMs: number | undefined): void {
  if (latestTimeMs === undefined) return;
  const late = times.find(({ timeMs }) => timeMs > latestTimeMs);
  if (late === undefined) return;
  throw new SigstoreError("time-too-late", `expected a time up to ${momentText(latestTimeMs)}, got ${timeText(late)}`);
}

/**
 * Refuses when fewer than `required` pieces were found. What was left out of account in `step` is the likelier reason
 * than its absence: then the first of those codes is the answer.
 */
function requireCount(log: CheckLog, step: Step, required: number, found: number, code: ErrorCode, what: string): void {
  if (found >= required) return;
  const skipped = log.checks.find((check) => check.step === step && check.outcome === "skipped");
  const message = `expected ${required} or more ${what}, got ${found}`;
  if (skipped === undefined) throw new SigstoreError(code, message);
  throw new SigstoreError(
    skipped.code ?? code,
    found === 0 ? skipped.summary : `${message}; left out: ${skipped.summary}`,
  );
}

interface SignerVerification {
  readonly signer: VerifiedBundle["signer"];
  readonly scts: readonly VerifiedSct[];
  readonly key: PublicKey;
}

function verifySigner(
  request: BundleVerification,
  leaf: Certificate | undefined,
  managedKey: PublicKey | undefined,
  evidence: Evidence,
  log: CheckLog,
): SignerVerification {
  if (leaf !== undefined) return verifyCertificateSigner(request, leaf, evidence, log);
  const { bundle, key: trusted, nowMs } = request;
  if (managedKey === undefined || trusted === undefined || bundle.material.key.kind !== "publicKey") {
    throw new Error("a bundle without certificate has a managed key by now");
  }
  log.enter("key");
  checkKeyRange(trusted, evidence.times, nowMs, log);
  // Who asks for SCTs is not content with a key, which can have none.
  requireCount(log, "sct", request.requirements.scts, 0, "sct-threshold", "SCTs of distinct CT logs");
  return { signer: { kind: "key", key: managedKey, hint: bundle.material.key.hint }, scts: [], key: managedKey };
}

function verifyCertificateSigner(
  request: BundleVerification,
  leaf: Certificate,
  evidence: Evidence,
  log: CheckLog,
): SignerVerification {
  log.enter("certificate");
  checkUnpromisedTimes(leaf, evidence.tlogEntries);
  const certificate = verifyCertificatePath(leaf, request.trust, evidence.times, log);
  log.enter("sct");
  const scts = verifyScts(certificate, request.trust, log);
  if (scts.length === 0 && request.requirements.scts > 0 && !log.checks.some(({ step }) => step === "sct")) {
    throw new SigstoreError("sct-missing", "expected a signed certificate timestamp in the certificate, got none");
  }
  requireCount(log, "sct", request.requirements.scts, countCtLogs(scts), "sct-threshold", "SCTs of distinct CT logs");
  return { signer: { kind: "certificate", certificate }, scts, key: importPublicKey(leaf.spki) };
}

function verifySignedContent(
  request: BundleVerification,
  content: SignedContent,
  key: PublicKey,
  log: CheckLog,
): SignatureAlgorithm {
  log.enter("artifact");
  checkMessageDigest(request.bundle, request.artifact, log);
  log.enter("signature");
  return verifyContentSignature(content, key, log);
}
