/** Rekor v2 as its clients meet it, without a port: what is logged, what is refused and in which words, what is read. */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { rekorV2Log } from "../../authority/checkpoint.ts";
import { algorithmByName, type SignatureAlgorithmName } from "../../crypto/algorithms.ts";
import { digest } from "../../crypto/digest.ts";
import { base64Decode, base64Encode } from "../../encoding/base64.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { parseTlogEntry } from "../../formats/bundle/tlog-entry.ts";
import { parseEntryBody } from "../../formats/rekor/entry-body.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import { parseEntryBundle } from "../../tlog/entry-bundle.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import { verifyInclusion } from "../../tlog/proof.ts";
import type { ServiceHandler, ServiceResponse } from "../http/message.ts";
import { noteLogIdentity } from "../tiled-log/log-identity.ts";
import { publishedLog } from "../tiled-log/published-log.ts";
import { memoryStorage } from "../tiled-log/storage-memory.ts";
import type { LogStorage } from "../tiled-log/storage.ts";
import { TiledLog } from "../tiled-log/tiled-log.ts";
import { directAdmission } from "./admission-port.ts";
import { REKOR_ALGORITHMS } from "./admission.ts";
import { rekorHandler } from "./handler.ts";
import { RekorService } from "./service.ts";

const keys = new VirtualKeys("rekor tests");
const identity = noteLogIdentity(rekorV2Log("rekor.example", keys.signer("log", "PKIX_ED25519")));

interface Served {
  readonly handler: ServiceHandler;
  readonly log: TiledLog;
  readonly storage: LogStorage;
}

async function serve(storage: LogStorage = memoryStorage()): Promise<Served> {
  const log = await TiledLog.open({ identity, storage, nowMs: () => 0, pace: { intervalPerItemMs: 0 } });
  return {
    handler: rekorHandler({ reads: log, service: new RekorService(log, directAdmission(REKOR_ALGORITHMS)) }),
    log,
    storage,
  };
}

/** Any JSON that a client may send. */
type Json = Record<string, unknown>;

async function signedRequest(text: string, name: SignatureAlgorithmName = "PKIX_ECDSA_P256_SHA_256"): Promise<Json> {
  const signer = keys.signer("client", name);
  const { hash } = algorithmByName(name);
  const message = utf8Encode(text);
  return requestOf({
    digest: digest(hash ?? "sha512", message),
    signature: await signer.sign(message),
    rawBytes: signer.publicKey.spki,
    keyDetails: name,
  });
}

interface RequestParts {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly rawBytes: Uint8Array;
  readonly keyDetails: unknown;
}

function requestOf({ digest: hash, signature, rawBytes, keyDetails }: RequestParts): Json {
  const verifier = { publicKey: { rawBytes: base64Encode(rawBytes) }, keyDetails };
  return {
    hashedRekordRequestV002: {
      digest: base64Encode(hash),
      signature: { content: base64Encode(signature), verifier },
    },
  };
}

/** A copy of `request` in which the member at `path` is another, or gone. */
function changed(request: Json, path: string, value: unknown): Json {
  const copy = structuredClone(request);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let at = copy;
  for (const name of names) at = at[name] as Json;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}

function post(handler: ServiceHandler, body: Json | string | Uint8Array): Promise<ServiceResponse> {
  const text = body instanceof Uint8Array ? body : utf8Encode(typeof body === "string" ? body : JSON.stringify(body));
  const path = "/api/v2/log/entries";
  return handler({ method: "POST", path, query: "", headers: {}, body: text, remoteAddress: "127.0.0.1" });
}

function get(
  handler: ServiceHandler,
  path: string,
  headers: Record<string, string> = {},
  method: string = "GET",
): Promise<ServiceResponse> {
  return handler({ method, path, query: "", headers, body: new Uint8Array(0), remoteAddress: "127.0.0.1" });
}

interface Status {
  readonly code: number;
  readonly message: string;
  readonly details: readonly (Json & { readonly metadata?: Record<string, string> })[];
}

function statusOf({ body }: ServiceResponse): Status {
  return JSON.parse(utf8Decode(body)) as Status;
}

/** Checks an answer as a verifier does, and returns its index. */
function assertLogged({ status, body }: ServiceResponse): bigint {
  assert.equal(status, 201, utf8Decode(body));
  const entry = parseTlogEntry(body);
  const { inclusionProof: proof } = entry;
  assert.ok(proof?.checkpoint !== undefined);
  const { checkpoint } = openCheckpoint(proof.checkpoint, [identity.verifier]);
  assert.equal(checkpoint.origin, "rekor.example");
  assert.deepEqual([checkpoint.treeSize, checkpoint.rootHash], [proof.treeSize, proof.rootHash]);
  const { treeSize, rootHash, hashes } = proof;
  const leafHash = hashLeaf(entry.canonicalizedBody);
  assert.ok(verifyInclusion({ leafHash, index: proof.logIndex, treeSize, rootHash, hashes }));
  assert.equal(entry.logIndex, proof.logIndex);
  assert.deepEqual(entry.logId, identity.logId);
  return entry.logIndex;
}

