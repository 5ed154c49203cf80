/**
 * The only way to a "yes": evidence → verify/ → policy/ → one VerificationResult.
 *
 * Whatever goes wrong on the way, in reading, verifying or judging, ends in a result that is not `verified`. Only misuse
 * by the calling program throws.
 */
import { isSigstoreError } from "../errors.ts";
import type { SigstoreError } from "../errors.ts";
import { parseBundle } from "../formats/bundle/bundle.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { certificateIdentity, matchIdentity } from "../policy/identity.ts";
import type { CertificateIdentity, IdentityExpectation } from "../policy/identity.ts";
import { lintExpectation } from "../policy/lint.ts";
import { checkProfile, findProfile } from "../policy/profile.ts";
import type { ProfileName } from "../policy/profile.ts";
import { digestedArtifact } from "../verify/artifact.ts";
import type { Artifact, DigestedMessage } from "../verify/artifact.ts";
import { CheckLog } from "../verify/checks.ts";
import type { ManagedKey } from "../verify/managed-key.ts";
import type { Requirements } from "../verify/requirements.ts";
import { verifyBundle } from "../verify/verify-bundle.ts";
import type { VerifiedBundle } from "../verify/verify-bundle.ts";
import { describeArtifact, describeMatch, describeTrust, describeVerified } from "./describe.ts";
import { API_VERSION } from "./result.ts";
import type { Verdict, VerificationResult } from "./result.ts";
import type { Trust } from "./trust.ts";

/** A question to the verifier. */
export interface VerdictRequest {
  /** The bundle, parsed or as its file holds it. */
  readonly bundle: Bundle | Uint8Array | string;
  readonly artifact: Artifact;
  readonly trust: Trust;
  /** Whom to trust, any of them; absent: nobody, and the answer is at best `sound`. */
  readonly identities?: readonly IdentityExpectation[];
  /** The key of a bundle without certificate; naming it says whom to trust. */
  readonly key?: ManagedKey;
  readonly profile?: ProfileName;
  /** Raises what is asked for; lower numbers change nothing. */
  readonly require?: Partial<Requirements>;
  /** The moment of judging, milliseconds since 1970. */
  readonly nowMs: number;
  /** Evidence of a later time is refused. */
  readonly latestTimeMs?: number;
}

/**
 * Judges one bundle about one artifact. Never throws on evidence, however hostile; throws `TypeError` for a request that
 * makes no sense.
 * @example
 * ```ts
 * import { exactIdentity, findInstance, loadTrust, verify } from "sigstore-ts";
 * const trust = loadTrust(findInstance("public"));
 * const result = verify({
 *   bundle: "{}",
 *   artifact: { kind: "bytes", bytes: new Uint8Array() },
 *   trust,
 *   identities: [exactIdentity("https://accounts.google.com", "dev@example.com")],
 *   nowMs: Date.now(),
 * });
 * console.log(result.verdict); // "failed"
 * ```
 */
export function judge(request: VerdictRequest): VerificationResult {
  checkRequest(request);
  const log = new CheckLog();
  const artifact = digestedArtifact(request.artifact);
  const progress: Progress = { warnings: [] };
  let verdict: Verdict;
  try {
    verdict = reachVerdict(request, artifact, log, progress);
  } catch (error) {
    // Anything but a refusal is a broken invariant of ours: it must not pass for an answer.
    if (!isSigstoreError(error)) throw error;
    log.fail(error);
    return assemble(request, artifact, log, progress, "failed", error);
  }
  return assemble(request, artifact, log, progress, verdict);
}

/** What is known by the time the verdict falls. */
interface Progress {
  bundle?: Bundle;
  verified?: VerifiedBundle;
  identity?: CertificateIdentity;
  matched?: IdentityExpectation;
  readonly warnings: string[];
}

function reachVerdict(request: VerdictRequest, artifact: DigestedMessage, log: CheckLog, progress: Progress): Verdict {
  const profile = findProfile(request.profile ?? "default");
  const bundle = readBundle(request.bundle);
  progress.bundle = bundle;
  const verified = verifyBundle(
    {
      bundle,
      artifact,
      trust: request.trust.material,
      requirements: profile.requirements,
      raise: request.require,
      key: request.key,
      nowMs: request.nowMs,
      latestTimeMs: request.latestTimeMs,
    },
    log,
  );
  log.enter("policy");
  checkProfile(profile, verified);
  progress.verified = verified;
  warnOfFutureTimes(verified, request.nowMs, progress.warnings);
  if (verified.signer.kind === "key") {
    log.pass(() => "signed with the key that was given");
    return "verified";
  }
  progress.identity = certificateIdentity(verified.signer.certificate.certificate);
  return judgeIdentity(request, progress.identity, log, progress);
}

