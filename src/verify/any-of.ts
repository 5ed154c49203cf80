/**
 * One key or authority may stand in the trusted root several times, with several ranges or chains.
 */
import { isSigstoreError } from "../errors.ts";
import type { SigstoreError } from "../errors.ts";

/**
 * What `verify` answers for the first of `candidates` that passes. Throws the first refusal when none does; a broken
 * invariant is thrown at once. Needs at least one candidate.
 */
export function verifyWithAnyOf<Candidate, Verified>(
  candidates: readonly Candidate[],
  verify: (candidate: Candidate) => Verified,
): Verified {
  let refusal: SigstoreError | undefined;
  for (const candidate of candidates) {
    try {
      return verify(candidate);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? new Error("expected at least one candidate");
}
