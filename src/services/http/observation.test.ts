/** What owners of services see, and that no secret is in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessLine } from "./access-line.ts";
import { respondText } from "./message.ts";
import { Metrics } from "./metrics.ts";
import { observed } from "./observation.ts";
import type { ServedRequest } from "./server.ts";
import { startMetrics } from "./start-metrics.ts";

const SERVED: ServedRequest = {
  method: "POST",
  path: "/api/v2/signingCert",
  status: 200,
  requestBytes: 300,
  responseBytes: 4000,
  elapsedMs: 12.34,
  remoteAddress: "192.0.2.7",
};

const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${"x".repeat(200)}.${"y".repeat(100)}`;

test("a line of access has neither query nor anything as long as a secret, and stays one line", () => {
  const line = "192.0.2.7 POST /api/v2/signingCert 200 300 B in, 4000 B out, 12.3 ms";
  assert.equal(accessLine(SERVED), line);
  assert.match(accessLine({ ...SERVED, path: `/a/${TOKEN}/b` }), / \/a\/…\/b 200 /);
  assert.match(
    accessLine({ ...SERVED, path: "/a\n127.0.0.1 é\u{1b}[2J" }),
    / \/a\\u000a127\.0\.0\.1\\u0020\\u00e9\\u001b\[2J 200 /,
  );
  assert.ok(accessLine({ ...SERVED, path: "/abc".repeat(1000), method: "M".repeat(1000) }).length < 400);
});

test("a handler is observed with what it answers and what it throws", async () => {
  const seen: ServedRequest[] = [];
  const request = {
    method: "GET",
    path: "/a",
    query: "token=x",
    headers: {},
    body: new Uint8Array(3),
    remoteAddress: "::1",
  };
  const watch = (one: ServedRequest): void => {
    seen.push(one);
  };
  await observed(
    async () => respondText(404, "gone"),
    watch,
    () => 5,
  )(request);
  const error = new Error("broken");
  await assert.rejects(
    observed(
      async () => Promise.reject(error),
      watch,
      () => 5,
    )(request),
    error,
  );
  const same = { method: "GET", path: "/a", requestBytes: 3, elapsedMs: 0, remoteAddress: "::1" };
  assert.deepEqual(seen, [
    { ...same, status: 404, responseBytes: 4 },
    { ...same, status: 500, responseBytes: 0, error },
  ]);
});

test("metrics are served on a port of their own, and on loopback to no page of a stranger", async () => {
  const metrics = new Metrics();
  metrics.counter("one_total", "One.").add(1);
  const server = await startMetrics(metrics, { port: 0, nowMs: () => 0 });
  try {
    const url = `http://127.0.0.1:${server.port}`;
    const answer = await fetch(`${url}/metrics`);
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(await answer.text(), /^one_total 1$/m);
    assert.equal((await fetch(`${url}/elsewhere`)).status, 404);
    assert.equal((await fetch(`${url}/metrics`, { method: "POST" })).status, 405);
  } finally {
    await server.stop();
  }
});
