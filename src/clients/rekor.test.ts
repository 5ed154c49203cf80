/** The clients of both Rekors: entries that are there already, tiles, and answers that are none. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { generatePrivateKey } from "../crypto/private-key.ts";
import { utf8Encode } from "../encoding/text.ts";
import { serializeHashedRekord002 } from "../formats/rekor/entry-body.ts";
import { parseSpki } from "../formats/spki.ts";
import type { EntryProposal, TransparencyLog } from "../sign/ports.ts";
import { serializeCheckpoint } from "../tlog/checkpoint.ts";
import { serializeEntryBundle } from "../tlog/entry-bundle.ts";
import { MemoryTree } from "../tlog/memory-tree.ts";
import { hashLeaf } from "../tlog/merkle.ts";
import { verifyInclusion } from "../tlog/proof.ts";
import { parseTilePath } from "../tlog/tile.ts";
import { HttpClient } from "./http/http-client.ts";
import { type Behaviour, type LocalServer, sendHalf, sendJson, startServer } from "./http/misbehaving-server.ts";
import { RekorV1Client } from "./rekor-v1.ts";
import { RekorV2Client } from "./rekor-v2.ts";

const KEY = generatePrivateKey("ecdsa-p256").publicKey.spki;
const PROPOSAL: EntryProposal & { readonly kind: "hashedrekord" } = {
  kind: "hashedrekord",
  digest: { algorithm: "sha256", digest: new Uint8Array(32) },
  signature: Uint8Array.of(1, 2, 3),
  verifier: { kind: "publicKey", rawBytes: parseSpki(KEY).raw, keyDetails: "PKIX_ECDSA_P256_SHA_256" },
};
const LOG_ID = new Uint8Array(32).fill(7);

async function start(
  scope: TestContext,
  version: 1 | 2,
  behaviour: Behaviour,
): Promise<{ log: TransparencyLog; server: LocalServer }> {
  const server = await startServer(scope, behaviour);
  const http = new HttpClient({ timeoutMs: 500, firstWaitMs: 1 });
  scope.after(() => http.close());
  const findLogId = (origin: string): Uint8Array | undefined => (origin === "log.test" ? LOG_ID : undefined);
  return {
    log: version === 1 ? new RekorV1Client(server.url, http) : new RekorV2Client(server.url, http, { findLogId }),
    server,
  };
}

async function refuses(scope: TestContext, version: 1 | 2, behaviour: Behaviour, expected: object): Promise<void> {
  const { log } = await start(scope, version, behaviour);
  await assert.rejects(log.submitEntry(PROPOSAL), { name: "SigstoreError", ...expected });
}

describe("Rekor v1", () => {
  test("only the name of an entry that is there is taken from Location", async (scope) => {
    const { log, server } = await start(scope, 1, (response, { method }) =>
      method === "POST"
        ? response.writeHead(409, { location: `https://evil.test/x/${"ab".repeat(32)}` }).end("{}")
        : response.writeHead(404).end(),
    );
    await assert.rejects(log.submitEntry(PROPOSAL), { code: "service-refused" });
    assert.equal(server.requests.at(-1)?.path, `/api/v1/log/entries/${"ab".repeat(32)}`);
  });

  for (const [name, behaviour] of [
    ["409 without Location", (response) => response.writeHead(409).end()],
    ["409 with a Location that names no entry", (response) => response.writeHead(409, { location: "/../../x" }).end()],
    ["two entries", (response) => sendJson(response, 201, { a: {}, b: {} })],
    ["no entry", (response) => sendJson(response, 201, {})],
    ["an entry without a body", (response) => sendJson(response, 201, { a: { logIndex: 1 } })],
    ["a body that is none", (response) => sendJson(response, 201, { a: { body: "bm8=" } })],
    ["a list", (response) => sendJson(response, 201, [])],
    ["half an entry", (response) => sendHalf(response, '{"a":{')],
  ] as const satisfies readonly (readonly [string, Behaviour])[]) {
    test(name, async (scope) => refuses(scope, 1, behaviour, { code: "service-answer-invalid" }));
  }

  test("a proposal that the log refuses, in its words", async (scope) =>
    refuses(scope, 1, (response) => sendJson(response, 400, { code: 400, message: "error processing entry: no" }), {
      code: "service-refused",
      message: /error processing entry: no/,
    }));
});

/** A tiled log whose entry `index` is our proposal, of `size` entries; partial tiles are gone where `isGrown`. */
function tiledLog(size: number, index: number, isGrown: boolean): Behaviour {
  const tree = new MemoryTree();
  const { algorithm, digest } = PROPOSAL.digest;
  const ours = serializeHashedRekord002({
    digestAlgorithm: algorithm,
    digest,
    signature: PROPOSAL.signature,
    verifier: PROPOSAL.verifier,
  });
  const bodies = Array.from({ length: isGrown ? 512 : size }, (_, at) =>
    at === index ? ours : utf8Encode(`entry ${at}`),
  );
  for (const body of bodies.slice(0, size)) tree.appendEntry(body);
  const text = serializeCheckpoint({
    origin: "log.test",
    treeSize: BigInt(size),
    rootHash: tree.rootHash(),
    extensions: [],
  });
  for (const body of bodies.slice(size)) tree.appendEntry(body);
  return (response, { path, method }) => {
    if (method === "POST")
      return sendJson(response, 409, { code: 6, message: "there", details: [] }, { "x-log-index": String(index) });
    if (path === "/api/v2/checkpoint")
      return response.end(`${text}\n\u2014 log.test ${Buffer.from("0123456789").toString("base64")}\n`);
    const resource = parseTilePath(path.replace("/api/v2/", ""));
    if (isGrown && resource.width < 256 && resource.index === 0n && resource.kind === "entries")
      return response.writeHead(404).end();
    if (isGrown && resource.kind === "tile" && resource.level === 0 && resource.width < 256)
      return response.writeHead(404).end();
    const first = Number(resource.index) * 256;
    if (resource.kind === "entries")
      return response.end(serializeEntryBundle(bodies.slice(first, first + resource.width)));
    const nodes = Array.from({ length: resource.width }, (_, at) => ({
      level: resource.level * 8,
      index: BigInt(first + at),
    }));
    return response.end(Buffer.concat(tree.readHashes(nodes)));
  };
}

