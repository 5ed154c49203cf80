/** Logins as they are meant, from the program's request to its tokens, and what the tokens say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ALICE,
  authorizeAddress,
  challengeOf,
  codeForm,
  postForm,
  PROVIDER_NOW_MS,
  REDIRECT,
  testProvider,
  testProviderKey,
  type TestProvider,
  VERIFIER,
} from "../../../test/oidc-provider.ts";
import { approveDevice, logInAt, ScriptedBrowser, type ShownPage } from "../../../test/scripted-browser.ts";
import { sha256 } from "../../crypto/digest.ts";
import { verifyJws } from "../../crypto/jws.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { parseJsonWebKeySet } from "../../formats/jwk.ts";
import { parseJwt } from "../../formats/jwt.ts";

function codeOf(page: ShownPage): string {
  return new URL(page.url).searchParams.get("code") ?? "";
}

/** The claims of a token, once its signature held under a key that the provider publishes. */
async function verifiedClaims(provider: TestProvider, token: unknown): Promise<Readonly<Record<string, unknown>>> {
  const { text } = await provider.send()({
    method: "GET",
    url: `${provider.issuer}/keys`,
    headers: { host: "localhost:8480" },
    body: "",
  });
  const jwt = parseJwt(String(token));
  const key = parseJsonWebKeySet(text).find(({ keyId }) => keyId === jwt.keyId);
  assert.ok(key !== undefined, "the key is published");
  assert.ok(verifyJws(importPublicKey(key.spki), jwt.algorithm, jwt.signingInput, jwt.signature));
  return { ...jwt.claims };
}

test("a code, and for it two tokens that say who it is", async () => {
  const provider = await testProvider();
  const back = await logInAt(new ScriptedBrowser(provider.send()), authorizeAddress(provider.issuer), ALICE);
  const answered = new URL(back.url);
  assert.equal(answered.origin + answered.pathname, REDIRECT);
  assert.equal(answered.searchParams.get("state"), "the-state");
  assert.equal(answered.searchParams.get("iss"), provider.issuer);
  const { status, json, headers } = await postForm(provider.send(), `${provider.issuer}/token`, codeForm(codeOf(back)));
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(headers["cache-control"], "no-store");
  assert.deepEqual(
    { token_type: json["token_type"], expires_in: json["expires_in"], scope: json["scope"] },
    { token_type: "Bearer", expires_in: 600, scope: "openid email" },
  );
  const identity = await verifiedClaims(provider, json["id_token"]);
  const access = await verifiedClaims(provider, json["access_token"]);
  const nowSeconds = PROVIDER_NOW_MS / 1000;
  const expected = {
    iss: provider.issuer,
    sub: provider.users[0]?.id,
    aud: "sigstore",
    iat: nowSeconds,
    exp: nowSeconds + 600,
    auth_time: nowSeconds,
    nonce: "the-nonce",
    email: "Alice@example.com",
    email_verified: true,
  };
  const left = sha256(utf8Encode(String(json["access_token"]))).subarray(0, 16);
  assert.deepEqual(identity, { ...expected, jti: identity["jti"], at_hash: base64UrlEncode(left) });
  assert.deepEqual(access, { ...expected, jti: access["jti"] });
  assert.notEqual(identity["jti"], access["jti"]);
});

test("the subject stays the same, other people have others", async () => {
  const provider = await testProvider();
  const subjects = [];
  for (const name of ["alice", "ALICE@EXAMPLE.COM"]) {
    const back = await logInAt(new ScriptedBrowser(provider.send()), authorizeAddress(provider.issuer), {
      ...ALICE,
      name,
    });
    const { json } = await postForm(provider.send(), `${provider.issuer}/token`, codeForm(codeOf(back)));
    subjects.push((await verifiedClaims(provider, json["id_token"]))["sub"]);
  }
  assert.equal(subjects[0], subjects[1]);
  assert.notEqual(subjects[0], provider.users[1]?.id);
});

test("clients of Go and Python: Basic with an empty password", async () => {
  const provider = await testProvider();
  const back = await logInAt(new ScriptedBrowser(provider.send()), authorizeAddress(provider.issuer), ALICE);
  const { client_id: _, ...form } = codeForm(codeOf(back));
  const { status, json } = await postForm(provider.send(), `${provider.issuer}/token`, form, {
    authorization: `Basic ${Buffer.from("sigstore:").toString("base64")}`,
  });
  assert.equal(status, 200, JSON.stringify(json));
});

test("who is logged in goes on with one click, and may be somebody else", async () => {
  const provider = await testProvider();
  const browser = new ScriptedBrowser(provider.send());
  await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  const asked = await browser.open(authorizeAddress(provider.issuer));
  assert.match(asked.text, /Continue as Alice@example\.com/);
  const back = await browser.submit(asked, { action: "continue" });
  assert.match(back.url, /^http:\/\/localhost:43210\/auth\/callback\?code=/);
  const other = await browser.submit(await browser.open(authorizeAddress(provider.issuer)), { action: "switch" });
  assert.deepEqual(other.forms[0]?.buttons, ["action=login"]);
  assert.doesNotMatch((await browser.open(`${provider.issuer}/`)).text, /Alice/);
});

