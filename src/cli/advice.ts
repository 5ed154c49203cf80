/**
 * What to do about a refusal, in terms of this command. The library's own hints speak of arguments, ours of options.
 */
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { VerificationResult } from "../verdict/result.ts";

const ADVICE: Partial<Readonly<Record<ErrorCode, string>>> = {
  "bundle-ambiguous": "say which one counts with --bundle FILE, or remove the other",
  "key-required": "give the signer's public key with --key FILE",
  "key-unexpected": "leave --key out, and name the signer with --identity and --issuer",
  "profile-mismatch": "leave --profile out, or give that instance's --trusted-root",
  "artifact-bytes-required": "this key signs the bytes themselves: give the file instead of a digest",
  "artifact-digest-required": "give the file itself, or the digest that was signed",
  "tlog-log-unknown": "give the trusted root of the instance that signed: --instance NAME or --trusted-root FILE",
  "certificate-path-invalid":
    "give the trusted root of the instance that signed: --instance NAME or --trusted-root FILE",
};

/** `result` with advice in terms of the command where there is some. */
export function adviseFailure(result: VerificationResult): VerificationResult {
  const { failure } = result;
  const hint = failure === undefined ? undefined : ADVICE[failure.code];
  return failure === undefined || hint === undefined ? result : { ...result, failure: { ...failure, hint } };
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
    : `this is a bundle itself; verify what it signs: sigstore verify ${String(artifact)}`;
}
