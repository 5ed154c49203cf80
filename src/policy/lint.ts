/**
 * Says when an identity is too broad, and when it can never be met: why, and what to write instead.
 *
 * The lint reads the syntax tree of patterns, not their text: `.*`, `(?:.|\n)+` and `[^ ]*` are the same to it. What it does
 * not find is no promise: it knows the habits that people have, not who owns a name.
 */
import type { Expected, IdentityExpectation } from "./identity.ts";
import { aboutSubject } from "./lint/finding.ts";
import type { LintFinding } from "./lint/finding.ts";
import { judgeIssuer, judgeTogether } from "./lint/issuer.ts";
import { outlinesOf } from "./lint/outline.ts";
import { judgeSubject } from "./lint/subject.ts";
import { compilePattern } from "./pattern.ts";

export type { LintFinding } from "./lint/finding.ts";

/** An identity as a user writes it: issuer and subject, each exactly or as a pattern. */
export type WrittenIdentity = (
  | { readonly issuer: string; readonly issuerPattern?: undefined }
  | { readonly issuerPattern: string; readonly issuer?: undefined }
) &
  (
    | { readonly subject: string; readonly subjectPattern?: undefined }
    | { readonly subjectPattern: string; readonly subject?: undefined }
  );

/**
 * What is too broad about an identity, or wrong with it, the gravest first; nothing where nothing is. Throws as
 * `compilePattern` does.
 * @example
 * ```ts
 * import { lintIdentity } from "sigstore-ts";
 * const issuer = "https://token.actions.githubusercontent.com";
 * const [finding] = lintIdentity({ issuer, subjectPattern: "https://github\\.com/acme/.*" });
 * console.log(finding?.code); // "whole-organisation"
 * ```
 */
export function lintIdentity(identity: WrittenIdentity): LintFinding[] {
  return findFaults({
    issuer: expected(identity.issuer, identity.issuerPattern ?? ""),
    subject: expected(identity.subject, identity.subjectPattern ?? ""),
  });
}

function expected(value: string | undefined, pattern: string): Expected {
  return value === undefined ? { kind: "pattern", pattern: compilePattern(pattern) } : { kind: "exact", value };
}

/** What was found about an expectation before: it belongs to the policy, which judges many bundles. */
const found = new WeakMap<IdentityExpectation, readonly LintFinding[]>();

/** The same for an identity that is ready for matching. */
export function lintExpectation(expectation: IdentityExpectation): readonly LintFinding[] {
  const before = found.get(expectation);
  if (before !== undefined) return before;
  const findings = findFaults(expectation);
  found.set(expectation, findings);
  return findings;
}

function findFaults({ issuer, subject }: IdentityExpectation): LintFinding[] {
  const issuers = outlinesOfExpected(issuer);
  const subjects = outlinesOfExpected(subject);
  const [firstIssuer = ""] = issuers;
  const findings = [
    ...judgeExact(subject),
    ...subjects.flatMap((outline) => judgeSubject(outline, firstIssuer)),
    ...issuers.flatMap((outline) => judgeIssuer(outline)),
    ...issuers.flatMap((one) => subjects.flatMap((other) => judgeTogether(one, other))),
  ];
  return gravestFirst(findings);
}

function outlinesOfExpected(wanted: Expected): readonly string[] {
  return wanted.kind === "exact" ? [wanted.value] : outlinesOf(wanted.pattern);
}

/** An exact subject that was meant as a pattern. */
function judgeExact(subject: Expected): LintFinding[] {
  if (subject.kind === "pattern" || !/^\^|\$$|\.[*+]|\\\.|^\*|\*$/u.test(subject.value)) return [];
  const message = "it is compared character by character, and looks like a pattern: it never matches";
  return [aboutSubject("warning", "exact-looks-like-pattern", message, "give it as a pattern")];
}

/** Warnings before remarks, and each code once for each part: of several outlines with the same fault the first stands for all. */
function gravestFirst(findings: readonly LintFinding[]): LintFinding[] {
  const once = new Map<string, LintFinding>();
  for (const finding of findings) {
    const key = `${finding.part} ${finding.code}`;
    if (!once.has(key)) once.set(key, finding);
  }
  const all = Array.from(once.values());
  return [...all.filter(({ level }) => level === "warning"), ...all.filter(({ level }) => level === "info")];
}
