/**
 * Logging in at an instance by its own pages, for tests, the demo and measurements: a token by the flow of the command; and,
 * run as a program, the browser that the command opens: `BROWSER="node test/instance-login.ts"`.
 */
import { HttpClient } from "../src/clients/http/http-client.ts";
import { InteractiveProvider } from "../src/clients/oidc/interactive-provider.ts";
import type { LoginTalk } from "../src/clients/oidc/login-settings.ts";
import type { IdentityToken } from "../src/formats/identity-token.ts";
import { logInAt, ScriptedBrowser } from "./scripted-browser.ts";

/** Who logs in where the browser is started by the command. */
export const PERSON_AT_BROWSER = "dev@example.com";

/** A token of the instance at `url` for the person of this name. */
export async function fetchInstanceToken(url: string, name: string, now: () => number): Promise<IdentityToken> {
  const http = new HttpClient();
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const talk: LoginTalk = {
    openBrowser: async (address) => {
      logInAt(new ScriptedBrowser(), address, { name }).catch(reject);
      return Promise.resolve(true);
    },
    showAddress: () => undefined,
    showDeviceCode: () => undefined,
    askForCode: async () => Promise.reject(new Error("nobody carries codes here")),
  };
  const provider = new InteractiveProvider({ issuer: `${url}/auth`, flow: "browser", http, talk, now });
  try {
    return await Promise.race([provider.fetchIdentityToken(), failure]);
  } finally {
    http.close();
  }
}

if (import.meta.main) await logInAt(new ScriptedBrowser(), process.argv[2] ?? "", { name: PERSON_AT_BROWSER });
