/** Logins against a local provider that behaves, and against one that lies; with a browser that is a fetch. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import type { IdentityToken } from "../../formats/identity-token.ts";
import { HttpClient } from "../http/http-client.ts";
import { type Behaviour, sendJson, startServer } from "../http/misbehaving-server.ts";
import { InteractiveProvider, type LoginFlow } from "./interactive-provider.ts";
import type { DeviceCode, LoginTalk } from "./login-settings.ts";

const NOW_MS = 1_772_366_400_000;

type Json = Record<string, unknown>;

/** How the provider lies; everything left out is honest. */
interface Lies {
  readonly discovery?: (honest: Json) => Json;
  readonly claims?: (honest: Json) => Json;
  /** What the browser is sent back with. */
  readonly redirect?: (back: URL) => void;
  /** Answers of the token endpoint before the good one. */
  readonly before?: readonly Json[];
  readonly answer?: (honest: Json) => unknown;
  readonly device?: (honest: Json) => Json;
}

function jwt(claims: Json): string {
  const part = (value: Json): string => base64UrlEncode(utf8Encode(JSON.stringify(value)));
  return `${part({ alg: "RS256" })}.${part(claims)}.c2ln`;
}

interface Login {
  challenge: string;
  nonce: string | undefined;
  polls: number;
}

/** A provider with one login at a time. */
function provider(lies: Lies): Behaviour {
  const login: Login = { challenge: "", nonce: undefined, polls: 0 };
  return (response, { path, headers, body }) => {
    const issuer = `http://${headers.host}`;
    const url = new URL(path, issuer);
    const form = new URLSearchParams(body.toString());
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return sendJson(response, 200, (lies.discovery ?? same)(metadata(issuer)));
      case "/auth":
        return authorize(url, login, lies, (location) => response.writeHead(302, { location }).end());
      case "/device":
        login.challenge = form.get("code_challenge") ?? "";
        return sendJson(response, 200, (lies.device ?? same)(deviceAnswer(issuer)));
      case "/token":
        return tokenAnswer(issuer, form, login, lies, (status, value) => sendJson(response, status, value));
      default:
        return response.writeHead(404).end();
    }
  };
}

function same(honest: Json): Json {
  return honest;
}

