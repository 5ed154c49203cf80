/**
 * Authorization codes (RFC 6749 §4.1.2; RFC 7636; RFC 9700 §2.1.1): each bound to its client, its redirect and its challenge, and good once.
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { LIMITS } from "../../limits.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { refuse } from "./refusal.ts";
import { fingerprintOf, isSameSecret, newSecret } from "./secret.ts";
import type { Grant } from "./tokens.ts";

/** What a code stands for. */
export interface CodeGrant {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** RFC 7636 §4.2, by S256. */
  readonly challenge: string;
  /** The cookie of the browser in which the person agreed. */
  readonly browser: string;
}

interface KeptCode extends CodeGrant {
  readonly expiresMs: number;
  isUsed: boolean;
  /** The tokens that were issued for it. */
  tokenIds: readonly string[];
}

/** RFC 7636 §4.1: "a minimum length of 43 characters and a maximum length of 128 characters", of unreserved ones. */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;
/** A digest by SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** Whether `text` can be a challenge by S256. */
export function isChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/** RFC 7636 §4.6: "BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge". */
export function isVerifierOf(verifier: string, challenge: string): boolean {
  return VERIFIER.test(verifier) && isSameSecret(base64UrlEncode(sha256(utf8Encode(verifier))), challenge);
}

/** What a client brings with a code. */
export interface CodeRedemption {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string | undefined;
}

/** A code that was used before: what is to be taken back. */
export interface ReplayedCode {
  readonly tokenIds: readonly string[];
  readonly browser: string;
}

/** The codes that are out. */
export class AuthorizationCodes {
  readonly #codes = new ExpiringMap<KeptCode>(LIMITS.loginsKept);
  readonly #random: RandomSource;
  readonly #rememberedMs: number;

  /** @param rememberedMs how long a used code is still known: as long as its tokens live */
  constructor(random: RandomSource, rememberedMs: number) {
    this.#random = random;
    this.#rememberedMs = rememberedMs;
  }

  /** A code for `granted`, good once and for so long. */
  issue(granted: CodeGrant, lifetimeMs: number, nowMs: number): string {
    const code = newSecret(this.#random);
    const kept = { ...granted, expiresMs: nowMs + lifetimeMs, isUsed: false, tokenIds: [] };
    this.#codes.set(fingerprintOf(code), kept, nowMs + lifetimeMs + this.#rememberedMs, nowMs);
    return code;
  }

  /**
   * The grant of a code, which is used up by this, whether it is taken or refused: who shows a code with the wrong verifier has stolen it.
   *
   * @param onReplay called when it was used before
   * @throws SigstoreError `login-refused` with `invalid_grant`
   */
  redeem(redemption: CodeRedemption, nowMs: number, onReplay: (replayed: ReplayedCode) => void): Grant {
    const kept = this.#codes.get(fingerprintOf(redemption.code), nowMs);
    if (kept === undefined) throw refuse("invalid_grant", "expected a code that was issued here and has not ended");
    // RFC 6749 §4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the request and SHOULD
    // revoke (when possible) all tokens previously issued based on that authorization code."
    if (kept.isUsed) {
      onReplay(kept);
      throw refuse("invalid_grant", "expected a code that was not used before, got one that was");
    }
    kept.isUsed = true;
    if (nowMs >= kept.expiresMs) throw refuse("invalid_grant", "expected a code that has not ended, got one that has");
    requireBinding(kept, redemption);
    return kept.grant;
  }

  /** Remembers what was issued for a code, for the case that it comes again. */
  noteTokens(code: string, tokenIds: readonly string[], nowMs: number): void {
    const kept = this.#codes.get(fingerprintOf(code), nowMs);
    if (kept !== undefined) kept.tokenIds = tokenIds;
  }
}

function requireBinding(kept: KeptCode, { clientId, redirectUri, verifier }: CodeRedemption): void {
  // RFC 6749 §4.1.3: "ensure that the authorization code was issued to the […] client".
  if (kept.grant.client.id !== clientId)
    throw refuse("invalid_grant", "expected the client that the code was issued to, got another");
  // RFC 6749 §4.1.3: "if included ensure that their values are identical".
  if (kept.redirectUri !== redirectUri)
    throw refuse("invalid_grant", "expected the redirect_uri that the code was sent to, got another");
  // RFC 9700 §2.1.1: "the authorization server MUST enforce the correct usage of code_verifier at the token endpoint".
  if (verifier === undefined) throw refuse("invalid_grant", "expected the code_verifier of the login, got none");
  if (!isVerifierOf(verifier, kept.challenge))
    throw refuse("invalid_grant", "expected the code_verifier of the login, got another");
}
