/**
 * Refusals of a pattern: what RE2 cannot do, what this subset leaves out, and what is no regular expression at all.
 *
 * Every refusal names the construct, says where it stands (characters counted from 1), and what to write instead.
 */
import { SigstoreError } from "../../errors.ts";

/** The error for a construct that other engines have and this one refuses; `at` is an index of code points. */
export function unsupportedConstruct(construct: string, at: number, hint: string): SigstoreError {
  return new SigstoreError("pattern-unsupported", `expected RE2 syntax, got ${construct} at character ${at + 1}`, {
    hint,
    details: { position: at + 1 },
  });
}

/** The error for a pattern that is not well-formed; `at` is an index of code points. */
export function malformedPattern(expected: string, found: string, at: number, hint?: string): SigstoreError {
  return new SigstoreError("usage", `expected ${expected}, got ${found} at character ${at + 1} of the pattern`, {
    ...(hint === undefined ? {} : { hint }),
    details: { position: at + 1 },
  });
}

/** The error for a pattern that exceeds a bound of LIMITS. */
export function oversizedPattern(what: string, limit: number, found: string): SigstoreError {
  return new SigstoreError("pattern-unsupported", `expected a pattern of at most ${limit} ${what}, got ${found}`, {
    hint: "write a list of identities instead of one pattern for all",
    details: { limit },
  });
}
