/** Who asks: anonymously, by password, by token, and what never gets where. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "../../encoding/text.ts";
import type { SigstoreError } from "../../errors.ts";
import { parseCredentialsFile } from "../../formats/oci/credentials-file.ts";
import { HttpClient } from "../http/http-client.ts";
import { sendJson, startServer } from "../http/misbehaving-server.ts";
import type { TestScope } from "../http/misbehaving-server.ts";
import { parseChallenge } from "./challenge.ts";
import type { RegistryCredential } from "./credential.ts";
import { refuse, startRegistry } from "./misbehaving-registry.ts";
import type { TestRegistry } from "./misbehaving-registry.ts";
import { RegistryClient } from "./registry-client.ts";
import { findInFiles } from "./stored-credentials.ts";
import { blobOf } from "./upload.ts";

const PASSWORD: RegistryCredential = {
  kind: "password",
  username: "robot",
  password: "s3cr3t",
  from: "/tmp/auth.json",
};
const BLOB = blobOf(utf8Encode("content"));

interface Clock {
  nowMs: number;
}

function clientOf(scope: TestScope, credential?: RegistryCredential, clock: Clock = { nowMs: 0 }): RegistryClient {
  const http = new HttpClient({ timeoutMs: 5000, firstWaitMs: 1 });
  scope.after(() => http.close());
  return new RegistryClient({ http, nowMs: () => clock.nowMs, findCredential: async () => credential });
}

function nameIn({ host }: TestRegistry): { readonly registry: string; readonly repository: string } {
  return { registry: host, repository: "team/app" };
}

/** A registry that wants `Bearer token<scopes>`, and the service that gives them. */
async function startWithTokens(scope: TestScope): Promise<{ registry: TestRegistry; tokens: string[] }> {
  const tokens: string[] = [];
  const service = await startServer(scope, (response, { path, method, body, headers }) => {
    const query = new URLSearchParams(method === "POST" ? body.toString() : path.split("?")[1]);
    tokens.push(
      `${method} ${query.getAll("scope").join(" ")} ${headers.authorization ?? query.get("refresh_token") ?? "-"}`,
    );
    sendJson(response, 200, { token: `t${tokens.length}`, expires_in: 60 });
  });
  const registry = await startRegistry(scope, {
    instead: (response, { headers }) => {
      if (headers.authorization === `Bearer t${tokens.length}`) return false;
      const challenge = `Bearer realm="${service.url}/token",service="here",scope="repository:other:pull"`;
      response.writeHead(401, { "www-authenticate": challenge });
      response.end();
      return true;
    },
  });
  return { registry, tokens };
}

describe("challenges", () => {
  it("reads bearer before basic, quoted commas and several headers", () => {
    const header =
      'Basic realm="x, y", Negotiate, Bearer realm="https://a/t?x=1,2",service=s,scope="a:b:pull c:d:push"';
    assert.deepEqual(parseChallenge(header), {
      scheme: "bearer",
      realm: "https://a/t?x=1,2",
      service: "s",
      scopes: ["a:b:pull", "c:d:push"],
    });
    assert.deepEqual(parseChallenge('basic realm="r"'), { scheme: "basic" });
    for (const unknown of [undefined, "", "Negotiate", "Bearer service=x", '"', "====="])
      assert.equal(parseChallenge(unknown), undefined);
  });
});

