/** Which service a request reaches, and which requests none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8Decode } from "../../encoding/text.ts";
import { allowHosts, loopbackHosts } from "./allowed-hosts.ts";
import { respondText, type ServiceHandler, type ServiceRequest } from "./message.ts";
import { byHost, mount } from "./mount.ts";

function requestOf(method: string, path: string, headers: ServiceRequest["headers"] = {}): ServiceRequest {
  return { method, path, query: "", headers, body: new Uint8Array(0), remoteAddress: "127.0.0.1" };
}

const named =
  (name: string): ServiceHandler =>
  async ({ path }) =>
    respondText(200, `${name} ${path}`);

async function answerOf(handler: ServiceHandler, request: ServiceRequest): Promise<string> {
  const { status, body } = await handler(request);
  return status === 200 ? utf8Decode(body) : String(status);
}

test("a mounted handler sees the rest of the path; a prefix ends where a segment ends", async () => {
  const handler = mount({
    "/auth": named("auth"),
    "/auth/deep": named("deep"),
    "/ct": named("ct"),
    "/": named("rest"),
  });
  for (const [path, answer] of [
    ["/auth", "auth /"],
    ["/auth/", "auth /"],
    ["/auth/token", "auth /token"],
    ["/auth/deeper", "auth /deeper"],
    ["/auth/deep/er", "deep /er"],
    ["/ct/ct/v1/add-chain", "ct /ct/v1/add-chain"],
    ["/authority", "rest /authority"],
    ["/Auth/token", "rest /Auth/token"],
    ["/", "rest /"],
  ] as const)
    assert.equal(await answerOf(handler, requestOf("GET", path)), answer);
  assert.equal(await answerOf(mount({ "/a": named("a") }), requestOf("GET", "/b")), "404");
});

test("a host's name decides, its port and capitals do not", async () => {
  const handler = byHost({ "rekor.one.localhost": named("rekor"), "[::1]": named("six") }, named("rest"));
  for (const [host, answer] of [
    ["rekor.one.localhost", "rekor /"],
    ["Rekor.One.localhost:8480", "rekor /"],
    ["[::1]:8480", "six /"],
    ["rekor.one.localhost.evil", "rest /"],
    ["xrekor.one.localhost", "rest /"],
    [undefined, "rest /"],
  ] as const)
    assert.equal(await answerOf(handler, requestOf("GET", "/", { host })), answer);
});

test("another host is not answered: a name that a stranger lets point here", async () => {
  const handler = allowHosts(named("ours"), new Set(loopbackHosts(8480)));
  for (const [host, answer] of [
    ["localhost:8480", "ours /"],
    ["LOCALHOST:8480", "ours /"],
    ["127.0.0.1:8480", "ours /"],
    ["[::1]:8480", "ours /"],
    ["localhost", "421"],
    ["localhost:8481", "421"],
    ["evil.example:8480", "421"],
    ["localhost.evil.example:8480", "421"],
    ["localhost:8480, evil.example", "421"],
    ["", "421"],
    [undefined, "421"],
  ] as const)
    assert.equal(await answerOf(handler, requestOf("GET", "/", { host })), answer, host);
  assert.deepEqual(loopbackHosts(80).slice(0, 2), ["localhost", "localhost:80"]);
  assert.deepEqual(loopbackHosts(80, true), ["localhost:80", "127.0.0.1:80", "[::1]:80"]);
});

test("hosts that come later are allowed from then on", async () => {
  const hosts = new Set<string>();
  const handler = allowHosts(named("ours"), hosts);
  assert.equal(await answerOf(handler, requestOf("GET", "/", { host: "a:1" })), "421");
  hosts.add("a:1");
  assert.equal(await answerOf(handler, requestOf("GET", "/", { host: "a:1" })), "ours /");
});

test("what changes anything comes from our own pages, or from no page", async () => {
  const handler = allowHosts(named("ours"), new Set(["a.example", "b.example:8480"]));
  const host = "a.example";
  for (const [method, headers, answer] of [
    ["POST", {}, "ours /"],
    ["POST", { origin: "https://a.example" }, "ours /"],
    ["POST", { origin: "http://b.example:8480" }, "ours /"],
    ["POST", { origin: "null", "sec-fetch-site": "same-origin" }, "ours /"],
    ["POST", { "sec-fetch-site": "none" }, "ours /"],
    ["POST", { origin: "null" }, "403"],
    ["POST", { origin: "" }, "403"],
    ["POST", { origin: "https://evil.example" }, "403"],
    ["POST", { origin: "https://a.example.evil.example" }, "403"],
    ["POST", { origin: "https://a.example:444" }, "403"],
    ["POST", { origin: "chrome-extension://a.example" }, "403"],
    ["POST", { "sec-fetch-site": "cross-site" }, "403"],
    ["DELETE", { origin: "https://evil.example" }, "403"],
    ["GET", { origin: "https://evil.example" }, "ours /"],
    ["HEAD", { origin: "https://evil.example" }, "ours /"],
  ] as const)
    assert.equal(
      await answerOf(handler, requestOf(method, "/", { ...headers, host })),
      answer,
      JSON.stringify(headers),
    );
});
