/**
 * Login at another device: the device authorization grant (RFC 8628), with PKCE as Dex and stock clients have it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isSigstoreError } from "../../errors.ts";
import type { IdentityToken } from "../../formats/identity-token.ts";
import { LIMITS } from "../../limits.ts";
import { answerError, cancelledError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { JsonAnswer } from "../http/json-answer.ts";
import { showable } from "../http/said.ts";
import { challengeOf, loginError, unguessable } from "./login-settings.ts";
import type { LoginSettings } from "./login-settings.ts";
import { redeem } from "./token-endpoint.ts";
import type { TokenAnswer } from "./token-endpoint.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code";
const SHOWN_CODE = /^[\x21-\x7e]{1,64}$/;
const RETRY_HINT = "begin the login again";

interface DeviceAuthorization {
  readonly deviceCode: string;
  readonly intervalMs: number;
  readonly lifetimeMs: number;
}

/** Shows a code and waits until the person has typed it somewhere; errors `login-failed`, `cancelled`, those of `HttpClient.send`. */
export async function logInWithDevice(settings: LoginSettings): Promise<IdentityToken> {
  const verifier = unguessable();
  const { deviceCode, intervalMs, lifetimeMs } = await authorizeDevice(settings, verifier);
  const form = { grant_type: GRANT_TYPE, device_code: deviceCode, code_verifier: verifier };
  const endMs = settings.now() + Math.min(lifetimeMs, settings.patienceMs);
  let waitMs = intervalMs;
  while (settings.now() < endMs) {
    await waitFor(waitMs, settings);
    const answer = await poll(settings, form);
    if (answer?.kind === "token") return answer.token;
    // RFC 8628 §3.5: slow_down "the interval MUST be increased by 5 seconds for this and all subsequent requests"; on a
    // connection timeout "clients MUST unilaterally reduce their polling frequency".
    if (answer === undefined) waitMs *= 2;
    else if (answer.error === "slow_down") waitMs += 5000;
    else if (answer.error !== "authorization_pending") throw refusal(answer);
  }
  throw loginError("a login with the device code", "none in time", RETRY_HINT);
}

async function authorizeDevice(settings: LoginSettings, verifier: string): Promise<DeviceAuthorization> {
  const { provider, clientId, clientSecret, http, signal } = settings;
  const { deviceAuthorizationEndpoint } = provider;
  if (deviceAuthorizationEndpoint === undefined)
    throw loginError(`device codes of ${provider.issuer}`, "none", "log in with a browser, or give a token");
  const request: HttpRequest = {
    service: "identity provider",
    method: "POST",
    url: deviceAuthorizationEndpoint,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
      scope: "openid email",
      code_challenge: challengeOf(verifier),
      code_challenge_method: "S256",
    }).toString(),
    secrets: clientSecret === undefined ? [] : [clientSecret],
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always",
    signal,
  };
  const answer = JsonAnswer.parse(request, (await http.send(request)).bytes);
  showCode(answer, request, settings);
  return {
    deviceCode: answer.text("device_code"),
    // RFC 8628 §3.2: without an interval "clients MUST use 5 as the default".
    intervalMs: Math.max(1, answer.findSeconds("interval") ?? 5) * 1000,
    lifetimeMs: (answer.findSeconds("expires_in") ?? 300) * 1000,
  };
}

/** What a person is shown comes from the provider: an address to open, and a code of a few visible characters. */
function showCode(answer: JsonAnswer, request: HttpRequest, { talk }: LoginSettings): void {
  const userCode = answer.text("user_code");
  const address = answer.text("verification_uri");
  const addressWithCode = answer.findText("verification_uri_complete");
  if (!SHOWN_CODE.test(userCode)) throw answerError(request, "a code to show", "other characters");
  for (const one of [address, addressWithCode ?? address]) {
    if (!URL.canParse(one) || !/^https?:\/\//i.test(one))
      throw answerError(request, "an address to open", "something else");
  }
  const shown = addressWithCode === undefined ? undefined : new URL(addressWithCode).href;
  talk.showDeviceCode({ userCode, address: new URL(address).href, addressWithCode: shown });
}

/** One question at the token endpoint; undefined when the endpoint could not be asked this time. */
async function poll(settings: LoginSettings, form: Readonly<Record<string, string>>): Promise<TokenAnswer | undefined> {
  try {
    return await redeem(settings, form, undefined);
  } catch (error) {
    if (isSigstoreError(error, "service-timeout") || isSigstoreError(error, "service-unreachable")) return undefined;
    throw error;
  }
}

async function waitFor(waitMs: number, { signal, provider }: LoginSettings): Promise<void> {
  try {
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw cancelledError({ service: "identity provider", url: provider.tokenEndpoint });
    throw error;
  }
}

function refusal({ error, description }: Extract<TokenAnswer, { readonly kind: "error" }>): unknown {
  const words = showable([error, description].filter(Boolean).join(": "), []);
  const hint = error === "access_denied" ? "the login was refused at the other device" : RETRY_HINT;
  return loginError("a login with the device code", words, hint);
}
