/** Token buckets, by a clock of the test's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8Decode } from "../../encoding/text.ts";
import { respondText, type ServiceHandler } from "./message.ts";
import { clientOf, limitRate, type RateLimit } from "./rate-limit.ts";

interface Bench {
  readonly clock: { nowMs: number };
  readonly ask: (remoteAddress: string) => ReturnType<ServiceHandler>;
}

function benchOf(limit: RateLimit): Bench {
  const clock = { nowMs: 0 };
  const handler = limitRate(
    async () => respondText(200, "yes"),
    limit,
    () => clock.nowMs,
  );
  const request = { method: "GET", path: "/", query: "", headers: {}, body: new Uint8Array(0) };
  return { clock, ask: (remoteAddress) => handler({ ...request, remoteAddress }) };
}

test("a burst passes, what follows is 429 until there is room; others are not concerned", async () => {
  const { clock, ask } = benchOf({ perSecond: 2, burst: 3 });
  for (const status of [200, 200, 200, 429, 429]) assert.equal((await ask("192.0.2.1")).status, status);
  assert.equal((await ask("192.0.2.2")).status, 200);
  clock.nowMs = 500;
  for (const status of [200, 429]) assert.equal((await ask("192.0.2.1")).status, status);
  clock.nowMs = 60_000;
  for (const status of [200, 200, 200, 429]) assert.equal((await ask("192.0.2.1")).status, status);
});

test("a refusal says when to try again", async () => {
  const { ask } = benchOf({ perSecond: 0.1 });
  assert.equal((await ask("192.0.2.1")).status, 200);
  const { status, headers, body } = await ask("192.0.2.1");
  assert.equal(status, 429);
  assert.equal(headers["retry-after"], "10");
  const { code, message } = JSON.parse(utf8Decode(body)) as { code: number; message: string };
  assert.equal(code, 8);
  assert.match(message, /expected at most 0\.1 a second from one client/);
});

test("no more clients are remembered than the limit says; the one that was silent longest is forgotten", async () => {
  const { ask } = benchOf({ perSecond: 1, clients: 2 });
  for (const [client, status] of [
    ["a", 200],
    ["b", 200],
    ["a", 429],
    ["c", 200],
    ["a", 429],
    ["b", 200],
  ] as const)
    assert.equal((await ask(client)).status, status, client);
});

test("an IPv6 client is its network of 64 bits, an IPv4 client its address in either form", () => {
  for (const [address, client] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:0db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["", ""],
  ] as const)
    assert.equal(clientOf(address), client);
});
