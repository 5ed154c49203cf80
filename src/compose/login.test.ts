/** Who signs: what was given by hand, before what was remembered, before what the machine brings, before asking anybody. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { HttpClient } from "../clients/http/http-client.ts";
import type { LoginTalk } from "../clients/oidc/login-settings.ts";
import { parseSigningConfig } from "../formats/signing-config.ts";
import { requireHome } from "../home/folder.ts";
import { writeSession } from "../home/sessions.ts";
import { findInstance } from "../policy/instances/instances.ts";
import { virtualToken } from "../testing/virtual-services.ts";
import { loadTrust } from "../verdict/trust.ts";
import type { SigningInstance } from "./instance.ts";
import { announcingProvider, chooseIdentityProvider } from "./login.ts";
import type { LoginWish } from "./login.ts";

const folder = mkdtempSync(join(tmpdir(), "sigstore-login-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const home = requireHome({ SIGSTORE_HOME: folder });
const builtIn = findInstance("public");
const instance: SigningInstance = {
  name: "public",
  trust: loadTrust(builtIn),
  signingConfig: parseSigningConfig(builtIn.signingConfig ?? ""),
  isOwn: false,
  address: undefined,
  caCertificates: undefined,
  verifyOptions: [],
};

function tokenOf(sub: string, expiresMs = NOW_MS + 600_000): ReturnType<typeof virtualToken> {
  return virtualToken({ iss: "https://issuer.example.com", sub, aud: "sigstore", exp: expiresMs / 1000 });
}

function refuse(): never {
  throw new Error("nobody was to be asked");
}

const talk: LoginTalk = { openBrowser: refuse, showAddress: refuse, showDeviceCode: refuse, askForCode: refuse };
const http = new HttpClient();

async function labelOf(change: Partial<LoginWish>): Promise<string> {
  const wish = { instance, http, home, environment: {}, fittingFlow: undefined, talk, now: () => NOW_MS };
  return (await chooseIdentityProvider({ ...wish, ...change })).label;
}

const VARIABLE = { SIGSTORE_ID_TOKEN: tokenOf("variable").reveal() };
const GITHUB = { GITHUB_ACTIONS: "true" };
const PROVIDER = "https://oauth2.sigstore.dev/auth";

test("with nothing and nobody there is no identity, and with somebody they are asked", async () => {
  await assert.rejects(labelOf({}), { code: "identity-token-missing" });
  assert.equal(await labelOf({ fittingFlow: "browser" }), PROVIDER);
});

test("the machine's own comes before asking", async () => {
  assert.equal(await labelOf({ environment: GITHUB, fittingFlow: "browser" }), "github-actions");
});

test("a remembered login comes before the machine's own, while it is good and for its instance", async () => {
  writeSession(home, "public", tokenOf("remembered"));
  assert.equal(await labelOf({ environment: GITHUB }), "remembered login");
  assert.equal(await labelOf({ environment: GITHUB, instance: { ...instance, name: "other" } }), "github-actions");
  assert.equal(await labelOf({ environment: GITHUB, home: undefined }), "github-actions");
  assert.equal(await labelOf({ environment: GITHUB, now: () => NOW_MS + 595_000 }), "github-actions");
});

test("the variable comes before a remembered login, and what this run was given before all", async () => {
  assert.equal(await labelOf({ environment: { ...GITHUB, ...VARIABLE } }), "envvar");
  assert.equal(await labelOf({ environment: VARIABLE, flow: "device" }), PROVIDER);
  const given = { label: "a file", read: () => tokenOf("given").reveal() };
  assert.equal(await labelOf({ environment: VARIABLE, given }), "a file");
});

test("what is announced first can say no", async () => {
  const provider = { label: "p", fetchIdentityToken: async () => Promise.resolve(tokenOf("me")) };
  const heard: string[] = [];
  const announced = announcingProvider(provider, async ({ subject }) => {
    heard.push(subject);
    await Promise.resolve();
  });
  assert.equal((await announced.fetchIdentityToken()).subject, "me");
  assert.deepEqual(heard, ["me"]);
  const refused = announcingProvider(provider, async () => Promise.reject(new Error("no")));
  await assert.rejects(refused.fetchIdentityToken(), /no/);
});
