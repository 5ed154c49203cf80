/** The timestamp authority over HTTP: its answers, the original's errors, and a round trip with openssl. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openssl, opensslSkipReason } from "../../../test/openssl.ts";
import { DIGEST_OID } from "../../authority/algorithm-identifier.ts";
import { digest } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { parsePem, serializePem } from "../../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import {
  parseTimestampResponse,
  serializeTimestampRequest,
  type TimestampRequest,
  type TimestampToken,
} from "../../formats/rfc3161.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { OID } from "../../formats/x509/oids.ts";
import { seededRandom } from "../../testing/seed.ts";
import { createVirtualSigstore } from "../../testing/virtual-sigstore.ts";
import type { ServiceHandler, ServiceResponse } from "../http/message.ts";
import type { ClockReading } from "./clock-guard.ts";
import { type TsaConfig, tsaSettings } from "./config.ts";
import { tsaHandler } from "./handler.ts";
import { TimestampService } from "./service.ts";

const sigstore = await createVirtualSigstore({ seed: "tsa service" });
const [virtual] = sigstore.current.timestampAuthorities;
assert.ok(virtual !== undefined);
const { signer, chain } = virtual.authority;
const MESSAGE = utf8Encode("a signature");
const DER = "application/timestamp-query";

interface Bench {
  readonly handler: ServiceHandler;
  clock: ClockReading;
}

function start(config: Partial<TsaConfig> = {}, wallMs = sigstore.nowMs + 250): Bench {
  const random = seededRandom("tsa service", "serial numbers");
  const clock = { wallMs, bootMs: 1000 };
  const settings = tsaSettings({ chain, signer, ...config });
  const bench: Bench = {
    clock,
    handler: async (request) => handler(request),
  };
  const handler = tsaHandler(new TimestampService(settings, { random, readClock: () => bench.clock }));
  return bench;
}

const bench = start();

async function ask(
  body: Uint8Array | string,
  contentType: string = DER,
  { handler } = bench,
  path = "/api/v1/timestamp",
  method = "POST",
): Promise<ServiceResponse> {
  const bytes = typeof body === "string" ? utf8Encode(body) : body;
  const headers = { "content-type": contentType };
  return handler({ method, path, query: "", headers, body: bytes, remoteAddress: "127.0.0.1" });
}

function query(hash: "sha256" | "sha384" | "sha512" = "sha256", more: Partial<TimestampRequest> = {}): Uint8Array {
  const messageImprint = { hashAlgorithm: DIGEST_OID[hash], digest: digest(hash, MESSAGE) };
  return serializeTimestampRequest({ messageImprint, certificatesWanted: false, extensions: [], ...more });
}

function json(more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ artifactHash: base64Encode(digest("sha256", MESSAGE)), hashAlgorithm: "sha256", ...more });
}

/** The body for a failure message. */
function textOf({ body }: ServiceResponse): string {
  return new TextDecoder().decode(body);
}

function tokenOf(response: ServiceResponse): TimestampToken {
  assert.equal(response.status, 200, textOf(response));
  assert.equal(response.headers["content-type"], "application/timestamp-reply");
  const { status, token } = parseTimestampResponse(response.body);
  assert.equal(status, 0);
  assert.ok(token !== undefined);
  return token;
}

interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly reason: string; readonly hint?: string }[];
}

function errorOf(response: ServiceResponse, status: number): ErrorBody {
  assert.equal(response.status, status, textOf(response));
  assert.equal(response.headers["content-type"], "application/json");
  const body = JSON.parse(utf8Decode(response.body)) as ErrorBody;
  assert.equal(body.code, status);
  return body;
}

