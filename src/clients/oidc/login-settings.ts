import { sha256 } from "../../crypto/digest.ts";
/**
 * What every kind of login needs: the provider, who asks, and how to talk with the person.
 */
import { randomBytes } from "../../crypto/random.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import type { HttpClient } from "../http/http-client.ts";
import type { ProviderMetadata } from "./discovery.ts";

/** A code that the person types at another device, and where. */
export interface DeviceCode {
  readonly userCode: string;
  readonly address: string;
  /** The same with the code in it, for a link or a picture. */
  readonly addressWithCode: string | undefined;
}

/** How a login talks with the person. A call that fails ends the login. */
export interface LoginTalk {
  /** Opens a browser at `address`; false where there is none. */
  openBrowser(address: string): Promise<boolean>;
  /** Tells the person to open `address`, where the browser did not. */
  showAddress(address: string): void;
  showDeviceCode(code: DeviceCode): void;
  /** The code that the provider shows at `address` when it cannot send it back. */
  askForCode(address: string, signal: AbortSignal | undefined): Promise<string>;
}

/** One login. */
export interface LoginSettings {
  readonly http: HttpClient;
  readonly provider: ProviderMetadata;
  readonly clientId: string;
  /** Of clients that have one; stock Sigstore has none. */
  readonly clientSecret?: string | undefined;
  /** Skips the provider's choice of accounts: Dex's connector. */
  readonly connectorId?: string | undefined;
  readonly talk: LoginTalk;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that a person has to log in. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

const SECRET_BYTES = 32;

/** An unguessable text for a state, a nonce or a code verifier: 43 characters of base64url. */
export function unguessable(): string {
  return base64UrlEncode(randomBytes(SECRET_BYTES));
}

/** RFC 7636 §4.2: the challenge of a verifier by S256. */
export function challengeOf(verifier: string): string {
  return base64UrlEncode(sha256(utf8Encode(verifier)));
}

/** The error for a login that ended without a token. */
export function loginError(expected: string, got: string, hint: string): SigstoreError {
  return new SigstoreError("login-failed", `expected ${expected}, got ${got}`, { hint });
}

/**
 * The address at which a person logs in (OpenID Connect Core §3.1.2.1; RFC 7636 §4.3).
 *
 * RFC 9700 §2.1.1: public clients MUST use PKCE. The provider must say that it holds to it, but for Microsoft's, which does and
 * does not say so.
 */
export function authorizationAddress(
  { provider, clientId, connectorId }: LoginSettings,
  login: { readonly redirectUri: string; readonly state: string; readonly nonce: string; readonly verifier: string },
): string {
  const { authorizationEndpoint, challengeMethods, issuer } = provider;
  if (authorizationEndpoint === undefined)
    throw loginError(`a login page of ${issuer}`, "none", "use the device flow, or give a token");
  if (!challengeMethods.includes("S256") && !/^https:\/\/login\.microsoftonline\.(?:com|us)\//.test(issuer))
    throw loginError(`PKCE with S256 at ${issuer}`, challengeMethods.join(", ") || "none", "give a token instead");
  const address = new URL(authorizationEndpoint);
  const parameters = {
    response_type: "code",
    client_id: clientId,
    scope: "openid email",
    redirect_uri: login.redirectUri,
    state: login.state,
    nonce: login.nonce,
    code_challenge: challengeOf(login.verifier),
    code_challenge_method: "S256",
    access_type: "online",
    ...(connectorId !== undefined && { connector_id: connectorId }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}