describe("tokens", () => {
  it("asks one token for all that is read, with the credentials", async (scope) => {
    const { registry, tokens } = await startWithTokens(scope);
    const client = clientOf(scope, PASSWORD);
    const name = nameIn(registry);
    for (let count = 0; count < 3; count += 1) assert.equal(await client.blobs.has(name, BLOB.digest), false);
    assert.deepEqual(tokens, ["GET repository:team/app:pull Basic cm9ib3Q6czNjcjN0"]);
    assert.equal(registry.requests.length, 4);
  });

  it("asks one token for all that is written, of both repositories when it mounts", async (scope) => {
    const { registry, tokens } = await startWithTokens(scope);
    const client = clientOf(scope);
    await client.uploads.push(nameIn(registry), BLOB);
    assert.deepEqual(tokens, ["GET repository:team/app:pull,push -"]);
    await client.uploads.push(nameIn(registry), blobOf(utf8Encode("more")), { mountFrom: "base/image", isNew: true });
    assert.deepEqual(tokens[1], "GET repository:team/app:pull,push repository:base/image:pull -");
  });

  it("asks a new one when the old has nearly expired", async (scope) => {
    const { registry, tokens } = await startWithTokens(scope);
    const clock = { nowMs: 0 };
    const client = clientOf(scope, undefined, clock);
    await client.blobs.has(nameIn(registry), BLOB.digest);
    clock.nowMs = 53_000;
    await client.blobs.has(nameIn(registry), BLOB.digest);
    assert.equal(tokens.length, 1);
    clock.nowMs = 55_000;
    await client.blobs.has(nameIn(registry), BLOB.digest);
    assert.equal(tokens.length, 2);
  });

  it("trades an identity token for an access token, not in the address", async (scope) => {
    const { registry, tokens } = await startWithTokens(scope);
    const client = clientOf(scope, { kind: "identity-token", identityToken: "refresh-me", from: "x" });
    await client.blobs.has(nameIn(registry), BLOB.digest);
    assert.deepEqual(tokens, ["POST repository:team/app:pull refresh-me"]);
  });

  it("sends credentials to no other kind of address than the registry's", async (scope) => {
    for (const realm of ["ftp://localhost/", "http://user@localhost/t", "nowhere", "http://localhost/#x"]) {
      const registry = await startRegistry(scope, {
        instead: (response) => {
          response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
          return true;
        },
      });
      const asking = clientOf(scope, PASSWORD).blobs.has(nameIn(registry), BLOB.digest);
      await assert.rejects(asking, { code: "service-answer-invalid", hint: /not sent/ });
    }
  });
});

describe("passwords", () => {
  it("are shown when the registry asks, and from then on", async (scope) => {
    const registry = await startRegistry(scope, {
      instead: (response, { headers }) => {
        if (headers.authorization === "Basic cm9ib3Q6czNjcjN0") return false;
        response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
        return true;
      },
    });
    const client = clientOf(scope, PASSWORD);
    await client.blobs.has(nameIn(registry), BLOB.digest);
    await client.checkLogin(registry.host);
    const shown = registry.requests.map(({ headers }) => headers.authorization !== undefined);
    assert.deepEqual(shown, [false, true, true]);
    await assert.rejects(clientOf(scope).checkLogin(registry.host), {
      code: "registry-unauthorized",
      hint: /anonymously/,
    });
  });

  it("are in no error, even when the registry says them", async (scope) => {
    const registry = await startRegistry(scope, {
      instead: (response, { headers }) => {
        if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic" }).end();
        else sendJson(response, 403, { errors: [{ code: "DENIED", message: `no ${headers.authorization} s3cr3t` }] });
        return true;
      },
    });
    const asking = clientOf(scope, PASSWORD).manifests.get(nameIn(registry), "1.0");
    await assert.rejects(asking, (error: SigstoreError) => {
      assert.equal(error.code, "registry-unauthorized");
      assert.match(error.message, /403: DENIED no Basic \[secret\] \[secret\]/);
      assert.match(error.hint ?? "", /credentials from \/tmp\/auth\.json/);
      assert.doesNotMatch(JSON.stringify(error.details), /s3cr3t|cm9ib3Q/);
      return true;
    });
  });

  it("never follow a redirect to another host, which is followed without them", async (scope) => {
    const bytes = utf8Encode("content");
    const other = await startServer(scope, (response) => response.end(bytes));
    const registry = await startRegistry(scope, {
      instead: (response, { headers }) => {
        if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic" }).end();
        else response.writeHead(307, { location: `${other.url}/bucket?signature=1` }).end();
        return true;
      },
    });
    assert.deepEqual(await clientOf(scope, PASSWORD).blobs.read(nameIn(registry), BLOB), bytes);
    assert.deepEqual(
      other.requests.map(({ headers }) => headers.authorization),
      [undefined],
    );
  });

  it("do not follow an upload to another host either", async (scope) => {
    const other = await startServer(scope, (response) => response.writeHead(201).end());
    const registry = await startRegistry(scope, {
      instead: (response, { headers, method }) => {
        if (headers.authorization === undefined) response.writeHead(401, { "www-authenticate": "Basic" }).end();
        else if (method === "POST") response.writeHead(202, { location: `${other.url}/upload` }).end();
        else return false;
        return true;
      },
    });
    await clientOf(scope, PASSWORD).uploads.push(nameIn(registry), BLOB);
    assert.deepEqual(
      other.requests.map(({ method, headers }) => [method, headers.authorization]),
      [["PUT", undefined]],
    );
  });
});

