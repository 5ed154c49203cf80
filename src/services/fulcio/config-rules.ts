/**
 * What a configuration must fulfil before the authority starts with it (fulcio, pkg/config/config.go, `validateConfig`).
 *
 * The original's rules with the original's words, and besides: templates that could never be filled, and issuer claims that are no
 * path, are found here and not by the first token.
 */
import { parsePem } from "../../encoding/pem.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import {
  challengeClaimOf,
  type CiMetadata,
  type FulcioConfig,
  isIssuerType,
  ISSUER_TYPES,
  type OidcIssuer,
} from "./config.ts";
import { parseClaimPath } from "./identity/claims.ts";
import { parseSpiffeTrustDomain } from "./identity/spiffe-id.ts";
import { parseTemplate } from "./identity/template.ts";
import { parseUri } from "./identity/uri.ts";

/** @throws SigstoreError `config-invalid`, naming issuer or provider */
export function checkFulcioConfig(config: FulcioConfig): void {
  for (const [name, issuer] of config.issuers) inside(name, () => checkIssuer(issuer));
  for (const [name, issuer] of config.metaIssuers) inside(name, () => checkMetaIssuer(issuer, name));
  for (const [name, metadata] of config.ciMetadata) inside(name, () => checkCiMetadata(metadata));
}

function inside(name: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw new SigstoreError("config-invalid", `certificate authority: ${name}: ${cause.message}`, { cause });
  }
}

function checkIssuer(issuer: OidcIssuer): void {
  checkCaCertificates(issuer);
  if (issuer.issuerClaim !== "") {
    if (issuer.type !== "email") refuse("only email issuers can use issuer claim mapping");
    parseClaimPath(issuer.issuerClaim);
  }
  if (issuer.type === "spiffe") checkSpiffe(issuer);
  if (issuer.type === "uri") checkUri(issuer);
  if (issuer.type === "username") checkUsername(issuer);
  checkChallenge(issuer);
}

function checkMetaIssuer(issuer: OidcIssuer, pattern: string): void {
  checkCaCertificates(issuer);
  if (issuer.type === "spiffe") refuse("SPIFFE meta issuers not supported");
  checkChallenge(issuer);
  checkPatternHost(pattern);
}

/** Last labels under which nobody registers a name for money. */
const PRIVATE_DOMAINS: readonly string[] = ["svc", "local", "localhost", "internal", "test"];

/** A pattern whose domain is free would let anybody with a domain choose where keys are fetched from. */
function checkPatternHost(pattern: string): void {
  const [, host = ""] = /^https?:\/\/([^/?#:]*)/.exec(pattern) ?? [];
  const [last = "", second = ""] = host.split(".").reverse();
  const isFree = last === "" || last.includes("*") || (second.includes("*") && !PRIVATE_DOMAINS.includes(last));
  if (isFree) refuse(`expected a meta-issuer of a domain without *, got ${JSON.stringify(pattern)}`);
}

function checkCaCertificates({ caCertificates, issuerUrl }: OidcIssuer): void {
  if (caCertificates === "") return;
  const blocks = parsePem(caCertificates).filter(({ label }) => label === "CERTIFICATE");
  if (blocks.length === 0) refuse(`failed to parse CA certificate for issuer ${issuerUrl}`);
}

function checkChallenge(issuer: OidcIssuer): void {
  if (challengeClaimOf(issuer) === "") refuse("issuer missing challenge claim");
  if (!isIssuerType(issuer.type))
    refuse(`expected a type of ${ISSUER_TYPES.join(", ")}, got ${JSON.stringify(issuer.type)}`);
}

function checkSpiffe({ spiffeTrustDomain }: OidcIssuer): void {
  if (spiffeTrustDomain === "") refuse("spiffe issuer must have SPIFFETrustDomain set");
  if (parseSpiffeTrustDomain(spiffeTrustDomain) === undefined) refuse("spiffe trust domain is invalid");
}

function checkUri({ subjectDomain, issuerUrl }: OidcIssuer): void {
  if (subjectDomain === "") refuse("uri issuer must have SubjectDomain set");
  const [subject, issuer] = [parseUri(subjectDomain), parseUri(issuerUrl)];
  if (subject === undefined || subject.scheme === "") refuse("SubjectDomain for uri must contain scheme");
  if (issuer === undefined || issuer.scheme === "") refuse("issuer for uri must contain scheme");
  if (subject.scheme !== issuer.scheme)
    refuse(`subject (${subject.scheme}) and issuer (${issuer.scheme}) URI schemes do not match`);
  checkSameDomain(subject.hostname, issuer.hostname);
}

function checkUsername({ subjectDomain, issuerUrl }: OidcIssuer): void {
  if (subjectDomain === "") refuse("username issuer must have SubjectDomain set");
  if (/^[a-zA-Z][-+.a-zA-Z0-9]*:/.test(subjectDomain)) refuse("SubjectDomain for username should not contain scheme");
  const issuer = parseUri(issuerUrl);
  if (issuer === undefined || issuer.scheme === "") refuse("issuer for username must contain scheme");
  checkSameDomain(subjectDomain, issuer.hostname);
}

/** Top-level and second-level domain are the same: who configured it has shown to own both. */
function checkSameDomain(subjectHostname: string, issuerHostname: string): void {
  if (subjectHostname === issuerHostname) return;
  for (const hostname of [subjectHostname, issuerHostname])
    if (!hostname.includes(".")) refuse(`URI hostname too short: ${hostname}`);
  const domainOf = (hostname: string): string => hostname.split(".").slice(-2).join(".");
  if (domainOf(subjectHostname) !== domainOf(issuerHostname))
    refuse(`hostname top-level and second-level domains do not match: ${subjectHostname}, ${issuerHostname}`);
}

function checkCiMetadata({ extensionTemplates, subjectAlternativeNameTemplate }: CiMetadata): void {
  for (const template of [...Object.values(extensionTemplates), subjectAlternativeNameTemplate])
    parseTemplate(template);
}

function refuse(message: string): never {
  throw new SigstoreError("config-invalid", message);
}