describe("POST /api/v2/log/entries", () => {
  for (const name of REKOR_ALGORITHMS) {
    it(`logs a signature by ${name}`, async () => {
      const { handler, log } = await serve();
      const request = await signedRequest("artifact", name);
      const answer = await post(handler, request);
      assert.equal(assertLogged(answer), 0n);
      const body = parseEntryBody(parseTlogEntry(answer.body).canonicalizedBody);
      assert.equal(body.form, "hashedrekord-0.0.2");
      assert.equal(body.form === "hashedrekord-0.0.2" && body.verifier.keyDetails, name);
      await log.stop();
    });
  }

  it("answers exactly the fields of the original, in its shapes", async () => {
    const { handler, log } = await serve();
    const { headers, body } = await post(handler, await signedRequest("artifact"));
    assert.equal(headers["content-type"], "application/json");
    const answer = JSON.parse(utf8Decode(body)) as Json;
    const { logId, inclusionProof, canonicalizedBody, ...rest } = answer;
    assert.deepEqual(rest, {
      logIndex: "0",
      kindVersion: { kind: "hashedrekord", version: "0.0.2" },
      integratedTime: "0",
      inclusionPromise: null,
    });
    assert.deepEqual(logId, { keyId: base64Encode(identity.logId) });
    assert.deepEqual(Object.keys(inclusionProof as Json), ["logIndex", "rootHash", "treeSize", "hashes", "checkpoint"]);
    assert.match(
      utf8Decode(base64Decode(String(canonicalizedBody))),
      /^\{"apiVersion":"0\.0\.2","kind":"hashedrekord","spec":\{"hashedRekordV002":\{"data":\{"algorithm":"SHA2_256","digest":"[^"]+"\},"signature":\{"content":"[^"]+","verifier":\{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":\{"rawBytes":"[^"]+"\}\}\}\}\}\}$/,
    );
    await log.stop();
  });

  it("reads snake_case names and enum numbers as protojson does", async () => {
    const { handler, log } = await serve();
    const request = await signedRequest("artifact");
    const text = JSON.stringify(request)
      .replace("hashedRekordRequestV002", "hashed_rekord_request_v002")
      .replace("publicKey", "public_key")
      .replace("rawBytes", "raw_bytes")
      .replace('"keyDetails":"PKIX_ECDSA_P256_SHA_256"', '"key_details":5');
    assertLogged(await post(handler, text));
    await log.stop();
  });

  it("answers the second submission with 409, the index and the whole first entry, also after a restart", async () => {
    const { handler, log, storage } = await serve();
    const request = await signedRequest("artifact");
    assertLogged(await post(handler, await signedRequest("another")));
    const first = await post(handler, request);
    const assertExisting = ({ status, headers, body }: ServiceResponse): void => {
      assert.equal(status, 409);
      assert.equal(headers["x-log-index"], "1");
      const { code, message, details } = statusOf({ status, headers, body });
      assert.equal(code, 6);
      assert.equal(message, "an equivalent entry already exists in the transparency log with index 1");
      const [{ "@type": type, ...entry } = {}] = details;
      assert.equal(type, "type.googleapis.com/dev.sigstore.rekor.v1.TransparencyLogEntry");
      assert.equal(assertLogged({ status: 201, headers, body: utf8Encode(JSON.stringify(entry)) }), 1n);
      assert.equal(entry["canonicalizedBody"], (JSON.parse(utf8Decode(first.body)) as Json)["canonicalizedBody"]);
    };
    assertExisting(await post(handler, request));
    await log.stop();
    const again = await serve(storage);
    assertExisting(await post(again.handler, request));
    await again.log.stop();
  });

  it("of many at once one is new and the others are told which", async () => {
    const { handler, log } = await serve();
    const request = await signedRequest("artifact");
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(handler, request)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status, headers }) => status === 409 && headers["x-log-index"] === "0").length, 19);
    assert.equal(log.published.treeSize, 1n);
    await log.stop();
  });
});

const P384_KEY = base64Encode(keys.signer("client", "PKIX_ECDSA_P384_SHA_384").publicKey.spki);
const SIGNATURE_PATH = "hashedRekordRequestV002.signature";

