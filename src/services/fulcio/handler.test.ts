/** The certificate authority over HTTP: what stock clients send and expect, and what it says when it cannot. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  authority,
  chainOf,
  clientSigner,
  configOf,
  csrBody,
  ctLog,
  errorOf,
  handlerOf,
  ISSUER,
  keyBody,
  keys,
  leafOf,
  NOW_MS,
  partsOf,
  publicKeyPem,
  random,
  requestPem,
  send,
  tokenOf,
} from "../../../test/fulcio-bench.ts";
import { openssl, opensslSkipReason } from "../../../test/openssl.ts";
import { base64Encode, base64UrlEncode } from "../../encoding/base64.ts";
import { parsePem, serializePem } from "../../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { embeddedScts, leafIndexOfSct, precertificateTbs } from "../../formats/sct.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import type { ServiceHandler, ServiceResponse } from "../http/message.ts";
import { createAuthorityChain, openAuthorityChain } from "./authority-chain.ts";
import { oidcIssuer } from "./config.ts";
import { fulcioHandler } from "./handler.ts";
import type { CertificateTransparencyLog } from "./issuance.ts";
import { FulcioService } from "./service.ts";
import { UsedTokensInMemory } from "./used-tokens.ts";

const handler = handlerOf();
const token = await tokenOf({ email: "foo@example.com", email_verified: true });
const body = await keyBody("foo@example.com");
const pem = await requestPem();

async function get(path: string, from: ServiceHandler = handler, method = "GET"): Promise<ServiceResponse> {
  return from({ method, path, query: "", headers: {}, body: new Uint8Array(0), remoteAddress: "127.0.0.1" });
}

function jsonOf(response: ServiceResponse): unknown {
  assert.equal(response.headers["content-type"], "application/json");
  return JSON.parse(utf8Decode(response.body));
}

describe("stock clients get certificates:", () => {
  test("cosign and sigstore-go: token in the header, key and proof", async () => {
    const chain = chainOf(await send(handler, body, token));
    assert.deepEqual(
      chain.slice(1).map(({ raw }) => raw),
      authority.chain,
    );
  });

  test("sigstore-js: token in the body", async () => {
    leafOf(await send(handler, { credentials: { oidcIdentityToken: token }, ...body }, undefined));
  });

  test("sigstore-python: token in the header, request, and an Accept that is not meant", async () => {
    const answer = await handler({
      method: "POST",
      path: "/api/v2/signingCert",
      query: "",
      remoteAddress: "127.0.0.1",
      headers: { authorization: `Bearer ${token}`, accept: "application/pem-certificate-chain" },
      body: utf8Encode(JSON.stringify(csrBody(pem))),
    });
    assert.equal(chainOf(answer).length, 3);
    assert.equal(embeddedScts(leafOf(answer)).length, 1);
  });

  test("the token of the body goes before that of the header", async () => {
    leafOf(await send(handler, { credentials: { oidcIdentityToken: token }, ...body }, "nonsense"));
    assert.equal((await send(handler, { credentials: { oidcIdentityToken: "nonsense" }, ...body }, token)).status, 400);
  });

  test("with snake_case names, unknown members, nulls, and bytes in base64url without padding", async () => {
    const signature = await clientSigner.sign(utf8Encode("foo@example.com"));
    const request = {
      unknown: { a: 1 },
      certificate_signing_request: null,
      public_key_request: {
        public_key: { algorithm: "NO_SUCH", content: publicKeyPem() },
        proof_of_possession: base64UrlEncode(signature),
      },
    };
    leafOf(await send(handler, request, token));
  });

  test("old cosign: /api/v1/signingCert answers 201 and PEM", async () => {
    const signedEmailAddress = base64Encode(await clientSigner.sign(utf8Encode("foo@example.com")));
    for (const content of [utf8Encode(publicKeyPem()), clientSigner.publicKey.spki]) {
      const v1 = { publicKey: { algorithm: "ecdsa", content: base64Encode(content) }, signedEmailAddress };
      const answer = await send(handler, v1, token, "/api/v1/signingCert");
      assert.deepEqual([answer.status, answer.headers["content-type"]], [201, "application/pem-certificate-chain"]);
      const text = utf8Decode(answer.body);
      assert.equal(text, text.trim());
      assert.equal(parsePem(text).length, 3);
    }
    const byRequest = await send(handler, csrBody(pem), token, "/api/v1/signingCert");
    assert.equal(byRequest.status, 201);
    assert.equal((await send(handler, {}, token, "/api/v1/signingCert")).status, 400);
  });
});

describe("a certificate", () => {
  test("is valid for ten minutes from now, for an empty subject, and carries what the log saw", async () => {
    const leaf = leafOf(await send(handler, body, token));
    assert.deepEqual([leaf.notBeforeMs, leaf.notAfterMs], [NOW_MS - 400, NOW_MS - 400 + 600_000]);
    const [precertificate, issuer] = ctLog.chains.at(-1) ?? [];
    assert.ok(precertificate !== undefined);
    assert.deepEqual(issuer, authority.chain[0]);
    assert.deepEqual(precertificateTbs(leaf), precertificateTbs(parseCertificate(precertificate)));
    const [sct] = embeddedScts(leaf);
    assert.ok(sct !== undefined && leafIndexOfSct(sct) !== undefined);
  });

  test("passes openssl's verification of its chain", { skip: opensslSkipReason }, async () => {
    const [leaf, ...others] = chainOf(await send(handler, body, token)).map(({ raw }) =>
      serializePem("CERTIFICATE", raw),
    );
    const files = { "leaf.pem": leaf ?? "", "intermediate.pem": others[0] ?? "", "root.pem": others[1] ?? "" };
    const at = `${Math.floor(NOW_MS / 1000)}`;
    const args = [
      "verify",
      "-attime",
      at,
      "-ignore_critical",
      "-x509_strict",
      "-CAfile",
      "root.pem",
      "-untrusted",
      "intermediate.pem",
      "leaf.pem",
    ];
    assert.match(openssl(args, files), /leaf\.pem: OK/);
    assert.match(
      openssl(["x509", "-in", "leaf.pem", "-noout", "-text"], files),
      /Code Signing[^]*email:foo@example\.com[^]*CT Precertificate SCTs/,
    );
  });

  test("has no SCT where no log is configured, and says so", async () => {
    const answer = await send(handlerOf({ log: undefined }), body, token);
    const { signedCertificateDetachedSct } = jsonOf(answer) as Record<
      string,
      { readonly signedCertificateTimestamp: string }
    >;
    assert.equal(signedCertificateDetachedSct?.signedCertificateTimestamp, "");
    assert.deepEqual(embeddedScts(leafOf(answer)), []);
  });
});

describe("what is there to read:", () => {
  test("the trust bundle, the root, the health", async () => {
    const bundle = jsonOf(await get("/api/v2/trustBundle")) as {
      readonly chains: readonly { readonly certificates: readonly string[] }[];
    };
    assert.deepEqual(
      bundle.chains.map(({ certificates }) => certificates.map((one) => parsePem(one)[0]?.bytes)),
      [authority.chain],
    );
    const root = await get("/api/v1/rootCert");
    assert.deepEqual([root.status, root.headers["content-type"]], [200, "application/pem-certificate-chain"]);
    assert.deepEqual(
      parsePem(utf8Decode(root.body)).map(({ bytes }) => bytes),
      authority.chain,
    );
    assert.deepEqual(jsonOf(await get("/healthz")), { status: "SERVING" });
    assert.equal((await get("/healthz", handler, "HEAD")).status, 200);
  });

  test("the issuers, with members that are not set", async () => {
    const meta = oidcIssuer({ issuerUrl: "", type: "kubernetes" });
    const config = configOf({ issuerClaim: "$.a" }, { metaIssuers: new Map([["https://*.example.net/*", meta]]) });
    const common = { audience: "sigstore", spiffeTrustDomain: "", subjectDomain: "", skipEmailVerification: false };
    assert.deepEqual(jsonOf(await get("/api/v2/configuration", handlerOf({ config }))), {
      issuers: [
        { issuerUrl: ISSUER, challengeClaim: "email", issuerType: "email", ...common },
        { wildcardIssuerUrl: "https://*.example.net/*", challengeClaim: "sub", issuerType: "kubernetes", ...common },
      ],
    });
  });

  test("nothing else, by no other method, and for no page of another origin", async () => {
    assert.deepEqual(jsonOf(await get("/api/v2/other")), { code: 5, message: "Not Found", details: [] });
    assert.equal((await get("/api/v2/other")).status, 404);
    assert.deepEqual(jsonOf(await get("/api/v2/signingCert")), {
      code: 12,
      message: "Method Not Allowed",
      details: [],
    });
    for (const path of ["/api/v2/trustBundle", "/healthz"])
      assert.equal((await get(path)).headers["access-control-allow-origin"], undefined);
  });
});

describe("a request that cannot be read is answered 400:", () => {
  for (const text of [
    "",
    "{",
    "[]",
    "null",
    '"x"',
    `{"credentials":7}`,
    `{"publicKeyRequest":[]}`,
    `{"certificateSigningRequest":"!"}`,
    `{"a":1,"a":2}`,
    `{"publicKeyRequest":{},"certificateSigningRequest":"AAAA"}`,
    "[".repeat(100_000),
    `{"a":"${"x".repeat(300_000)}"}`,
    "\ud800",
  ]) {
    test(JSON.stringify(text.slice(0, 40)), async () => {
      const bytes = text === "\ud800" ? Uint8Array.of(0xed, 0xa0, 0x80) : utf8Encode(text);
      const answer = await handler({
        method: "POST",
        path: "/api/v2/signingCert",
        query: "",
        remoteAddress: "127.0.0.1",
        headers: {},
        body: bytes,
      });
      const error = errorOf(answer);
      assert.deepEqual([error.status, error.code], [400, 3]);
    });
  }
});

describe("no certificate leaves without an SCT that holds:", () => {
  const logs: readonly (readonly [string, Partial<CertificateTransparencyLog>, RegExp])[] = [
    [
      "the log is away",
      {
        addPrecertificate: async () => {
          throw new SigstoreError("service-unreachable", "expected an answer of the CT log, got ECONNREFUSED");
        },
      },
      /ECONNREFUSED/,
    ],
    [
      "another log answers",
      { publicKey: keys.signer("other log", "PKIX_ECDSA_P256_SHA_256").publicKey },
      /another log/,
    ],
    [
      "the signature is of another certificate",
      { addPrecertificate: async (chain) => ({ ...(await ctLog.addPrecertificate(chain)), timestampMs: 7n }) },
      /does not verify/,
    ],
  ];
  for (const [what, lie, problem] of logs) {
    test(what, async () => {
      const error = errorOf(await send(handlerOf({ log: { ...ctLog, ...lie } }), body, token));
      assert.deepEqual([error.status, error.code, error.message], [500, 13, "Error entering certificate in CTL"]);
      assert.match(error.problem, problem);
    });
  }

  test("and none when the authority's own key fails", async () => {
    const issuing = {
      ...authority.issuing,
      signer: {
        ...authority.issuing.signer,
        sign: async () => {
          throw new SigstoreError("key-invalid", "expected the key, got none");
        },
      },
    };
    const error = errorOf(await send(handlerOf({ authority: { ...authority, issuing } }), body, token));
    assert.deepEqual([error.status, error.message], [500, "error communicating with CA backend"]);
  });
});

describe("a token that may be used once", () => {
  test("gets one certificate, whatever is done to its signature, and a mistake does not use it up", async () => {
    const once = handlerOf({ usedTokens: new UsedTokensInMemory(() => NOW_MS) });
    assert.equal(errorOf(await send(once, await keyBody("wrong"), token)).reason, "PROOF_INVALID");
    leafOf(await send(once, body, token));
    const error = errorOf(await send(once, body, token));
    assert.deepEqual(
      [error.status, error.message, error.reason],
      [400, "There was an error processing the identity token", "TOKEN_USED"],
    );
    leafOf(await send(once, body, await tokenOf({ email: "foo@example.com", email_verified: true, jti: "2" })));
  });

  test("gets one of many that ask at once", async () => {
    const once = handlerOf({ usedTokens: new UsedTokensInMemory(() => NOW_MS) });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => send(once, body, token)));
    assert.deepEqual(answers.filter(({ status }) => status === 200).length, 1);
  });

  test("is forgotten when it expired, so that memory stays bounded", async () => {
    let nowMs = 0;
    const used = new UsedTokensInMemory(() => nowMs);
    for (let index = 0; index < 5000; index++) {
      nowMs = index * 10;
      assert.ok(await used.claim(`${index}`, nowMs + 5));
    }
    assert.ok(await used.claim("0", nowMs + 5));
    assert.ok(!(await used.claim("4999", nowMs + 5)));
  });
});

describe("the authority's chain", () => {
  const rootSigner = keys.signer("second root", "PKIX_ECDSA_P384_SHA_384");
  const intermediateSigner = keys.signer("second intermediate", "PKIX_ECDSA_P384_SHA_384");
  const options = {
    rootSigner,
    intermediateSigner,
    organization: "sigstore.test",
    commonName: "second",
    nowMs: NOW_MS,
    random,
  };

  test("is changed without a pause; what comes after is issued by the new one", async () => {
    const service = new FulcioService(partsOf());
    const own = fulcioHandler(service);
    const before = send(own, body, token);
    service.useAuthority(await createAuthorityChain(options));
    assert.deepEqual(chainOf(await before)[1]?.raw, authority.chain[0]);
    assert.notDeepEqual(chainOf(await send(own, body, token))[1]?.raw, authority.chain[0]);
  });

  test("is opened again with its key, at a time when it is valid", async () => {
    const { chain } = await createAuthorityChain(options);
    assert.deepEqual(openAuthorityChain(chain, intermediateSigner, NOW_MS).chain, chain);
    const refuses = (certificates: readonly Uint8Array[], signer = intermediateSigner, nowMs = NOW_MS): void => {
      assert.throws(() => openAuthorityChain(certificates, signer, nowMs), isSigstoreError);
    };
    refuses([]);
    refuses(chain, rootSigner);
    refuses(chain, intermediateSigner, NOW_MS + 4 * 31_536_000_000);
    refuses(chain, intermediateSigner, NOW_MS - 86_400_000);
    refuses([...chain.slice(0, 1), ...authority.chain.slice(1)]);
    refuses([leafOf(await send(handler, body, token)).raw, ...authority.chain], clientSigner);
    assert.deepEqual(openAuthorityChain(chain.slice(1), rootSigner, NOW_MS).chain, chain.slice(1));
  });
});
