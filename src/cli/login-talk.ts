/**
 * How a login talks with the person at the terminal, and which way to log in fits this machine.
 */
import type { LoginFlow } from "../clients/oidc/interactive-provider.ts";
import type { LoginTalk } from "../clients/oidc/login-settings.ts";
import { canOpenBrowser, openBrowser } from "../clients/oidc/open-browser.ts";
import { SigstoreError } from "../errors.ts";
import { printable, talkStyle } from "./terminal.ts";
import type { World } from "./world.ts";

/** The talk of a login in `world`. */
export function loginTalk(world: World): LoginTalk {
  const { environment } = world;
  const style = talkStyle(world);
  const say = (text: string): void => world.writeTalk(`${text}\n`);
  return {
    async openBrowser(address) {
      const isOpen = await openBrowser(address, { environment, platform: process.platform });
      if (isOpen) say(`log in in the browser window that has just opened; if there is none, open this:\n  ${address}`);
      return isOpen;
    },
    showAddress: (address) => say(`log in with a browser on this machine:\n  ${address}`),
    showDeviceCode: ({ userCode, address, addressWithCode }) =>
      say(
        `log in with any browser, also on another device:\n  ${printable(addressWithCode ?? address)}\n` +
          `the code to type there, or to compare:  ${style.strong(printable(userCode))}`,
      ),
    async askForCode(address, signal) {
      if (world.ask === undefined) throw nobodyThere("--oob");
      say(`log in with any browser, and bring the code that it shows:\n  ${address}`);
      return world.ask("code: ", signal);
    },
  };
}

/** The way to log in where none was asked for: by a browser that can be seen, else by a code; nothing where nobody looks. */
export function fittingFlow(world: World): LoginFlow | undefined {
  if (canOpenBrowser({ environment: world.environment, platform: process.platform })) {
    return world.talkIsTerminal || world.environment["BROWSER"] ? "browser" : undefined;
  }
  return world.talkIsTerminal ? "device" : undefined;
}

function nobodyThere(option: string): SigstoreError {
  return new SigstoreError("usage", `expected a terminal for ${option}, got none`, {
    hint: "give a token with --identity-token-file FILE, or log in with --device",
  });
}
