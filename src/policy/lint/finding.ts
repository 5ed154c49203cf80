/**
 * What the lint says: one finding, its code, and how grave it is.
 */

/** Every code of the lint. */
export type LintCode =
  | "matches-everything"
  | "host-open"
  | "host-dot"
  | "path-dot"
  | "start-open"
  | "end-open"
  | "any-subdomain"
  | "whole-host"
  | "whole-organisation"
  | "whole-email-domain"
  | "name-open"
  | "any-workflow"
  | "any-ref"
  | "any-branch"
  | "any-tag"
  | "never-matches"
  | "exact-looks-like-pattern"
  | "issuer-pattern"
  | "issuer-plain-http"
  | "issuer-not-address"
  | "issuer-spelling"
  | "issuer-is-broker"
  | "email-with-workload-issuer"
  | "workload-with-personal-issuer"
  | "host-unlike-issuer";

/** One thing that the lint found. */
export interface LintFinding {
  readonly code: LintCode;
  /** `warning`: strangers, or nobody, can meet this identity. `info`: broader than need be, as many people want it. */
  readonly level: "warning" | "info";
  readonly part: "issuer" | "subject";
  /** Why: lower case, without a full stop. */
  readonly message: string;
  /** What to write instead. */
  readonly advice: string;
}

/** A finding about the subject. */
export function aboutSubject(
  level: LintFinding["level"],
  code: LintCode,
  message: string,
  advice: string,
): LintFinding {
  return { code, level, part: "subject", message, advice };
}

/** A finding about the issuer. */
export function aboutIssuer(level: LintFinding["level"], code: LintCode, message: string, advice: string): LintFinding {
  return { code, level, part: "issuer", message, advice };
}