describe("files of credentials", () => {
  const auth = Buffer.from("robot:pass:word").toString("base64");
  const file = parseCredentialsFile(
    utf8Encode(
      JSON.stringify({
        auths: {
          "ghcr.io": { auth },
          "ghcr.io/team": { username: "team", password: "own" },
          "https://index.docker.io/v1/": { identitytoken: "idt" },
          "quay.io": {},
          "bad.io": { auth: "%%" },
        },
        credHelpers: { "helped.io": "here", "evil.io": "../../bin/sh" },
        credsStore: "store",
      }),
    ),
    "/auth.json",
  );
  const asked: string[] = [];
  const find = findInFiles([file], async (program, input) => {
    asked.push(`${program} ${input}`);
    if (input === "failing.io") return { output: "s3cr3t trouble", isWell: false };
    if (input !== "helped.io") return { output: "credentials not found in native keychain\n", isWell: false };
    return { output: '{"ServerURL":"x","Username":"<token>","Secret":"idt"}', isWell: true };
  });

  it("gives the most specific entry, passwords with colons, tokens", async () => {
    assert.deepEqual(await find("ghcr.io", "other/app"), {
      kind: "password",
      username: "robot",
      password: "pass:word",
      from: "/auth.json",
    });
    assert.deepEqual(await find("ghcr.io", "team/app"), {
      kind: "password",
      username: "team",
      password: "own",
      from: "/auth.json",
    });
    assert.deepEqual(await find("index.docker.io", "library/a"), {
      kind: "identity-token",
      identityToken: "idt",
      from: "/auth.json",
    });
  });

  it("asks helpers and the store, which may know nothing, but not fail", async () => {
    const found = await find("helped.io", "a");
    assert.deepEqual([found?.kind, found?.from], ["identity-token", "docker-credential-here (named in /auth.json)"]);
    assert.equal(await find("quay.io", "a"), undefined);
    assert.equal(asked.at(-1), "docker-credential-store quay.io");
    await assert.rejects(find("failing.io", "a"), (error: SigstoreError) => {
      assert.equal(error.code, "registry-credentials-invalid");
      assert.doesNotMatch(error.message, /s3cr3t/);
      return true;
    });
  });

  it("refuses what cannot be read, without showing it", async () => {
    await assert.rejects(find("bad.io", "a"), { code: "registry-credentials-invalid", message: /entry of bad\.io/ });
    await assert.rejects(find("evil.io", "a"), {
      code: "registry-credentials-invalid",
      message: /name of a credential helper/,
    });
    for (const text of ["", "[]", "{"])
      assert.throws(() => parseCredentialsFile(utf8Encode(text), "/x"), { code: "registry-credentials-invalid" });
  });

  it("reads the secret of a Kubernetes service account", async () => {
    const inner = Buffer.from(JSON.stringify({ auths: { "ghcr.io": { auth } } })).toString("base64");
    const secret = utf8Encode(JSON.stringify({ kind: "Secret", data: { ".dockerconfigjson": inner } }));
    assert.equal((await findInFiles([parseCredentialsFile(secret, "/s")])("ghcr.io", "a"))?.kind, "password");
  });

  it("says which helper cannot be started", async () => {
    const named = utf8Encode(JSON.stringify({ credsStore: "that-nobody-has" }));
    await assert.rejects(findInFiles([parseCredentialsFile(named, "/s")])("ghcr.io", "a"), {
      code: "registry-credentials-invalid",
      message: /docker-credential-that-nobody-has/,
    });
  });
});

describe("a storm of refusals", () => {
  it("waits as it is told, and goes on", async (scope) => {
    const registry = await startRegistry(scope, {
      instead: (response, _, count) => {
        if (count > 2) return false;
        response.setHeader("retry-after", "0");
        return refuse(response, 429, "TOOMANYREQUESTS");
      },
    });
    assert.equal(await clientOf(scope).blobs.has(nameIn(registry), BLOB.digest), false);
    assert.equal(registry.requests.length, 3);
  });
});
