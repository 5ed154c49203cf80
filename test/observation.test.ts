/** What an owner sees of all services together: metrics under the originals' names, in one registry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { observeCtLog } from "../src/services/ctlog/observation.ts";
import { observeFulcio } from "../src/services/fulcio/observation.ts";
import { Metrics } from "../src/services/http/metrics.ts";
import type { ServedRequest } from "../src/services/http/server.ts";
import { observeOidc } from "../src/services/oidc/observation.ts";
import { observeRekor } from "../src/services/rekor/observation.ts";
import { tsaSettings } from "../src/services/tsa/config.ts";
import { observeTsa } from "../src/services/tsa/observation.ts";
import { TimestampService } from "../src/services/tsa/service.ts";
import { seededRandom } from "../src/testing/seed.ts";
import { createVirtualSigstore } from "../src/testing/virtual-sigstore.ts";

const SERVED: ServedRequest = {
  method: "POST",
  path: "/api/v2/signingCert",
  status: 200,
  requestBytes: 300,
  responseBytes: 4000,
  elapsedMs: 12.34,
  remoteAddress: "192.0.2.7",
};

test("services share a registry, each with its labels", () => {
  const metrics = new Metrics();
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  observeFulcio(say, metrics).onRequest(SERVED);
  observeOidc(say, metrics).onRequest({ ...SERVED, path: "/token", status: 400 });
  observeRekor(say, metrics).onRequest({ ...SERVED, method: "BREW", error: new Error("it is a teapot") });
  const ct = observeCtLog("ct.example", () => 1000, say, metrics);
  ct.onRequest({ ...SERVED, path: "/ct/v1/add-pre-chain" });
  ct.onLogEvent({ kind: "recovered", treeSize: 7n });
  const text = metrics.text();
  for (const sample of [
    "fulcio_new_certs 1",
    'http_requests_total{code="200",method="POST"} 1',
    'http_requests_total{code="400",handler="/token",method="POST"} 1',
    'fulcio_api_latency_count{code="200",method="POST"} 1',
    'rekor_v2_http_requests_total{code="200",method="other"} 1',
    'rekor_v2_http_api_request_size_bucket{code="200",method="other",le="1024"} 1',
    'http_rsps{logid="ct.example",ep="AddPreChain",rc="200"} 1',
    'last_scts_timestamp{logid="ct.example"} 1000',
    'last_sth_treesize{logid="ct.example"} 7',
  ])
    assert.ok(text.includes(`\n${sample}\n`), sample);
  assert.equal(text.split("# TYPE http_requests_total ").length, 2);
  assert.match(
    lines.join("\n"),
    /^other \/api\/v2\/signingCert: Error: it is a teapot\n[^]*ct\.example: recovered at 7 entries$/,
  );
  assert.throws(() => metrics.gauge("fulcio_new_certs", "", () => 0), /expected fulcio_new_certs to be a counter/);
});

test("a timestamp authority says how long its certificates are good, and whether its clock is right", async () => {
  const { current, nowMs } = await createVirtualSigstore({ seed: "observation" });
  const [virtual] = current.timestampAuthorities;
  assert.ok(virtual !== undefined);
  const { chain, signer } = virtual.authority;
  const clock = { wallMs: nowMs, bootMs: 0 };
  const world = { random: seededRandom("observation", "serial numbers"), readClock: () => ({ ...clock }) };
  const service = new TimestampService(tsaSettings({ chain, signer }), world);
  const { metrics, onRequest } = observeTsa(
    service,
    () => nowMs,
    () => {},
  );
  onRequest({ ...SERVED, path: "/api/v1/timestamp" });
  onRequest({ ...SERVED, path: "/a/secret" });
  const text = metrics.text();
  assert.match(text, /^timestamp_authority_certificate_valid_days_remaining [1-9]/m);
  assert.match(text, /^timestamp_authority_clock_is_right 1$/m);
  assert.match(
    text,
    /^timestamp_authority_http_requests_total\{code="200",path="\/api\/v1\/timestamp",method="POST"\} 1$/m,
  );
  assert.match(text, /^timestamp_authority_latency_by_api_bucket\{path="other",method="POST",le="1000000"\} 0$/m);
  assert.doesNotMatch(text, /secret/);
  clock.wallMs += 10_000;
  assert.match(metrics.text(), /^timestamp_authority_clock_is_right 0$/m);
});
