/**
 * Opening the person's browser, as each platform has it, or as the variable BROWSER says.
 *
 * The address goes as one argument to a program without a shell, and only if it is an http or https address.
 */

/** Where a browser would be opened. */
export interface BrowserSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `process.platform`. */
  readonly platform: string;
}

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
const OTHER_OPENER: readonly string[] = ["xdg-open"];

/** Whether a browser that is opened here can be seen by whoever asked: not over SSH, nor without a display. */
export function canOpenBrowser({ environment, platform }: BrowserSurroundings): boolean {
  const isSet = (name: string): boolean => Boolean(environment[name]);
  if (isSet("BROWSER")) return true;
  if (isSet("SSH_CONNECTION") || isSet("SSH_TTY")) return false;
  return platform in OPENERS || isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
}

/** Opens `address`; false where there is no program for it or the program fails at once. */
export async function openBrowser(address: string, { environment, platform }: BrowserSurroundings): Promise<boolean> {
  if (!/^https?:\/\//i.test(address)) throw new TypeError("expected an http or https address to open");
  // BROWSER is a list of programs; the first is the one that the person prefers.
  const named = environment["BROWSER"]?.split(":")[0]?.trim();
  const [program = "", ...args] = named ? named.split(/\s+/) : (OPENERS[platform] ?? OTHER_OPENER);
  // Few logins open a browser, and signing by a token never does: the others need not load this.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(program, [...args, new URL(address).href], { stdio: "ignore", detached: true });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (status) => resolve(status === 0));
    child.once("spawn", () => {
      child.unref();
      setTimeout(() => resolve(true), STARTED_AFTER_MS).unref();
    });
  });
}

/** A program that runs this long has opened a window. */
const STARTED_AFTER_MS = 1000;
