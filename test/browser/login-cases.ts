/**
 * People who log in: by keyboard, without scripts, at a program, at a device, with a code to copy; and the policy that keeps others out.
 */
import assert from "node:assert/strict";
import { ALICE, authorizeAddress, challengeOf, codeForm, postForm, VERIFIER } from "../oidc-provider.ts";
import type { Suite } from "../suite.ts";
import type { Chromium, Context, Page } from "./chromium.ts";
import { requireReadable } from "./login-looks.ts";
import { serveProvider, type ServedProvider, WaitingProgram } from "./login-server.ts";

/** One visit: a provider, a program that waits, a window. */
interface Visit {
  readonly provider: ServedProvider;
  readonly program: WaitingProgram;
  readonly context: Context;
  readonly page: Page;
  readonly address: (changes?: Readonly<Record<string, string>>) => string;
  /** Looks at the page with axe, which needs scripts itself. */
  readonly look: () => Promise<void>;
  /** What the browser complained about; none may be left. */
  readonly errors: string[];
}

/** What is otherwise than usual. */
interface Circumstances {
  readonly host?: "localhost" | "127.0.0.1" | "[::1]";
  readonly dev?: boolean;
  /** Whether the browser runs scripts at all. */
  readonly hasScripts?: boolean;
}

/** Runs all cases. */
export async function loginCases(suite: Suite, chromium: Chromium): Promise<void> {
  const cases: Readonly<Record<string, [(visit: Visit) => Promise<void>, Circumstances?]>> = {
    "a login by keyboard alone": [keyboardLogin],
    "the same in a browser without scripts": [keyboardLogin, { hasScripts: false }],
    "a wrong password is told, and the name stays": [wrongPassword],
    "the code reaches a program at 127.0.0.1": [formLogin, { host: "127.0.0.1" }],
    "the code reaches a program at ::1, which no policy can name": [formLogin, { host: "[::1]" }],
    "who is logged in goes on with one key": [secondLogin],
    "development mode logs in with one key": [developmentLogin, { dev: true }],
    "a code to copy": [outOfBand],
    "a device, from its link to the closed window": [deviceLogin],
    "no page can frame the login": [framing],
    "the cookie is out of reach of scripts": [cookieFlags],
    "a page of another origin cannot send the form": [foreignForm],
  };
  for (const [name, [run, options]] of Object.entries(cases))
    await suite.case(name, () => visiting(chromium, run, options));
}

