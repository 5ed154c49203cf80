/** The certificate authority's client: what it sends, and what it makes of other answers than the hoped for. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError, type SigstoreError } from "../errors.ts";
import { parseIdentityToken } from "../formats/identity-token.ts";
import { FulcioClient } from "./fulcio.ts";
import { HttpClient } from "./http/http-client.ts";
import { type Behaviour, sendHalf, sendJson, startServer } from "./http/misbehaving-server.ts";

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const TOKEN = parseIdentityToken(
  `${part({ alg: "none" })}.${part({ iss: "https://issuer.test", sub: "x", aud: "sigstore", exp: 2_000_000_000 })}.c2ln`,
);
const PEM = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----";

async function ask(scope: TestContext, behaviour: Behaviour): Promise<readonly Uint8Array[]> {
  const server = await startServer(scope, behaviour);
  const http = new HttpClient({ timeoutMs: 200, firstWaitMs: 1 });
  scope.after(() => http.close());
  return new FulcioClient(server.url, http).requestCertificate({
    token: TOKEN,
    certificationRequest: utf8Encode("csr"),
  });
}

async function refusal(scope: TestContext, behaviour: Behaviour): Promise<SigstoreError> {
  try {
    await ask(scope, behaviour);
  } catch (error) {
    assert.ok(isSigstoreError(error), String(error));
    assert.ok(!JSON.stringify([error.message, error.hint, error.details]).includes(TOKEN.reveal().slice(0, 20)));
    assert.match(error.message, /certificate authority http:\/\/localhost:\d+\/api\/v2\/signingCert/);
    return error;
  }
  return assert.fail("expected a refusal");
}

describe("a chain", () => {
  for (const form of ["signedCertificateEmbeddedSct", "signedCertificateDetachedSct"]) {
    test(`with ${form}`, async (scope) => {
      const answer = { [form]: { chain: { certificates: [PEM, PEM] }, signedCertificateTimestamp: "" } };
      assert.deepEqual(await ask(scope, (response) => sendJson(response, 200, answer)), [
        Uint8Array.of(1, 2, 3),
        Uint8Array.of(1, 2, 3),
      ]);
    });
  }
});

describe("other answers", () => {
  for (const [name, answer] of [
    ["nothing", {}],
    ["no chain", { signedCertificateEmbeddedSct: {} }],
    ["an empty chain", { signedCertificateEmbeddedSct: { chain: { certificates: [] } } }],
    [
      "a chain without end",
      { signedCertificateEmbeddedSct: { chain: { certificates: Array.from({ length: 11 }, () => PEM) } } },
    ],
    ["no PEM", { signedCertificateEmbeddedSct: { chain: { certificates: ["no"] } } }],
    ["two certificates in one", { signedCertificateEmbeddedSct: { chain: { certificates: [`${PEM}\n${PEM}`] } } }],
    [
      "a key",
      { signedCertificateEmbeddedSct: { chain: { certificates: [PEM.replaceAll("CERTIFICATE", "PUBLIC KEY")] } } },
    ],
    ["numbers", { signedCertificateEmbeddedSct: { chain: { certificates: [1] } } }],
    ["a list", []],
  ] as const) {
    test(name, async (scope) => {
      assert.equal(
        (await refusal(scope, (response) => sendJson(response, 200, answer))).code,
        "service-answer-invalid",
      );
    });
  }

  test("a page of a proxy", async (scope) => {
    assert.equal((await refusal(scope, (response) => response.end("<html>"))).code, "service-answer-invalid");
  });

  test("half an answer is not asked for twice", async (scope) => {
    let calls = 0;
    const behaviour: Behaviour = (response) => {
      calls += 1;
      sendHalf(response, '{"signedCertificateEmbeddedSct"');
    };
    assert.equal((await refusal(scope, behaviour)).code, "service-answer-invalid");
    assert.equal(calls, 1);
  });

  test("a token that is not accepted: said with what to look at", async (scope) => {
    const message = "There was an error processing the identity token";
    const error = await refusal(scope, (response, { headers }) =>
      sendJson(response, 400, { code: 3, message: `${message} ${headers.authorization}`, details: [] }),
    );
    assert.equal(error.code, "service-refused");
    assert.match(error.hint ?? "", /https:\/\/issuer\.test/);
    assert.match(error.message, /identity token Bearer \[secret\]/);
  });

  test("a token that is not accepted by an authority that says why", async (scope) => {
    const metadata = { message: "expected the audience sigstore, got x", hint: "ask for a token for sigstore" };
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "AUDIENCE_MISMATCH", metadata }];
    const message = "There was an error processing the identity token";
    const error = await refusal(scope, (response) => sendJson(response, 400, { code: 3, message, details }));
    assert.match(error.message, /identity token: expected the audience sigstore, got x$/);
    assert.equal(error.hint, metadata.hint);
  });
});
