/**
 * A certificate authority on a bench: seeded keys, a fixed clock, a virtual CT log, and an issuer whose tokens say whatever a test wants.
 */
import assert from "node:assert/strict";
import { algorithmByName, type SignatureAlgorithm, type SignatureAlgorithmName } from "../src/crypto/algorithms.ts";
import { sha256 } from "../src/crypto/digest.ts";
import { parseEcdsaSignature } from "../src/crypto/ecdsa.ts";
import { bytesFromInteger } from "../src/crypto/integers.ts";
import { isEcdsaKeyType, NIST_CURVES } from "../src/crypto/nist-curves.ts";
import type { Signer } from "../src/crypto/signer.ts";
import { signatureAlgorithmIdentifier } from "../src/crypto/x509-identifiers.ts";
import { base64Encode, base64UrlEncode } from "../src/encoding/base64.ts";
import { concatBytes } from "../src/encoding/bytes.ts";
import { der } from "../src/encoding/der.ts";
import { parsePem, serializePem } from "../src/encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../src/encoding/text.ts";
import type { SctEntry } from "../src/formats/sct.ts";
import { precertificateTbs } from "../src/formats/sct.ts";
import { type Certificate, parseCertificate } from "../src/formats/x509/certificate.ts";
import { createAuthorityChain } from "../src/services/fulcio/authority-chain.ts";
import { type FulcioConfig, type OidcIssuer, oidcIssuer } from "../src/services/fulcio/config.ts";
import { fulcioHandler } from "../src/services/fulcio/handler.ts";
import type { CertificateTransparencyLog } from "../src/services/fulcio/issuance.ts";
import type { IssuerKeys } from "../src/services/fulcio/issuer-keys.ts";
import { type FulcioParts, FulcioService } from "../src/services/fulcio/service.ts";
import type { ServiceHandler, ServiceResponse } from "../src/services/http/message.ts";
import { seededRandom } from "../src/testing/seed.ts";
import { VirtualCtLog } from "../src/testing/virtual-ct-log.ts";
import { VirtualKeys } from "../src/testing/virtual-keys.ts";

export const keys = new VirtualKeys("fulcio bench");
/** 2026-03-01T12:00:00.400Z */
export const NOW_MS = 1_772_366_400_400;
export const NOW = Math.floor(NOW_MS / 1000);
export const ISSUER = "https://issuer.example.com";
export const random = seededRandom("fulcio bench", "random");

export const authority = await createAuthorityChain({
  rootSigner: keys.signer("root", "PKIX_ECDSA_P256_SHA_256"),
  intermediateSigner: keys.signer("intermediate", "PKIX_ECDSA_P256_SHA_256"),
  organization: "sigstore.test",
  commonName: "sigstore",
  nowMs: NOW_MS - 1000,
  random,
});

/** The issuer's key for RS256, and the client's. */
export const issuerSigner = keys.signer("issuer", "PKIX_RSA_PKCS1V15_2048_SHA256");
export const clientSigner = keys.signer("client", "PKIX_ECDSA_P256_SHA_256");

/** What the header and claims of a token say; what is undefined is left out. */
export type Members = Readonly<Record<string, unknown>>;

/** A token of the bench's issuer, good for ten minutes, with `claims` besides or instead. */
export async function tokenOf(
  claims: Members = {},
  header: Members = {},
  signer: Signer = issuerSigner,
): Promise<string> {
  const all = { iss: ISSUER, aud: "sigstore", sub: "subject-1", exp: NOW + 600, iat: NOW, ...claims };
  return signedToken(JSON.stringify({ alg: "RS256", kid: "k1", ...header }), JSON.stringify(all), signer);
}

/** A token of exactly these texts. */
export async function signedToken(header: string, payload: string, signer: Signer = issuerSigner): Promise<string> {
  const input = `${base64UrlEncode(utf8Encode(header))}.${base64UrlEncode(utf8Encode(payload))}`;
  const signature = jwsSignature(signer.algorithm, await signer.sign(utf8Encode(input)));
  return `${input}.${base64UrlEncode(signature)}`;
}

/** ECDSA signatures of tokens are bare numbers. */
function jwsSignature({ keyType }: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  if (!isEcdsaKeyType(keyType)) return signature;
  const curve = NIST_CURVES[keyType];
  const numbers = parseEcdsaSignature(curve, signature);
  assert.ok(numbers !== undefined);
  const { coordinateBytes } = curve;
  return concatBytes(bytesFromInteger(numbers.r, coordinateBytes), bytesFromInteger(numbers.s, coordinateBytes));
}

/** The issuer's keys, under `kid` k1, for RS256 unless something else is said. */
export function keysOf(signer: Signer = issuerSigner, algorithms: readonly string[] = []): IssuerKeys {
  const { keyType, spki } = signer.publicKey;
  return { keysOf: async () => ({ algorithms, keys: [{ keyId: "k1", algorithm: undefined, keyType, spki }] }) };
}

/** A configuration of one issuer. */
export function configOf(issuer: Partial<OidcIssuer> = {}, more: Partial<FulcioConfig> = {}): FulcioConfig {
  const whole = oidcIssuer({ issuerUrl: ISSUER, ...issuer });
  return { issuers: new Map([[whole.issuerUrl, whole]]), metaIssuers: new Map(), ciMetadata: new Map(), ...more };
}

