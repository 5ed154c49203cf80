/** Routes, files and metrics, without a port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { utf8Decode } from "../../encoding/text.ts";
import { respond, respondText, type ServiceHandler, type ServiceRequest } from "./message.ts";
import { Metrics } from "./metrics.ts";
import { router } from "./router.ts";
import { errorInfo, respondRpcStatus } from "./rpc-status.ts";
import { allowCrossOriginReads, staticReads } from "./static-reads.ts";

function requestOf(method: string, path: string, headers: ServiceRequest["headers"] = {}): ServiceRequest {
  return { method, path, query: "", headers, body: new Uint8Array(0), remoteAddress: "127.0.0.1" };
}

const named =
  (name: string): ServiceHandler =>
  async () =>
    respondText(200, name);

test("an exact route wins, then the longest prefix; methods that are not there are told", async () => {
  const handler = router([
    { path: "/log/*", methods: { GET: named("below log") } },
    { path: "/log/tile/*", methods: { GET: named("below tile"), OPTIONS: allowCrossOriginReads } },
    { path: "/log/entries", methods: { POST: named("entries") } },
  ]);
  const answer = async (method: string, path: string): Promise<string> => {
    const { status, headers, body } = await handler(requestOf(method, path));
    return `${status} ${headers["allow"] ?? ""}${utf8Decode(body)}`;
  };
  assert.equal(await answer("GET", "/log/tile/0/000"), "200 below tile");
  assert.equal(await answer("HEAD", "/log/tile/0/000"), "200 below tile");
  assert.equal(await answer("GET", "/log/x"), "200 below log");
  assert.equal(await answer("POST", "/log/entries"), "200 entries");
  assert.match(await answer("GET", "/log/entries"), /^405 POST.*"code":12/);
  assert.match(await answer("PUT", "/log/tile/0/000"), /^405 GET, OPTIONS, HEAD/);
  assert.match(await answer("GET", "/elsewhere"), /^404 .*"code":5,"message":"Not Found","details":\[\]/);
  assert.match(await answer("GET", "/log"), /^404/);
  assert.equal(await answer("OPTIONS", "/log/tile/x"), "204 ");
});

const TEXT = "0123456789".repeat(100);
const files = staticReads(
  async ({ path }) => (path === "/gone" ? respondText(404, "gone\n") : respondText(200, TEXT)),
  (path) => path !== "/raw",
);

test("ranges are served one at a time; others get the whole", async () => {
  for (const [range, status, content] of [
    ["bytes=0-4", 206, "01234"],
    ["bytes=995-", 206, "56789"],
    ["bytes=-3", 206, "789"],
    ["bytes=990-5000", 206, "0123456789"],
    ["bytes=0-0,5-9", 200, TEXT],
    ["bytes=-", 200, TEXT],
    ["bytes=9-2", 200, TEXT],
    ["lines=1-2", 200, TEXT],
    ["bytes=1000-", 416, "range not satisfiable\n"],
    ["bytes=-0", 416, "range not satisfiable\n"],
  ] as const) {
    const { status: got, body, headers } = await files(requestOf("GET", "/raw", { range }));
    assert.equal(got, status, range);
    assert.equal(utf8Decode(body), content, range);
    if (status !== 200) assert.match(headers["content-range"] ?? "", /^bytes (?:\d+-\d+|\*)\/1000$/);
  }
});

test("gzip where it is accepted and worth it", async () => {
  for (const accepted of ["gzip", "br, gzip;q=0.5", "deflate,GZIP"]) {
    const { headers, body } = await files(requestOf("GET", "/a", { "accept-encoding": accepted }));
    assert.equal(headers["content-encoding"], "gzip", accepted);
    assert.equal(headers["vary"], "Accept-Encoding");
    assert.equal(gunzipSync(body).toString(), TEXT);
  }
  for (const [path, accepted] of [
    ["/a", "br"],
    ["/a", "gzip;q=0"],
    ["/a", "gzip;q=0.000"],
    ["/a", ""],
    ["/raw", "gzip"],
  ] as const) {
    const { headers } = await files(requestOf("GET", path, { "accept-encoding": accepted }));
    assert.equal(headers["content-encoding"], undefined, accepted);
  }
});

test("files may be read from any page, also that they are not there", async () => {
  for (const path of ["/a", "/gone"]) {
    const { headers } = await files(requestOf("GET", path));
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["access-control-allow-credentials"], undefined);
  }
});

test("errors are google.rpc.Status", () => {
  const details = [errorInfo("example", "log-busy", { hint: "wait" })];
  const { status, headers, body } = respondRpcStatus("UNAVAILABLE", "busy", {
    details,
    headers: { "retry-after": "1" },
  });
  assert.equal(status, 503);
  assert.equal(headers["retry-after"], "1");
  assert.deepEqual(JSON.parse(utf8Decode(body)), {
    code: 14,
    message: "busy",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "LOG_BUSY",
        domain: "example",
        metadata: { hint: "wait" },
      },
    ],
  });
  assert.equal(respond(200, {}, Uint8Array.of(1)).body.length, 1);
});

test("metrics are written as Prometheus reads them", () => {
  const metrics = new Metrics();
  const requests = metrics.counter("requests_total", "Requests.", ["code", "method"]);
  const latency = metrics.histogram("latency_seconds", "How long.", ["code"], [0.1, 1]);
  metrics.gauge("waiting", "How many wait.", () => 7);
  requests.add(1, "200", "GET");
  requests.add(2, "200", "GET");
  requests.add(1, 'a"b\\c\nd', "POST");
  for (const value of [0.05, 0.5, 5]) latency.observe(value, "200");
  assert.equal(
    metrics.text(),
    String.raw`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",method="GET"} 3
requests_total{code="a\"b\\c\nd",method="POST"} 1
# HELP latency_seconds How long.
# TYPE latency_seconds histogram
latency_seconds_bucket{code="200",le="0.1"} 1
latency_seconds_bucket{code="200",le="1"} 2
latency_seconds_bucket{code="200",le="+Inf"} 3
latency_seconds_sum{code="200"} 5.55
latency_seconds_count{code="200"} 3
# HELP waiting How many wait.
# TYPE waiting gauge
waiting 7
`,
  );
});
