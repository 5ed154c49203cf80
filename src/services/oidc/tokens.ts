/**
 * The tokens (OpenID Connect Core §2 and §3.1.3.3; RFC 7519; RFC 7515 §3.1): an identity token, and an access token that says the same.
 *
 * Both are JWTs with `aud` of the client, because sigstore-python hands the access token to the certificate authority, and others the
 * identity token. Leaves out: refresh tokens; who needs a token after ten minutes logs in again, which is one click.
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import type { OidcClient } from "./config.ts";
import { type ProviderKey, PROVIDER_ALGORITHM } from "./keys.ts";
import type { AuthenticatedUser } from "./user-authenticator.ts";

/** What a person allowed a program. */
export interface Grant {
  readonly client: OidcClient;
  readonly user: AuthenticatedUser;
  /** When the person proved who it is. */
  readonly authTimeMs: number;
  readonly hasEmail: boolean;
  readonly nonce: string | undefined;
}

/** What the token endpoint answers (RFC 6749 §5.1), and which tokens that was. */
export interface IssuedTokens {
  readonly answer: {
    readonly access_token: string;
    readonly token_type: "Bearer";
    readonly expires_in: number;
    readonly id_token: string;
    readonly scope: string;
  };
  /** `jti` of each. */
  readonly tokenIds: readonly string[];
  readonly expiresMs: number;
}

/** What a token is made with besides its grant. */
export interface TokenIssue {
  readonly issuer: string;
  readonly key: ProviderKey;
  readonly lifetimeSeconds: number;
  readonly nowMs: number;
  readonly random: RandomSource;
}

type Claims = Readonly<Record<string, unknown>>;

const TOKEN_ID_BYTES = 16;

/** The tokens of a grant. */
export async function issueTokens(grant: Grant, issue: TokenIssue): Promise<IssuedTokens> {
  const shared = claimsOf(grant, issue);
  const tokenIds = [1, 2].map(() => base64UrlEncode(issue.random(TOKEN_ID_BYTES)));
  const accessToken = await signToken({ ...shared, jti: tokenIds[0] }, issue.key);
  const identityToken = await signToken(
    { ...shared, jti: tokenIds[1], at_hash: accessTokenHash(accessToken) },
    issue.key,
  );
  return {
    answer: {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: issue.lifetimeSeconds,
      id_token: identityToken,
      scope: grant.hasEmail ? "openid email" : "openid",
    },
    tokenIds,
    expiresMs: issue.nowMs + issue.lifetimeSeconds * 1000,
  };
}

function claimsOf({ client, user, authTimeMs, hasEmail, nonce }: Grant, issue: TokenIssue): Claims {
  const iat = Math.floor(issue.nowMs / 1000);
  const audiences = [...new Set([client.id, ...(client.audiences ?? [])])];
  return {
    iss: issue.issuer,
    sub: user.subject,
    aud: audiences.length === 1 ? client.id : audiences,
    // OpenID Connect Core §2: azp is "the party to which the ID Token was issued".
    ...(audiences.length > 1 && { azp: client.id }),
    exp: iat + issue.lifetimeSeconds,
    iat,
    auth_time: Math.floor(authTimeMs / 1000),
    ...(nonce !== undefined && { nonce }),
    ...(hasEmail && { email: user.email, email_verified: true }),
  };
}

/** OpenID Connect Core §3.1.3.6: "the base64url encoding of the left-most half of the hash of the octets of the ASCII representation". */
function accessTokenHash(accessToken: string): string {
  return base64UrlEncode(sha256(utf8Encode(accessToken)).subarray(0, 16));
}

async function signToken(claims: Claims, { keyId, signer }: ProviderKey): Promise<string> {
  const header = { alg: PROVIDER_ALGORITHM, typ: "JWT", kid: keyId };
  const input = [header, claims].map((part) => base64UrlEncode(utf8Encode(JSON.stringify(part)))).join(".");
  return `${input}.${base64UrlEncode(await signer.sign(utf8Encode(input)))}`;
}