async function visiting(
  chromium: Chromium,
  run: (visit: Visit) => Promise<void>,
  { host = "localhost", dev = false, hasScripts = true }: Circumstances = {},
): Promise<void> {
  const provider = await serveProvider(dev ? { dev, users: undefined } : {});
  const program = await WaitingProgram.listen(host);
  const context = await chromium.newContext({ javaScriptEnabled: hasScripts });
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("console", (message) => {
      // A page that answers 403 is told there too.
      if (message.type() === "error" && !message.text().includes("the server responded with a status of"))
        errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    const { redirectUri } = program;
    const address = (changes: Readonly<Record<string, string>> = {}): string =>
      authorizeAddress(provider.issuer, { redirect_uri: redirectUri, ...changes });
    const look = async (): Promise<void> => {
      if (hasScripts) await requireReadable(page);
    };
    await run({ provider, program, context, page, address, look, errors });
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
    program.close();
    await provider.stop();
  }
}

/** The code that came back, against tokens, as the program would. */
async function redeemed({ provider, program, page }: Visit): Promise<Record<string, unknown>> {
  await page.waitForURL(/\/auth\/callback\?code=/);
  assert.equal(program.asked.filter((path) => path.startsWith("/auth/callback?code=")).length, 1);
  const code = new URL(page.url()).searchParams.get("code") ?? "";
  return tokens(provider, code, program.redirectUri);
}

async function tokens(provider: ServedProvider, code: string, redirectUri: string): Promise<Record<string, unknown>> {
  const form = codeForm(code, { redirect_uri: redirectUri });
  const { status, json } = await postForm(provider.send(), `${provider.issuer}/token`, form);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

async function fillIn(page: Page, password = ALICE.password): Promise<void> {
  await page.locator("#name").fill(ALICE.name);
  await page.locator("#password").fill(password);
  await page.locator("button[value=login]").click();
}

async function keyboardLogin(visit: Visit): Promise<void> {
  const { page, address, look } = visit;
  await page.goto(address());
  await look();
  await page.keyboard.type(ALICE.name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(ALICE.password);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await redeemed(visit);
}

async function wrongPassword(visit: Visit): Promise<void> {
  const { page, address, look } = visit;
  await page.goto(address());
  await fillIn(page, "not the password");
  assert.match((await page.locator("[role=alert]").textContent()) ?? "", /do not belong together/);
  assert.equal(await page.locator("#name").inputValue(), ALICE.name);
  assert.equal(await page.locator("#password").inputValue(), "");
  await look();
  // The field that is to be filled in has the focus.
  await page.keyboard.type(ALICE.password);
  await page.keyboard.press("Enter");
  await redeemed(visit);
}

async function formLogin(visit: Visit): Promise<void> {
  await visit.page.goto(visit.address());
  await fillIn(visit.page);
  await redeemed(visit);
}

async function secondLogin(visit: Visit): Promise<void> {
  const { page, address, program, look } = visit;
  await page.goto(address());
  await fillIn(page);
  await redeemed(visit);
  program.asked.length = 0;
  await page.goto(address());
  await look();
  assert.match((await page.locator("button[value=continue]").textContent()) ?? "", /Alice@example\.com/);
  await page.keyboard.press("Enter");
  await redeemed(visit);
}

async function developmentLogin(visit: Visit): Promise<void> {
  const { page, address, look } = visit;
  await page.goto(address());
  await look();
  await page.keyboard.press("Enter");
  await redeemed(visit);
}

async function outOfBand({ page, address, provider, look }: Visit): Promise<void> {
  const redirectUri = "urn:ietf:wg:oauth:2.0:oob";
  await page.goto(address({ redirect_uri: redirectUri }));
  await fillIn(page);
  await page.waitForURL(/\/auth\/callback$/);
  await look();
  await tokens(provider, await page.locator("#code").inputValue(), redirectUri);
}

async function deviceLogin({ page, provider, look }: Visit): Promise<void> {
  const { json } = await postForm(provider.send(), `${provider.issuer}/device/code`, {
    client_id: "sigstore",
    scope: "openid email",
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: "S256",
  });
  await page.goto(String(json["verification_uri"]));
  await fillIn(page);
  await look();
  await page.keyboard.type(String(json["user_code"]).toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/auth\/device$/);
  assert.equal(await page.locator("p.code").textContent(), json["user_code"]);
  await look();
  await page.locator("button[value=agree]").click();
  await page.waitForURL(/\/auth\/device\/confirm$/);
  assert.equal(await page.locator("h1").textContent(), "You are signed in");
  await look();
  const answer = await postForm(provider.send(), `${provider.issuer}/token`, {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: "sigstore",
    device_code: String(json["device_code"]),
    code_verifier: VERIFIER,
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
}

/** The frame of a stranger's page stays empty, and the browser says why. */
async function framing({ page, address, program, errors }: Visit): Promise<void> {
  await page.goto(program.redirectUri);
  await page.evaluate(
    `new Promise((resolve) => { const frame = document.createElement("iframe"); frame.onload = resolve;
      frame.src = ${JSON.stringify(address())}; document.body.append(frame); })`,
  );
  const complaints = errors.splice(0);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] ?? "", /frame-ancestors 'none'/);
}

async function cookieFlags({ page, address, context }: Visit): Promise<void> {
  await page.goto(address());
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.secure], [true, "Lax", false]);
  assert.equal(await page.evaluate<string>("document.cookie"), "");
}

async function foreignForm({ page, address, program, provider }: Visit): Promise<void> {
  await page.goto(address());
  const token = await page.locator("input[name=form_token]").inputValue();
  await page.goto(program.redirectUri);
  const request = new URL(address()).search.slice(1);
  await page.evaluate(
    `(() => { const form = document.createElement("form"); form.method = "post"; form.action = ${JSON.stringify(`${provider.issuer}/login`)};
      for (const [name, value] of Object.entries(${JSON.stringify({ form_token: token, request, action: "login", ...ALICE })})) {
        const field = document.createElement("input"); field.name = name; field.value = value; form.append(field); }
      document.body.append(form); form.submit(); })()`,
  );
  await page.waitForURL(/\/auth\/login$/);
  assert.match((await page.locator("body").textContent()) ?? "", /another page/);
  assert.ok(provider.events.every(({ kind }) => kind !== "logged-in"));
}
