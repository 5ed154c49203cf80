/** Identities that a machine has, one by one, and in which order they are found. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { HttpClient } from "../http/http-client.ts";
import { type Behaviour, type LocalServer, sendJson, startServer } from "../http/misbehaving-server.ts";
import { type AmbientWorld, findAmbientProvider } from "./ambient.ts";
import { givenTokenProvider } from "./given-token.ts";

const PART = base64UrlEncode(
  utf8Encode(JSON.stringify({ iss: "https://ci.test", sub: "job", aud: "sigstore", exp: 2e9 })),
);
const TOKEN = `eyJhbGciOiJub25lIn0.${PART}.c2ln`;

function worldOf(scope: TestContext, parts: Partial<AmbientWorld>): AmbientWorld {
  const http = new HttpClient({ timeoutMs: 500, firstWaitMs: 1 });
  scope.after(() => http.close());
  return {
    environment: {},
    readTextFile: async () => Promise.resolve(undefined),
    runProgram: async () => Promise.reject(new Error("no program was expected")),
    http,
    ...parts,
  };
}

/** The subject of the token that is found in a world made around a server. */
async function found(
  scope: TestContext,
  behaviour: Behaviour,
  environment: (url: string) => Record<string, string>,
): Promise<{ label: string | undefined; subject: string | undefined; server: LocalServer }> {
  const server = await startServer(scope, behaviour);
  const one = await findAmbientProvider(worldOf(scope, { environment: environment(server.url) }));
  return { label: one?.label, subject: (await one?.fetchIdentityToken())?.subject, server };
}

