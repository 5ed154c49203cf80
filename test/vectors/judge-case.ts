/**
 * Asks the verifier a question made by src/testing.
 */
import { isSigstoreError } from "../../src/errors.ts";
import { exactIdentity, loadTrust, verify } from "../../src/index.ts";
import type { ErrorCode, Step, Verdict } from "../../src/index.ts";
import type { TrustedIdentity, VerificationCase } from "../../src/testing/verification-case.ts";

/** The part of an answer that cases speak of. A trusted root that cannot be read refuses at step `bundle`. */
export interface CaseAnswer {
  readonly verdict: Verdict;
  readonly failure?: { readonly code: ErrorCode; readonly step: Step; readonly message: string };
}

/** The verifier's answer to `question`. */
export function judgeCase(question: VerificationCase): CaseAnswer {
  const { trustedRoot, identities, ...rest } = question;
  try {
    const trust = loadTrust({ trustedRoot, instance: "virtual", source: "made by src/testing" });
    return verify({ ...rest, trust, ...(identities.length > 0 && { identities: identities.map(expectationOf) }) });
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { verdict: "failed", failure: { code: error.code, step: "bundle", message: error.message } };
  }
}

function expectationOf({ issuer, subject, extensions, instance }: TrustedIdentity): ReturnType<typeof exactIdentity> {
  return {
    ...exactIdentity(issuer, subject),
    ...(extensions !== undefined && { extensions }),
    ...(instance !== undefined && { instance }),
  };
}
