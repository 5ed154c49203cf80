/**
 * `npm run browser`: the login pages in a real Chromium, as people use them: by keyboard, without scripts, on a phone, in the dark.
 *
 * Every page is looked at by axe-core, must cause no error and no violation of its own policy, and must not be wider than the screen.
 * `--screenshots FOLDER` keeps a picture of each. `--without chromium` leaves all of it out.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { authorizeAddress, testProvider } from "../oidc-provider.ts";
import { ScriptedBrowser } from "../scripted-browser.ts";
import { Suite } from "../suite.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { loginCases } from "./login-cases.ts";
import { lookAtPages } from "./login-looks.ts";

const { values } = parseArgs({
  options: { screenshots: { type: "string" }, without: { type: "string", multiple: true } },
});

const suite = new Suite("browser");
await suite.case("the style of the pages is the one that their policy allows", styleIsAllowed);
const executable = findChromium();
if (
  suite.needs(
    "chromium",
    executable !== undefined,
    "no Chromium found: install one (Debian: chromium), or set CHROMIUM",
  )
) {
  if (values.screenshots !== undefined) mkdirSync(values.screenshots, { recursive: true });
  const chromium = await launchChromium(executable ?? "");
  try {
    await lookAtPages(suite, chromium, values.screenshots);
    await loginCases(suite, chromium);
  } finally {
    await chromium.close();
  }
}
suite.finish();

/** Needs no browser: so that the suite says something where there is none. */
async function styleIsAllowed(): Promise<void> {
  const provider = await testProvider();
  const page = await new ScriptedBrowser(provider.send()).open(authorizeAddress(provider.issuer));
  const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(page.text) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(page.headers["content-security-policy"]?.includes(`style-src 'sha256-${hash}'`));
}