describe("found", () => {
  test("in GitHub Actions", async (scope) => {
    const { label, subject, server } = await found(
      scope,
      (response) => sendJson(response, 200, { value: TOKEN }),
      (url) => ({
        GITHUB_ACTIONS: "true",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job-secret",
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2`,
      }),
    );
    assert.deepEqual([label, subject], ["github-actions", "job"]);
    const [request] = server.requests;
    assert.deepEqual(
      [request?.path, request?.headers.authorization],
      ["/token?api-version=2&audience=sigstore", "bearer job-secret"],
    );
  });

  test("in Buildkite", async (scope) => {
    const { subject, server } = await found(
      scope,
      (response) => sendJson(response, 200, { token: TOKEN }),
      (url) => ({
        BUILDKITE_AGENT_ACCESS_TOKEN: "job-secret",
        BUILDKITE_AGENT_ENDPOINT: `${url}/v3/`,
        BUILDKITE_JOB_ID: "a/b",
      }),
    );
    assert.equal(subject, "job");
    const [request] = server.requests;
    assert.deepEqual(
      [request?.path, request?.body.toString()],
      ["/v3/jobs/a%2Fb/oidc/tokens", '{"audience":"sigstore"}'],
    );
  });

  test("in CircleCI, by its program", async (scope) => {
    const calls: (readonly string[])[] = [];
    const runProgram = async (program: string, args: readonly string[]): Promise<string> => {
      calls.push([program, ...args]);
      return Promise.resolve(`${TOKEN}\n`);
    };
    const one = await findAmbientProvider(worldOf(scope, { environment: { CIRCLECI: "true" }, runProgram }));
    assert.equal((await one?.fetchIdentityToken())?.subject, "job");
    assert.deepEqual(calls, [["circleci", "run", "oidc", "get", "--claims", '{"aud":"sigstore"}']]);
  });

  test("in a variable, and in a file", async (scope) => {
    const variable = await findAmbientProvider(worldOf(scope, { environment: { SIGSTORE_ID_TOKEN: TOKEN } }));
    assert.deepEqual([variable?.label, (await variable?.fetchIdentityToken())?.subject], ["envvar", "job"]);
    const readTextFile = async (path: string): Promise<string | undefined> =>
      Promise.resolve(path === "/var/run/sigstore/cosign/oidc-token" ? TOKEN : undefined);
    const file = await findAmbientProvider(worldOf(scope, { readTextFile }));
    assert.deepEqual([file?.label, (await file?.fetchIdentityToken())?.subject], ["filesystem", "job"]);
  });

  test("in Google Cloud, for the machine and for another account", async (scope) => {
    const behaviour: Behaviour = (response, { path, headers }) => {
      if (path.startsWith("/v1/")) return sendJson(response, 200, { token: TOKEN });
      assert.equal(headers["metadata-flavor"], "Google");
      return path.endsWith("/token") ? sendJson(response, 200, { access_token: "secret" }) : response.end(TOKEN);
    };
    const machine = await found(scope, behaviour, (url) => ({ GCE_METADATA_HOST: new URL(url).host }));
    assert.deepEqual([machine.label, machine.subject], ["google-workload-identity", "job"]);
    const account = await found(scope, behaviour, (url) => ({
      GCE_METADATA_HOST: new URL(url).host,
      GOOGLE_SERVICE_ACCOUNT_NAME: "signer@project.test",
      GOOGLE_IAM_CREDENTIALS_URL: url,
    }));
    assert.equal(account.subject, "job");
    assert.equal(
      account.server.requests.at(-1)?.path,
      "/v1/projects/-/serviceAccounts/signer%40project.test:generateIdToken",
    );
    const readTextFile = async (path: string): Promise<string | undefined> =>
      Promise.resolve(path.endsWith("product_name") ? "Google Compute Engine\n" : undefined);
    assert.equal((await findAmbientProvider(worldOf(scope, { readTextFile })))?.label, "google-workload-identity");
  });
});

describe("the order", () => {
  test("a CI system before a variable, unless one is named", async (scope) => {
    const world = worldOf(scope, { environment: { GITHUB_ACTIONS: "true", SIGSTORE_ID_TOKEN: TOKEN } });
    assert.equal((await findAmbientProvider(world))?.label, "github-actions");
    assert.equal((await findAmbientProvider(world, { name: "envvar" }))?.label, "envvar");
    await assert.rejects(findAmbientProvider(world, { name: "none" }), { code: "usage", message: /github-actions/ });
  });

  test("none", async (scope) => {
    assert.equal(await findAmbientProvider(worldOf(scope, {})), undefined);
  });
});

describe("not to be had", () => {
  test("in a workflow without the permission", async (scope) => {
    const one = await findAmbientProvider(worldOf(scope, { environment: { GITHUB_ACTIONS: "true" } }));
    await assert.rejects(async () => one?.fetchIdentityToken(), {
      code: "identity-token-missing",
      hint: /id-token: write/,
    });
  });

  test("in Buildkite without a job", async (scope) => {
    const one = await findAmbientProvider(worldOf(scope, { environment: { BUILDKITE_AGENT_ACCESS_TOKEN: "x" } }));
    await assert.rejects(async () => one?.fetchIdentityToken(), { code: "identity-token-missing" });
  });

  test("from a service that echoes the secret", async (scope) => {
    const asking = found(
      scope,
      (response, { headers }) => sendJson(response, 403, { message: `no ${headers.authorization}` }),
      (url) => ({ ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job-secret", ACTIONS_ID_TOKEN_REQUEST_URL: url }),
    );
    await assert.rejects(asking, { code: "service-refused", message: /no bearer \[secret\]$/ });
  });
});

describe("a token that is given", () => {
  test("is read anew each time", async () => {
    let reads = 0;
    const one = givenTokenProvider("the file token.txt", async () => {
      reads += 1;
      return Promise.resolve(`${TOKEN}\n`);
    });
    await one.fetchIdentityToken();
    assert.equal((await one.fetchIdentityToken()).subject, "job");
    assert.equal(reads, 2);
  });

  test("may be missing, or none", async () => {
    const empty = givenTokenProvider("the file token.txt", async () => Promise.resolve(" \n"));
    await assert.rejects(empty.fetchIdentityToken(), {
      code: "identity-token-missing",
      message: /the file token\.txt/,
    });
    const none = givenTokenProvider("the file token.txt", async () => Promise.resolve("hello"));
    await assert.rejects(none.fetchIdentityToken(), { code: "identity-token-invalid" });
  });
});
