/** What attackers try on a login, each by the name that it has in RFC 9700, RFC 6819 and RFC 8628. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ALICE,
  authorizeAddress,
  BOB,
  challengeOf,
  codeForm,
  postForm,
  REDIRECT,
  testProvider,
  testUser,
  type TestProvider,
  VERIFIER,
} from "../../../test/oidc-provider.ts";
import { type Answer, logInAt, ScriptedBrowser, type ShownPage } from "../../../test/scripted-browser.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
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

/** One raw request, whatever it is. */
async function raw(
  provider: TestProvider,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string = "",
  query = "",
): Promise<Answer> {
  const answer = await provider.handler({
    method,
    path,
    query,
    headers: { host: "localhost:8480", ...headers },
    body: typeof body === "string" ? utf8Encode(body) : body,
    remoteAddress: ATTACKER,
  });
  return { status: answer.status, headers: answer.headers, text: utf8Decode(answer.body) };
}

describe("open redirect (RFC 9700 §4.11)", () => {
  const refused = [
    "https://evil.example/",
    "http://evil.example/auth/callback",
    "http://localhost.evil.example/callback",
    "http://localhost@evil.example/",
    "http://localhost:80@evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.2:80/",
    "http://0.0.0.0:80/",
    "http://[::1].evil.example/",
    "http://[::ffff:127.0.0.1]:80/",
    "http://localhost:99999/",
    "http://localhost:0/",
    "http://localhost:80/x#fragment",
    "http://localhost:80/x?code=planted",
    "http://localhost:80\\@evil.example/",
    "http://localhost:80/\\evil.example",
    "http://localhost:80/%0d%0aset-cookie:x\r\n",
    "http://LOCALHOST:80/",
    " http://localhost:80/",
    "//localhost:80/",
    "localhost:80/",
    "https://localhost:80/",
    "javascript:alert(1)",
    "data:text/html,x",
    "urn:ietf:wg:oauth:2.0:oob:auto",
    "http://localhost:8480/auth/callback/..",
    "https://localhost:8480/auth/callback",
    `http://localhost/${"x".repeat(600)}`,
  ];
  for (const redirect of refused) {
    test(`nobody is sent to ${JSON.stringify(redirect).slice(0, 60)}`, async () => {
      const provider = await testProvider();
      const isInner = redirect.startsWith("http://localhost:8480/auth/callback/");
      for (const changes of [{}, { scope: "wrong" }, { response_type: "token" }]) {
        const page = await new ScriptedBrowser(provider.send()).open(
          authorizeAddress(provider.issuer, { redirect_uri: redirect, ...changes }),
          () => false,
        );
        // A path of the loopback is any program's; what it is not is the page that shows codes.
        if (isInner) assert.doesNotMatch(page.text, /You will get a code/);
        else assert.deepEqual([page.status, page.headers["location"]], [400, undefined]);
      }
    });
  }

  for (const redirect of [
    "http://localhost:1/",
    "http://localhost:65535/auth/callback",
    "http://127.0.0.1:8080/any/path",
    "http://[::1]:8080/callback",
    "http://localhost",
    "http://127.0.0.1:7/",
  ]) {
    test(`a program of this machine gets its answer at ${redirect}`, async () => {
      const provider = await testProvider();
      const back = await logInAt(
        new ScriptedBrowser(provider.send()),
        authorizeAddress(provider.issuer, { redirect_uri: redirect }),
        ALICE,
      );
      assert.ok(
        back.url.startsWith(`${new URL(redirect).href}?code=`) || back.url.startsWith(`${redirect}/?code=`),
        back.url,
      );
    });
  }

  test("registered addresses are compared whole, and belong to their client", async () => {
    const site = { id: "site", name: "Site", redirectUris: ["https://site.example/back"] };
    const provider = await testProvider({ clients: [site] });
    const status = async (clientId: string, redirectUri: string): Promise<number> => {
      const address = authorizeAddress(provider.issuer, { client_id: clientId, redirect_uri: redirectUri });
      return (await new ScriptedBrowser(provider.send()).open(address)).status;
    };
    assert.equal(await status("site", "https://site.example/back"), 200);
    for (const other of [
      "https://site.example/back/",
      "https://site.example/backdoor",
      "https://site.example/back?x=1",
    ])
      assert.equal(await status("site", other), 400, other);
    assert.equal(await status("sigstore", "https://site.example/back"), 400);
    assert.equal(await status("nobody", "https://site.example/back"), 400);
  });

  test("the way through the login leads nowhere else, whatever the form says", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    const login = await browser.open(authorizeAddress(provider.issuer));
    const request = new URL(authorizeAddress(provider.issuer, { redirect_uri: "https://evil.example/" })).search.slice(
      1,
    );
    const page = await browser.submit(login, { action: "login", name: ALICE.name, password: ALICE.password, request });
    assert.deepEqual([page.status, page.headers["location"]], [400, undefined]);
    for (const device of ["//evil.example", "https://evil.example", "\\evil", "../..", "&next=https://evil.example"]) {
      const again = await browser.open(authorizeAddress(provider.issuer, { prompt: "login" }));
      const sent = await browser.submit(
        again,
        { action: "login", name: ALICE.name, password: ALICE.password, request: "", device },
        () => false,
      );
      assert.match(sent.headers["location"] ?? "", /^\/auth\/device\?user_code=[^/\\&]*$/);
    }
  });
});

