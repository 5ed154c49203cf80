/**
 * One key or authority may stand in the trusted root several times, with several ranges or chains.
 */
import { isSigstoreError } from "../errors.ts";
import type { SigstoreError } from "../errors.ts";
import { AT_ONCE } from "./signature-checks.ts";
import type { SignatureChecks } from "./signature-checks.ts";

/**
 * What `verify` answers for the first of `candidates` that passes. Throws the first refusal when none does; a broken
 * invariant is thrown at once. Needs at least one candidate. Which of several passes is known only when their signatures
 * are verified at once; those of a lone candidate may wait in `signatures`.
 */
export function verifyWithAnyOf<Candidate, Verified>(
  candidates: readonly Candidate[],
  verify: (candidate: Candidate, signatures: SignatureChecks) => Verified,
  signatures: SignatureChecks = AT_ONCE,
): Verified {
  const [first] = candidates;
  if (candidates.length === 1 && first !== undefined) return verify(first, signatures);
  let refusal: SigstoreError | undefined;
  for (const candidate of candidates) {
    try {
      return verify(candidate, AT_ONCE);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? new Error("expected at least one candidate");
}
