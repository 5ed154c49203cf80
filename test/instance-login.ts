/**
 * Logging in at an instance by its own pages, for tests, the demo and measurements: a token by the flow of the command; and,
 * run as a program, the browser that the command opens: `BROWSER="node test/instance-login.ts"`.
 */
import * as plain from "node:http";
import * as secure from "node:https";
import { HttpClient } from "../src/clients/http/http-client.ts";
import { InteractiveProvider } from "../src/clients/oidc/interactive-provider.ts";
import type { LoginTalk } from "../src/clients/oidc/login-settings.ts";
import type { IdentityToken } from "../src/formats/identity-token.ts";
import { logInAt, ScriptedBrowser } from "./scripted-browser.ts";
import type { Send } from "./scripted-browser.ts";

/** Who logs in where the browser is started by the command. */
export const PERSON_AT_BROWSER = "dev@example.com";

/** A token of the instance at `url` for the person of this name; `caCertificates` for one with TLS of its own. */
export async function fetchInstanceToken(
  url: string,
  name: string,
  now: () => number,
  caCertificates?: string,
): Promise<IdentityToken> {
  const http = new HttpClient(caCertificates === undefined ? {} : { caCertificates });
  const browser = (): ScriptedBrowser =>
    caCertificates === undefined ? new ScriptedBrowser() : new ScriptedBrowser(sendOverTls(caCertificates));
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const talk: LoginTalk = {
    openBrowser: async (address) => {
      logInAt(browser(), address, { name }).catch(reject);
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

/** Requests of a browser that trusts these certificate authorities; the command itself waits at plain http. */
function sendOverTls(ca: string): Send {
  return async ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const request = url.startsWith("https:") ? secure.request : plain.request;
      const sent = request(url, { method, headers, ca }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => {
          const { location, "set-cookie": cookies } = response.headers;
          resolve({ status: response.statusCode ?? 0, headers: { location, "set-cookie": cookies?.[0] }, text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
}

if (import.meta.main) await logInAt(new ScriptedBrowser(), process.argv[2] ?? "", { name: PERSON_AT_BROWSER });
