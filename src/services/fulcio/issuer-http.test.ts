/** Over real sockets: an issuer, the authority that fetches its keys, and our own client that asks for a certificate. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  clientSigner,
  configOf,
  errorOf,
  handlerOf,
  issuerSigner,
  keyBody,
  leafOf,
  NOW_MS,
  requestPem,
  send,
  tokenOf,
} from "../../../test/fulcio-bench.ts";
import { FulcioClient } from "../../clients/fulcio.ts";
import { HttpClient } from "../../clients/http/http-client.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { DerReader } from "../../encoding/der.ts";
import { parsePem } from "../../encoding/pem.ts";
import { parseIdentityToken } from "../../formats/identity-token.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { respond, respondJson, type ServiceRequest, type ServiceResponse } from "../http/message.ts";
import { startServer } from "../http/server.ts";
import { issuerHttp } from "./issuer-http.ts";
import { FetchedIssuerKeys } from "./issuer-keys.ts";

const numbers = new DerReader(issuerSigner.publicKey.keyBytes).sequence();
const n = base64UrlEncode(numbers.integerBytes().subarray(1));
const e = base64UrlEncode(numbers.integerBytes());

const asked: ServiceRequest[] = [];
let answerOf: (request: ServiceRequest) => ServiceResponse = () => respond(404, {}, "");
const issuerServer = await startServer({
  port: 0,
  nowMs: () => NOW_MS,
  async handler(request) {
    asked.push(request);
    return answerOf(request);
  },
});
const issuerUrl = `http://127.0.0.1:${issuerServer.port}`;
const web = issuerHttp({ tries: 1 });
after(async () => {
  web.close();
  await issuerServer.stop();
});

function honest({ path }: ServiceRequest): ServiceResponse {
  if (path === "/keys") return respondJson(200, { keys: [{ kty: "RSA", kid: "k1", n, e }] });
  return respondJson(200, { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` });
}

const parts = {
  config: configOf({ issuerUrl }),
  issuerKeys: new FetchedIssuerKeys(web, () => NOW_MS, new Set([issuerUrl])),
};
const token = await tokenOf({ iss: issuerUrl, email: "foo@example.com", email_verified: true });

describe("keys over HTTP", { concurrency: false }, () => {
  test("are not fetched from where a redirect points, and the reason is told", async () => {
    answerOf = () => respond(302, { location: `http://localhost:${issuerServer.port}/elsewhere` }, "");
    const error = errorOf(await send(handlerOf(parts), await keyBody("subject-1"), token));
    assert.equal(error.reason, "ISSUER_UNREACHABLE");
    assert.match(error.problem, /redirect to different host/);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ["/.well-known/openid-configuration"],
    );
  });

  test("are refused when the answer is an error, or too large", async () => {
    answerOf = () => respond(500, {}, "no");
    assert.equal(errorOf(await send(handlerOf(parts), await keyBody("subject-1"), token)).reason, "ISSUER_UNREACHABLE");
    answerOf = () => respond(200, {}, new Uint8Array(2 * 1024 * 1024));
    assert.equal(errorOf(await send(handlerOf(parts), await keyBody("subject-1"), token)).reason, "ISSUER_UNREACHABLE");
  });

  test("are fetched without any credentials, and do for a certificate", async () => {
    answerOf = honest;
    leafOf(await send(handlerOf(parts), await keyBody("subject-1"), token));
    assert.ok(asked.every(({ headers }) => headers["authorization"] === undefined));
  });

  test("go with the cluster's token to the cluster alone", async () => {
    const cluster = issuerHttp({ tries: 1 }, { read: async () => ({ caCertificates: "", token: "service-account" }) });
    await cluster.get(`${issuerUrl}/keys`, { caCertificates: "", isCluster: true });
    assert.equal(asked.at(-1)?.headers["authorization"], "Bearer service-account");
    await cluster.get(`${issuerUrl}/keys`, { caCertificates: "", isCluster: false });
    assert.equal(asked.at(-1)?.headers["authorization"], undefined);
    cluster.close();
  });
});

test("our own client gets a certificate from our own authority", async () => {
  answerOf = honest;
  const server = await startServer({ port: 0, nowMs: () => NOW_MS, handler: handlerOf(parts) });
  const http = new HttpClient({ tries: 1 });
  const client = new FulcioClient(`http://127.0.0.1:${server.port}`, http);
  const certificationRequest = parsePem(await requestPem())[0]?.bytes ?? new Uint8Array();
  const chain = await client.requestCertificate({ token: parseIdentityToken(token), certificationRequest });
  assert.deepEqual(parseCertificate(chain[0] ?? new Uint8Array()).spki, clientSigner.publicKey.spki);
  assert.equal(chain.length, 3);
  http.close();
  await server.stop();
});
