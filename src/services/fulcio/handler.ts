/**
 * The HTTP interface of the certificate authority (fulcio.proto and fulcio_legacy.proto as grpc-gateway serves them): addresses, bodies,
 * statuses and error bodies of the original, which answers `Accept` headers of any kind with the same JSON.
 *
 * No CORS: no page of another origin may ask for certificates. Leaves out: the server around it (services/http).
 */
import { serializePem } from "../../encoding/pem.ts";
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import {
  respond,
  respondJson,
  type ServiceHandler,
  type ServiceRequest,
  type ServiceResponse,
} from "../http/message.ts";
import { router } from "../http/router.ts";
import { errorInfo, respondRpcStatus } from "../http/rpc-status.ts";
import { challengeClaimOf, type FulcioConfig, type OidcIssuer } from "./config.ts";
import { refusalOf } from "./refusal.ts";
import { parseV1Request, parseV2Request } from "./request.ts";
import type { FulcioService, SigningCertificateCall } from "./service.ts";

/** Nothing that is answered here may be kept: tokens were sent for it, or chains and issuers change. */
const HEADERS = { "cache-control": "no-store" };
const PEM_CHAIN = { "content-type": "application/pem-certificate-chain", ...HEADERS };

/** The handler of a service. */
export function fulcioHandler(service: FulcioService): ServiceHandler {
  return router([
    {
      path: "/api/v2/signingCert",
      methods: { POST: async (request) => orRefusal(signingCertificateV2, service, request) },
    },
    {
      path: "/api/v1/signingCert",
      methods: { POST: async (request) => orRefusal(signingCertificateV1, service, request) },
    },
    {
      path: "/api/v2/trustBundle",
      methods: { GET: async () => json({ chains: [{ certificates: pems(service.chain) }] }) },
    },
    { path: "/api/v2/configuration", methods: { GET: async () => json({ issuers: issuersOf(service.config) }) } },
    { path: "/api/v1/rootCert", methods: { GET: async () => pemChain(200, service.chain) } },
    { path: "/healthz", methods: { GET: async () => json({ status: "SERVING" }) } },
  ]);
}

/** The answer, or what the service or the reader of the body refuses. */
async function orRefusal(
  answer: (service: FulcioService, request: ServiceRequest) => Promise<ServiceResponse>,
  service: FulcioService,
  request: ServiceRequest,
): Promise<ServiceResponse> {
  try {
    return await answer(service, request);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return refusalResponse(error);
  }
}

async function signingCertificateV2(service: FulcioService, request: ServiceRequest): Promise<ServiceResponse> {
  const call = readCall(parseV2Request, request);
  const { chain, hasSct } = await service.createSigningCertificate(call);
  const certificates = chain.map((certificate) => serializePem("CERTIFICATE", certificate).trim());
  return json(
    hasSct
      ? { signedCertificateEmbeddedSct: { chain: { certificates } } }
      : { signedCertificateDetachedSct: { chain: { certificates }, signedCertificateTimestamp: "" } },
  );
}

async function signingCertificateV1(service: FulcioService, request: ServiceRequest): Promise<ServiceResponse> {
  const { chain } = await service.createSigningCertificate(readCall(parseV1Request, request));
  return pemChain(201, chain);
}

function readCall(
  parse: (body: Uint8Array, authorization: string) => SigningCertificateCall,
  { body, headers }: ServiceRequest,
): SigningCertificateCall {
  return parse(body, headers["authorization"] ?? "");
}

/** Issuers as the original shows them: unset members too. */
function issuersOf(config: FulcioConfig): readonly Readonly<Record<string, unknown>>[] {
  return [
    ...[...config.issuers.values()].map((issuer) => ({ issuerUrl: issuer.issuerUrl, ...issuerView(issuer) })),
    ...[...config.metaIssuers].map(([pattern, issuer]) => ({ wildcardIssuerUrl: pattern, ...issuerView(issuer) })),
  ];
}

function issuerView(issuer: OidcIssuer): Readonly<Record<string, unknown>> {
  return {
    audience: issuer.clientId,
    challengeClaim: challengeClaimOf(issuer),
    spiffeTrustDomain: issuer.spiffeTrustDomain,
    issuerType: issuer.type,
    subjectDomain: issuer.subjectDomain,
    skipEmailVerification: issuer.skipEmailVerification,
  };
}

function pems(chain: readonly Uint8Array[]): readonly string[] {
  return chain.map((certificate) => serializePem("CERTIFICATE", certificate));
}

function pemChain(status: number, chain: readonly Uint8Array[]): ServiceResponse {
  return respond(status, PEM_CHAIN, pems(chain).join("").trim());
}

function json(value: unknown): ServiceResponse {
  return respondJson(200, value, HEADERS);
}

/** A refusal of the service, or of the body itself, which the original answers as InvalidArgument with its reader's words. */
function refusalResponse(error: SigstoreError): ServiceResponse {
  if (error.code !== "certificate-refused")
    return respondRpcStatus("INVALID_ARGUMENT", error.message, { headers: HEADERS });
  const { rpcCode, message, reason, problem, hint, facts } = refusalOf(error);
  const metadata = { ...facts, message: problem, ...(hint === undefined ? {} : { hint }) };
  return respondRpcStatus(rpcCode, message, { headers: HEADERS, details: [errorInfo("fulcio", reason, metadata)] });
}