describe("the timestamp authority", () => {
  for (const hash of ["sha256", "sha384", "sha512"] as const) {
    test(`stamps a ${hash} digest`, async () => {
      const { tstInfo, signedData } = tokenOf(await ask(query(hash)));
      assert.deepEqual(tstInfo.messageImprint, { hashAlgorithm: DIGEST_OID[hash], digest: digest(hash, MESSAGE) });
      assert.deepEqual([tstInfo.genTimeMs, tstInfo.accuracyMs], [sigstore.nowMs, 1000]);
      assert.deepEqual([tstInfo.policy, tstInfo.nonce], [OID.sigstoreTimestampPolicy, undefined]);
      assert.equal(signedData.certificates.length, 0);
    });
  }

  test("echoes the nonce and brings its certificate where asked to", async () => {
    const { tstInfo, signedData } = tokenOf(await ask(query("sha256", { nonce: 1234n, certificatesWanted: true })));
    assert.equal(tstInfo.nonce, 1234n);
    assert.deepEqual(signedData.certificates, chain.slice(0, 1));
  });

  test("brings the whole chain where it is set so", async () => {
    const answer = await ask(query("sha256", { certificatesWanted: true }), DER, start({ includeChain: true }));
    // A SET OF: in the order of the octets, not of the chain.
    assert.deepEqual(
      new Set(tokenOf(answer).signedData.certificates.map(base64Encode)),
      new Set(chain.map(base64Encode)),
    );
  });

  test("answers JSON requests, with a parameter behind the media type too", async () => {
    const body = json({ nonce: 1123343434, certificates: true, unknown: 1 });
    const { tstInfo, signedData } = tokenOf(await ask(body, "application/json; charset=utf-8"));
    assert.equal(tstInfo.nonce, 1_123_343_434n);
    assert.equal(signedData.certificates.length, 1);
    const large = tokenOf(
      await ask(`${json().slice(0, -1)},"nonce":123456789012345678901234567890}`, "application/json"),
    );
    assert.equal(large.tstInfo.nonce, 123_456_789_012_345_678_901_234_567_890n);
  });

  test("gives each timestamp its own serial number", async () => {
    const [one, two] = [tokenOf(await ask(query())), tokenOf(await ask(query()))];
    assert.notEqual(one.tstInfo.serialNumber, two.tstInfo.serialNumber);
  });

  test("stamps under another policy and with extensions where these are accepted", async () => {
    const open = start({ acceptedPolicies: ["1.2.3.4.5"], allowExtensions: true });
    const extension = { oid: "1.2.3.4", critical: false, value: Uint8Array.of(1, 2, 3, 4) };
    const { tstInfo } = tokenOf(
      await ask(query("sha256", { policy: "1.2.3.4.5", extensions: [extension] }), DER, open),
    );
    assert.deepEqual([tstInfo.policy, tstInfo.extensions], ["1.2.3.4.5", [extension]]);
    assert.equal(
      tokenOf(await ask(json({ tsaPolicyOID: "1.2.3.4.5" }), "application/json", open)).tstInfo.policy,
      "1.2.3.4.5",
    );
  });

  test("answers 201 where it is set so", async () => {
    assert.equal((await ask(query(), DER, start({ useHttp201: true }))).status, 201);
  });

  test("shows its chain, leaf first, and that it is there", async () => {
    const answer = await ask("", "", bench, "/api/v1/timestamp/certchain", "GET");
    assert.equal(answer.headers["content-type"], "application/pem-certificate-chain");
    assert.deepEqual(
      parsePem(utf8Decode(answer.body)).map(({ bytes }) => bytes),
      chain,
    );
    const ping = await ask("", "", bench, "/ping", "GET");
    assert.deepEqual([ping.status, utf8Decode(ping.body)], [200, "."]);
  });
});

