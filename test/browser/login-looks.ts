/**
 * How the login pages look and read: each in light, dark, on a phone, and with the colours that a person forced.
 */
import { join } from "node:path";
import type { PageForm } from "../../src/web/login-page.ts";
import {
  accountPage,
  continuePage,
  deviceCodePage,
  deviceConfirmPage,
  loginPage,
  messagePage,
  outOfBandPage,
} from "../../src/web/login.ts";
import type { Suite } from "../suite.ts";
import { type Chromium, type Page, violationsOf } from "./chromium.ts";

const frame = { instance: "sigstore.example.com", isDev: false };
const development = { instance: "localhost:8480", isDev: true };
const form: PageForm = { action: "#", formToken: "token" };
const program = { kind: "program", client: "Sigstore", waitsAt: "localhost:41234" } as const;
const email = "alice@example.com";
const LONG = "a-very-long-name-that-somebody-has-to-live-with.and-more@a-long-name.of-some-department.example.com";

/** Every page, in each of its states. */
const PAGES: Readonly<Record<string, string>> = {
  login: loginPage(frame, { purpose: program, form, name: "" }),
  "login-wrong": loginPage(frame, {
    purpose: program,
    form,
    name: "alice",
    problem: "Name and password do not belong together. Look at both, and try again.",
  }),
  "login-development": loginPage(development, { purpose: program, form, name: "dev@example.com" }),
  "login-out-of-band": loginPage(frame, { purpose: { kind: "out-of-band", client: "Sigstore" }, form, name: "" }),
  "login-device": loginPage(frame, { purpose: { kind: "device", userCode: "BCDF-GHJK" }, form, name: "" }),
  continue: continuePage(frame, { purpose: program, form, email }),
  "continue-long": continuePage(frame, { purpose: program, form, email: LONG }),
  "device-code": deviceCodePage(frame, { form, email, typed: "" }),
  "device-code-wrong": deviceCodePage(frame, {
    form,
    email,
    typed: "BCDF",
    problem: "No device waits with this code. Look at the device: codes end after ten minutes.",
  }),
  "device-confirm": deviceConfirmPage(frame, {
    form,
    email,
    device: { userCode: "WDJB-MJHT", client: "Sigstore", started: "12 seconds ago", address: "192.0.2.7" },
  }),
  "out-of-band": outOfBandPage(frame, { code: "W".repeat(43), minutes: 5 }),
  done: messagePage(frame, {
    title: "You are signed in",
    paragraphs: ["The other device goes on by itself in a few seconds. You can close this window."],
  }),
  problem: messagePage(frame, {
    title: "The program asked for something impossible",
    paragraphs: [
      "Its request was refused: code challenge required (PKCE, RFC 7636) (invalid_request).",
      "Nothing happened. Close this window, and tell who made or set up the program.",
    ],
    isProblem: true,
  }),
  account: accountPage(frame, { email, signOut: form, deviceAddress: "#device" }),
  "account-development": accountPage(development, { email: LONG, signOut: form, deviceAddress: "#device" }),
};

const DESKTOP = { width: 1280, height: 800 };
const LOOKS = {
  light: { viewport: DESKTOP, colorScheme: "light" },
  dark: { viewport: DESKTOP, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light" },
  // WCAG 2.2 §1.4.10: 320 pixels wide, which is what a large zoom leaves.
  narrow: { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  forced: { viewport: DESKTOP, colorScheme: "light", forcedColors: "active" },
} as const;

/** Looks at every page in every way; pictures go to `folder`, where one is named. */
export async function lookAtPages(suite: Suite, chromium: Chromium, folder: string | undefined): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const context = await chromium.newContext(options);
    for (const [name, text] of Object.entries(PAGES)) {
      await suite.case(`${name}, ${look}: readable for everybody, and fits`, async () => {
        const page = await context.newPage();
        await page.setContent(text);
        if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
        await requireReadable(page);
      });
    }
    await context.close();
  }
}

/** Fails for what axe finds, and for what must be scrolled sideways. */
export async function requireReadable(page: Page): Promise<void> {
  const violations = await violationsOf(page);
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.flatMap(({ target }) => target).join(", ")})`,
  );
  if (found.length > 0) throw new Error(`axe found:\n${found.join("\n")}`);
  const [content, screen] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  if (content > screen) throw new Error(`expected a page of at most ${screen} pixels, got ${content}`);
}
