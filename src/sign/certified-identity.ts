/**
 * Is the certificate for whom the token is about? (fulcio.md 1.7: how issuers' claims become names)
 *
 * A certificate authority that certified somebody else would let us sign in another's name. What follows from the token
 * alone is compared: the issuer, an e-mail address, a SPIFFE ID, a user name. Names that an authority's own settings make
 * out of a token (workflows of CI systems) are compared only with what the caller expects, and shown.
 */
import { SigstoreError } from "../errors.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import { isObject } from "../formats/proto-json.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { subjectAlternativeNames } from "../formats/x509/extensions.ts";
import { fulcioExtensions } from "../formats/x509/fulcio-extensions.ts";
import type { GeneralName } from "../formats/x509/general-name.ts";

/** Who a certificate says is signing. */
export interface SignerIdentity {
  readonly issuer: string;
  readonly subject: string;
}

type ReadableName = Exclude<GeneralName, { readonly kind: "other" }>;

/** Whom the caller expects to be certified, as far as it knows. */
export type ExpectedIdentity = Partial<SignerIdentity>;

/** The identity in `certificate`; throws `identity-missing` or `identity-mismatch` unless it is that of `token`. */
export function checkCertifiedIdentity(
  certificate: Certificate,
  token: IdentityToken,
  expected: ExpectedIdentity = {},
): SignerIdentity {
  const { issuer, name } = readIdentity(certificate);
  const issuers = expected.issuer === undefined ? issuersOf(token) : [expected.issuer];
  if (!issuers.includes(issuer)) throw mismatch("issuer", issuers.join(" or "), issuer);
  const subject = expected.subject ?? subjectFromToken(name, token);
  if (subject !== undefined && subject !== name.value) throw mismatch("subject", subject, name.value);
  return { issuer, subject: name.value };
}

function readIdentity(certificate: Certificate): { readonly issuer: string; readonly name: ReadableName } {
  const { issuer } = fulcioExtensions(certificate);
  const [name, ...others] = subjectAlternativeNames(certificate);
  // Fulcio certificate specification: exactly one subject alternative name.
  if (issuer === undefined || name === undefined || name.kind === "other" || others.length > 0)
    throw new SigstoreError("identity-missing", "expected one name and an issuer in the certificate, got others");
  return { issuer, name };
}

/** The token's own issuer, with its scheme where Google leaves it out, or the one that a Dex in between asked. */
function issuersOf({ issuer, claims }: IdentityToken): readonly string[] {
  const federated = claims["federated_claims"];
  const connector = isObject(federated) ? federated["connector_id"] : undefined;
  const own = issuer.includes("://") ? [issuer] : [issuer, `https://${issuer}`];
  return typeof connector === "string" ? [connector, ...own] : own;
}

/** The name that must be in the certificate, where the token alone decides it. */
function subjectFromToken(name: ReadableName, token: IdentityToken): string | undefined {
  switch (name.kind) {
    case "email":
      return token.email ?? token.subject;
    case "otherName":
      return `${token.subject}!${name.value.slice(name.value.lastIndexOf("!") + 1)}`;
    case "uri":
      return token.subject.startsWith("spiffe://") ? token.subject : undefined;
    case "dns":
    case "ip":
      return undefined;
  }
}

function mismatch(what: string, expected: string, got: string): SigstoreError {
  return new SigstoreError("identity-mismatch", `expected a certificate for the ${what} ${expected}, got ${got}`, {
    hint: "where the instance names signers in its own way, say whom to expect by issuer and identity",
  });
}