describe("the timestamp authority refuses, with the original's words and a reason,", () => {
  const imprint = (oid: string, bytes: number): Partial<TimestampRequest> => ({
    messageImprint: { hashAlgorithm: oid, digest: new Uint8Array(bytes) },
  });
  const cases: readonly (readonly [string, Uint8Array | string, string, string, RegExp])[] = [
    ["an empty body", "", DER, "Error generating timestamp response", /request/],
    ["no DER", "hello", DER, "Error generating timestamp response", /request/],
    ["bytes behind the request", new Uint8Array([...query(), 0]), DER, "Error generating timestamp response", /./],
    ["SHA-1", query("sha256", imprint(OID.sha1, 20)), DER, "Weak hash algorithm in timestamp request", /SHA-1/],
    ["MD5", query("sha256", imprint("1.2.840.113549.2.5", 16)), DER, "Error generating timestamp response", /SHA-256/],
    [
      "a short digest",
      query("sha256", imprint(OID.sha256, 31)),
      DER,
      "Message digest has incorrect length for specified algorithm",
      /32 bytes, got 31/,
    ],
    [
      "a long digest",
      query("sha256", imprint(OID.sha384, 64)),
      DER,
      "Message digest has incorrect length for specified algorithm",
      /48 bytes, got 64/,
    ],
    [
      "a policy",
      query("sha256", { policy: "1.2.3.4.5" }),
      DER,
      "unaccepted policy: requested TSA policy is not supported by the TSA",
      /got 1\.2\.3\.4\.5/,
    ],
    [
      "an extension",
      query("sha256", { extensions: [{ oid: "1.2.3.4", critical: false, value: Uint8Array.of(1) }] }),
      DER,
      "unaccepted extension: requested extensions are not supported by the TSA",
      /1\.2\.3\.4/,
    ],
    ["a huge request", new Uint8Array(70_000), DER, "timestamp request is too large", /70000/],
    ["broken JSON", "{", "application/json", "Error generating timestamp response", /line 1/],
    ["JSON that is no object", "[]", "application/json", "Error generating timestamp response", /object/],
    [
      "JSON of more than 1024 bytes",
      json({ nonce: "1".repeat(1024) }),
      "application/json",
      "timestamp request is too large",
      /1024/,
    ],
    [
      "an unknown hash in JSON",
      json({ hashAlgorithm: "md5" }),
      "application/json",
      "Error generating timestamp response",
      /md5/,
    ],
    [
      "SHA-1 in JSON",
      json({ hashAlgorithm: "SHA1" }),
      "application/json",
      "Weak hash algorithm in timestamp request",
      /SHA-1/,
    ],
    ["no hash in JSON", "{}", "application/json", "Error generating timestamp response", /hashAlgorithm/],
    [
      "a digest that is no base64",
      json({ artifactHash: "!" }),
      "application/json",
      "Error generating timestamp response",
      /base64/,
    ],
    [
      "a short digest in JSON",
      json({ artifactHash: "AAAA" }),
      "application/json",
      "Message digest has incorrect length for specified algorithm",
      /got 3/,
    ],
    ["a nonce as text", json({ nonce: "12" }), "application/json", "Error generating timestamp response", /nonce/],
    [
      "a nonce with a fraction",
      json({ nonce: 1.5 }),
      "application/json",
      "Error generating timestamp response",
      /nonce/,
    ],
    [
      "a nonce of 600 digits",
      `${json().slice(0, -1)},"nonce":${"9".repeat(600)}}`,
      "application/json",
      "Error generating timestamp response",
      /nonce/,
    ],
    [
      "a policy of 129 arcs",
      json({ tsaPolicyOID: Array.from({ length: 129 }, () => "1").join(".") }),
      "application/json",
      "OID should be comprised of at most 128 components",
      /128/,
    ],
    [
      "a policy that is none",
      json({ tsaPolicyOID: "1.x" }),
      "application/json",
      "OID should be comprised of at most 128 components",
      /./,
    ],
    [
      "a policy in JSON",
      json({ tsaPolicyOID: "1.2.3" }),
      "application/json",
      "unaccepted policy: requested TSA policy is not supported by the TSA",
      /1\.2\.3/,
    ],
    [
      "certificates as text",
      json({ certificates: "yes" }),
      "application/json",
      "Error generating timestamp response",
      /certificates/,
    ],
  ];
  for (const [what, body, contentType, message, reason] of cases) {
    test(what, async () => {
      const error = errorOf(await ask(body, contentType), 400);
      assert.equal(error.message, message);
      assert.match(error.details[0]?.reason ?? "", reason);
    });
  }

  test("another media type, also one that only looks right", async () => {
    for (const type of [
      "",
      "text/plain",
      "multipart/form-data; boundary=application/json",
      "application/timestamp-reply",
    ])
      errorOf(await ask(query(), type), 415);
  });

  test("other addresses and methods", async () => {
    errorOf(await ask(query(), DER, bench, "/api/v1/timestamps"), 404);
    const answer = await ask("", DER, bench, "/api/v1/timestamp", "GET");
    errorOf(answer, 405);
    assert.equal(answer.headers["allow"], "POST");
  });

  test("any bytes at all, without failing itself", async () => {
    const valid = query("sha512", { nonce: 7n, certificatesWanted: true, policy: OID.sigstoreTimestampPolicy });
    for (let index = 0; index < valid.length; index++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const mutated = valid.slice();
        mutated[index] = value;
        const { status } = await ask(mutated);
        assert.ok(status === 200 || status === 400, `byte ${index} as ${value} gave ${status}`);
      }
      errorOf(await ask(valid.slice(0, index)), 400);
    }
  });
});

