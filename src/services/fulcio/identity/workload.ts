/** Workloads by their platform: Kubernetes service accounts, Chainguard identities (fulcio, pkg/identity/kubernetes, chainguard). */
import type { JsonObject } from "../../../encoding/json.ts";
import { isObject } from "../../../formats/proto-json.ts";
import { refuseToken } from "../refusal.ts";
import { claimFlag, claimText } from "./claims.ts";
import { extensionsOf, joined, uriName } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

/** Kubernetes names: RFC 1123 labels and subdomains. The original takes any, so that a missing name gives an empty one. */
const NAME = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/** The service account that the token was made for. @throws SigstoreError `identity-token-refused` */
export function kubernetesPrincipal(token: VerifiedToken): Principal {
  const kubernetes = objectClaim(token.claims, "kubernetes.io");
  const namespace = requireName(kubernetes, "namespace", "kubernetes.io/namespace");
  const account = requireName(objectClaim(kubernetes, "serviceaccount"), "name", "kubernetes.io/serviceaccount/name");
  const uri = `https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${account}`;
  return {
    name: token.subject,
    embed: () => ({ subjectAlternativeName: uriName(uri), extensions: extensionsOf(token) }),
  };
}

function objectClaim(claims: JsonObject, name: string): JsonObject {
  const value = claims[name] ?? {};
  if (!isObject(value))
    throw refuseToken("CLAIM_INVALID", `expected the claim ${name} as an object, got another value`);
  return value;
}

function requireName(claims: JsonObject, name: string, path: string): string {
  const text = claimText(claims, name);
  if (text === "") throw refuseToken("CLAIM_MISSING", `missing ${path} claim in ID token`, { claim: path });
  if (!NAME.test(text))
    throw refuseToken("CLAIM_INVALID", `expected a Kubernetes name as ${path}, got other text`, { claim: path });
  return text;
}

/**
 * The Chainguard identity. Clients sign the e-mail address where the token has a verified one (cosign, oauthflow.SubjectFromToken).
 *
 * @throws SigstoreError `identity-token-refused`
 */
export function chainguardPrincipal(token: VerifiedToken): Principal {
  const { claims, subject, issuer } = token;
  const email = claimText(claims, "email");
  if (email !== "" && !claimFlag(claims, "email_verified"))
    throw refuseToken("EMAIL_UNVERIFIED", "not verified by identity provider", { claim: "email_verified" });
  return {
    name: email === "" ? subject : email,
    embed: () => ({
      subjectAlternativeName: uriName(joined(issuer.issuerUrl, subject)),
      extensions: extensionsOf(token),
    }),
  };
}
