/**
 * What to do about a refusal, in terms of this command. The library's own hints speak of arguments, ours of options.
 *
 * First comes what the circumstances tell (bundle and file swapped, an instance that we know), then what the code alone
 * does; where the library has a hint and we have nothing better, its word stands.
 */
import { guessInstance } from "../compose/signing-instance.ts";
import type { GuessedInstance } from "../compose/signing-instance.ts";
import { sha256 } from "../crypto/digest.ts";
import { base64Decode, base64Encode } from "../encoding/base64.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import type { Home } from "../home/folder.ts";
import type { ResultFailure, VerificationResult } from "../verdict/result.ts";
import type { ManagedKey } from "../verify/managed-key.ts";
import { ADVICE, OTHERWISE } from "./advice-by-code.ts";
import type { ParsedArguments } from "./command.ts";
import { adviseMismatch } from "./identity-advice.ts";
import { shellWord } from "./terminal.ts";

/** What a refusal is about, beyond its result. */
export interface Circumstances {
  readonly request: ParsedArguments;
  readonly target: string;
  readonly bundlePath: string;
  readonly bundle: Bundle | undefined;
  readonly key: ManagedKey | undefined;
  /** Where the instances lie that the user trusts. */
  readonly home?: Home | undefined;
}

const REQUIRE_CODES: ReadonlySet<ErrorCode> = new Set([
  "tlog-threshold",
  "timestamp-threshold",
  "time-threshold",
  "integrated-time-threshold",
  "sct-threshold",
]);

/** `result` with advice in terms of the command where there is some. */
export function adviseFailure(result: VerificationResult, circumstances: Circumstances): VerificationResult {
  const { failure } = result;
  if (failure === undefined) return result;
  const hint =
    adviseCircumstances(result, failure, circumstances) ??
    ADVICE[failure.code] ??
    failure.hint ??
    OTHERWISE[failure.code];
  return hint === undefined ? result : { ...result, failure: { ...failure, hint } };
}

function adviseCircumstances(
  result: VerificationResult,
  failure: ResultFailure,
  circumstances: Circumstances,
): string | undefined {
  const { request, target, bundlePath } = circumstances;
  if (failure.step === "bundle" && circumstances.bundle === undefined && /\.sigstore(?:\.json)?$/u.test(target)) {
    return `bundle and file look swapped: --bundle ${shellWord(target)} ${shellWord(bundlePath)}`;
  }
  switch (failure.code) {
    case "artifact-mismatch":
      return result.artifact.digests["sha256"] === EMPTY_SHA256
        ? "the artifact is empty: was it written yet?"
        : undefined;
    case "identity-mismatch":
      return result.signer?.kind === "certificate" ? adviseMismatch(request, result.signer) : undefined;
    case "signature-invalid":
      return adviseKey(circumstances);
    case "time-too-late":
      return `it was signed after --at ${request.value("at") ?? ""}: give a later time, or leave it out`;
    default:
      return adviseInstance(result, circumstances) ?? adviseRequirements(failure.code, request);
  }
}

/** SHA-256 of nothing. */
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function adviseRequirements(code: ErrorCode, request: ParsedArguments): string | undefined {
  return REQUIRE_CODES.has(code) && request.flag("require")
    ? "--require asks for more than the bundle holds; --explain shows what counted"
    : undefined;
}

const FOREIGN_CODES: ReadonlySet<ErrorCode> = new Set([
  ...REQUIRE_CODES,
  "tlog-log-unknown",
  "timestamp-authority-unknown",
  "certificate-path-invalid",
  "sct-log-unknown",
]);

/** Of the instances that are built in, the bundle may name one that was not asked for. */
function adviseInstance({ failure, trust }: VerificationResult, circumstances: Circumstances): string | undefined {
  const { bundle, request } = circumstances;
  if (failure === undefined || bundle === undefined || !FOREIGN_CODES.has(failure.code)) return undefined;
  const guess = guessInstance(bundle, circumstances.home);
  if (guess === undefined) return undefined;
  const changes = [...instanceChange(guess, trust.instance, request), ...profileChange(guess, request)];
  return changes.length === 0
    ? undefined
    : `the bundle names a log or authority of ${guess.title}: ${changes.join(", and ")}`;
}

function instanceChange(guess: GuessedInstance, used: string, request: ParsedArguments): readonly string[] {
  if (guess.instance === used) return [];
  const given = ["trusted-root", "instance", "trust-config"].find((name) => request.flag(name));
  const instead = given === undefined ? "" : ` instead of --${given} ${shellWord(request.value(given) ?? "")}`;
  return [`give --instance ${guess.instance}${instead}`];
}

/** GitHub's instance has no log, so that what it signs needs its profile; what others sign does not. */
function profileChange(guess: GuessedInstance, request: ParsedArguments): readonly string[] {
  const isGiven = request.value("profile") === "github";
  if (guess.instance === "github") return isGiven ? [] : ["add --profile github"];
  return isGiven ? ["leave --profile out"] : [];
}

/** cosign names a key by its fingerprint; where the bundle does, it can be told whose key is missing. */
function adviseKey({ bundle, key, request }: Circumstances): string | undefined {
  if (key === undefined || bundle?.material.key.kind !== "publicKey") return undefined;
  const { hint } = bundle.material.key;
  const given = sha256(key.spki);
  if (hint === base64Encode(given)) return undefined;
  if (!/^[A-Za-z0-9+/]{43}=$/u.test(hint))
    return "is it the signer's key? if so, the file or the signature was changed";
  const named = hexEncode(base64Decode(hint));
  return `the bundle names another key: sha256:${named}; ${request.value("key") ?? ""} is sha256:${hexEncode(given)}`;
}

/** `error` with advice in terms of the command where there is some. */
export function adviseError(error: SigstoreError): SigstoreError {
  const hint =
    ADVICE[error.code] ??
    (error.code === "bundle-not-found" && error.details["found"] === undefined ? bundleAdvice(error) : undefined);
  return hint === undefined
    ? error
    : new SigstoreError(error.code, error.message, { hint, details: error.details, cause: error });
}

function bundleAdvice({ details }: SigstoreError): string {
  const { artifact } = details;
  return artifact === undefined
    ? "name the bundle with --bundle FILE, or ask the publisher for it"
    : `this is a bundle itself; verify what it signs: sigstore verify ${shellWord(String(artifact))}`;
}