test("logging out ends it", async () => {
  const provider = await testProvider();
  const browser = new ScriptedBrowser(provider.send());
  await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  const account = await browser.open(`${provider.issuer}/`);
  assert.match(account.text, /Alice@example\.com/);
  const out = await browser.submit(account, {});
  assert.match(out.text, /Nobody is signed in/);
  assert.equal(
    (await browser.open(authorizeAddress(provider.issuer))).forms[0]?.buttons.includes("action=login"),
    true,
  );
});

test("prompt and max_age decide whether the password is asked for again", async () => {
  const provider = await testProvider();
  const browser = new ScriptedBrowser(provider.send());
  const asked = async (changes: Readonly<Record<string, string>>): Promise<string> => {
    const page = await browser.open(authorizeAddress(provider.issuer, changes));
    return page.forms[0]?.buttons[0] ?? new URL(page.url).searchParams.get("error") ?? "";
  };
  assert.equal(await asked({ prompt: "none" }), "login_required");
  await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  assert.equal(await asked({}), "action=continue");
  assert.equal(await asked({ prompt: "none" }), "interaction_required");
  assert.equal(await asked({ prompt: "login" }), "action=login");
  assert.equal(await asked({ prompt: "select_account" }), "action=login");
  assert.equal(await asked({ prompt: "none login" }), "invalid_request");
  provider.pass(60_000);
  assert.equal(await asked({ max_age: "61" }), "action=continue");
  assert.equal(await asked({ max_age: "59" }), "action=login");
  assert.equal(await asked({ max_age: "soon" }), "invalid_request");
  provider.pass(8 * 3_600_000);
  assert.equal(await asked({}), "action=login");
});

for (const redirectUri of ["urn:ietf:wg:oauth:2.0:oob", "http://localhost:8480/auth/callback"]) {
  test(`a code to copy, for ${redirectUri}`, async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    const shown = await logInAt(browser, authorizeAddress(provider.issuer, { redirect_uri: redirectUri }), ALICE);
    assert.equal(shown.url, `${provider.issuer}/callback`);
    const [, code = ""] = /<textarea id="code"[^>]*>([^<]+)</.exec(shown.text) ?? [];
    assert.match(code, /^[A-Za-z0-9_-]{43}$/);
    const stranger = await new ScriptedBrowser(provider.send()).open(`${provider.issuer}/callback`);
    assert.match(stranger.text, /There is no code here/);
    provider.pass(4 * 60_000);
    assert.match((await browser.open(`${provider.issuer}/callback`)).text, new RegExp(code));
    const form = codeForm(code, { redirect_uri: redirectUri });
    assert.equal((await postForm(provider.send(), `${provider.issuer}/token`, form)).status, 200);
    provider.pass(60_000);
    assert.match((await browser.open(`${provider.issuer}/callback`)).text, /There is no code here/);
  });
}

interface DeviceAnswer {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly interval: number;
}

async function beginDevice(
  provider: TestProvider,
  changes: Readonly<Record<string, string>> = {},
): Promise<DeviceAnswer> {
  const { status, json } = await postForm(provider.send("10.0.0.7"), `${provider.issuer}/device/code`, {
    client_id: "sigstore",
    scope: "openid email",
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: "S256",
    ...changes,
  });
  assert.equal(status, 200, JSON.stringify(json));
  return json as unknown as DeviceAnswer;
}

async function poll(provider: TestProvider, deviceCode: string): Promise<Readonly<Record<string, unknown>>> {
  const { json } = await postForm(provider.send(), `${provider.issuer}/token`, {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: "sigstore",
    device_code: deviceCode,
    code_verifier: VERIFIER,
  });
  return json;
}

