/**
 * The token endpoint (RFC 6749 §4.1.3 and §5; OpenID Connect Core §3.1.3): a code against an identity token, and the checks
 * of that token that need no keys.
 */
import { digest } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import type { SigstoreError } from "../../errors.ts";
import type { HashAlgorithmName } from "../../formats/hash-algorithm.ts";
import { type IdentityToken, parseIdentityToken } from "../../formats/identity-token.ts";
import { LIMITS } from "../../limits.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { JsonAnswer } from "../http/json-answer.ts";
import { showable } from "../http/said.ts";
import { loginError } from "./login-settings.ts";
import type { LoginSettings } from "./login-settings.ts";

/** What the endpoint answered: a token, or why not (an error code of RFC 6749 §5.2 or RFC 8628 §3.5). */
export type TokenAnswer =
  | { readonly kind: "token"; readonly token: IdentityToken }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** A form for the endpoint; its fields may be secrets, and are treated as such. */
export type TokenForm = Readonly<Record<string, string>>;

/** Sends `form`, and holds the token to this login: issuer, audience, `nonce`, access token. Errors as `HttpClient.send`. */
export async function redeem(
  settings: LoginSettings,
  form: TokenForm,
  nonce: string | undefined,
): Promise<TokenAnswer> {
  const { clientId, clientSecret, provider, http } = settings;
  const secrets = ["code", "code_verifier", "device_code"].flatMap((name) => form[name] ?? []);
  const request: HttpRequest = {
    service: "identity provider",
    method: "POST",
    url: provider.tokenEndpoint,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({
      ...form,
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    }).toString(),
    secrets: [...secrets, ...(clientSecret === undefined ? [] : [clientSecret])],
    maxBytes: LIMITS.serviceAnswerBytes,
    // A code is good once.
    repeat: "untaken",
    understood: [400, 401],
    signal: settings.signal,
  };
  const { status, bytes } = await http.send(request);
  const answer = JsonAnswer.parse(request, bytes);
  if (status < 300) return { kind: "token", token: readToken(answer, settings, nonce) };
  const described = answer.findText("error_description") ?? "";
  return {
    kind: "error",
    error: showable(answer.text("error"), []),
    description: showable(described, request.secrets ?? []),
  };
}

function readToken(answer: JsonAnswer, settings: LoginSettings, nonce: string | undefined): IdentityToken {
  const token = answer.read("id_token", () => parseIdentityToken(answer.text("id_token")));
  checkToken(token, settings, nonce);
  checkAccessToken(token, answer.findText("access_token"));
  return token;
}

/** OpenID Connect Core §3.1.3.7. */
function checkToken(token: IdentityToken, { provider, clientId, now }: LoginSettings, nonce: string | undefined): void {
  // 2: "The Issuer Identifier for the OpenID Provider MUST exactly match the value of the iss Claim".
  if (token.issuer !== provider.issuer) throw tokenError(`a token of ${provider.issuer}`, `one of ${token.issuer}`);
  // 3: "The Client MUST validate that the aud Claim contains its client_id value".
  if (!token.audiences.includes(clientId))
    throw tokenError(`a token for ${clientId}`, `one for ${token.audiences.join(", ") || "nobody"}`);
  // 9: "The current time MUST be before the time represented by the exp Claim".
  if (now() >= token.expiresMs) throw tokenError("a token that is good now", "one that has ended");
  // 11: "a nonce Claim MUST be present and its value checked to verify that it is the same value as the one that was sent".
  if (nonce !== undefined && token.claims["nonce"] !== nonce) throw tokenError("the nonce of this login", "another");
}

const HASHES: readonly (readonly [RegExp, HashAlgorithmName])[] = [
  [/^..256$/, "sha256"],
  [/^..384$/, "sha384"],
  [/^(?:..512|EdDSA)$/, "sha512"],
];

/** OpenID Connect Core §3.1.3.8: where `at_hash` is there, it is the left half of the access token's hash. */
function checkAccessToken(token: IdentityToken, accessToken: string | undefined): void {
  const claimed = token.claims["at_hash"];
  if (claimed === undefined || accessToken === undefined) return;
  const hash = HASHES.find(([pattern]) => pattern.test(token.algorithm))?.[1];
  if (hash === undefined) return;
  const whole = digest(hash, utf8Encode(accessToken));
  if (claimed !== base64UrlEncode(whole.subarray(0, whole.length / 2)))
    throw tokenError("the hash of its access token in the identity token", "another");
}

function tokenError(expected: string, got: string): SigstoreError {
  return loginError(
    expected,
    got,
    "nothing was signed; tell who runs the identity provider, and check the clock of this machine",
  );
}
