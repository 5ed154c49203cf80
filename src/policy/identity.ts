/**
 * Whom do we trust? A certificate identity is issuer and subject together, in the instance whose trusted root verified
 * the certificate (client specification 4.2; Fulcio OID documentation).
 *
 * The issuer is always needed: a subject alone says nothing about who vouched for it. Patterns match whole values.
 */
import { SigstoreError } from "../errors.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { subjectAlternativeNames } from "../formats/x509/extensions.ts";
import { fulcioIssuerAndOthers } from "../formats/x509/fulcio-extensions.ts";
import type { FulcioExtensions, FulcioExtensionsBesideIssuer } from "../formats/x509/fulcio-extensions.ts";
import type { GeneralName } from "../formats/x509/general-name.ts";
import { OID } from "../formats/x509/oids.ts";
import { LIMITS } from "../limits.ts";
import { compilePattern, matchesPattern } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";

/** An exact value, or a pattern that the whole value must match. */
export type Expected =
  | { readonly kind: "exact"; readonly value: string }
  | { readonly kind: "pattern"; readonly pattern: Pattern };

/** An identity that is trusted: issuer, subject, and optionally other Fulcio extensions by name, exactly. */
export interface IdentityExpectation {
  readonly issuer: Expected;
  readonly subject: Expected;
  readonly extensions?: Readonly<Partial<Record<keyof FulcioExtensions, string>>>;
  /** The instance in which the identity is trusted; absent: the one whose trusted root is used. */
  readonly instance?: string;
}

/** The identity that a certificate carries. */
export interface CertificateIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly subjectKind: "email" | "uri" | "dns" | "ip" | "otherName";
  readonly extensions: FulcioExtensionsBesideIssuer;
}

/**
 * Trust in exactly this issuer and subject. Throws `TypeError` for an empty one.
 * @example
 * ```ts
 * import { exactIdentity } from "sigstore-ts";
 * const release = exactIdentity(
 *   "https://token.actions.githubusercontent.com",
 *   "https://github.com/example/tool/.github/workflows/release.yml@refs/tags/v1.0.0",
 * );
 * console.log(release.subject.kind); // "exact"
 * ```
 */
export function exactIdentity(issuer: string, subject: string): IdentityExpectation {
  if (issuer === "" || subject === "") throw new TypeError("expected an issuer and a subject, got an empty one");
  return { issuer: { kind: "exact", value: issuer }, subject: { kind: "exact", value: subject } };
}

/**
 * Trust in every subject that matches `subjectPattern` as a whole. Throws `pattern-unsupported` for what RE2 refuses.
 * @example
 * ```ts
 * import { patternIdentity } from "sigstore-ts";
 * const releases = patternIdentity(
 *   "https://token.actions.githubusercontent.com",
 *   "https://github\\.com/example/tool/\\.github/workflows/release\\.yml@refs/tags/v[0-9.]+",
 * );
 * console.log(releases.subject.kind); // "pattern"
 * ```
 */
export function patternIdentity(issuer: string, subjectPattern: string): IdentityExpectation {
  if (issuer === "" || subjectPattern === "") throw new TypeError("expected an issuer and a pattern, got an empty one");
  return {
    issuer: { kind: "exact", value: issuer },
    subject: { kind: "pattern", pattern: compilePattern(subjectPattern) },
  };
}

/**
 * Reads the identity of a signing certificate; throws `identity-missing` where it names no subject. The issuer is empty
 * where the certificate names none, as those of GitHub's releases do: such an identity can be told, and never trusted.
 */
export function certificateIdentity(certificate: Certificate): CertificateIdentity {
  const { issuer = "", others: extensions } = fulcioIssuerAndOthers(certificate);
  const names = subjectAlternativeNames(certificate);
  const [name, ...others] = names;
  // Fulcio certificate specification: exactly one subject alternative name.
  if (name === undefined || others.length > 0 || !isIdentityName(name)) {
    throw new SigstoreError(
      "identity-missing",
      `expected one subject alternative name in the certificate, got ${names.length === 1 ? "one of an unknown kind" : names.length}`,
    );
  }
  if (name.value === "") {
    throw new SigstoreError("identity-missing", "expected the certificate to name a subject, got an empty one");
  }
  return { issuer, subject: name.value, subjectKind: name.kind, extensions };
}

/** Fulcio, docs/oid-info.md: of other names only its own user name says who signed; the text of others means something else. */
function isIdentityName(name: GeneralName): name is Exclude<GeneralName, { readonly kind: "other" }> {
  return name.kind !== "other" && (name.kind !== "otherName" || name.oid === OID.fulcioUserName);
}

