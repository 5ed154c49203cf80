/** The timestamp authority of an instance whose time servers contradict its clock. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeTimeServer } from "../../../test/time-server.ts";
import { parseTimestampResponse, serializeTimestampRequest } from "../../formats/rfc3161.ts";
import { OID } from "../../formats/x509/oids.ts";
import { type RunningInstance, startInstance } from "./start.ts";

const folder = mkdtempSync(join(tmpdir(), "sigstore-time-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const REQUEST = serializeTimestampRequest({
  messageImprint: { hashAlgorithm: OID.sha256, digest: new Uint8Array(32) },
  certificatesWanted: false,
  extensions: [],
});

function ask({ port }: RunningInstance): Promise<Response> {
  return fetch(`http://localhost:${port}/api/v1/timestamp`, {
    method: "POST",
    headers: { "content-type": "application/timestamp-query" },
    body: new Uint8Array(REQUEST),
  });
}

/** The first answer with this status; the test runner's own limit ends a wait in vain. */
async function untilStatus(instance: RunningInstance, status: number): Promise<Response> {
  for (;;) {
    const response = await ask(instance);
    if (response.status === status) return response;
    await response.body?.cancel();
    await sleep(10);
  }
}

test("a clock that time servers call wrong stops timestamps, with the reason, until they call it right", async () => {
  let offsetMs = 5000;
  const server = await FakeTimeServer.start(() => [{ timeMs: Date.now() + offsetMs }]);
  const lines: string[] = [];
  const instance = await startInstance({
    folder: join(folder, "wrong"),
    port: 0,
    timeServers: [`127.0.0.1:${server.port}`],
    timeIntervalMs: 20,
    log: (line) => lines.push(line),
  });
  try {
    const refused = await untilStatus(instance, 503);
    assert.equal(refused.headers.get("retry-after"), "30");
    assert.match(await refused.text(), /expected a clock right to 1000 ms, got one that is (?:49|50)\d\d ms behind/);
    assert.equal((await fetch(`http://localhost:${instance.port}/healthz`)).status, 503);
    offsetMs = 0;
    const granted = await untilStatus(instance, 200);
    assert.equal(parseTimestampResponse(await granted.bytes()).status, 0);
    server.behaviour = () => [];
    const told = lines
      .filter((line) => line.startsWith("tsa: the clock is"))
      .map((line) => line.replace(/ \d+ ms /, " N ms "));
    assert.deepEqual(told, [
      "tsa: the clock is N ms behind the time servers: no timestamps until it is right",
      "tsa: the clock is right again by the time servers",
    ]);
  } finally {
    await instance.stop();
    server.stop();
  }
});

test("time servers that are not there change nothing but a line of the log", async () => {
  const server = await FakeTimeServer.start(() => []);
  const { port } = server;
  server.stop();
  const lines: string[] = [];
  const instance = await startInstance({
    folder: join(folder, "silent"),
    port: 0,
    timeServers: [`127.0.0.1:${port}`],
    timeIntervalMs: 5,
    log: (line) => lines.push(line),
  });
  try {
    while (lines.length === 0) await sleep(10);
    await sleep(50);
    assert.equal((await ask(instance)).status, 200);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^tsa: time servers do not say the time \(127\.0\.0\.1: /);
  } finally {
    await instance.stop();
  }
});
