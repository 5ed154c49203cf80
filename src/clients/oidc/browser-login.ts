/**
 * Login in a browser: authorization code with PKCE and a loopback redirect (RFC 8252; RFC 7636; RFC 9700), or, where the browser
 * cannot reach this machine, with a code that the person carries over.
 */
import type { IdentityToken } from "../../formats/identity-token.ts";
import { showable } from "../http/said.ts";
import { authorizationAddress, loginError, unguessable } from "./login-settings.ts";
import type { LoginSettings } from "./login-settings.ts";
import { LoopbackServer } from "./loopback-server.ts";
import type { LoginAnswer } from "./loopback-server.ts";
import { redeem } from "./token-endpoint.ts";

/** Fulcio's issuers know this address for "show the code to the person". */
const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";

const RETRY_HINT = "try again, or give a token";

/** Logs in with a browser on this machine; errors `login-failed`, `cancelled` and those of `HttpClient.send`. */
export async function logInWithBrowser(settings: LoginSettings): Promise<IdentityToken> {
  const login = { state: unguessable(), nonce: unguessable(), verifier: unguessable() };
  const server = await LoopbackServer.listen(login.state);
  try {
    const { redirectUri } = server;
    const address = authorizationAddress(settings, { ...login, redirectUri });
    if (!(await settings.talk.openBrowser(address))) settings.talk.showAddress(address);
    const code = codeOf(await waitForAnswer(server, settings), settings);
    return await redeemCode(settings, { code, redirectUri, ...login });
  } finally {
    server.close();
  }
}

/** Logs in with a browser anywhere: the person copies the code that the provider shows. Errors as `logInWithBrowser`. */
export async function logInOutOfBand(settings: LoginSettings): Promise<IdentityToken> {
  const login = { state: unguessable(), nonce: unguessable(), verifier: unguessable(), redirectUri: OUT_OF_BAND };
  const address = authorizationAddress(settings, login);
  const code = (await settings.talk.askForCode(address, settings.signal)).trim();
  if (code === "") throw loginError("the code that the login page shows", "nothing", RETRY_HINT);
  return redeemCode(settings, { code, ...login });
}

async function waitForAnswer(server: LoopbackServer, { patienceMs, signal }: LoginSettings): Promise<LoginAnswer> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const fail = (): void => reject(loginError("a login in the browser", "told to stop waiting", RETRY_HINT));
  const timer = setTimeout(() => {
    const waited = `none within ${Math.round(patienceMs / 1000)} seconds`;
    reject(loginError("a login in the browser", waited, "try again, or log in with a device code"));
  }, patienceMs);
  signal?.addEventListener("abort", fail);
  try {
    if (signal?.aborted === true) fail();
    return await Promise.race([server.answer, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", fail);
  }
}

function codeOf(answer: LoginAnswer, { provider }: LoginSettings): string {
  if (answer.kind === "error") {
    const words = showable([answer.error, answer.description].filter(Boolean).join(": "), []);
    throw loginError(`a login at ${provider.issuer}`, words, RETRY_HINT);
  }
  // RFC 9207 §2.4: where the answer names its issuer, it MUST be the one that was asked.
  if (answer.issuer !== undefined && answer.issuer !== provider.issuer)
    throw loginError(`an answer of ${provider.issuer}`, "one of another issuer", RETRY_HINT);
  return answer.code;
}

async function redeemCode(
  settings: LoginSettings,
  login: { readonly code: string; readonly redirectUri: string; readonly verifier: string; readonly nonce: string },
): Promise<IdentityToken> {
  const form = {
    grant_type: "authorization_code",
    code: login.code,
    redirect_uri: login.redirectUri,
    code_verifier: login.verifier,
  };
  const answer = await redeem(settings, form, login.nonce);
  if (answer.kind === "token") return answer.token;
  const words = [answer.error, answer.description].filter(Boolean).join(": ");
  throw loginError(`a token of ${settings.provider.issuer}`, words, RETRY_HINT);
}
