/**
 * Asks the verifier about a case, as it is or changed.
 */
import { isSigstoreError } from "../../../src/errors.ts";
import { exactIdentity } from "../../../src/policy/identity.ts";
import type { VerificationResult } from "../../../src/verdict/result.ts";
import { loadTrust } from "../../../src/verdict/trust.ts";
import type { Trust } from "../../../src/verdict/trust.ts";
import { judge } from "../../../src/verdict/verdict.ts";
import type { VerdictRequest } from "../../../src/verdict/verdict.ts";
import type { Artifact } from "../../../src/verify/artifact.ts";
import type { FuzzCase } from "./fuzz-case.ts";

/** What the verifier says. A trusted root that cannot be read is an answer without result. */
export interface Answer {
  readonly verified: boolean;
  /** Code of the refusal; empty for a yes. */
  readonly code: string;
  readonly message: string;
  readonly result?: VerificationResult;
}

/** The trust of a case, made ready once: like a program that verifies many bundles. */
export function trustOf({ trustedRoot }: Pick<FuzzCase, "trustedRoot">): Trust {
  return loadTrust({ trustedRoot, source: "fuzz" });
}

/** Asks about `bundle`, by default with the bytes of the artifact. */
export function ask(
  fuzzCase: FuzzCase,
  bundle: string | Uint8Array,
  trust: Trust,
  artifact: Artifact = { kind: "bytes", bytes: fuzzCase.artifact },
): Answer {
  const result = judge({ bundle, artifact, trust, ...whom(fuzzCase), nowMs: fuzzCase.nowMs });
  const { failure, verdict } = result;
  return {
    verified: verdict === "verified",
    code: failure?.code ?? (verdict === "verified" ? "" : verdict),
    message: failure?.message ?? "",
    result,
  };
}

/** Asks about the bundle of a case under another trusted root. */
export function askUnderRoot(fuzzCase: FuzzCase, trustedRoot: string | Uint8Array): Answer {
  try {
    return ask(fuzzCase, fuzzCase.bundle, loadTrust({ trustedRoot, source: "fuzz" }));
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { verified: false, code: error.code, message: error.message };
  }
}

function whom({ signer }: FuzzCase): Pick<VerdictRequest, "identities" | "key"> {
  return signer.kind === "key"
    ? { key: { spki: signer.spki } }
    : { identities: [exactIdentity(signer.issuer, signer.subject)] };
}
