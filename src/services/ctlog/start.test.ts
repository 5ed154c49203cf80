/** The service as it runs: over a port below its prefix, with its folder and its metrics. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { base64Encode } from "../../encoding/base64.ts";
import { serializePem } from "../../encoding/pem.ts";
import { isSigstoreError } from "../../errors.ts";
import { createVirtualCertificateAuthority } from "../../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { virtualPrecertificateChain } from "../../testing/virtual-precertificate.ts";
import { type CtLogConfig, parseRootsPem } from "./config.ts";
import { type RunningCtLog, startCtLog } from "./start.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const keys = new VirtualKeys("ctlog start tests");
const authority = await createVirtualCertificateAuthority(keys, {
  label: "fulcio",
  uri: "https://fulcio.example",
  algorithm: "PKIX_ECDSA_P256_SHA_256",
  organization: "example",
  certificatesValidFor: { startMs: NOW, endMs: NOW + 31_536_000_000 },
  validFor: { startMs: NOW, endMs: undefined },
});
const rootsPem = authority.chain
  .slice(-1)
  .map((one) => serializePem("CERTIFICATE", one))
  .join("");

function configOf(folder: string): CtLogConfig {
  return {
    origin: "ct.example/2026",
    folder,
    signer: keys.signer("log", "PKIX_ECDSA_P256_SHA_256"),
    roots: parseRootsPem(rootsPem),
    port: 0,
    metricsPort: 0,
    pathPrefix: "/2026",
    holder: "the test",
  };
}

async function submit({ port }: RunningCtLog, chain: readonly Uint8Array[], prefix = "/2026"): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${prefix}/ct/v1/add-pre-chain`, {
    method: "POST",
    body: JSON.stringify({ chain: chain.map((one) => base64Encode(one)) }),
  });
}

test("a log from nothing: written, read, measured, stopped, taken up with the same SCTs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ctlog-start-"));
  const lines: string[] = [];
  const running = await startCtLog({ ...configOf(folder), log: (line) => lines.push(line) });
  const chain = await virtualPrecertificateChain({ keys, authority, notBeforeMs: NOW });
  const first = await submit(running, chain);
  assert.equal(first.status, 200);
  const sct = await first.text();
  assert.equal((await submit(running, chain, "")).status, 404);
  const checkpoint = await fetch(`http://127.0.0.1:${running.port}/2026/checkpoint`);
  assert.match(await checkpoint.text(), /^ct\.example\/2026\n1\n/);
  await assert.rejects(startCtLog(configOf(folder)), (error) => isSigstoreError(error, "storage-in-use"));
  const metrics = await (await fetch(`http://127.0.0.1:${running.metricsPort}/metrics`)).text();
  assert.match(metrics, /^http_reqs\{logid="ct\.example\/2026",ep="AddPreChain"\} 1$/m);
  assert.match(metrics, /^last_sth_treesize\{logid="ct\.example\/2026"\} 1$/m);
  await running.stop();
  assert.deepEqual(lines, []);

  const again = await startCtLog(configOf(folder));
  assert.equal(await (await submit(again, chain)).text(), sct);
  await again.stop();
  rmSync(folder, { recursive: true });
});

test("roots that are none, and a taken port, leave nothing held", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ctlog-start-"));
  assert.throws(
    () => parseRootsPem(serializePem("PUBLIC KEY", Uint8Array.of(1))),
    (error) => isSigstoreError(error, "config-invalid"),
  );
  await assert.rejects(startCtLog({ ...configOf(folder), roots: [] }), (error) =>
    isSigstoreError(error, "config-invalid"),
  );
  const running = await startCtLog(configOf(join(folder, "one")));
  await assert.rejects(startCtLog({ ...configOf(join(folder, "two")), port: running.port }), /EADDRINUSE/);
  await running.stop();
  for (const name of ["", "two"]) await (await startCtLog(configOf(join(folder, name)))).stop();
  rmSync(folder, { recursive: true });
});
