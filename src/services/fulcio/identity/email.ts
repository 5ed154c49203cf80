/** Issuers of type email (fulcio, pkg/identity/email): people, by an address that their issuer has verified. */
import { refuseToken } from "../refusal.ts";
import { claimAt, claimFlag, claimText } from "./claims.ts";
import { isEmailAddress } from "./email-address.ts";
import { extensionsOf, requireAscii } from "./embed.ts";
import type { Principal, VerifiedToken } from "./principal.ts";

/** The person whose address the token has. @throws SigstoreError `identity-token-refused` */
export function emailPrincipal(token: VerifiedToken): Principal {
  const { claims, issuer } = token;
  const address = claimText(claims, "email");
  if (address === "") throw refuseToken("CLAIM_MISSING", "token missing email claim", { claim: "email" });
  const isVerified = claimFlag(claims, "email_verified");
  if (!isVerified && !issuer.skipEmailVerification)
    throw refuseToken("EMAIL_UNVERIFIED", "email_verified claim was false", { claim: "email_verified" });
  if (!isEmailAddress(address)) throw refuseToken("CLAIM_INVALID", "email address is not valid", { claim: "email" });
  // Who authenticated the person, where the issuer only passes it on (Dex: the connector).
  const certified = issuer.issuerClaim === "" ? issuer.issuerUrl : claimAt(claims, issuer.issuerClaim);
  return {
    name: address,
    embed: () => ({
      subjectAlternativeName: { kind: "email", value: requireAscii(address) },
      extensions: { ...extensionsOf(token), issuer: certified },
    }),
  };
}
