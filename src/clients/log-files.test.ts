/** A log's files from afar: a few at a time, absent ones told from broken ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { HttpClient } from "./http/http-client.ts";
import { startServer } from "./http/misbehaving-server.ts";
import { RemoteLogFiles } from "./log-files.ts";

test("files are read below the prefix, and at most eight at a time", async (scope) => {
  let underWay = 0;
  let most = 0;
  const server = await startServer(scope, async (response, { path }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await nextTurn();
    underWay -= 1;
    response.end(path);
  });
  const http = new HttpClient({ firstWaitMs: 1 });
  scope.after(() => http.close());
  const files = new RemoteLogFiles(`${server.url}/log/`, http);
  const read = await Promise.all(Array.from({ length: 40 }, (_, at) => files.read(`tile/0/${at}`)));
  assert.deepEqual(
    read.map((bytes) => utf8Decode(bytes ?? new Uint8Array(0))),
    Array.from({ length: 40 }, (_, at) => `/log/tile/0/${at}`),
  );
  assert.ok(most <= 8, `${most}`);
});

test("what is not there is undefined; what cannot be read is an error, and does not stop the others", async (scope) => {
  const server = await startServer(scope, (response, { path }) => {
    const status = Number(path.slice(1));
    response.writeHead(status).end(status === 200 ? "x" : "");
  });
  const http = new HttpClient({ firstWaitMs: 1, tries: 1 });
  scope.after(() => http.close());
  const files = new RemoteLogFiles(server.url, http);
  for (const gone of ["404", "410"]) assert.equal(await files.read(gone), undefined);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, (_, at) => files.read(at % 2 === 0 ? "500" : "200")),
  );
  for (const [at, outcome] of outcomes.entries()) {
    assert.equal(outcome.status, at % 2 === 0 ? "rejected" : "fulfilled");
    if (outcome.status === "rejected") assert.ok(isSigstoreError(outcome.reason, "service-unavailable"));
  }
});
