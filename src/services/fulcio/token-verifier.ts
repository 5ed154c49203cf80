import { JWS_ALGORITHMS, verifyJws } from "../../crypto/jws.ts";
/**
 * Is this identity token good? (OpenID Connect Core 1.0 §3.1.3.7; go-oidc, verify.go; fulcio, pkg/identity.)
 *
 * Checks in this order, each with its own reason: form, issuer, audience, expiry, not-before, algorithm, signature. The unverified
 * payload decides one thing alone: which of the configured issuers is asked. Leaves out, as the original does: iat, nonce, azp.
 */
import { importPublicKey, type PublicKey } from "../../crypto/keys.ts";
import type { JsonValue } from "../../encoding/json.ts";
import { momentText } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";
import type { JsonWebKey } from "../../formats/jwk.ts";
import { type Jwt, parseJwt } from "../../formats/jwt.ts";
import { findIssuer, type FulcioConfig, type OidcIssuer } from "./config.ts";
import { shown } from "./identity/embed.ts";
import type { VerifiedToken } from "./identity/principal.ts";
import type { IssuerKeys, IssuerKeySet } from "./issuer-keys.ts";
import { refuseToken } from "./refusal.ts";

/** A token that holds, and until when; `id` is the same for the same token alone. */
export interface AcceptedToken extends VerifiedToken {
  readonly signingInput: Uint8Array;
  readonly expiresMs: number;
}

/** go-oidc allows five minutes before `nbf`, and nothing after `exp`. */
const NOT_BEFORE_LEEWAY_MS = 300_000;
const DEFAULT_ALGORITHMS: readonly string[] = ["RS256"];

/** Verifies a token at `nowMs`. @throws SigstoreError `identity-token-refused` */
export async function verifyToken(
  text: string,
  config: FulcioConfig,
  issuerKeys: IssuerKeys,
  nowMs: number,
): Promise<AcceptedToken> {
  const token = readToken(text);
  const issuer = issuerOf(token, config);
  checkAudience(token, issuer);
  const expiresMs = checkTimes(token, nowMs);
  checkRevocation(token, await checkSignature(token, issuer, issuerKeys));
  const { sub } = token.claims;
  // OpenID Connect Core 1.0 §2: sub is REQUIRED.
  if (typeof sub !== "string" || sub === "")
    throw refuseToken("CLAIM_MISSING", "missing sub claim in ID token", { claim: "sub" });
  return { issuer, subject: sub, claims: token.claims, signingInput: token.signingInput, expiresMs };
}

function readToken(text: string): Jwt {
  if (text === "") throw refuseToken("TOKEN_MISSING", "expected an identity token, got none");
  try {
    return parseJwt(text);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw refuseToken("TOKEN_MALFORMED", error.message);
  }
}

function issuerOf({ claims }: Jwt, config: FulcioConfig): OidcIssuer {
  const { iss } = claims;
  if (typeof iss !== "string") throw refuseToken("CLAIM_MISSING", "missing iss claim in ID token", { claim: "iss" });
  const issuer = findIssuer(config, iss);
  if (issuer !== undefined) return issuer;
  throw refuseToken(
    "ISSUER_UNKNOWN",
    `failed to match issuer URL ${shown(iss)} from token with any configured providers`,
    { claim: "iss" },
  );
}

/** OpenID Connect Core 1.0 §3.1.3.7 (3): "The ID Token MUST be rejected if the ID Token does not list the Client as a valid audience". */
function checkAudience({ claims }: Jwt, { clientId, issuerUrl }: OidcIssuer): void {
  if (clientId === "") throw refuseToken("CONFIGURATION", `expected a client-id for issuer ${issuerUrl}, got none`);
  const aud: JsonValue = claims["aud"] ?? [];
  const audiences: readonly JsonValue[] = Array.isArray(aud) ? aud : [aud];
  if (audiences.includes(clientId)) return;
  const got = audiences
    .filter((one) => typeof one === "string")
    .slice(0, 8)
    .map(shown)
    .join(", ");
  const problem = `expected audience ${JSON.stringify(clientId)}, got [${got}]`;
  throw refuseToken("AUDIENCE_MISMATCH", problem, { claim: "aud", expected: clientId });
}

function checkTimes({ claims }: Jwt, nowMs: number): number {
  const expiresMs = secondsClaim(claims["exp"], "exp");
  // OpenID Connect Core 1.0 §3.1.3.7 (9): "The current time MUST be before the time represented by the exp Claim."
  if (expiresMs === undefined || expiresMs < nowMs) {
    const when = expiresMs === undefined ? "is never valid: it has no exp" : `expired at ${momentText(expiresMs)}`;
    throw refuseToken("TOKEN_EXPIRED", `expected a token that is valid now, got one that ${when}`, { claim: "exp" });
  }
  const notBeforeMs = secondsClaim(claims["nbf"], "nbf");
  if (notBeforeMs !== undefined && notBeforeMs > nowMs + NOT_BEFORE_LEEWAY_MS) {
    const wait = Math.ceil((notBeforeMs - nowMs) / 1000);
    throw refuseToken("TOKEN_NOT_YET_VALID", `expected a token that is valid now, got one valid in ${wait} s`, {
      claim: "nbf",
    });
  }
  return expiresMs;
}

