/** Our clients against services that speak the stock protocols over HTTP with the virtual Sigstore behind: sign, then judge. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { FulcioClient } from "../src/clients/fulcio.ts";
import { HttpClient } from "../src/clients/http/http-client.ts";
import { type Behaviour, sendJson, startServer } from "../src/clients/http/misbehaving-server.ts";
import { RekorV1Client } from "../src/clients/rekor-v1.ts";
import { RekorV2Client } from "../src/clients/rekor-v2.ts";
import { TimestampAuthorityClient } from "../src/clients/timestamp-authority.ts";
import { hexEncode } from "../src/encoding/hex.ts";
import { parsePem, serializePem } from "../src/encoding/pem.ts";
import { utf8Encode } from "../src/encoding/text.ts";
import type { TlogEntry } from "../src/formats/bundle/bundle.ts";
import { serializeTlogEntry } from "../src/formats/bundle/tlog-entry.ts";
import { parseDsseEnvelope } from "../src/formats/dsse.ts";
import { type IdentityToken, parseIdentityToken } from "../src/formats/identity-token.ts";
import { serializeStatement } from "../src/formats/in-toto.ts";
import type { Verifier002 } from "../src/formats/rekor/entry-body.ts";
import { exactIdentity } from "../src/policy/identity.ts";
import { KeylessSession } from "../src/sign/keyless-session.ts";
import type { EntryProposal, TransparencyLog } from "../src/sign/ports.ts";
import { signMessage, signStatement } from "../src/sign/sign.ts";
import { PERSON } from "../src/testing/identities.ts";
import {
  virtualCertificateAuthority,
  virtualClaims,
  virtualTimestampAuthority,
  virtualToken,
  virtualTransparencyLog,
} from "../src/testing/virtual-services.ts";
import { createVirtualSigstore, statementAbout, type VirtualSigstore } from "../src/testing/virtual-sigstore.ts";
import { loadTrust } from "../src/verdict/trust.ts";
import { judge } from "../src/verdict/verdict.ts";
import { loadTrustMaterial } from "../src/verify/trust.ts";

const ARTIFACT = utf8Encode("artifact");

/** What clients send, taken apart by hand and not by the readers under test. */
interface CertificateRequestBody {
  readonly certificateSigningRequest: string;
}
interface DsseBody {
  readonly kind: "dsse";
  readonly spec: { readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly [string] } };
}
interface HashedRekordBody {
  readonly kind: "hashedrekord";
  readonly spec: {
    readonly data: { readonly hash: { readonly algorithm: "sha256"; readonly value: string } };
    readonly signature: { readonly content: string; readonly publicKey: { readonly content: string } };
  };
}
interface RekorV2Body {
  readonly hashedRekordRequestV002: {
    readonly digest: string;
    readonly signature: {
      readonly content: string;
      readonly verifier: { readonly x509Certificate: { readonly rawBytes: string }; readonly keyDetails: string };
    };
  };
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function fulcio(sigstore: VirtualSigstore): Behaviour {
  const authority = virtualCertificateAuthority(sigstore);
  return async (response, { headers, body, method, path }) => {
    assert.deepEqual([method, path], ["POST", "/api/v2/signingCert"]);
    const token: IdentityToken = parseIdentityToken((headers.authorization ?? "").replace("Bearer ", ""));
    const pem = Buffer.from(
      (JSON.parse(body.toString()) as CertificateRequestBody).certificateSigningRequest,
      "base64",
    ).toString();
    const [block] = parsePem(pem);
    assert.ok(block?.label === "CERTIFICATE REQUEST");
    const chain = await authority.requestCertificate({ token, certificationRequest: block.bytes });
    const certificates = chain.map((der) => serializePem("CERTIFICATE", der).trim());
    sendJson(response, 200, { signedCertificateEmbeddedSct: { chain: { certificates } }, more: null });
  };
}

function timestampAuthority(sigstore: VirtualSigstore): Behaviour {
  const authority = virtualTimestampAuthority(sigstore);
  return async (response, { headers, body }) => {
    assert.equal(headers["content-type"], "application/timestamp-query");
    const reply = await authority.requestTimestamp(new Uint8Array(body));
    response.writeHead(201, { "content-type": "application/timestamp-reply" }).end(reply);
  };
}

function rekorV1(sigstore: VirtualSigstore, isDuplicate: boolean): Behaviour {
  const log = virtualTransparencyLog(sigstore, 1);
  const stored = new Map<string, unknown>();
  return async (response, { method, path, body }) => {
    if (method === "GET") return sendJson(response, 200, stored.get(path));
    const id = "00".repeat(8) + "ab".repeat(32);
    const answer = {
      [id]: logEntry(await log.submitEntry(proposalV1(JSON.parse(body.toString()) as DsseBody | HashedRekordBody))),
    };
    const location = `/api/v1/log/entries/${id}`;
    stored.set(location, answer);
    if (!isDuplicate) return sendJson(response, 201, answer);
    return sendJson(
      response,
      409,
      { code: 409, message: "an equivalent entry already exists" },
      { location: `http://elsewhere.test${location}` },
    );
  };
}

function proposalV1(body: DsseBody | HashedRekordBody): EntryProposal {
  if (body.kind === "dsse") {
    const { envelope, verifiers } = body.spec.proposedContent;
    return { kind: "dsse", envelope: parseDsseEnvelope(envelope), verifier: verifierOf(verifiers[0]) };
  }
  const { algorithm, value } = body.spec.data.hash;
  const digest = { algorithm, digest: new Uint8Array(Buffer.from(value, "hex")) };
  const { content, publicKey } = body.spec.signature;
  return { kind: "hashedrekord", digest, signature: bytesOf(content), verifier: verifierOf(publicKey.content) };
}

function verifierOf(content: string): Verifier002 {
  const [block] = parsePem(Buffer.from(content, "base64").toString());
  assert.ok(block !== undefined);
  const kind = block.label === "CERTIFICATE" ? "x509Certificate" : "publicKey";
  return { kind, rawBytes: block.bytes, keyDetails: "PKIX_ECDSA_P256_SHA_256" };
}

function logEntry(entry: TlogEntry): unknown {
  const { inclusionProof: proof } = entry;
  assert.ok(proof !== undefined);
  return {
    body: Buffer.from(entry.canonicalizedBody).toString("base64"),
    integratedTime: Number(entry.integratedTimeSeconds),
    logID: hexEncode(entry.logId),
    logIndex: Number(entry.logIndex),
    verification: {
      inclusionProof: {
        checkpoint: proof.checkpoint,
        hashes: proof.hashes.map(hexEncode),
        logIndex: Number(proof.logIndex),
        rootHash: hexEncode(proof.rootHash),
        treeSize: Number(proof.treeSize),
      },
      signedEntryTimestamp: Buffer.from(entry.inclusionPromise ?? []).toString("base64"),
    },
  };
}

function rekorV2(sigstore: VirtualSigstore, isDuplicate: boolean): Behaviour {
  const log = virtualTransparencyLog(sigstore, 2);
  return async (response, { path, body }) => {
    assert.equal(path, "/api/v2/log/entries");
    const { digest, signature } = (JSON.parse(body.toString()) as RekorV2Body).hashedRekordRequestV002;
    const { x509Certificate, keyDetails } = signature.verifier;
    const verifier: Verifier002 = { kind: "x509Certificate", rawBytes: bytesOf(x509Certificate.rawBytes), keyDetails };
    const named = { algorithm: "sha256", digest: bytesOf(digest) } as const;
    const entry = await log.submitEntry({
      kind: "hashedrekord",
      digest: named,
      signature: bytesOf(signature.content),
      verifier,
    });
    const answer = { ...serializeTlogEntry(entry), inclusionPromise: null };
    if (!isDuplicate) return sendJson(response, 201, answer);
    const type = "type.googleapis.com/dev.sigstore.rekor.v1.TransparencyLogEntry";
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo" }, { "@type": type, ...answer }];
    return sendJson(
      response,
      409,
      { code: 6, message: "an equivalent entry already exists", details },
      { "x-log-index": String(entry.logIndex) },
    );
  };
}

async function logClient(
  scope: TestContext,
  sigstore: VirtualSigstore,
  version: 1 | 2,
  isDuplicate: boolean,
  http: HttpClient,
): Promise<TransparencyLog> {
  const server = await startServer(scope, (version === 1 ? rekorV1 : rekorV2)(sigstore, isDuplicate));
  return version === 1 ? new RekorV1Client(`${server.url}/`, http) : new RekorV2Client(server.url, http);
}

describe("what our clients sign is verified", () => {
  for (const version of [1, 2] as const) {
    for (const isDuplicate of [false, true]) {
      test(`Rekor v${version}${isDuplicate ? ", which has the entry already" : ""}: a message and a statement`, async (scope) => {
        const sigstore = await createVirtualSigstore();
        const http = new HttpClient();
        scope.after(() => http.close());
        const trust = loadTrustMaterial(sigstore.trustedRoot);
        const now = (): number => sigstore.nowMs;
        const token = virtualToken(virtualClaims(sigstore));
        const session = new KeylessSession({
          identityProvider: { label: "test", fetchIdentityToken: async () => Promise.resolve(token) },
          certificateAuthority: new FulcioClient((await startServer(scope, fulcio(sigstore))).url, http),
          trust,
          now,
        });
        const stamps = await startServer(scope, timestampAuthority(sigstore));
        const context = {
          logs: [await logClient(scope, sigstore, version, isDuplicate, http)],
          timestampAuthorities: [new TimestampAuthorityClient(`${stamps.url}/api/v1/timestamp`, http)],
          trust,
          now,
        };
        const key = await session.key();
        const statement = serializeStatement(statementAbout(ARTIFACT));
        const signed = [
          await signMessage({ kind: "bytes", bytes: ARTIFACT }, key, context),
          await signStatement(statement, key, context),
        ];
        for (const { json } of signed) {
          const result = judge({
            bundle: json,
            artifact: { kind: "bytes", bytes: ARTIFACT },
            trust: loadTrust({ trustedRoot: sigstore.trustedRootJson, source: "test" }),
            identities: [exactIdentity(PERSON.issuer, PERSON.subject)],
            nowMs: sigstore.nowMs + 5000,
          });
          assert.equal(result.verdict, "verified", result.failure?.message);
        }
      });
    }
  }
});