/** What is changed in a good request, the answer's message, and the reason in its details. */
const REFUSED: readonly (readonly [string, string, unknown, string | RegExp, string])[] = [
  ["an unknown field", "foo", "bar", "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["an unknown field inside", `${SIGNATURE_PATH}.foo`, 1, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["no digest", "hashedRekordRequestV002.digest", undefined, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["an empty digest", "hashedRekordRequestV002.digest", "", "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["a short digest", "hashedRekordRequestV002.digest", "AAAA", "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  [
    "another digest",
    "hashedRekordRequestV002.digest",
    base64Encode(new Uint8Array(32)),
    "invalid hashedrekord request",
    "SIGNATURE_INVALID",
  ],
  ["broken base64", "hashedRekordRequestV002.digest", "A", "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["no signature", SIGNATURE_PATH, undefined, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["no content", `${SIGNATURE_PATH}.content`, undefined, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  [
    "another signature",
    `${SIGNATURE_PATH}.content`,
    "MAYCAQECAQE=",
    "invalid hashedrekord request",
    "SIGNATURE_INVALID",
  ],
  ["no verifier", `${SIGNATURE_PATH}.verifier`, undefined, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  ["no key", `${SIGNATURE_PATH}.verifier.publicKey`, undefined, "invalid hashedrekord request", "ENTRY_BODY_INVALID"],
  [
    "key and certificate",
    `${SIGNATURE_PATH}.verifier.x509Certificate`,
    { rawBytes: "AAAA" },
    "invalid hashedrekord request",
    "ENTRY_BODY_INVALID",
  ],
  [
    "a key that is none",
    `${SIGNATURE_PATH}.verifier.publicKey.rawBytes`,
    "AAAA",
    "invalid hashedrekord request",
    "KEY_INVALID",
  ],
  [
    "a key of another kind",
    `${SIGNATURE_PATH}.verifier.publicKey.rawBytes`,
    P384_KEY,
    "invalid hashedrekord request",
    "KEY_INVALID",
  ],
  ...["PKIX_ED25519", "PKIX_RSA_PSS_2048_SHA256", "PUBLIC_KEY_DETAILS_UNSPECIFIED", "PKIX_ECDSA_P384_SHA_256"].map(
    (name) =>
      [
        name,
        `${SIGNATURE_PATH}.verifier.keyDetails`,
        name,
        "invalid hashedrekord request",
        "ALGORITHM_UNSUPPORTED",
      ] as const,
  ),
  [
    "key details of another key",
    `${SIGNATURE_PATH}.verifier.keyDetails`,
    "PKIX_ECDSA_P384_SHA_384",
    "invalid hashedrekord request",
    "KEY_INVALID",
  ],
];

describe("what is not let in", () => {
  for (const [name, path, value, message, reason] of REFUSED) {
    it(`${name} is 400 with its reason, and nothing is logged`, async () => {
      const { handler, log } = await serve();
      const answer = await post(handler, changed(await signedRequest("artifact"), path, value));
      assert.equal(answer.status, 400);
      const { code, message: got, details } = statusOf(answer);
      assert.equal(code, 3);
      assert.equal(got, message);
      assert.equal(details[0]?.["reason"], reason);
      assert.match(details[0]?.metadata?.["message"] ?? "", /expected .+, got /);
      assert.equal(log.published.treeSize, 0n);
      await log.stop();
    });
  }

  it("other requests are refused in the original's words, or the reader's", async () => {
    const { handler, log } = await serve();
    for (const [body, message] of [
      ["{}", /^invalid type, must be hashedrekord$/],
      ['{"foo":"bar"}', /^invalid hashedrekord request$/],
      ['{"dsseRequestV002":{}}', /^invalid hashedrekord request$/],
      ["", /^expected JSON, got nothing$/],
      ["{", /line 1, column 2/],
      ["[]", /^invalid hashedrekord request$/],
      ['{"a":1,"a":2}', /each member once/],
      [Uint8Array.of(0x22, 0xff, 0x22), /UTF-8/],
      ["[".repeat(5000), /nesting/],
    ] as const) {
      const answer = await post(handler, body);
      assert.equal(answer.status, 400, String(body).slice(0, 40));
      assert.match(statusOf(answer).message, message);
    }
    await log.stop();
  });
});

describe("a log that cannot take entries", () => {
  const answerTo = async (refusal: SigstoreError): Promise<ServiceResponse> => {
    const { log } = await serve();
    const failing = Object.assign(Object.create(log) as TiledLog, { submit: () => Promise.reject(refusal) });
    const handler = rekorHandler({ reads: log, service: new RekorService(failing, directAdmission(REKOR_ALGORITHMS)) });
    return post(handler, await signedRequest("artifact"));
  };

  it("asks to try again when its queue is full", async () => {
    const answer = await answerTo(new SigstoreError("log-busy", "full", { details: { retryAfterSeconds: 2 } }));
    assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "2"]);
    assert.equal(statusOf(answer).message, "reached max pushback; retry");
  });

  it("says nothing of its folders when its storage fails", async () => {
    for (const code of ["storage-failed", "log-unavailable"] as const) {
      const answer = await answerTo(new SigstoreError(code, "x", { cause: new Error("/var/lib/secret") }));
      assert.equal(answer.status, code === "storage-failed" ? 500 : 503);
      assert.equal(statusOf(answer).message, "failed to integrate entry");
      assert.doesNotMatch(utf8Decode(answer.body), /secret/);
    }
  });

  it("is 413 for an entry that is too large", async () => {
    const answer = await answerTo(new SigstoreError("entry-too-large", "expected at most 65535 bytes, got 70000"));
    assert.equal(answer.status, 413);
    assert.match(statusOf(answer).message, /65535.*70000/);
  });

  it("answers 405 in plain text when it is frozen, and is read nonetheless", async () => {
    const { handler, log, storage } = await serve();
    assertLogged(await post(handler, await signedRequest("artifact")));
    await log.stop();
    const frozen = rekorHandler({ reads: publishedLog(storage.files) });
    const answer = await post(frozen, await signedRequest("another"));
    assert.equal(answer.status, 405);
    assert.equal(utf8Decode(answer.body), "This log has been frozen, please switch to the latest log.\n");
    assert.equal((await get(frozen, "/api/v2/checkpoint")).status, 200);
    assert.equal((await get(frozen, "/healthz")).status, 200);
  });
});

