/**
 * A real Chromium, driven by playwright-core, with axe-core for what can be found wrong by a machine (WCAG 2.2).
 *
 * The browser is the machine's own: Debian's package `chromium`, another one on PATH, or what CHROMIUM names. The packages are installed by
 * `npm run browser`; of their types only the little that is used here is declared.
 */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** An element, or all that a selector finds. */
export interface Locator {
  fill(text: string): Promise<void>;
  click(): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  inputValue(): Promise<string>;
}

/** A page, as playwright-core has it. */
export interface Page {
  goto(url: string): Promise<{ status(): number } | null>;
  locator(selector: string): Locator;
  url(): string;
  title(): Promise<string>;
  screenshot(options: { readonly path: string; readonly fullPage?: boolean }): Promise<unknown>;
  evaluate<Value>(script: string): Promise<Value>;
  setContent(html: string): Promise<void>;
  waitForURL(url: RegExp): Promise<void>;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: unknown) => void): void;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
}

/** A window with cookies of its own. */
export interface Context {
  newPage(): Promise<Page>;
  cookies(): Promise<
    readonly {
      readonly name: string;
      readonly httpOnly: boolean;
      readonly sameSite: string;
      readonly secure: boolean;
    }[]
  >;
  close(): Promise<void>;
}

/** A running browser. */
export interface Chromium {
  newContext(options: {
    readonly viewport?: { readonly width: number; readonly height: number };
    readonly colorScheme?: "light" | "dark";
    readonly javaScriptEnabled?: boolean;
    readonly forcedColors?: "active" | "none";
    readonly ignoreHTTPSErrors?: boolean;
  }): Promise<Context>;
  version(): string;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Chromium>;
  };
}

/** What axe found. */
export interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

const load = createRequire(import.meta.url);
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** Where the machine has a Chromium; undefined where it has none. */
export function findChromium(): string | undefined {
  const { CHROMIUM: named = "", PATH: searchPath = "" } = process.env;
  if (named !== "") return isProgram(named) ? named : undefined;
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...candidates, MAC].find(isProgram);
}

function isProgram(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts it. As root, as in containers, its sandbox does not start. */
export async function launchChromium(executablePath: string): Promise<Chromium> {
  const { chromium } = load("playwright-core") as Playwright;
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** What axe-core finds wrong with the page as it is shown. It is evaluated, not added: no policy of the page is in its way. */
export async function violationsOf(page: Page): Promise<readonly Violation[]> {
  await page.evaluate(readFileSync(load.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>("axe.run(document)");
  return violations;
}
