/** TLS: certificates of the platform's, of the caller's, and of the client's own; and redirects out of it. */
import assert from "node:assert/strict";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { before, describe, test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { exportPkcs8, generatePrivateKey } from "../../crypto/private-key.ts";
import { createSigner } from "../../crypto/signer.ts";
import { signatureAlgorithmIdentifier } from "../../crypto/x509-identifiers.ts";
import { serializePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import type { SigstoreError } from "../../errors.ts";
import { serializeCertificate, serializeTbsCertificate } from "../../formats/x509/certificate-writer.ts";
import { serializeBasicConstraints, serializeSubjectAlternativeNames } from "../../formats/x509/extensions.ts";
import { serializeName } from "../../formats/x509/name.ts";
import { OID } from "../../formats/x509/oids.ts";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import type { HttpRequest } from "./http-request.ts";
import { startServer } from "./misbehaving-server.ts";

/** A key and its self-signed certificate for localhost, PEM, valid for the years of X.509. */
interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

async function selfSigned(commonName: string): Promise<Identity> {
  const key = generatePrivateKey("ecdsa-p256");
  const signer = createSigner(key);
  const name = serializeName([{ oid: OID.commonName, value: commonName }]);
  const signatureAlgorithm = signatureAlgorithmIdentifier(signer.algorithm);
  const tbs = serializeTbsCertificate({
    serialNumber: Uint8Array.of(1),
    signatureAlgorithm,
    issuer: name,
    subject: name,
    notBeforeMs: Date.parse("2020-01-01T00:00:00Z"),
    notAfterMs: Date.parse("2120-01-01T00:00:00Z"),
    spki: key.publicKey.spki,
    extensions: [
      serializeBasicConstraints({ isCa: true }),
      serializeSubjectAlternativeNames([{ kind: "dns", value: "localhost" }], false),
    ],
  });
  const der = serializeCertificate(tbs, signatureAlgorithm, await signer.sign(tbs));
  return { certificate: serializePem("CERTIFICATE", der), privateKey: serializePem("PRIVATE KEY", exportPkcs8(key)) };
}

let server: Identity;
let client: Identity;

before(async () => {
  [server, client] = await Promise.all([selfSigned("server"), selfSigned("client")]);
});

/** A TLS server that says who the client is, or sends it elsewhere. */
async function startTls(scope: TestContext, options: ServerOptions = {}, location?: string): Promise<string> {
  const identity = { cert: server.certificate, key: server.privateKey };
  const tls = createServer({ ...identity, ...options }, (request, response) => {
    if (location !== undefined) response.writeHead(302, { location }).end();
    else response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? "nobody"));
  });
  await new Promise<void>((listening) => {
    tls.listen(0, "127.0.0.1", listening);
  });
  scope.after(() => {
    tls.close();
    tls.closeAllConnections();
  });
  return `https://localhost:${(tls.address() as AddressInfo).port}/`;
}

async function ask(
  scope: TestContext,
  url: string,
  options: HttpOptions,
  extra: Partial<HttpRequest> = {},
): Promise<string> {
  const http = new HttpClient({ timeoutMs: 2000, firstWaitMs: 1, ...options });
  scope.after(() => http.close());
  const request: HttpRequest = {
    service: "test service",
    method: "GET",
    url,
    maxBytes: 100,
    repeat: "always",
    ...extra,
  };
  return utf8Decode((await http.send(request)).bytes);
}

describe("TLS", () => {
  test("a certificate nobody knows is refused at once, with what to do", async (scope) => {
    const asking = ask(scope, await startTls(scope), {}, { secrets: ["s3cr3t"] });
    await assert.rejects(asking, (error: SigstoreError) => {
      assert.deepEqual([error.code, error.details["tries"]], ["service-unreachable", 1]);
      assert.match(error.hint ?? "", /--ca-file FILE/);
      return true;
    });
  });

  test("a certificate authority of the caller's is trusted besides", async (scope) => {
    assert.equal(await ask(scope, await startTls(scope), { caCertificates: server.certificate }), "nobody");
  });

  test("a certificate for another name is refused", async (scope) => {
    const url = (await startTls(scope)).replace("localhost", "127.0.0.1");
    const asking = ask(scope, url, { caCertificates: server.certificate });
    await assert.rejects(asking, { code: "service-unreachable", message: /ERR_TLS_CERT_ALTNAME_INVALID/ });
  });

  test("a service that asks who is calling", async (scope) => {
    const url = await startTls(scope, { requestCert: true, rejectUnauthorized: true, ca: client.certificate });
    const trusted = { caCertificates: server.certificate };
    assert.equal(await ask(scope, url, { ...trusted, clientCertificate: client }), "client");
    await assert.rejects(ask(scope, url, trusted), { name: "SigstoreError" });
  });

  test("a redirect out of TLS is not followed", async (scope) => {
    const plain = await startServer(scope, (response) => response.end("plain"));
    const url = await startTls(scope, {}, plain.url);
    const asking = ask(scope, url, { caCertificates: server.certificate });
    await assert.rejects(asking, { code: "service-answer-invalid", message: /over TLS/ });
    assert.equal(plain.requests.length, 0);
  });
});

describe("names of this machine", () => {
  for (const address of ["127.0.0.1", "::1"]) {
    test(`are not asked of DNS, and reach a service at ${address}`, async (context) => {
      const service = createPlainServer((_, response) => response.end("here"));
      const listening = await new Promise<boolean>((resolve) => {
        service.once("error", () => resolve(false));
        service.listen(0, address, () => resolve(true));
      });
      context.after(() => service.close());
      if (!listening) return context.skip(`this machine has no ${address}`);
      const { port } = service.address() as AddressInfo;
      const http = new HttpClient({ tries: 1 });
      context.after(() => http.close());
      for (const host of ["localhost", "rekor.a1b2.localhost"]) {
        const url = `http://${host}:${port}/`;
        const { bytes } = await http.send({ service: "log", method: "GET", url, maxBytes: 100, repeat: "always" });
        assert.equal(utf8Decode(bytes), "here");
      }
    });
  }
});