/** RFC 7519 §2, NumericDate: "a JSON numeric value representing the number of seconds", a fraction allowed. */
function secondsClaim(value: JsonValue | undefined, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" || typeof value === "bigint") return Number(value) * 1000;
  throw refuseToken("CLAIM_INVALID", `expected the claim ${name} as a number of seconds, got another value`, {
    claim: name,
  });
}

/** The keys that it holds to. */
async function checkSignature(token: Jwt, issuer: OidcIssuer, issuerKeys: IssuerKeys): Promise<IssuerKeySet> {
  // Before anything is fetched: whoever has no algorithm of ours has no signature.
  if (!JWS_ALGORITHMS.includes(token.algorithm)) throw refuseAlgorithm(token, DEFAULT_ALGORITHMS);
  const known = await fetchKeys(issuer, issuerKeys, false);
  if (isSigned(token, known)) return known;
  // The issuer may have a new key, or may have changed its algorithms.
  const fresh = await fetchKeys(issuer, issuerKeys, true);
  if (isSigned(token, fresh)) return fresh;
  const algorithms = algorithmsOf(fresh);
  if (!algorithms.includes(token.algorithm)) throw refuseAlgorithm(token, algorithms);
  const isKnown = fresh.keys.some(({ keyId }) => token.keyId === undefined || keyId === token.keyId);
  const problem = isKnown
    ? "the signature does not verify"
    : `no key of the issuer has the id ${shown(token.keyId ?? "")}`;
  throw refuseToken("SIGNATURE_INVALID", `expected a token signed by ${issuer.issuerUrl}: ${problem}`);
}

/** RFC 6749 §4.1.2: of a code that is used twice, the tokens SHOULD be revoked "when possible". */
function checkRevocation({ claims }: Jwt, { isRevoked }: IssuerKeySet): void {
  const { jti } = claims;
  if (typeof jti === "string" && isRevoked?.(jti) === true)
    throw refuseToken("TOKEN_REVOKED", "expected a token that its issuer stands by, got one that it took back");
}

function refuseAlgorithm({ algorithm }: Jwt, algorithms: readonly string[]): Error {
  return refuseToken(
    "ALGORITHM_REFUSED",
    `expected a token signed by ${algorithms.join(" or ")}, got ${shown(algorithm)}`,
  );
}

async function fetchKeys(issuer: OidcIssuer, issuerKeys: IssuerKeys, isStale: boolean): Promise<IssuerKeySet> {
  try {
    return await issuerKeys.keysOf(issuer, { isStale });
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw refuseToken("ISSUER_UNREACHABLE", error.message);
  }
}

/** What the issuer says that it signs with, as far as we know it; go-oidc takes RS256 where it says nothing. */
function algorithmsOf({ algorithms }: IssuerKeySet): readonly string[] {
  const known = algorithms.filter((name) => JWS_ALGORITHMS.includes(name));
  return known.length === 0 ? DEFAULT_ALGORITHMS : known;
}

/** The header says which key and algorithm; both must be the issuer's. Keys in the header itself (jwk, x5c, jku) are nobody's. */
function isSigned(token: Jwt, set: IssuerKeySet): boolean {
  if (!algorithmsOf(set).includes(token.algorithm)) return false;
  return set.keys.some((key) => {
    if (token.keyId !== undefined && key.keyId !== token.keyId) return false;
    if (key.algorithm !== undefined && key.algorithm !== token.algorithm) return false;
    const publicKey = publicKeyOf(key);
    return publicKey !== undefined && verifyJws(publicKey, token.algorithm, token.signingInput, token.signature);
  });
}

const imported = new WeakMap<JsonWebKey, PublicKey | null>();

/** The key ready to verify, kept with it; undefined for one that is too weak or none. */
function publicKeyOf(key: JsonWebKey): PublicKey | undefined {
  let publicKey = imported.get(key);
  if (publicKey === undefined) {
    publicKey = tryImport(key);
    imported.set(key, publicKey);
  }
  return publicKey ?? undefined;
}

function tryImport({ spki }: JsonWebKey): PublicKey | null {
  try {
    return importPublicKey(spki);
  } catch (error) {
    if (isSigstoreError(error)) return null;
    throw error;
  }
}
