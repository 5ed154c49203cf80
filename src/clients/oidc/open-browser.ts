/**
 * Opening the person's browser, as each platform has it.
 *
 * The address goes as one argument to a program without a shell, and only if it is an http or https address.
 */
import { spawn } from "node:child_process";

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
const OTHER_OPENER: readonly string[] = ["xdg-open"];

/** Opens `address`; false where the platform (`process.platform`) has no program for it or the program fails at once. */
export async function openBrowser(address: string, platform: string): Promise<boolean> {
  if (!/^https?:\/\//i.test(address)) throw new TypeError("expected an http or https address to open");
  const [program = "", ...args] = OPENERS[platform] ?? OTHER_OPENER;
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