function metadata(issuer: string): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device`,
    code_challenge_methods_supported: ["S256"],
  };
}

function deviceAnswer(issuer: string): Json {
  return {
    device_code: "device-secret",
    user_code: "ABCD-EFGH",
    verification_uri: `${issuer}/activate`,
    interval: 0,
    expires_in: 60,
  };
}

function authorize(url: URL, login: Login, lies: Lies, redirect: (location: string) => void): void {
  const { searchParams } = url;
  assert.deepEqual([searchParams.get("response_type"), searchParams.get("code_challenge_method")], ["code", "S256"]);
  login.challenge = searchParams.get("code_challenge") ?? "";
  login.nonce = searchParams.get("nonce") ?? undefined;
  const back = new URL(searchParams.get("redirect_uri") ?? "");
  back.searchParams.set("code", "code-secret");
  back.searchParams.set("state", searchParams.get("state") ?? "");
  lies.redirect?.(back);
  redirect(back.href);
}

function tokenAnswer(
  issuer: string,
  form: URLSearchParams,
  login: Login,
  lies: Lies,
  send: (status: number, value: unknown) => void,
): void {
  const early = lies.before?.[login.polls];
  login.polls += 1;
  if (early !== undefined) return send(400, early);
  const secret = form.get("code") ?? form.get("device_code") ?? "";
  assert.ok(["code-secret", "device-secret"].includes(secret), secret);
  assert.equal(base64UrlEncode(sha256(utf8Encode(form.get("code_verifier") ?? ""))), login.challenge);
  const honest: Json = {
    iss: issuer,
    sub: "dev",
    aud: "sigstore",
    exp: NOW_MS / 1000 + 600,
    email: "dev@example.com",
    ...(login.nonce !== undefined && { nonce: login.nonce }),
    at_hash: base64UrlEncode(sha256(utf8Encode("access-secret")).subarray(0, 16)),
  };
  const answer = { access_token: "access-secret", id_token: jwt((lies.claims ?? same)(honest)), token_type: "Bearer" };
  return send(200, lies.answer === undefined ? answer : lies.answer(answer));
}

interface Talk extends LoginTalk {
  readonly shown: string[];
  readonly codes: DeviceCode[];
}

/** A person whose browser is there, or is not. */
function talkOf(hasBrowser: boolean, code = "code-secret"): Talk {
  const shown: string[] = [];
  const codes: DeviceCode[] = [];
  const visit = async (address: string): Promise<boolean> => (await fetch(address)).ok;
  return {
    shown,
    codes,
    openBrowser: async (address) => {
      if (hasBrowser) await visit(address);
      return hasBrowser;
    },
    showAddress: (address) => {
      shown.push(address);
      visit(address).catch(() => shown.push("failed"));
    },
    showDeviceCode: (one) => codes.push(one),
    askForCode: async (address) => {
      shown.push(address);
      const { location } = Object.fromEntries((await fetch(address, { redirect: "manual" })).headers);
      assert.match(location ?? "", /^urn:ietf:wg:oauth:2\.0:oob\?/);
      return ` ${code}\n`;
    },
  };
}

interface Options {
  readonly lies?: Lies;
  readonly talk?: Talk;
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

async function providerFor(scope: TestContext, flow: LoginFlow, options: Options): Promise<InteractiveProvider> {
  const server = await startServer(scope, provider(options.lies ?? {}));
  const http = new HttpClient({ timeoutMs: 500, firstWaitMs: 1 });
  scope.after(() => http.close());
  const { talk = talkOf(true), patienceMs = 5000, now = () => NOW_MS } = options;
  return new InteractiveProvider({ issuer: server.url, flow, http, talk, now, patienceMs });
}

async function logIn(scope: TestContext, flow: LoginFlow, options: Options = {}): Promise<IdentityToken> {
  const one = await providerFor(scope, flow, options);
  return one.fetchIdentityToken(options.signal === undefined ? {} : { signal: options.signal });
}

async function refusal(scope: TestContext, flow: LoginFlow, options: Options): Promise<SigstoreError> {
  try {
    await logIn(scope, flow, options);
  } catch (error) {
    assert.ok(isSigstoreError(error), String(error));
    assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.details]), /-secret|eyJ/);
    return error;
  }
  return assert.fail("expected a refusal");
}

describe("a login", () => {
  test("in a browser that opens, or that the person opens", async (scope) => {
    for (const hasBrowser of [true, false]) {
      const talk = talkOf(hasBrowser);
      assert.equal((await logIn(scope, "browser", { talk })).email, "dev@example.com");
      assert.equal(talk.shown.length, hasBrowser ? 0 : 1);
    }
  });

  test("with a code that the person carries over", async (scope) => {
    assert.equal((await logIn(scope, "out-of-band")).email, "dev@example.com");
  });

  test("with a device code, after waiting", async (scope) => {
    const talk = talkOf(false);
    const lies = { before: [{ error: "authorization_pending" }] };
    assert.equal((await logIn(scope, "device", { talk, lies })).email, "dev@example.com");
    assert.equal(talk.codes[0]?.userCode, "ABCD-EFGH");
  });

  test("serves until its token ends, and once for calls at the same time", async (scope) => {
    let nowMs = NOW_MS;
    const one = await providerFor(scope, "browser", { now: () => nowMs });
    const [first, same_] = await Promise.all([one.fetchIdentityToken(), one.fetchIdentityToken()]);
    assert.equal(first, same_);
    nowMs += 500_000;
    assert.equal(await one.fetchIdentityToken(), first);
    nowMs += 80_000;
    assert.notEqual(await one.fetchIdentityToken(), first);
  });
});

describe("a provider that lies", () => {
  const lies: readonly (readonly [string, Lies])[] = [
    ["a token of another issuer", { claims: (claims) => ({ ...claims, iss: "https://evil.test" }) }],
    ["a token for another client", { claims: (claims) => ({ ...claims, aud: "other" }) }],
    ["a token that has ended", { claims: (claims) => ({ ...claims, exp: NOW_MS / 1000 }) }],
    ["a token of another login", { claims: (claims) => ({ ...claims, nonce: "other" }) }],
    ["a token without a nonce", { claims: ({ nonce: _nonce, ...claims }) => claims }],
    ["an access token of another identity token", { claims: (claims) => ({ ...claims, at_hash: "AAAA" }) }],
    ["an answer of another issuer", { redirect: (back) => back.searchParams.set("iss", "https://evil.test") }],
    [
      "an error",
      {
        redirect: (back) => {
          back.searchParams.delete("code");
          back.searchParams.set("error", "access_denied");
        },
      },
    ],
    ["no PKCE", { discovery: (honest) => ({ ...honest, code_challenge_methods_supported: ["plain"] }) }],
    ["no login page", { discovery: ({ authorization_endpoint: _address, ...honest }) => honest }],
    ["a code that is not taken", { before: [{ error: "invalid_grant", error_description: "code-secret is used" }] }],
  ];
  for (const [name, lie] of lies)
    test(name, async (scope) => assert.equal((await refusal(scope, "browser", { lies: lie })).code, "login-failed"));

  const broken: readonly (readonly [string, Lies])[] = [
    ["another issuer in its description", { discovery: (honest) => ({ ...honest, issuer: "https://evil.test" }) }],
    ["no token endpoint", { discovery: ({ token_endpoint: _address, ...honest }) => honest }],
    [
      "a login page that is a program",
      { discovery: (honest) => ({ ...honest, authorization_endpoint: "file:///bin/sh" }) },
    ],
    ["no identity token", { answer: ({ id_token: _token, ...honest }) => honest }],
    ["a token that is none", { answer: (honest) => ({ ...honest, id_token: "eyJhbGciOiJ9" }) }],
    ["a list", { answer: () => [] }],
  ];
  for (const [name, lie] of broken)
    test(name, async (scope) =>
      assert.equal((await refusal(scope, "browser", { lies: lie })).code, "service-answer-invalid"),
    );

  test("a token endpoint on another machine in plain text", async (scope) => {
    const lie: Lies = { discovery: (honest) => ({ ...honest, token_endpoint: "http://elsewhere.test/token" }) };
    assert.equal((await refusal(scope, "browser", { lies: lie })).code, "service-unreachable");
  });

  test("a device code that would write to the terminal, or an address that is no page", async (scope) => {
    for (const change of [{ user_code: "A\u001b[2J" }, { verification_uri: "data:text/html,x" }, { user_code: "" }]) {
      const lie: Lies = { device: (honest) => ({ ...honest, ...change }) };
      assert.equal((await refusal(scope, "device", { lies: lie })).code, "service-answer-invalid");
    }
  });
});

describe("a person who does not", () => {
  test("come back from the browser", async (scope) => {
    const talk = { ...talkOf(true), openBrowser: async () => Promise.resolve(true) };
    assert.match((await refusal(scope, "browser", { talk, patienceMs: 30 })).message, /none within 0 seconds/);
    assert.equal((await refusal(scope, "browser", { talk, signal: AbortSignal.timeout(20) })).code, "login-failed");
  });

  test("carry the code over", async (scope) => {
    assert.equal((await refusal(scope, "out-of-band", { talk: talkOf(false, "") })).code, "login-failed");
  });

  test("agree at the other device, in time or at all", async (scope) => {
    const denied = await refusal(scope, "device", { lies: { before: [{ error: "access_denied" }] } });
    assert.match(denied.hint ?? "", /refused at the other device/);
    assert.equal(
      (await refusal(scope, "device", { lies: { before: [{ error: "expired_token" }] } })).code,
      "login-failed",
    );
    let nowMs = NOW_MS;
    const now = (): number => (nowMs += 30_000);
    const pending = Array.from({ length: 9 }, () => ({ error: "authorization_pending" }));
    assert.match((await refusal(scope, "device", { lies: { before: pending }, now })).message, /none in time/);
  });

  test("wait for the device", async (scope) => {
    const lies = { before: [{ error: "slow_down" }] };
    assert.equal((await refusal(scope, "device", { lies, signal: AbortSignal.timeout(1500) })).code, "cancelled");
  });
});

test("the page that a login comes back to takes its own answer alone", async (scope) => {
  const answers: string[] = [];
  const talk: Talk = {
    ...talkOf(true),
    openBrowser: async (address) => {
      const redirectUri = new URL(address).searchParams.get("redirect_uri") ?? "";
      assert.match(redirectUri, /^http:\/\/localhost:\d+\/auth\/callback$/);
      for (const path of ["?code=x&state=guess", "?code=x", "/../../x?code=x"]) {
        const response = await fetch(redirectUri + path);
        answers.push(`${response.status}`);
        assert.ok(!(await response.text()).includes("guess"));
      }
      answers.push(`${(await fetch(redirectUri, { method: "POST" })).status}`);
      // No address at all, once it stands alone: it must not end the process.
      answers.push(`${(await fetch(`${new URL(redirectUri).origin}//`)).status}`);
      return (await fetch(address)).ok;
    },
  };
  await logIn(scope, "browser", { talk });
  assert.deepEqual(answers, ["404", "404", "404", "404", "404"]);
});