describe("cross-site request forgery (RFC 9700 §4.7)", () => {
  test("a form without its token, or with that of another browser, does nothing", async () => {
    const provider = await testProvider();
    const victim = new ScriptedBrowser(provider.send());
    const other = await new ScriptedBrowser(provider.send()).open(authorizeAddress(provider.issuer));
    const login = await victim.open(authorizeAddress(provider.issuer));
    for (const form_token of ["", "x", other.forms[0]?.fields["form_token"] ?? "", "A".repeat(43)]) {
      const page = await victim.submit(login, {
        form_token,
        action: "login",
        name: ALICE.name,
        password: ALICE.password,
      });
      assert.equal(page.status, 400, form_token);
      assert.match((await victim.open(`${provider.issuer}/`)).text, /Nobody is signed in/);
    }
  });

  test("every form that changes something wants its token", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
    const cookie = browser.cookiesFor(provider.issuer);
    for (const path of ["/login", "/logout", "/device", "/device/confirm"]) {
      const headers = { cookie, "content-type": "application/x-www-form-urlencoded", origin: "http://localhost:8480" };
      const form = `user_code=BCDF-BCDF&decision=agree&action=continue&request=${encodeURIComponent(authorizeAddress("").slice(11))}`;
      const answer = await raw(provider, "POST", path, headers, form);
      assert.deepEqual([answer.status, answer.headers["location"]], [400, undefined], path);
    }
    assert.match((await browser.open(`${provider.issuer}/`)).text, /Alice@example\.com/);
  });

  test("requests from pages of other origins are refused, before anything is looked at", async () => {
    const provider = await testProvider();
    const login = await new ScriptedBrowser(provider.send()).open(authorizeAddress(provider.issuer));
    const cookie = login.headers["set-cookie"]?.split(";")[0] ?? "";
    const form = new URLSearchParams({ ...login.forms[0]?.fields, action: "login", ...ALICE }).toString();
    for (const origin of [
      "https://evil.example",
      "http://localhost:9999",
      "null",
      "http://localhost.evil.example:8480",
    ]) {
      const headers = { cookie, "content-type": "application/x-www-form-urlencoded", origin };
      assert.equal((await raw(provider, "POST", "/login", headers, form)).status, 403, origin);
    }
    const crossSite = { cookie, "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
    assert.equal((await raw(provider, "POST", "/login", crossSite, form)).status, 403);
  });

  test("no answer lets pages of other origins read it (CORS)", async () => {
    const provider = await testProvider();
    for (const [method, path] of [
      ["GET", "/.well-known/openid-configuration"],
      ["GET", "/keys"],
      ["GET", "/authorize"],
      ["POST", "/token"],
      ["POST", "/device/code"],
      ["OPTIONS", "/token"],
      ["OPTIONS", "/keys"],
      ["GET", "/nowhere"],
    ] as const) {
      const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
      const answer = await raw(provider, method, path, headers);
      const cors = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(cors, [], `${method} ${path}`);
      if (method === "OPTIONS") assert.ok(answer.status >= 400, `${method} ${path}`);
    }
  });
});

