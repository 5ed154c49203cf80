/** What attackers try with codes, tokens, guesses and devices (RFC 9700 §4, RFC 6749 §5.2 and §10, RFC 8628 §5). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ALICE,
  authorizeAddress,
  BOB,
  challengeOf,
  codeForm,
  postForm,
  testProvider,
  testUser,
  type TestProvider,
  VERIFIER,
} from "../../../test/oidc-provider.ts";
import { logInAt, ScriptedBrowser, type ShownPage } from "../../../test/scripted-browser.ts";
import { parseJwt } from "../../formats/jwt.ts";

const ATTACKER = "203.0.113.9";

function codeOf(page: ShownPage): string {
  return new URL(page.url).searchParams.get("code") ?? "";
}

async function logIn(provider: TestProvider, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const browser = new ScriptedBrowser(provider.send());
  return codeOf(await logInAt(browser, authorizeAddress(provider.issuer, changes), ALICE));
}

function redeem(provider: TestProvider, form: Readonly<Record<string, string>>): ReturnType<typeof postForm> {
  return postForm(provider.send(), `${provider.issuer}/token`, form);
}

describe("PKCE downgrade (RFC 9700 §4.8.2)", () => {
  for (const [what, changes] of [
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }],
    ["plain", { code_challenge: VERIFIER, code_challenge_method: "plain" }],
    ["no method, which means plain", { code_challenge_method: undefined }],
    ["an unknown method", { code_challenge_method: "S512" }],
    ["a challenge that is none", { code_challenge: "short" }],
    ["an empty challenge", { code_challenge: "" }],
  ] as const) {
    test(`a login with ${what} does not begin`, async () => {
      const provider = await testProvider();
      const page = await new ScriptedBrowser(provider.send()).open(authorizeAddress(provider.issuer, changes));
      const answer = new URL(page.url).searchParams;
      assert.deepEqual(
        [answer.get("error"), answer.get("code"), answer.get("state")],
        ["invalid_request", null, "the-state"],
      );
    });
  }

  for (const [what, verifier] of [
    ["another verifier", "another-verifier-of-at-least-43-characters-00000"],
    ["the challenge itself", challengeOf(VERIFIER)],
    ["none", ""],
    ["a short one", "short"],
  ] as const) {
    test(`a code with ${what} gets nothing, nor does it afterwards`, async () => {
      const provider = await testProvider();
      const code = await logIn(provider);
      const { status, json } = await redeem(provider, codeForm(code, { code_verifier: verifier }));
      assert.deepEqual([status, json["error"]], [400, "invalid_grant"]);
      assert.equal((await redeem(provider, codeForm(code))).json["error"], "invalid_grant");
    });
  }
});

describe("codes", () => {
  test("a code is good once; the second time takes back what the first one gave (RFC 6749 §4.1.2)", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    const code = codeOf(await logInAt(browser, authorizeAddress(provider.issuer), ALICE));
    const first = await redeem(provider, codeForm(code));
    const tokens = ["id_token", "access_token"].map((name) => parseJwt(String(first.json[name])).claims["jti"]);
    assert.deepEqual(
      tokens.map((id) => typeof id === "string" && provider.service.isRevoked(id)),
      [false, false],
    );
    const second = await redeem(provider, codeForm(code));
    assert.deepEqual([second.status, second.json["error"]], [400, "invalid_grant"]);
    assert.deepEqual(
      tokens.map((id) => typeof id === "string" && provider.service.isRevoked(id)),
      [true, true],
    );
    assert.match((await browser.open(`${provider.issuer}/`)).text, /Nobody is signed in/);
    assert.ok(provider.events.some(({ kind }) => kind === "code-replayed"));
  });

  test("of two that bring a code at once one gets tokens", async () => {
    const provider = await testProvider();
    const code = await logIn(provider);
    const answers = await Promise.all([redeem(provider, codeForm(code)), redeem(provider, codeForm(code))]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400],
    );
  });

  test("a code ends after a minute", async () => {
    const provider = await testProvider();
    const code = await logIn(provider);
    provider.pass(60_000);
    assert.equal((await redeem(provider, codeForm(code))).json["error"], "invalid_grant");
  });

  test("a code of one client or redirect is none of another (mix-up, RFC 9700 §4.4)", async () => {
    for (const changes of [
      { client_id: "other" },
      { redirect_uri: "http://localhost:43211/auth/callback" },
      { redirect_uri: "http://127.0.0.1:43210/auth/callback" },
      { redirect_uri: "urn:ietf:wg:oauth:2.0:oob" },
    ]) {
      const provider = await testProvider({ clients: [{ id: "other", name: "Other" }] });
      const { status, json } = await redeem(provider, codeForm(await logIn(provider), changes));
      assert.deepEqual([status, json["error"]], [400, "invalid_grant"], JSON.stringify(changes));
    }
  });

  test("a token for another program is not one for Sigstore, unless that is said", async () => {
    const clients = [
      { id: "site", name: "Site" },
      { id: "ci", name: "CI", audiences: ["sigstore"] },
    ];
    const provider = await testProvider({ clients });
    const audienceOf = async (clientId: string): Promise<unknown> => {
      const { json } = await redeem(
        provider,
        codeForm(await logIn(provider, { client_id: clientId }), { client_id: clientId }),
      );
      const { aud, azp } = parseJwt(String(json["id_token"])).claims;
      return { aud, azp };
    };
    assert.deepEqual(await audienceOf("site"), { aud: "site", azp: undefined });
    assert.deepEqual(await audienceOf("ci"), { aud: ["ci", "sigstore"], azp: "ci" });
  });

  test("who is removed, or has a new password, gets no token any more", async () => {
    for (const change of [
      (provider: TestProvider) => provider.users.splice(0, 1),
      async (provider: TestProvider) => {
        provider.users.splice(0, 1, {
          ...(await testUser({ ...ALICE, password: "a new password" }, "new")),
          id: provider.users[0]?.id ?? "",
        });
      },
    ]) {
      const provider = await testProvider();
      const browser = new ScriptedBrowser(provider.send());
      const code = codeOf(await logInAt(browser, authorizeAddress(provider.issuer), ALICE));
      await change(provider);
      assert.equal((await redeem(provider, codeForm(code))).json["error"], "invalid_grant");
      assert.match((await browser.open(`${provider.issuer}/`)).text, /Nobody is signed in/);
    }
  });
});

describe("the token endpoint (RFC 6749 §5.2)", () => {
  test("errors by their codes, and never kept", async () => {
    const provider = await testProvider();
    const code = await logIn(provider);
    const basic = (text: string): Readonly<Record<string, string>> => ({
      authorization: `Basic ${Buffer.from(text).toString("base64")}`,
    });
    for (const [form, headers, expected] of [
      [{}, {}, "401 invalid_client"],
      [{ client_id: "nobody" }, {}, "401 invalid_client"],
      [{ client_id: "sigstore" }, {}, "400 invalid_request"],
      [{ client_id: "sigstore", grant_type: "password" }, {}, "400 unsupported_grant_type"],
      [{ client_id: "sigstore", grant_type: "authorization_code" }, {}, "400 invalid_request"],
      [{ client_id: "sigstore", client_secret: "secret", grant_type: "authorization_code" }, {}, "401 invalid_client"],
      [{ grant_type: "authorization_code" }, basic("sigstore:secret"), "401 invalid_client"],
      [{ grant_type: "authorization_code" }, basic("nobody:"), "401 invalid_client"],
      [{ grant_type: "authorization_code" }, basic("sigstore"), "401 invalid_client"],
      [{ grant_type: "authorization_code" }, { authorization: "Bearer x" }, "401 invalid_client"],
      [{ ...codeForm(code), client_id: "other" }, basic("sigstore:"), "400 invalid_request"],
      [codeForm("unknown"), {}, "400 invalid_grant"],
    ] as const) {
      const answer = await postForm(provider.send(), `${provider.issuer}/token`, form, headers);
      assert.equal(`${answer.status} ${String(answer.json["error"])}`, expected);
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal("www-authenticate" in answer.headers, answer.status === 401 && "authorization" in headers);
      assert.match(String(answer.json["error_description"]), /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
    }
    assert.equal((await redeem(provider, codeForm(code))).status, 200, "none of these used the code up");
  });

  test("nothing that was sent is in any error", async () => {
    const provider = await testProvider();
    const secret = "S3CRET-that-must-not-come-back";
    for (const form of [
      codeForm(secret),
      codeForm("x", { code_verifier: secret }),
      { client_id: secret },
      { [secret]: "1", client_id: "sigstore" },
    ])
      assert.doesNotMatch(JSON.stringify((await redeem(provider, form)).json), new RegExp(secret));
    const login = await new ScriptedBrowser(provider.send()).open(
      authorizeAddress(provider.issuer, { client_id: secret }),
    );
    assert.doesNotMatch(login.text, new RegExp(secret));
  });
});

describe("guessing", () => {
  async function tryPassword(
    provider: TestProvider,
    address: string,
    name: string,
    password: string,
  ): Promise<ShownPage> {
    const browser = new ScriptedBrowser(provider.send(address));
    const login = await browser.open(authorizeAddress(provider.issuer));
    return browser.submit(login, { action: "login", name, password });
  }

  for (const name of ["alice", "nobody-of-this-name"]) {
    test(`after five wrong passwords for ${name} the waits grow, also from elsewhere and for the right one`, async () => {
      const provider = await testProvider();
      for (let tries = 0; tries < 5; tries++)
        assert.equal((await tryPassword(provider, `192.0.2.${tries}`, name, "wrong password")).status, 403);
      const limited = await tryPassword(provider, "192.0.2.99", name, ALICE.password);
      assert.equal(limited.status, 429);
      assert.equal(limited.headers["retry-after"], "5");
      assert.match(limited.text, /Too many attempts\. Wait 5 seconds, then try again\./);
      provider.pass(5_000);
      assert.equal((await tryPassword(provider, "192.0.2.99", name, "wrong password")).status, 403);
      assert.match((await tryPassword(provider, "192.0.2.99", name, "wrong")).text, /Wait 10 seconds/);
    });
  }

  test("the right password after the wait begins the count anew", async () => {
    const provider = await testProvider();
    for (let tries = 0; tries < 5; tries++) await tryPassword(provider, "192.0.2.1", "alice", "wrong password");
    provider.pass(5_000);
    assert.match((await tryPassword(provider, "192.0.2.1", "alice", ALICE.password)).url, /code=/);
    assert.equal((await tryPassword(provider, "192.0.2.1", "alice", "wrong password")).status, 403);
  });

  test("one place cannot try many names, nor does an account of its own let it go on", async () => {
    const provider = await testProvider();
    for (let tries = 0; tries < 20; tries++) await tryPassword(provider, ATTACKER, `name-${tries}`, "wrong password");
    assert.equal((await tryPassword(provider, ATTACKER, "bob", BOB.password)).status, 429);
    assert.match((await tryPassword(provider, "192.0.2.1", "bob", BOB.password)).url, /code=/);
    provider.pass(5_000);
    assert.match((await tryPassword(provider, ATTACKER, "bob", BOB.password)).url, /code=/);
    assert.equal((await tryPassword(provider, ATTACKER, "name-21", "wrong password")).status, 403);
    assert.equal((await tryPassword(provider, ATTACKER, "name-22", "wrong password")).status, 429);
  });

  test("a household of IPv6 is one place", async () => {
    const provider = await testProvider();
    for (let tries = 0; tries < 20; tries++)
      await tryPassword(provider, `2001:db8:1:2::${tries.toString(16)}`, `name-${tries}`, "wrong password");
    assert.equal((await tryPassword(provider, "2001:db8:1:2:ffff::1", "x", "wrong password")).status, 429);
    assert.equal((await tryPassword(provider, "2001:db8:1:3::1", "x", "wrong password")).status, 403);
  });

  test("many at once are counted before they are judged", async () => {
    const provider = await testProvider();
    const logins = [];
    for (let tries = 0; tries < 12; tries++)
      logins.push(await new ScriptedBrowser(provider.send()).open(authorizeAddress(provider.issuer)));
    const answers = await Promise.all(
      logins.map((login) => provider.service.logIn("alice", `guess ${login.status}`, ATTACKER)),
    );
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      [...Array.from({ length: 5 }, () => "wrong"), ...Array.from({ length: 7 }, () => "limited")],
    );
  });

  test("a name that nobody has gets the same page as a wrong password", async () => {
    const provider = await testProvider();
    const text = async (name: string): Promise<string> => {
      const { text: shown } = await tryPassword(provider, "192.0.2.1", name, "wrong password");
      return shown.replaceAll(name, "NAME").replaceAll(/value="[A-Za-z0-9_-]{43}"/g, "TOKEN");
    };
    assert.equal(await text("alice"), await text("mallory"));
  });

  test("codes of devices: five wrong ones, then waits, for each account and place (RFC 8628 §5.1)", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
    const entry = await browser.open(`${provider.issuer}/device`);
    for (let tries = 0; tries < 5; tries++)
      assert.equal((await browser.submit(entry, { user_code: "BCDF-BCDF" })).status, 404);
    const limited = await browser.submit(entry, { user_code: "BCDF-BCDF" });
    assert.equal(limited.status, 429);
    assert.match(limited.text, /Too many wrong codes\. Wait 5 seconds/);
    assert.equal((await browser.open(`${provider.issuer}/device?user_code=BCDF-BCDF`)).status, 429);
  });

  test("neither a decision nor a right code of one's own gives more guesses at codes of devices", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
    const { json } = await postForm(provider.send(), `${provider.issuer}/device/code`, {
      client_id: "sigstore",
      scope: "openid",
    });
    const own = String(json["user_code"]);
    const entry = await browser.open(`${provider.issuer}/device`);
    const confirm = await browser.submit(entry, { user_code: own });
    for (let tries = 0; tries < 4; tries++) {
      assert.equal((await browser.submit(confirm, { user_code: "BCDF-BCDF", decision: "agree" })).status, 404);
      assert.equal((await browser.submit(entry, { user_code: own })).status, 200);
    }
    assert.equal((await browser.submit(confirm, { user_code: "BCDF-BCDF", decision: "refuse" })).status, 404);
    for (const page of [entry, confirm])
      assert.equal((await browser.submit(page, { user_code: own, decision: "agree" })).status, 429);
  });

  test("codes of devices cannot be tried by who is not logged in", async () => {
    const provider = await testProvider();
    const { json } = await postForm(provider.send(), `${provider.issuer}/device/code`, {
      client_id: "sigstore",
      scope: "openid",
    });
    const answers = [];
    for (const code of [String(json["user_code"]), "BCDF-BCDF"]) {
      const { text } = await new ScriptedBrowser(provider.send()).open(`${provider.issuer}/device?user_code=${code}`);
      answers.push(text.replaceAll(code, "CODE").replaceAll(/value="[A-Za-z0-9_-]{43}"/g, "TOKEN"));
    }
    assert.equal(answers[0], answers[1]);
  });

  test("one place cannot fill the list of devices that wait", async () => {
    const provider = await testProvider();
    const begin = (address: string): ReturnType<typeof postForm> =>
      postForm(provider.send(address), `${provider.issuer}/device/code`, { client_id: "sigstore", scope: "openid" });
    for (let count = 0; count < 100; count++) assert.equal((await begin(ATTACKER)).status, 200);
    const refused = await begin(ATTACKER);
    assert.deepEqual([refused.status, refused.json["error"]], [503, "temporarily_unavailable"]);
    assert.equal((await begin("192.0.2.1")).status, 200);
    provider.pass(600_000);
    assert.equal((await begin(ATTACKER)).status, 200);
  });
});

describe("devices", () => {
  async function begin(provider: TestProvider, form: Readonly<Record<string, string>>): ReturnType<typeof postForm> {
    return postForm(provider.send(), `${provider.issuer}/device/code`, {
      client_id: "sigstore",
      scope: "openid email",
      ...form,
    });
  }

  test("a challenge by plain, or a method without one, begins nothing", async () => {
    const provider = await testProvider();
    for (const form of [
      { code_challenge: VERIFIER, code_challenge_method: "plain" },
      { code_challenge: challengeOf(VERIFIER) },
      { code_challenge_method: "S256" },
      { scope: "email" },
      { client_id: "nobody" },
    ])
      assert.notEqual((await begin(provider, form)).status, 200, JSON.stringify(form));
  });

  test("what was begun with a challenge ends only with its verifier, and at its client", async () => {
    const provider = await testProvider({ clients: [{ id: "other", name: "Other" }] });
    const { json } = await begin(provider, { code_challenge: challengeOf(VERIFIER), code_challenge_method: "S256" });
    const grant = {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: String(json["device_code"]),
    };
    for (const form of [
      { ...grant, client_id: "sigstore" },
      { ...grant, client_id: "sigstore", code_verifier: "another-verifier-of-at-least-43-characters-00000" },
      { ...grant, client_id: "other", code_verifier: VERIFIER },
    ])
      assert.equal((await redeem(provider, form)).json["error"], "invalid_grant");
    const good = await redeem(provider, { ...grant, client_id: "sigstore", code_verifier: VERIFIER });
    assert.equal(good.json["error"], "authorization_pending");
  });
});
