/**
 * What a certificate authority is configured with: whose tokens it takes and what it writes into certificates (fulcio,
 * pkg/config/config.go; docs/oidc.md).
 *
 * Looks an issuer up as the original does: by its exact address, then by the patterns of meta-issuers. Leaves out: where the file
 * lies, and its notation (config-file.ts).
 */
import type { FulcioExtensions } from "../../formats/x509/fulcio-extensions.ts";
import { LIMITS } from "../../limits.ts";

/** The kinds of issuers; how the identity in a certificate comes out of a token. */
export const ISSUER_TYPES = [
  "email",
  "username",
  "uri",
  "spiffe",
  "kubernetes",
  "ci-provider",
  "chainguard-identity",
  "github-workflow",
  "gitlab-pipeline",
  "buildkite-job",
  "codefresh-workflow",
] as const;

/** A kind of issuer. */
export type IssuerType = (typeof ISSUER_TYPES)[number];

/** One issuer as the file has it; what it leaves out is the empty text. */
export interface OidcIssuer {
  readonly issuerUrl: string;
  /** Whom its tokens must be made for: `aud`. */
  readonly clientId: string;
  readonly type: string;
  /** Of type ci-provider: which templates. */
  readonly ciProvider: string;
  /** Of type email: JSONPath of the claim that stands as the issuer in the certificate. */
  readonly issuerClaim: string;
  readonly subjectDomain: string;
  readonly spiffeTrustDomain: string;
  readonly challengeClaim: string;
  /** PEM: whom to trust besides the system's authorities when its keys are fetched. */
  readonly caCertificates: string;
  readonly skipEmailVerification: boolean;
}

/** What the claims of a CI provider become. */
export interface CiMetadata {
  /** Stand in for claims that a token has not. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly extensionTemplates: Readonly<Partial<Record<keyof FulcioExtensions, string>>>;
  readonly subjectAlternativeNameTemplate: string;
}

/** The whole configuration; issuers by address, meta-issuers by pattern. */
export interface FulcioConfig {
  readonly issuers: ReadonlyMap<string, OidcIssuer>;
  readonly metaIssuers: ReadonlyMap<string, OidcIssuer>;
  readonly ciMetadata: ReadonlyMap<string, CiMetadata>;
}

/** An issuer that says nothing beyond its address, its audience and its type. */
export function oidcIssuer(issuer: Partial<OidcIssuer> & Pick<OidcIssuer, "issuerUrl">): OidcIssuer {
  return {
    clientId: "sigstore",
    type: "email",
    ciProvider: "",
    issuerClaim: "",
    subjectDomain: "",
    spiffeTrustDomain: "",
    challengeClaim: "",
    caCertificates: "",
    skipEmailVerification: false,
    ...issuer,
  };
}

/** The original's configuration where there is no file. */
export const DEFAULT_FULCIO_CONFIG: FulcioConfig = {
  issuers: new Map(
    [
      oidcIssuer({ issuerUrl: "https://oauth2.sigstore.dev/auth", issuerClaim: "$.federated_claims.connector_id" }),
      oidcIssuer({ issuerUrl: "https://accounts.google.com" }),
      oidcIssuer({ issuerUrl: "https://token.actions.githubusercontent.com", type: "github-workflow" }),
    ].map((issuer) => [issuer.issuerUrl, issuer]),
  ),
  metaIssuers: new Map(),
  ciMetadata: new Map(),
};

/** `issuerUrl` is one of ours: the issuer of exactly this address, or of the first pattern that it matches; or undefined. */
export function findIssuer(config: FulcioConfig, issuerUrl: string): OidcIssuer | undefined {
  if (issuerUrl.length > LIMITS.issuerLength) return undefined;
  const exact = config.issuers.get(issuerUrl);
  if (exact !== undefined) return exact;
  for (const [pattern, issuer] of config.metaIssuers)
    if (matchesMetaIssuer(pattern, issuerUrl)) return { ...issuer, issuerUrl };
  return undefined;
}

const compiled = new Map<string, RegExp>();

/**
 * True when the whole of `issuerUrl` is the pattern with each `*` as one part of a host name or path: letters, digits, `-` and `_`.
 *
 * Nothing of an address but such a part is free, its ends included: with less, a token could name an address of its own choice to
 * fetch keys from (GHSA-59jp-pj84-45mr).
 */
export function matchesMetaIssuer(pattern: string, issuerUrl: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const literals = pattern.split("*").map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    expression = new RegExp(`^${literals.join("[-_a-zA-Z0-9]+")}$`);
    compiled.set(pattern, expression);
  }
  return expression.test(issuerUrl);
}

/** The claim that a client signs to prove that it holds its key; empty for a type that nobody knows. */
export function challengeClaimOf(issuer: Pick<OidcIssuer, "type" | "challengeClaim">): string {
  if (issuer.challengeClaim !== "") return issuer.challengeClaim;
  if (!isIssuerType(issuer.type)) return "";
  return issuer.type === "email" ? "email" : "sub";
}

/** True for a type that we know. */
export function isIssuerType(type: string): type is IssuerType {
  return ISSUER_TYPES.some((known) => known === type);
}
