/** The timestamp authority's client over a server that misbehaves. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { HttpClient } from "./http/http-client.ts";
import { type Behaviour, sendJson, startServer } from "./http/misbehaving-server.ts";
import { TimestampAuthorityClient } from "./timestamp-authority.ts";

async function ask(scope: TestContext, behaviour: Behaviour): Promise<Uint8Array> {
  const server = await startServer(scope, behaviour);
  const http = new HttpClient({ timeoutMs: 200, firstWaitMs: 1 });
  scope.after(() => http.close());
  return new TimestampAuthorityClient(`${server.url}/api/v1/timestamp`, http).requestTimestamp(Uint8Array.of(1));
}

const REPLY = { "content-type": "Application/Timestamp-Reply; x=y" };

test("a reply, after a fault that passed", async (scope) => {
  const behaviour: Behaviour = (response, { body, path }, count) => {
    assert.deepEqual([[...body], path], [[1], "/api/v1/timestamp"]);
    return count === 1 ? response.writeHead(500).end() : response.writeHead(200, REPLY).end("reply");
  };
  assert.equal(new TextDecoder().decode(await ask(scope, behaviour)), "reply");
});

test("another kind of content, none, too much, and a refusal in words", async (scope) => {
  await assert.rejects(
    ask(scope, (response) => sendJson(response, 200, {})),
    { code: "service-answer-invalid" },
  );
  await assert.rejects(
    ask(scope, (response) => response.end("x")),
    { message: /got no content type/ },
  );
  await assert.rejects(
    ask(scope, (response) => response.writeHead(200, REPLY).end("x".repeat(100_000))),
    {
      code: "service-answer-invalid",
    },
  );
  const message = "Weak hash algorithm in timestamp request";
  await assert.rejects(
    ask(scope, (response) => sendJson(response, 400, { code: 400, message })),
    {
      code: "service-refused",
      message: /Weak hash algorithm/,
    },
  );
});