describe("the timestamp authority with a wrong clock", () => {
  test("stops, says so and when to come back, and goes on by itself", async () => {
    const own = start();
    tokenOf(await ask(query(), DER, own));
    own.clock = { wallMs: own.clock.wallMs + 2500, bootMs: own.clock.bootMs + 500 };
    const answer = await ask(query(), DER, own);
    const error = errorOf(answer, 503);
    assert.equal(error.message, "Error generating timestamp response");
    assert.equal(error.details[0]?.reason, "expected a clock right to 1000 ms, got one that is 2000 ms ahead");
    assert.equal(answer.headers["retry-after"], "30");
    own.clock = { wallMs: own.clock.wallMs - 1500, bootMs: own.clock.bootMs + 500 };
    tokenOf(await ask(query(), DER, own));
  });

  test("puts its name to no time outside the life of its certificate, if it believes in it from the start or not", async () => {
    const { notBeforeMs, notAfterMs } = parseCertificate(chain[0] ?? new Uint8Array());
    for (const [wallMs, isGood] of [
      [notBeforeMs - 1, false],
      [notBeforeMs, true],
      [notAfterMs, true],
      [notAfterMs + 1000, false],
    ] as const) {
      const own = start({}, wallMs);
      const answer = await ask(query(), DER, own);
      if (isGood) tokenOf(answer);
      else assert.match(errorOf(answer, 503).details[0]?.reason ?? "", /expected a time in the life/);
    }
  });

  test("says what is wrong with a request first", async () => {
    const own = start();
    own.clock = { wallMs: 0, bootMs: 2000 };
    errorOf(await ask("", DER, own), 400);
  });
});

describe("openssl ts", { skip: opensslSkipReason }, () => {
  const ca = chain
    .slice(1)
    .map((one) => serializePem("CERTIFICATE", one))
    .join("");
  const leaf = serializePem("CERTIFICATE", chain[0] ?? new Uint8Array());
  for (const flags of [
    ["-sha256", "-cert"],
    ["-sha384"],
    ["-sha512", "-cert", "-no_nonce"],
    ["-sha256", "-tspolicy", OID.sigstoreTimestampPolicy],
  ]) {
    test(`asks with ${flags.join(" ")} and verifies the answer`, async () => {
      const request = openssl(["ts", "-query", "-data", "data", ...flags], { data: MESSAGE }, "latin1");
      const question = Uint8Array.from(request, (character) => character.charCodeAt(0));
      const answer = await ask(question);
      assert.equal(answer.status, 200, textOf(answer));
      const files = { query: question, answer: answer.body, "ca.pem": ca, "leaf.pem": leaf, data: MESSAGE };
      const trust = ["-CAfile", "ca.pem", "-untrusted", "leaf.pem", "-attime", `${sigstore.nowMs / 1000}`];
      assert.match(openssl(["ts", "-verify", "-queryfile", "query", "-in", "answer", ...trust], files), /OK/);
      assert.match(openssl(["ts", "-reply", "-in", "answer", "-text"], files), /Accuracy: 0x01 seconds/);
    });
  }
});