function judgeIdentity(
  request: VerdictRequest,
  identity: CertificateIdentity,
  log: CheckLog,
  progress: Progress,
): Verdict {
  const expectations = request.identities ?? [];
  if (expectations.length === 0) return "sound";
  const matched = matchIdentity(identity, request.trust.instance, expectations);
  progress.matched = matched;
  log.pass(() => `signed by ${identity.subject} (${identity.issuer}), whom the policy trusts`);
  for (const { part, message, advice } of lintExpectation(matched)) {
    progress.warnings.push(`the trusted ${part} is too broad: ${message}; ${advice}`);
  }
  return "verified";
}

function readBundle(bundle: Bundle | Uint8Array | string): Bundle {
  return typeof bundle === "string" || bundle instanceof Uint8Array ? parseBundle(bundle) : bundle;
}

/** Five minutes: more than clocks of machines differ that are kept in time. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;

function warnOfFutureTimes(verified: VerifiedBundle, nowMs: number, warnings: string[]): void {
  if (verified.times.every(({ timeMs }) => timeMs <= nowMs + CLOCK_TOLERANCE_MS)) return;
  warnings.push("the signature was made in the future of this machine's clock: is the clock right?");
}

/** Misuse is the caller's bug and must be loud; everything else that is thrown below is a refusal. */
function checkRequest({ nowMs, latestTimeMs, identities, key }: VerdictRequest): void {
  if (!Number.isFinite(nowMs)) throw new TypeError("expected nowMs in milliseconds since 1970");
  if (latestTimeMs !== undefined && !Number.isFinite(latestTimeMs))
    throw new TypeError("expected latestTimeMs in milliseconds since 1970");
  if (key !== undefined && identities !== undefined && identities.length > 0) {
    throw new TypeError("expected identities or a key, got both: a bundle is signed by one or the other");
  }
  // What is not there would match a certificate without that extension, and so ask for nothing.
  for (const { extensions = {} } of identities ?? []) {
    const [name] = Object.entries(extensions).find(([, value]) => typeof value !== "string") ?? [];
    if (name !== undefined) throw new TypeError(`expected text for the extension ${name} of an identity`);
  }
}

function assemble(
  request: VerdictRequest,
  artifact: DigestedMessage,
  log: CheckLog,
  progress: Progress,
  verdict: Verdict,
  refusal?: SigstoreError,
): VerificationResult {
  const { bundle, verified, identity, matched, warnings } = progress;
  return {
    apiVersion: API_VERSION,
    kind: "VerificationResult",
    verdict,
    artifact: describeArtifact(artifact, request.artifact.name),
    ...(bundle === undefined ? {} : { bundle: { mediaType: bundle.mediaType, content: bundle.content.kind } }),
    ...describeVerified(verified, identity),
    trust: describeTrust(request.trust, request.profile ?? "default", request.nowMs),
    ...(matched === undefined ? {} : { matchedIdentity: describeMatch(matched) }),
    revocation: { status: "not-asked" },
    warnings,
    get checks() {
      return log.checks;
    },
    ...(refusal === undefined
      ? {}
      : {
          failure: {
            step: log.step,
            code: refusal.code,
            message: refusal.message,
            ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
          },
        }),
  };
}

/**
 * Exit code for one result (0 yes, 3 failed, 4 nobody said whom to trust, 6 revoked).
 * @example
 * ```ts
 * import { exitCodeOf, findInstance, loadTrust, verify } from "sigstore-ts";
 * const artifact = { kind: "bytes", bytes: new Uint8Array() } as const;
 * const result = verify({ bundle: "{}", artifact, trust: loadTrust(findInstance("public")), nowMs: Date.now() });
 * console.log(exitCodeOf(result)); // 3
 * ```
 */
export function exitCodeOf({ verdict }: VerificationResult): 0 | 3 | 4 | 6 {
  switch (verdict) {
    case "verified":
      return 0;
    case "failed":
      return 3;
    case "sound":
      return 4;
    case "revoked":
      return 6;
  }
}
