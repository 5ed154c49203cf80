/** Our own clients log in here over real connections: in a browser, at a device, with a code carried over, and with a list of users on disk. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ALICE, PROVIDER_NOW_MS, testProvider, testUser } from "../../../test/oidc-provider.ts";
import { approveDevice, logInAt, ScriptedBrowser } from "../../../test/scripted-browser.ts";
import { HttpClient } from "../../clients/http/http-client.ts";
import { InteractiveProvider, type LoginFlow } from "../../clients/oidc/interactive-provider.ts";
import type { LoginTalk } from "../../clients/oidc/login-settings.ts";
import type { ServiceHandler } from "../http/message.ts";
import { mount } from "../http/mount.ts";
import { startServer } from "../http/server.ts";
import { LocalUsers } from "./local-users.ts";
import { editUsers, UsersFile } from "./storage-users.ts";

/** A person with a browser of their own, who does what is asked. */
function person(browser: ScriptedBrowser): LoginTalk & { readonly work: Promise<unknown>[] } {
  const work: Promise<unknown>[] = [];
  return {
    work,
    openBrowser: async (address) => {
      work.push(logInAt(browser, address, ALICE));
      return true;
    },
    showAddress: () => assert.fail("the browser was opened"),
    showDeviceCode: ({ addressWithCode }) => {
      assert.ok(addressWithCode !== undefined);
      work.push(approveDevice(browser, addressWithCode, ALICE));
    },
    askForCode: async (address) => {
      const { text } = await logInAt(browser, address, ALICE);
      return /<textarea id="code"[^>]*>([^<]+)</.exec(text)?.[1] ?? "";
    },
  };
}

for (const flow of ["browser", "device", "out-of-band"] as const satisfies readonly LoginFlow[]) {
  test(`our client logs in: ${flow}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "oidc-"));
    const served: { handler: ServiceHandler } = { handler: () => assert.fail("asked before it began") };
    const server = await startServer({ handler: (request) => served.handler(request), port: 0, nowMs: () => 0 });
    const http = new HttpClient({});
    try {
      const path = join(folder, "users.json");
      const alice = await testUser(ALICE);
      await editUsers(path, (users) => [...users, alice]);
      const issuer = `http://localhost:${server.port}/auth`;
      const provider = await testProvider({ issuer, users: new LocalUsers(new UsersFile(path)), pollSeconds: 1 });
      served.handler = mount({ "/auth": provider.handler });
      const talk = person(new ScriptedBrowser());
      const login = new InteractiveProvider({ issuer, flow, http, talk, now: () => PROVIDER_NOW_MS });
      const token = await login.fetchIdentityToken();
      await Promise.all(talk.work);
      assert.equal(token.issuer, issuer);
      assert.deepEqual(token.audiences, ["sigstore"]);
      assert.equal(token.claims["email"], ALICE.email);
      assert.equal(token.claims["sub"], alice.id);
    } finally {
      http.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
}
