/** What attackers try on a login, each by the name that it has in RFC 9700, RFC 6819 and RFC 8628. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ALICE,
  authorizeAddress,
  codeForm,
  postForm,
  REDIRECT,
  testProvider,
  type TestProvider,
} from "../../../test/oidc-provider.ts";
import { type Answer, logInAt, ScriptedBrowser, type ShownPage } from "../../../test/scripted-browser.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";

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
    ["javascript", "alert(1)"].join(":"),
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