describe("the cookie (RFC 6265bis)", () => {
  test("its flags, on the loopback and on TLS", async () => {
    for (const [issuer, pattern] of [
      ["http://localhost:8480/auth", /^sigstore-login-[0-9a-f]{8}=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/],
      [
        "https://sigstore.example/auth",
        /^__Host-sigstore-login-[0-9a-f]{8}=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ],
    ] as const) {
      const provider = await testProvider({ issuer });
      const browser = new ScriptedBrowser(provider.send());
      const login = await browser.open(authorizeAddress(issuer));
      assert.match(login.headers["set-cookie"] ?? "", pattern);
      const answer = await browser.submit(
        login,
        { action: "login", name: ALICE.name, password: ALICE.password },
        () => false,
      );
      assert.match(answer.headers["set-cookie"] ?? "", pattern);
    }
  });

  test("a value that was planted is worth nothing after the login (session fixation)", async () => {
    const provider = await testProvider();
    const attacker = new ScriptedBrowser(provider.send(ATTACKER));
    await attacker.open(authorizeAddress(provider.issuer));
    const [name = "", value = ""] = attacker.cookiesFor(provider.issuer).split("=");
    const victim = new ScriptedBrowser(provider.send());
    victim.plant(provider.issuer, name, value);
    await logInAt(victim, authorizeAddress(provider.issuer), ALICE);
    assert.match((await victim.open(`${provider.issuer}/`)).text, /Alice@example\.com/);
    assert.match((await attacker.open(`${provider.issuer}/`)).text, /Nobody is signed in/);
  });

  test("of two cookies of the name neither counts (cookie tossing)", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
    const good = browser.cookiesFor(provider.issuer);
    const [name = ""] = good.split("=");
    for (const cookie of [
      `${good}; ${name}=${"B".repeat(43)}`,
      `${name}=${"B".repeat(43)}; ${good}`,
      `${good}x`,
      `x${good}`,
    ])
      assert.match((await raw(provider, "GET", "/", { cookie })).text, /Nobody is signed in/, cookie);
    assert.match((await raw(provider, "GET", "/", { cookie: `other=1; ${good}` })).text, /Alice@example\.com/);
  });

  test("two providers on one machine do not take each other's cookie", async () => {
    const names = [];
    for (const issuer of ["http://localhost:8480/auth", "http://localhost:8481/auth"]) {
      const provider = await testProvider({ issuer });
      const login = await new ScriptedBrowser(provider.send()).open(authorizeAddress(issuer));
      names.push(login.headers["set-cookie"]?.split("=")[0]);
    }
    assert.notEqual(names[0], names[1]);
  });
});

