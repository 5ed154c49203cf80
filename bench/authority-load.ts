/**
 * Requests for certificates and for timestamps, as many as the server answers: `authority-load.ts SETTINGS` prints one line of JSON.
 *
 * Made before, and asked for again and again in turn: certificates for keys of their own with a proof over the token's subject, as cosign asks
 * for them; timestamps of digests of their own with a nonce and the certificate wanted. Neither Fulcio nor ours remembers any of it.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { parsePem } from "../src/encoding/pem.ts";
import { parseTimestampResponse, serializeTimestampRequest } from "../src/formats/rfc3161.ts";
import { embeddedScts } from "../src/formats/sct.ts";
import { parseCertificate } from "../src/formats/x509/certificate.ts";
import { OID } from "../src/formats/x509/oids.ts";
import { type Answer, type LoadRequests, type LoadSettings, runLoad } from "./load.ts";

/** What is asked for; of certificates, with whose token. */
export type AuthorityLoadSettings = LoadSettings &
  (
    | { readonly kind: "certificates"; readonly token: string; readonly subject: string }
    | { readonly kind: "timestamps" }
  );

const PREPARED = 4096;

function requestsFor(settings: AuthorityLoadSettings): LoadRequests {
  const host = `localhost:${settings.port}`;
  if (settings.kind === "timestamps")
    return { wanted: [200, 201], next: inTurn(() => timestampRequest(host)), isGood: isTimestamp };
  const { token, subject } = settings;
  return { wanted: [200], next: inTurn(() => certificateRequest(host, token, subject)), isGood: hasSct };
}

function inTurn(make: () => Buffer): () => Buffer {
  const ready = Array.from({ length: PREPARED }, make);
  let asked = 0;
  return () => ready[asked++ % PREPARED] ?? make();
}

function certificateRequest(host: string, token: string, subject: string): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = publicKey.export({ type: "spki", format: "pem" });
  const proofOfPossession = sign("sha256", Buffer.from(subject), privateKey).toString("base64");
  const publicKeyRequest = { publicKey: { algorithm: "ECDSA", content }, proofOfPossession };
  const body = JSON.stringify({ publicKeyRequest });
  const fields = ["content-type: application/json", `authorization: Bearer ${token}`];
  return post(host, "/api/v2/signingCert", fields, Buffer.from(body));
}

function timestampRequest(host: string): Buffer {
  const body = serializeTimestampRequest({
    messageImprint: { hashAlgorithm: OID.sha256, digest: randomBytes(32) },
    nonce: randomBytes(8).readBigUInt64BE(),
    certificatesWanted: true,
    extensions: [],
  });
  return post(host, "/api/v1/timestamp", ["content-type: application/timestamp-query"], Buffer.from(body));
}

function post(host: string, path: string, fields: readonly string[], body: Buffer): Buffer {
  const head = [`POST ${path} HTTP/1.1`, `host: ${host}`, ...fields, `content-length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

function hasSct({ body }: Answer): boolean {
  const { signedCertificateEmbeddedSct: issued } = JSON.parse(body.toString("utf8")) as {
    readonly signedCertificateEmbeddedSct?: { readonly chain: { readonly certificates: readonly string[] } };
  };
  const [leaf] = parsePem(issued?.chain.certificates[0] ?? "");
  return leaf !== undefined && embeddedScts(parseCertificate(leaf.bytes)).length === 1;
}

function isTimestamp({ body }: Answer): boolean {
  return parseTimestampResponse(new Uint8Array(body)).status === 0;
}

if (import.meta.main) {
  const settings = JSON.parse(process.argv[2] ?? "") as AuthorityLoadSettings;
  console.log(JSON.stringify(await runLoad(settings, requestsFor(settings))));
  process.exit();
}