const virtualLog = new VirtualCtLog({
  baseUrl: "https://ct.sigstore.test",
  signer: keys.signer("ct", "PKIX_ECDSA_P256_SHA_256"),
  validFor: { startMs: 0, endMs: undefined },
  isStatic: true,
});

/** A CT log that takes every precertificate and remembers what it was given. */
export const ctLog: CertificateTransparencyLog & { readonly chains: (readonly Uint8Array[])[] } = {
  publicKey: virtualLog.signer.publicKey,
  chains: [],
  async addPrecertificate(chain) {
    ctLog.chains.push(chain);
    return virtualLog.sign(virtualLog.request(entryOf(chain), NOW_MS));
  },
};

function entryOf([precertificate, issuer]: readonly Uint8Array[]): SctEntry {
  assert.ok(precertificate !== undefined && issuer !== undefined);
  return {
    type: "precertificate",
    issuerKeyHash: sha256(parseCertificate(issuer).spki),
    tbs: precertificateTbs(parseCertificate(precertificate)),
  };
}

/** The parts of a service for tokens of one issuer. */
export function partsOf(more: Partial<FulcioParts> = {}): FulcioParts {
  return { config: configOf(), authority, issuerKeys: keysOf(), log: ctLog, nowMs: () => NOW_MS, random, ...more };
}

/** A handler for tokens of one issuer. */
export function handlerOf(more: Partial<FulcioParts> = {}): ServiceHandler {
  return fulcioHandler(new FulcioService(partsOf(more)));
}

/** PEM of a signer's public key. */
export function publicKeyPem(signer: Signer = clientSigner): string {
  return serializePem("PUBLIC KEY", signer.publicKey.spki);
}

/** The body that cosign sends: key and signature over `challenge`. */
export async function keyBody(challenge: string, signer: Signer = clientSigner): Promise<Record<string, unknown>> {
  const proofOfPossession = base64Encode(await signer.sign(utf8Encode(challenge)));
  return { publicKeyRequest: { publicKey: { algorithm: "ECDSA", content: publicKeyPem(signer) }, proofOfPossession } };
}

/** A certification request, PEM; `edit` may falsify its DER parts. */
export async function requestPem(
  signer: Signer = clientSigner,
  { info = requestInfo(signer), signedBy = signer }: { readonly info?: Uint8Array; readonly signedBy?: Signer } = {},
): Promise<string> {
  const identifier = signatureAlgorithmIdentifier(signedBy.algorithm);
  return serializePem("CERTIFICATE REQUEST", der.sequence(info, identifier, der.bitString(await signedBy.sign(info))));
}

/** CertificationRequestInfo of a key, with a subject that nobody should read. */
export function requestInfo({ publicKey: { spki } }: Signer, version = 0): Uint8Array {
  return der.sequence(der.integer(version), der.sequence(), spki, der.implicit(0, new Uint8Array(0), true));
}

/** The body that sigstore-python sends. */
export function csrBody(pem: string): Record<string, unknown> {
  return { certificateSigningRequest: base64Encode(utf8Encode(pem)) };
}

/** Sends a request for a certificate to `handler`. */
export async function send(
  handler: ServiceHandler,
  body: unknown,
  token: string | undefined,
  path = "/api/v2/signingCert",
): Promise<ServiceResponse> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return handler({ method: "POST", path, query: "", headers, body: utf8Encode(text), remoteAddress: "127.0.0.1" });
}

/** The chain in a granted answer. */
export function chainOf(response: ServiceResponse): Certificate[] {
  const text = utf8Decode(response.body);
  assert.equal(response.status, 200, text);
  const answer = JSON.parse(text) as Record<string, { readonly chain: { readonly certificates: readonly string[] } }>;
  const signed = answer["signedCertificateEmbeddedSct"] ?? answer["signedCertificateDetachedSct"];
  assert.ok(signed !== undefined);
  return signed.chain.certificates.map((pem) => parseCertificate(parsePem(pem)[0]?.bytes ?? new Uint8Array()));
}

/** The certificate in a granted answer. */
export function leafOf(response: ServiceResponse): Certificate {
  const [leaf] = chainOf(response);
  assert.ok(leaf !== undefined);
  return leaf;
}

/** What an error says: status, code, the original's text, and what we add. */
export interface AnsweredError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly reason: string | undefined;
  readonly problem: string;
  readonly hint: string | undefined;
  readonly text: string;
}

/** The error in an answer. */
export function errorOf(response: ServiceResponse): AnsweredError {
  const text = utf8Decode(response.body);
  const body = JSON.parse(text) as {
    readonly code: number;
    readonly message: string;
    readonly details: readonly { readonly reason: string; readonly metadata: Readonly<Record<string, string>> }[];
  };
  const [info] = body.details;
  const { message: problem = "", hint } = info?.metadata ?? {};
  return {
    status: response.status,
    code: body.code,
    message: body.message,
    reason: info?.reason,
    problem,
    hint,
    text,
  };
}

/** A signer by its registry name. */
export function signerOf(name: SignatureAlgorithmName, label = "client"): Signer {
  return keys.signer(label, algorithmByName(name).name);
}