test("clickjacking, caches, referrers: every page says no (RFC 9700 §4.16)", async () => {
  const provider = await testProvider();
  const browser = new ScriptedBrowser(provider.send());
  const pages = [
    await browser.open(authorizeAddress(provider.issuer)),
    await browser.open(authorizeAddress(provider.issuer, { client_id: "nobody" })),
    await browser.open(`${provider.issuer}/device`),
    await browser.open(`${provider.issuer}/callback`),
    await browser.open(`${provider.issuer}/`),
  ];
  await logInAt(browser, authorizeAddress(provider.issuer), ALICE);
  pages.push(await browser.open(`${provider.issuer}/device`), await browser.open(authorizeAddress(provider.issuer)));
  for (const { headers, url, text } of pages) {
    const policy = headers["content-security-policy"] ?? "";
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'[^;]*; frame-ancestors 'none'; base-uri 'none'$/,
      url,
    );
    assert.doesNotMatch(policy, /unsafe|\*|script-src/);
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.doesNotMatch(text, /<script|\son[a-z]+=|javascript:|\sstyle=/i, url);
  }
  const form = pages[0]?.headers["content-security-policy"] ?? "";
  assert.match(form, /form-action 'self' http:\/\/localhost:43210;/);
});

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
      tokens.map((id) => provider.service.isRevoked(String(id))),
      [false, false],
    );
    const second = await redeem(provider, codeForm(code));
    assert.deepEqual([second.status, second.json["error"]], [400, "invalid_grant"]);
    assert.deepEqual(
      tokens.map((id) => provider.service.isRevoked(String(id))),
      [true, true],
    );
    assert.match((await browser.open(`${provider.issuer}/`)).text, /Nobody is signed in/);
    assert.ok(provider.events.some(({ kind }) => kind === "code-replayed"));
  });

  test("of two that bring a code at once one gets tokens", async () => {
    const provider = await testProvider();
    const code = await logIn(provider);
    const answers = await Promise.all([redeem(provider, codeForm(code)), redeem(provider, codeForm(code))]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400]);
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

describe("DNS rebinding", () => {
  test("only the issuer's host is answered, and the other names of the loopback", async () => {
    const provider = await testProvider();
    for (const host of [
      "evil.example:8480",
      "localhost",
      "localhost:8481",
      "localhost.evil.example:8480",
      "",
      "192.0.2.1:8480",
    ]) {
      for (const path of ["/authorize", "/keys", "/token", "/.well-known/openid-configuration"])
        assert.equal((await raw(provider, path === "/token" ? "POST" : "GET", path, { host })).status, 421, host);
    }
    for (const host of ["localhost:8480", "127.0.0.1:8480", "[::1]:8480", "LOCALHOST:8480"])
      assert.equal((await raw(provider, "GET", "/keys", { host })).status, 200, host);
  });

  test("development mode answers this machine alone", async () => {
    const provider = await testProvider({ dev: true, users: undefined });
    for (const [address, status] of [
      ["127.0.0.1", 200],
      ["::1", 200],
      ["::ffff:127.0.0.1", 200],
      ["192.0.2.1", 403],
      ["::ffff:192.0.2.1", 403],
      ["fe80::1", 403],
    ] as const) {
      const browser = new ScriptedBrowser(provider.send(address));
      assert.equal((await browser.open(authorizeAddress(provider.issuer))).status, status, address);
    }
    await assert.rejects(
      testProvider({ dev: true, users: undefined, issuer: "https://sigstore.example/auth" }),
      (error) => isSigstoreError(error, "config-invalid"),
    );
  });
});

describe("hostile forms", () => {
  const TYPE = { "content-type": "application/x-www-form-urlencoded" };

  async function sent(headers: Readonly<Record<string, string>>, body: Uint8Array | string): Promise<Answer[]> {
    const provider = await testProvider();
    return Promise.all(
      ["/token", "/device/code", "/login", "/device", "/device/confirm", "/logout"].map((path) =>
        raw(provider, "POST", path, headers, body),
      ),
    );
  }

  for (const [what, headers, body] of [
    ["huge", TYPE, "a=".padEnd(20_000, "x")],
    ["of very many fields", TYPE, "a=1&".repeat(2000)],
    ["JSON", { "content-type": "application/json" }, '{"grant_type":"authorization_code"}'],
    ["multipart", { "content-type": "multipart/form-data; boundary=x" }, "--x--"],
    ["without a type", {}, "client_id=sigstore"],
    [
      "of another character set",
      { "content-type": "application/x-www-form-urlencoded; charset=utf-7" },
      "client_id=sigstore",
    ],
    ["with NUL", TYPE, "client_id=sigstore%00"],
    ["with a line break", TYPE, "client_id=sigstore%0aadmin"],
    ["of invalid UTF-8", TYPE, Uint8Array.of(0x61, 0x3d, 0xff, 0xfe)],
    ["of percent-encoded invalid UTF-8", TYPE, "client_id=%ff%fe"],
    ["of half percent signs", TYPE, "client_id=%e"],
    ["of overlong UTF-8", TYPE, "client_id=%c0%80"],
    ["empty", TYPE, ""],
  ] as const) {
    test(`a form that is ${what} is refused`, async () => {
      for (const answer of await sent(headers, body)) assert.ok([400, 401].includes(answer.status), answer.text);
    });
  }

  test("a name that comes twice is refused (RFC 6749 §3.2), whatever the values", async () => {
    const provider = await testProvider();
    const code = await logIn(provider);
    const form = new URLSearchParams(codeForm(code)).toString();
    for (const more of [
      "&client_id=sigstore",
      "&code=other",
      "&code_verifier=x",
      "&redirect_uri=",
      "&unknown=1&unknown=2",
    ]) {
      const answer = await raw(provider, "POST", "/token", TYPE, form + more);
      assert.match(answer.text, /"invalid_request"/, more);
    }
    assert.equal((await redeem(provider, codeForm(code))).status, 200);
  });

  test("in the address of a login: client and redirect are told to the person, others to the program", async () => {
    const provider = await testProvider();
    const browser = new ScriptedBrowser(provider.send());
    const address = authorizeAddress(provider.issuer);
    for (const more of ["&client_id=sigstore", `&redirect_uri=${encodeURIComponent(REDIRECT)}`]) {
      const page = await browser.open(address + more);
      assert.deepEqual([page.status, page.url], [400, address + more]);
    }
    for (const more of [
      "&state=other",
      "&nonce=2",
      "&code_challenge=x",
      "&x=1&x=2",
      "&request=e30",
      "&request_uri=https://evil.example",
    ]) {
      const page = await browser.open(address + more);
      assert.match(
        new URL(page.url).searchParams.get("error") ?? "",
        /^(?:invalid_request|request(?:_uri)?_not_supported)$/,
        more,
      );
    }
  });

  test("other methods and paths are no way in", async () => {
    const provider = await testProvider();
    for (const [method, path, status] of [
      ["GET", "/token", 405],
      ["GET", "/device/code", 405],
      ["PUT", "/login", 405],
      ["POST", "/authorize", 405],
      ["GET", "/login/", 404],
      ["GET", "//authorize", 404],
      ["GET", "/authorize/", 404],
      ["GET", "/token?", 404],
    ] as const)
      assert.equal((await raw(provider, method, path, {})).status, status, `${method} ${path}`);
  });
});
