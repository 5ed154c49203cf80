/** The CT log's client: what it sends, and what it makes of other answers than the hoped for. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { importPublicKey, keyIdentifier } from "../crypto/keys.ts";
import { base64Encode } from "../encoding/base64.ts";
import { isSigstoreError } from "../errors.ts";
import type { Sct } from "../formats/sct.ts";
import { VirtualKeys } from "../testing/virtual-keys.ts";
import { CtLogClient } from "./ct-log.ts";
import { HttpClient } from "./http/http-client.ts";
import { type Behaviour, sendHalf, sendJson, startServer } from "./http/misbehaving-server.ts";

const KEY = importPublicKey(new VirtualKeys("ct client tests").signer("log", "PKIX_ECDSA_P256_SHA_256").publicKey.spki);
const GOOD = {
  sct_version: 0,
  id: base64Encode(keyIdentifier(KEY)),
  timestamp: 1_795_000_000_000,
  extensions: "AAAFAAAAAAE=",
  signature: base64Encode(Uint8Array.of(4, 3, 0, 3, 7, 8, 9)),
};

async function ask(scope: TestContext, behaviour: Behaviour): Promise<Sct> {
  const server = await startServer(scope, behaviour);
  const http = new HttpClient({ timeoutMs: 200, firstWaitMs: 1 });
  scope.after(() => http.close());
  return new CtLogClient(`${server.url}/prefix/`, KEY, http).addPrecertificate([Uint8Array.of(1), Uint8Array.of(2)]);
}

test("an SCT as it is answered", async (scope) => {
  const paths: string[] = [];
  const sct = await ask(scope, (response, request) => {
    paths.push(request.path);
    sendJson(response, 200, { ...GOOD, more: true });
  });
  assert.deepEqual(paths, ["/prefix/ct/v1/add-pre-chain"]);
  assert.deepEqual(sct, {
    version: 0,
    logId: keyIdentifier(KEY),
    timestampMs: 1_795_000_000_000n,
    extensions: Uint8Array.of(0, 0, 5, 0, 0, 0, 0, 1),
    hashAlgorithm: 4,
    signatureAlgorithm: 3,
    signature: Uint8Array.of(7, 8, 9),
  });
  const plain = await ask(scope, (response) => sendJson(response, 200, { ...GOOD, extensions: "" }));
  assert.equal(plain.extensions.length, 0);
});

test("a log that is busy is asked again", async (scope) => {
  let asked = 0;
  const sct = await ask(scope, (response) => {
    asked += 1;
    sendJson(response, asked < 3 ? 503 : 200, GOOD);
  });
  assert.equal(asked, 3);
  assert.equal(sct.version, 0);
});

test("other answers", async (scope) => {
  for (const [name, change] of [
    ["another version", { sct_version: 1 }],
    ["another log", { id: base64Encode(new Uint8Array(32)) }],
    ["half an id", { id: "AAAA" }],
    ["no time", { timestamp: undefined }],
    ["a time with a fraction", { timestamp: 1.5 }],
    ["a time before 1970", { timestamp: -1 }],
    ["no base64", { extensions: "?" }],
    ["no signature", { signature: "" }],
    ["half a signature", { signature: base64Encode(Uint8Array.of(4, 3, 0, 3, 7, 8)) }],
    ["more than a signature", { signature: base64Encode(Uint8Array.of(4, 3, 0, 1, 7, 8)) }],
    ["SHA-1", { signature: base64Encode(Uint8Array.of(2, 3, 0, 1, 7)) }],
    ["Ed25519", { signature: base64Encode(Uint8Array.of(4, 7, 0, 1, 7)) }],
  ] as const) {
    await assert.rejects(
      ask(scope, (response) => sendJson(response, 200, { ...GOOD, ...change })),
      (error) => isSigstoreError(error, "service-answer-invalid"),
      name,
    );
  }
  await assert.rejects(
    ask(scope, (response) => sendHalf(response, JSON.stringify(GOOD))),
    (error) => isSigstoreError(error, "service-answer-invalid"),
  );
  await assert.rejects(
    ask(scope, (response) => {
      response.writeHead(400, { "content-type": "text/plain" });
      response.end("Bad Request\nfailed to verify add-pre-chain contents: no path to root found");
    }),
    (error) => isSigstoreError(error, "service-refused") && /no path to root/.test(error.message),
  );
});
