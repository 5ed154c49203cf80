/** A CT log as its clients meet it, without a port: submissions, refusals and their words, what is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../crypto/digest.ts";
import { base64Decode, base64Encode } from "../../encoding/base64.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { splitTileLeaves } from "../../formats/tile-leaf.ts";
import { createVirtualCertificateAuthority } from "../../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { virtualCertificateChain, virtualPrecertificateChain } from "../../testing/virtual-precertificate.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import { treeHeadVerifier } from "../../tlog/tree-head.ts";
import type { ServiceHandler, ServiceResponse } from "../http/message.ts";
import { faultyStorage } from "../tiled-log/faulty-storage.ts";
import { memoryStorage } from "../tiled-log/storage-memory.ts";
import type { LogStorage } from "../tiled-log/storage.ts";
import { ctLogHandler, frozenCtLogHandler } from "./handler.ts";
import { CtLogService } from "./service.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const keys = new VirtualKeys("ctlog handler tests");
const signer = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
const authority = await createVirtualCertificateAuthority(keys, {
  label: "fulcio",
  uri: "https://fulcio.example",
  algorithm: "PKIX_ECDSA_P256_SHA_256",
  organization: "example",
  certificatesValidFor: { startMs: NOW, endMs: NOW + 31_536_000_000 },
  validFor: { startMs: NOW, endMs: undefined },
});
const submission = { keys, authority, notBeforeMs: NOW };
const PRE = "/ct/v1/add-pre-chain";

async function serve(
  storage: LogStorage = memoryStorage(),
): Promise<{ handler: ServiceHandler; service: CtLogService }> {
  const service = await CtLogService.open({
    origin: "ct.example",
    signer,
    storage,
    roots: authority.chain.slice(-1),
    nowMs: () => NOW,
  });
  return { handler: ctLogHandler(service), service };
}

function ask(handler: ServiceHandler, method: string, path: string, body: string = ""): Promise<ServiceResponse> {
  const request = { method, path, query: "", headers: {}, body: utf8Encode(body), remoteAddress: "127.0.0.1" };
  return handler(request);
}

function requestOf(chain: readonly Uint8Array[]): string {
  return JSON.stringify({ chain: chain.map((one) => base64Encode(one)) });
}

function textOf({ body }: ServiceResponse): string {
  return utf8Decode(body);
}

test("an SCT as RFC 6962 writes it; the same again is the same text", async () => {
  const { handler, service } = await serve();
  const chain = await virtualPrecertificateChain(submission);
  const first = await ask(handler, "POST", PRE, requestOf(chain));
  assert.equal(first.status, 200);
  assert.equal(first.headers["content-type"], "application/json");
  const sct = JSON.parse(textOf(first)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(sct), ["sct_version", "id", "timestamp", "extensions", "signature"]);
  assert.equal(sct["sct_version"], 0);
  assert.equal(sct["id"], base64Encode(sha256(signer.publicKey.spki)));
  assert.equal(sct["timestamp"], NOW);
  assert.equal(sct["extensions"], base64Encode(Uint8Array.of(0, 0, 5, 0, 0, 0, 0, 0)));
  const signature = base64Decode(String(sct["signature"]));
  assert.deepEqual(signature.subarray(0, 4), Uint8Array.of(4, 3, 0, signature.length - 4));
  assert.equal(textOf(await ask(handler, "POST", PRE, requestOf(chain))), textOf(first));
  const certificate = await virtualCertificateChain(submission);
  const second = await ask(handler, "POST", "/ct/v1/add-chain", requestOf(certificate));
  assert.equal((JSON.parse(textOf(second)) as Record<string, unknown>)["extensions"], "AAAFAAAAAAE=");
  await service.stop();
});

test("refusals say what was expected, and are 400", async () => {
  const { handler, service } = await serve();
  const chain = await virtualPrecertificateChain(submission);
  const parse = /^Bad Request\nfailed to parse add-pre-chain body: .*expected /;
  const verify = /^Bad Request\nfailed to verify add-pre-chain contents: expected /;
  const certificate = base64Encode(chain[0] ?? new Uint8Array(0));
  for (const [body, text] of [
    ["", parse],
    ["{", parse],
    ["[]", parse],
    ["{}", parse],
    ['{"chain":"x"}', parse],
    ['{"chain":[]}', parse],
    ['{"chain":[1]}', parse],
    ['{"chain":["?"]}', parse],
    [`{"chain":["${certificate}"],"chain":["${certificate}"]}`, parse],
    [JSON.stringify({ chain: Array.from({ length: 11 }, () => certificate) }), parse],
    ['{"chain":["MAA="]}', verify],
    [requestOf(await virtualCertificateChain(submission)), verify],
    ["[".repeat(100_000), parse],
  ] as const) {
    const { status, body: answer } = await ask(handler, "POST", PRE, body);
    assert.equal(status, 400, body.slice(0, 80));
    assert.match(utf8Decode(answer), text);
    assert.ok(answer.length < 2000);
  }
  assert.equal(
    (await ask(handler, "POST", PRE, `{"chain":${JSON.stringify(chain.map((one) => base64Encode(one)))},"more":1}`))
      .status,
    200,
  );
  for (const body of [
    JSON.stringify({ chain: ["A".repeat(100_000)] }),
    `{"chain":[],"more":"${" ".repeat(900_000)}"}`,
  ]) {
    const tooLarge = await ask(handler, "POST", PRE, body);
    assert.equal(tooLarge.status, 413);
    assert.match(textOf(tooLarge), /^Request Entity Too Large\nexpected .*at most \d+ bytes/);
  }
  assert.equal((await ask(handler, "GET", PRE)).status, 405);
  assert.equal((await ask(handler, "POST", "/ct/v1/get-roots")).status, 405);
  assert.equal((await ask(handler, "GET", "/ct/v1/get-sth")).status, 404);
  await service.stop();
});

test("a log that cannot write is 503 with Retry-After, and says nothing of its folders", async () => {
  const faulty = faultyStorage(memoryStorage(), (write) => (write >= 1 && write < 6 ? "failed" : undefined));
  const { handler, service } = await serve(faulty);
  const request = requestOf(await virtualPrecertificateChain(submission));
  const statuses: number[] = [];
  for (let at = 0; at < 8; at += 1) {
    const answer = await ask(handler, "POST", PRE, request);
    statuses.push(answer.status);
    if (answer.status === 503) assert.equal(answer.headers["retry-after"], "1");
    if (answer.status !== 200) assert.doesNotMatch(textOf(answer), /fail.*write|persisted/);
  }
  assert.ok(statuses.includes(503));
  assert.equal(statuses.at(-1), 200);
  assert.equal((await ask(handler, "GET", "/healthz")).status, 200);
  await service.stop();
});

test("everything is read as static-ct-api has it", async () => {
  const storage = memoryStorage();
  const { handler, service } = await serve(storage);
  for (let at = 0; at < 3; at += 1)
    await ask(handler, "POST", PRE, requestOf(await virtualPrecertificateChain(submission)));
  await service.stop();
  for (const reader of [handler, frozenCtLogHandler(storage.files)]) {
    const checkpoint = await ask(reader, "GET", "/checkpoint");
    assert.equal(checkpoint.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(checkpoint.headers["cache-control"], "no-cache");
    const opened = openCheckpoint(checkpoint.body, [treeHeadVerifier("ct.example", signer.publicKey)]);
    assert.equal(opened.checkpoint.treeSize, 3n);
    const tile = await ask(reader, "GET", "/tile/0/000.p/3");
    assert.equal(tile.body.length, 96);
    assert.match(tile.headers["cache-control"] ?? "", /immutable/);
    const data = await ask(reader, "GET", "/tile/data/000.p/3");
    assert.equal(splitTileLeaves(data.body, 3).length, 3);
    for (const issuer of authority.chain) {
      const answer = await ask(reader, "GET", `/issuer/${hexEncode(sha256(issuer))}`);
      assert.equal(answer.headers["content-type"], "application/pkix-cert");
      assert.deepEqual(answer.body, issuer);
    }
    for (const path of ["/issuer/00", `/issuer/${"0".repeat(64)}`, "/issuer/../checkpoint", "/tile/0/001"])
      assert.equal((await ask(reader, "GET", path)).status, 404, path);
    for (const path of ["/tile/entries/000.p/3", "/tile/x", "/tile/0/../1"])
      assert.equal((await ask(reader, "GET", path)).status, 400, path);
  }
  assert.equal((await ask(frozenCtLogHandler(storage.files), "POST", PRE, "{}")).status, 405);
});

test("the accepted roots", async () => {
  const { handler, service } = await serve();
  const { body } = await ask(handler, "GET", "/ct/v1/get-roots");
  assert.deepEqual(JSON.parse(utf8Decode(body)), {
    certificates: authority.chain.slice(-1).map((one) => base64Encode(one)),
  });
  await service.stop();
});
