/**
 * `npm run browser`: the login pages in a real Chromium, as people use them: by keyboard, without scripts, on a phone, in the dark.
 *
 * Every page is looked at by axe-core, must cause no error and no violation of its own policy, and must not be wider than the screen.
 * `--screenshots FOLDER` keeps a picture of each. `--without chromium` leaves all of it out.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Suite } from "../suite.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { loginCases } from "./login-cases.ts";
import { lookAtPages } from "./login-looks.ts";

const { values } = parseArgs({
  options: { screenshots: { type: "string" }, without: { type: "string", multiple: true } },
});

const suite = new Suite("browser");
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