test("a device waits, a person types its code and says yes", async () => {
  const provider = await testProvider();
  const device = await beginDevice(provider);
  assert.match(device.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal((await poll(provider, device.device_code))["error"], "authorization_pending");
  const browser = new ScriptedBrowser(provider.send());
  const login = await browser.open(device.verification_uri);
  const entry = await browser.submit(login, { action: "login", name: ALICE.name, password: ALICE.password });
  provider.pass(30_000);
  const typed = ` ${device.user_code.toLowerCase().replace("-", " ")} `;
  const confirm = await browser.submit(entry, { user_code: typed });
  assert.match(confirm.text, new RegExp(`<p class="code">${device.user_code}</p>`));
  assert.match(confirm.text, /30 seconds ago/);
  assert.match(confirm.text, /10\.0\.0\.7/);
  assert.equal((await poll(provider, device.device_code))["error"], "authorization_pending", "seen is not agreed");
  const done = await browser.submit(confirm, { decision: "agree" });
  assert.match(done.text, /You can close this window/);
  const tokens = await poll(provider, device.device_code);
  const claims = await verifiedClaims(provider, tokens["id_token"]);
  assert.deepEqual([claims["email"], claims["nonce"]], ["Alice@example.com", undefined]);
  assert.equal((await poll(provider, device.device_code))["error"], "invalid_grant", "good once");
});

test("a link with the code in it leads to the question by way of the login", async () => {
  const provider = await testProvider();
  const device = await beginDevice(provider);
  const done = await approveDevice(new ScriptedBrowser(provider.send()), device.verification_uri_complete, ALICE);
  assert.match(done.text, /You are signed in/);
  assert.equal(typeof (await poll(provider, device.device_code))["access_token"], "string");
});

test("a person who did not start it says no", async () => {
  const provider = await testProvider();
  const device = await beginDevice(provider);
  const browser = new ScriptedBrowser(provider.send());
  const login = await browser.open(device.verification_uri_complete);
  const confirm = await browser.submit(login, { action: "login", name: ALICE.name, password: ALICE.password });
  assert.match((await browser.submit(confirm, { decision: "refuse" })).text, /The device was refused/);
  assert.equal((await poll(provider, device.device_code))["error"], "access_denied");
  const late = await browser.submit(confirm, { decision: "agree" });
  assert.match(late.text, /No device waits with this code\./);
});

test("a device that asks too often is told to slow down, one that waits as told is not", async () => {
  const provider = await testProvider();
  const { device_code: code, interval } = await beginDevice(provider);
  assert.equal((await poll(provider, code))["error"], "authorization_pending");
  provider.pass(interval * 1000);
  assert.equal((await poll(provider, code))["error"], "authorization_pending");
  assert.equal((await poll(provider, code))["error"], "slow_down");
  provider.pass(interval * 1000);
  assert.equal((await poll(provider, code))["error"], "slow_down");
  provider.pass((interval + 10) * 1000);
  assert.equal((await poll(provider, code))["error"], "authorization_pending");
  provider.pass(600_000);
  assert.equal((await poll(provider, code))["error"], "expired_token");
});

test("keys rotate: published before they sign, and after as long as their tokens live", async () => {
  const provider = await testProvider();
  const browser = new ScriptedBrowser(provider.send());
  const keyIds = (): readonly (string | undefined)[] => provider.service.keySet().keys.map(({ kid }) => kid);
  const [old] = keyIds();
  const fresh = testProviderKey("next", 3072);
  const back = await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  const { json: before } = await postForm(provider.send(), `${provider.issuer}/token`, codeForm(codeOf(back)));
  provider.service.rotate(fresh);
  assert.deepEqual(keyIds(), [old, fresh.keyId], "published, not used");
  const third = { keyId: "third", signer: testProviderKey().signer };
  const states = provider.service.rotate(third).map(({ keyId, state }) => `${keyId} ${state}`);
  assert.deepEqual(states, [`${old} retired`, `${fresh.keyId} active`, "third next"]);
  const again = await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  const { json: after } = await postForm(provider.send(), `${provider.issuer}/token`, codeForm(codeOf(again)));
  assert.equal(parseJwt(String(after["id_token"])).keyId, fresh.keyId);
  await verifiedClaims(provider, after["id_token"]);
  await verifiedClaims(provider, before["id_token"]);
  assert.deepEqual(
    provider.service.publicKeys().keys.map(({ keyId }) => keyId),
    keyIds(),
  );
  provider.pass(600_000);
  assert.deepEqual(keyIds(), [fresh.keyId, "third"]);
});

test("discovery says what stock clients look for", async () => {
  const provider = await testProvider();
  const { text } = await provider.send()({
    method: "GET",
    url: `${provider.issuer}/.well-known/openid-configuration`,
    headers: { host: "localhost:8480" },
    body: "",
  });
  const metadata = JSON.parse(text) as Record<string, unknown>;
  assert.equal(metadata["issuer"], provider.issuer);
  assert.deepEqual(metadata["code_challenge_methods_supported"], ["S256"]);
  assert.deepEqual(metadata["id_token_signing_alg_values_supported"], ["RS256"]);
  for (const name of ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri"])
    assert.ok(String(metadata[name]).startsWith(`${provider.issuer}/`), name);
});

test("development mode asks for an e-mail address alone, and says so on every page", async () => {
  const provider = await testProvider({ dev: true, users: undefined });
  const browser = new ScriptedBrowser(provider.send());
  const pages = [];
  const login = await browser.open(authorizeAddress(provider.issuer));
  assert.equal(login.forms[0]?.fields["name"], "dev@example.com");
  assert.doesNotMatch(login.text, /type="password"/);
  pages.push(login, await browser.submit(login, { action: "login", name: "no address" }));
  const back = await browser.submit(login, { action: "login", name: "carol@example.com" });
  const { json } = await postForm(provider.send(), `${provider.issuer}/token`, codeForm(codeOf(back)));
  assert.equal((await verifiedClaims(provider, json["id_token"]))["email"], "carol@example.com");
  for (const path of ["/authorize", "/", "/device", "/callback", "/device?user_code=BCDF-BCDF"])
    pages.push(await browser.open(`${provider.issuer}${path}`));
  for (const { text, url } of pages) assert.match(text, /Development mode\./, url);
});