describe("Rekor v2", () => {
  for (const [size, index, isGrown] of [
    [1, 0, false],
    [7, 3, false],
    [300, 299, false],
    [300, 2, false],
    [300, 280, true],
    [200, 100, true],
  ] as const) {
    test(`the entry ${index} that is there, from the tiles of a tree of ${size}${isGrown ? " that has grown" : ""}`, async (scope) => {
      const { log } = await start(scope, 2, tiledLog(size, index, isGrown));
      const entry = await log.submitEntry(PROPOSAL);
      const { inclusionProof: proof } = entry;
      assert.ok(proof !== undefined);
      assert.deepEqual(
        [entry.logIndex, entry.logId, entry.kindVersion],
        [BigInt(index), LOG_ID, { kind: "hashedrekord", version: "0.0.2" }],
      );
      const { logIndex, treeSize, hashes, rootHash } = proof;
      assert.ok(
        verifyInclusion({ leafHash: hashLeaf(entry.canonicalizedBody), index: logIndex, treeSize, hashes, rootHash }),
      );
    });
  }

  test("a log that does not show its tiles", async (scope) =>
    refuses(
      scope,
      2,
      (response, { method }) =>
        method === "POST" ? sendJson(response, 409, {}, { "x-log-index": "5" }) : response.writeHead(501).end(),
      { code: "service-refused", hint: /at index 5/ },
    ));

  for (const [name, behaviour] of [
    ["409 without an index", (response) => sendJson(response, 409, {})],
    ["409 with an index that is none", (response) => sendJson(response, 409, {}, { "x-log-index": "-1" })],
    ["409 without JSON", (response) => response.writeHead(409, { "x-log-index": "1" }).end("no")],
    ["an entry that is none", (response) => sendJson(response, 201, { logIndex: "1" })],
    [
      "an entry in details that is none",
      (response) => sendJson(response, 409, { details: [{ "@type": "x/y.TransparencyLogEntry", logIndex: 1 }] }),
    ],
    [
      "a checkpoint before the entry",
      (response, request, count) =>
        request.path.endsWith("checkpoint")
          ? tiledLog(3, 1, false)(response, request, count)
          : sendJson(response, 409, {}, { "x-log-index": "3" }),
    ],
    [
      "a checkpoint that is none",
      (response, { method }) =>
        method === "POST" ? sendJson(response, 409, {}, { "x-log-index": "3" }) : response.end("no"),
    ],
  ] as const satisfies readonly (readonly [string, Behaviour])[]) {
    test(name, async (scope) => refuses(scope, 2, behaviour, { code: "service-answer-invalid" }));
  }

  test("an envelope is not for it", async (scope) => {
    const { log } = await start(scope, 2, () => undefined);
    const envelope = { payload: new Uint8Array(0), payloadType: "x", signatures: [] };
    await assert.rejects(log.submitEntry({ kind: "dsse", envelope, verifier: PROPOSAL.verifier }), TypeError);
  });

  test("a log that waits is asked again, and one that is read-only is told", async (scope) => {
    const { log, server } = await start(scope, 2, (response) =>
      sendJson(response, 503, { message: "reached max pushback; retry" }),
    );
    await assert.rejects(log.submitEntry(PROPOSAL), { code: "service-unavailable", message: /max pushback/ });
    assert.equal(server.requests.length, 3);
    const frozen = "This log has been frozen, please switch to the latest log.";
    await refuses(scope, 2, (response) => response.writeHead(405).end(frozen), {
      code: "service-refused",
      message: /frozen/,
    });
  });
});