/**
 * The first of `expectations` that `identity` of `instance` meets. Throws `identity-missing` for one without issuer, `identity-mismatch` or
 * `identity-extension-mismatch` for the one that came nearest, `instance-mismatch` where only the instance differs.
 */
export function matchIdentity(
  identity: CertificateIdentity,
  instance: string,
  expectations: readonly IdentityExpectation[],
): IdentityExpectation {
  if (expectations.length > LIMITS.policyIdentities)
    throw new TypeError(`expected at most ${LIMITS.policyIdentities} identities, got ${expectations.length}`);
  // An issuer is always needed: a subject alone says nothing about who vouched for it.
  if (identity.issuer === "") {
    throw new SigstoreError(
      "identity-missing",
      `expected the certificate of ${identity.subject} to name an OIDC issuer, got none`,
      {
        hint: "without an issuer an identity cannot be trusted",
      },
    );
  }
  let nearest: SigstoreError | undefined;
  for (const expectation of expectations) {
    const refusal = refuse(identity, instance, expectation);
    if (refusal === undefined) return expectation;
    if (nearest === undefined || NEARNESS.indexOf(refusal.code) > NEARNESS.indexOf(nearest.code)) nearest = refusal;
  }
  if (nearest?.code === "identity-mismatch" && expectations.length > 1) throw noneMatches(identity, expectations);
  throw nearest ?? new SigstoreError("identity-mismatch", "expected at least one identity to trust, got none");
}

const NAMED_EXPECTATIONS = 3;

function noneMatches(identity: CertificateIdentity, expectations: readonly IdentityExpectation[]): SigstoreError {
  const named = expectations.slice(0, NAMED_EXPECTATIONS).map(expectationText).join(", ");
  const rest = expectations.length > NAMED_EXPECTATIONS ? ", …" : "";
  return new SigstoreError(
    "identity-mismatch",
    `expected one of ${expectations.length} identities: ${named}${rest}; got ${identity.subject} (${identity.issuer})`,
    { hint: "somebody signed who is not among them" },
  );
}

/** An expectation in words: `subject (issuer)`. */
function expectationText({ issuer, subject }: IdentityExpectation): string {
  return `${expectedText(subject)} (${expectedText(issuer)})`;
}

/** An expected value in words, patterns between slashes. */
export function expectedText(expected: Expected): string {
  return expected.kind === "exact" ? expected.value : `/${expected.pattern.source}/`;
}

const NEARNESS: readonly string[] = ["identity-mismatch", "identity-extension-mismatch", "instance-mismatch"];

function refuse(
  identity: CertificateIdentity,
  instance: string,
  expectation: IdentityExpectation,
): SigstoreError | undefined {
  if (!meets(identity.subject, expectation.subject) || !meets(identity.issuer, expectation.issuer))
    return mismatch(identity, expectation);
  for (const [name, value] of Object.entries(expectation.extensions ?? {})) {
    const found = name === "issuer" ? identity.issuer : identity.extensions[name as keyof FulcioExtensionsBesideIssuer];
    if (found === value) continue;
    return new SigstoreError("identity-extension-mismatch", `expected ${name} ${value}, got ${found ?? "none"}`);
  }
  if (expectation.instance === undefined || expectation.instance === instance) return undefined;
  return new SigstoreError(
    "instance-mismatch",
    `expected an identity of the instance ${expectation.instance}, got one of ${instance}`,
  );
}

/** Names what differs, and only that: subject and issuer are long, and often one of them is right. */
function mismatch(identity: CertificateIdentity, expectation: IdentityExpectation): SigstoreError {
  const { subject, issuer } = expectation;
  if (meets(identity.subject, subject)) {
    return new SigstoreError(
      "identity-mismatch",
      `expected the issuer ${expectedText(issuer)}, got ${identity.issuer}`,
      { hint: "the subject is right, but another issuer vouched for it" },
    );
  }
  const isIssuerRight = meets(identity.issuer, issuer);
  const what = subject.kind === "exact" ? "the subject" : "a subject that matches";
  const expected = isIssuerRight ? `${what} ${expectedText(subject)}` : expectationText(expectation);
  const found = isIssuerRight ? identity.subject : `${identity.subject} (${identity.issuer})`;
  return new SigstoreError("identity-mismatch", `expected ${expected}, got ${found}`, {
    hint: isIssuerRight
      ? "the issuer is right, but somebody else signed"
      : "somebody else signed, through another issuer",
  });
}

function meets(value: string, expected: Expected): boolean {
  return expected.kind === "exact" ? value === expected.value : matchesPattern(expected.pattern, value);
}
