/** The service as it runs: over a port, with its folder and its metrics. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { digest } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import type { RekorConfig } from "./config.ts";
import { type RunningRekor, startRekor } from "./start.ts";

const keys = new VirtualKeys("rekor start tests");

function configOf(folder: string): RekorConfig {
  const signer = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
  return { origin: "rekor.example", folder, signer, port: 0, metricsPort: 0, holder: "the test" };
}

async function submit(running: RunningRekor, text: string): Promise<Response> {
  const signer = keys.signer("client", "PKIX_ECDSA_P256_SHA_256");
  const message = utf8Encode(text);
  const verifier = {
    publicKey: { rawBytes: base64Encode(signer.publicKey.spki) },
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
  };
  const signature = { content: base64Encode(await signer.sign(message)), verifier };
  const hashedRekordRequestV002 = { digest: base64Encode(digest("sha256", message)), signature };
  return fetch(addressOf(running, "/api/v2/log/entries"), {
    method: "POST",
    body: JSON.stringify({ hashedRekordRequestV002 }),
  });
}

function addressOf({ port }: RunningRekor, path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

test("a log from nothing: written, read, measured, stopped, taken up; its copy can only be read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rekor-"));
  const lines: string[] = [];
  const running = await startRekor({ ...configOf(join(folder, "log")), log: (line) => lines.push(line) });
  assert.equal((await submit(running, "one")).status, 201);
  assert.equal((await submit(running, "two")).status, 201);
  assert.match(await (await fetch(addressOf(running, "/api/v2/checkpoint"))).text(), /^rekor\.example\n2\n/);
  await assert.rejects(startRekor(configOf(join(folder, "log"))), (error) => isSigstoreError(error, "storage-in-use"));
  const metrics = await (await fetch(`http://127.0.0.1:${running.metricsPort}/metrics`)).text();
  assert.match(metrics, /^rekor_v2_new_hashedrekord_entries 2$/m);
  assert.match(metrics, /^rekor_v2_http_requests_total\{code="201",method="POST"\} 2$/m);
  assert.match(metrics, /^rekor_v2_log_tree_size 2$/m);
  await running.stop();
  assert.deepEqual(lines, []);

  const again = await startRekor(configOf(join(folder, "log")));
  assert.equal((await submit(again, "three")).headers.get("x-log-index"), null);
  await again.stop();

  const copy = join(folder, "copy");
  cpSync(join(folder, "log"), copy, { recursive: true });
  await assert.rejects(startRekor(configOf(copy)), (error) => isSigstoreError(error, "storage-copied"));
  const frozen = await startRekor({ ...configOf(copy), readOnly: true });
  assert.equal((await submit(frozen, "four")).status, 405);
  assert.match(await (await fetch(addressOf(frozen, "/api/v2/checkpoint"))).text(), /^rekor\.example\n3\n/);
  await frozen.stop();
  rmSync(folder, { recursive: true });
});

test("a port that is taken leaves the folder free", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rekor-"));
  const running = await startRekor(configOf(join(folder, "a")));
  const taken = { ...configOf(join(folder, "b")), port: running.port };
  await assert.rejects(startRekor(taken), { code: "EADDRINUSE" });
  await (await startRekor(configOf(join(folder, "b")))).stop();
  await running.stop();
  rmSync(folder, { recursive: true });
});
