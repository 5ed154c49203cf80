/**
 * Issuers whose tokens name in `sub` who it is (fulcio, pkg/identity/spiffe, uri, username): a SPIFFE identity, a URI below a domain, a
 * user name.
 */
import { OID } from "../../../formats/x509/oids.ts";
import { refuseToken } from "../refusal.ts";
import { isEmailAddress } from "./email-address.ts";
import { extensionsOf, shown, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";
import { parseSpiffeTrustDomain, trustDomainOfSpiffeId } from "./spiffe-id.ts";
import { parseUri } from "./uri.ts";

function uriPrincipalOf(token: VerifiedToken): Principal {
  const { subject } = token;
  return {
    name: subject,
    embed: () => ({ subjectAlternativeName: uriName(subject), extensions: extensionsOf(token) }),
  };
}

/** The workload of a SPIFFE identity in the issuer's trust domain. @throws SigstoreError `identity-token-refused` */
export function spiffePrincipal(token: VerifiedToken): Principal {
  const { subject, issuer } = token;
  const expected = parseSpiffeTrustDomain(issuer.spiffeTrustDomain);
  if (expected === undefined)
    throw refuseToken("CONFIGURATION", `unable to parse trust domain from configuration ${issuer.spiffeTrustDomain}`);
  const trustDomain = trustDomainOfSpiffeId(subject);
  if (trustDomain === undefined)
    throw refuseToken("SUBJECT_REFUSED", `invalid spiffe ID provided: ${shown(subject)}`, { claim: "sub" });
  if (trustDomain !== expected)
    throw refuseToken(
      "SUBJECT_REFUSED",
      `spiffe ID trust domain ${trustDomain} doesn't match configured trust domain ${expected}`,
      { claim: "sub" },
    );
  return uriPrincipalOf(token);
}

/** Whoever has a URI under the issuer's subject domain. @throws SigstoreError `identity-token-refused` */
export function uriPrincipal(token: VerifiedToken): Principal {
  const { subject, issuer } = token;
  if (isEmailAddress(subject)) throw refuseSubject("uri subject should not be an email address");
  const [uri, domain] = [parseUri(subject), parseUri(issuer.subjectDomain)];
  if (uri === undefined || domain === undefined)
    throw refuseSubject(`expected a URI as subject, got ${shown(subject)}`);
  if (uri.scheme !== domain.scheme)
    throw refuseSubject(`subject URI scheme (${uri.scheme}) must match expected domain URI scheme (${domain.scheme})`);
  if (uri.hostname !== domain.hostname)
    throw refuseSubject(`subject hostname (${uri.hostname}) must match expected domain (${domain.hostname})`);
  return uriPrincipalOf(token);
}

/** Whoever has a user name with the issuer. @throws SigstoreError `identity-token-refused` */
export function usernamePrincipal(token: VerifiedToken): Principal {
  const { subject, issuer } = token;
  if (subject.includes("!")) throw refuseSubject("username cannot contain ! character");
  if (isEmailAddress(subject)) throw refuseSubject("uri subject should not be an email address");
  return {
    name: subject,
    embed: () => ({
      // Fulcio, docs/oid-info.md: the user name and the domain, an exclamation mark between.
      subjectAlternativeName: {
        kind: "otherName",
        oid: OID.fulcioUserName,
        value: `${subject}!${issuer.subjectDomain}`,
      },
      extensions: extensionsOf(token),
    }),
  };
}

function refuseSubject(problem: string): Error {
  return refuseToken("SUBJECT_REFUSED", problem, { claim: "sub" });
}