test("checkpoint, tiles and bundles are read with their headers; partial ones also when only the full one is left", async () => {
  const { handler, log, storage } = await serve();
  await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      const bytes = utf8Encode(`entry ${at}`);
      await log.submit({ duplicateKey: hashLeaf(bytes), maximumBytes: 99, serialize: () => bytes });
    }),
  );
  const checkpoint = await get(handler, "/api/v2/checkpoint");
  assert.equal(checkpoint.headers["content-type"], "text/plain; charset=utf-8");
  assert.equal(checkpoint.headers["cache-control"], "no-cache");
  assert.equal(openCheckpoint(checkpoint.body, [identity.verifier]).checkpoint.treeSize, 300n);
  const full = await get(handler, "/api/v2/tile/0/000");
  assert.equal(full.body.length, 8192);
  assert.equal(full.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(full.headers["access-control-allow-origin"], "*");
  assert.equal((await storage.files.read("tile/0/000.p/7")) === undefined, true);
  const partial = await get(handler, "/api/v2/tile/0/000.p/7");
  assert.deepEqual(partial.body, full.body.subarray(0, 7 * 32));
  const bundle = await get(handler, "/api/v2/tile/entries/000.p/200");
  assert.equal(utf8Decode(parseEntryBundle(bundle.body, 200)[199] ?? new Uint8Array(0)), "entry 199");
  assert.equal((await get(handler, "/api/v2/tile/entries/001.p/44")).status, 200);
  const range = await get(handler, "/api/v2/tile/0/000", { range: "bytes=32-63" });
  assert.deepEqual([range.status, range.body], [206, full.body.subarray(32, 64)]);
  const zipped = await get(handler, "/api/v2/tile/entries/000", { "accept-encoding": "gzip" });
  assert.equal(zipped.headers["content-encoding"], "gzip");
  for (const [path, status] of [
    ["tile/0/001.p/45", 404],
    ["tile/0/002", 404],
    ["tile/3/000", 404],
    ["tile/0/00", 400],
    ["tile/0/000.p/0", 400],
    ["tile/0/000.p/256", 400],
    ["tile/0/../../../etc/passwd", 400],
    ["tile/%2e%2e/x", 400],
    ["tile/64/000", 400],
    ["tile/", 400],
    ["other", 404],
  ] as const)
    assert.equal((await get(handler, `/api/v2/${path}`)).status, status, path);
  assert.equal((await get(handler, "/api/v2/tile/0/000", {}, "OPTIONS")).status, 204);
  assert.equal((await get(handler, "/api/v2/tile/0/000", {}, "PUT")).status, 405);
  const old = await get(handler, "/api/v1/log/entries", {}, "POST");
  assert.equal(old.status, 404);
  assert.match(utf8Decode(old.body), /signing config/);
  await log.stop();
});
