/**
 * The HTTP interface of a CT log (RFC 6962 §4.1, §4.2, §4.7 for submissions; C2SP static-ct-api for reading).
 *
 * Paths are relative to the log's prefix: `/ct/v1/…`, `/checkpoint`, `/tile/…`, `/issuer/…`. Refusals are text as the original's, with the
 * reason. Leaves out: the reads of RFC 6962 (get-sth, get-entries, proofs), which static CT logs answer with files.
 */
import { base64Decode, base64Encode } from "../../encoding/base64.ts";
import { ByteBuilder } from "../../encoding/bytes.ts";
import { type JsonValue, parseJson } from "../../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";
import type { Sct } from "../../formats/sct.ts";
import { LIMITS } from "../../limits.ts";
import { respond, respondJson, respondText, type ServiceHandler, type ServiceResponse } from "../http/message.ts";
import { type Route, router } from "../http/router.ts";
import { allowCrossOriginReads, CACHE_FOREVER, NO_CACHE, staticReads } from "../http/static-reads.ts";
import { publishedLog, type PublishedLog } from "../tiled-log/published-log.ts";
import type { LogFiles } from "../tiled-log/storage.ts";
import { STATIC_CT_ENCODING } from "./entry-encoding.ts";
import { isIssuerPath } from "./issuer-files.ts";
import type { CtLogService } from "./service.ts";

/** Answers requests to a log. */
export function ctLogHandler(service: CtLogService): ServiceHandler {
  const addPrecertificate: ServiceHandler = ({ body }) =>
    answerSubmission("add-pre-chain", body, (chain) => service.addPrecertificate(chain));
  const addChain: ServiceHandler = ({ body }) =>
    answerSubmission("add-chain", body, (chain) => service.addChain(chain));
  const getRoots: ServiceHandler = async () =>
    respondJson(200, { certificates: service.roots.map((root) => base64Encode(root)) });
  return router([
    { path: "/ct/v1/add-pre-chain", methods: { POST: addPrecertificate } },
    { path: "/ct/v1/add-chain", methods: { POST: addChain } },
    { path: "/ct/v1/get-roots", methods: { GET: getRoots } },
    ...readRoutes(service.log, service.files),
    { path: "/healthz", methods: { GET: async () => health(service) } },
  ]);
}

/** Answers requests to a log that is frozen, or a copy: reads alone. */
export function frozenCtLogHandler(files: Pick<LogFiles, "read">): ServiceHandler {
  const refuse: ServiceHandler = async () => respondText(405, "this log takes no more certificates\n");
  return router([
    { path: "/ct/v1/add-pre-chain", methods: { POST: refuse } },
    { path: "/ct/v1/add-chain", methods: { POST: refuse } },
    ...readRoutes(publishedLog(files, STATIC_CT_ENCODING), files),
  ]);
}

function readRoutes(log: PublishedLog, files: Pick<LogFiles, "read">): Route[] {
  const file = staticReads(
    ({ path }) => readFile(log, files, path.slice(1)),
    (path) => path.startsWith(`/tile/${STATIC_CT_ENCODING.bundleFolder}/`),
  );
  const methods = { GET: file, OPTIONS: allowCrossOriginReads };
  return ["/checkpoint", "/tile/*", "/issuer/*"].map((path) => ({ path, methods }));
}

/** A log that cannot write now says so, and recovers by itself. */
function health({ log }: CtLogService): ServiceResponse {
  return respondJson(log.isSound ? 200 : 503, { status: log.isSound ? "SERVING" : "NOT_SERVING" });
}

async function answerSubmission(
  endpoint: string,
  body: Uint8Array,
  add: (chain: readonly Uint8Array[]) => Promise<Sct>,
): Promise<ServiceResponse> {
  try {
    return respondJson(200, sctJson(await add(parseChain(body))));
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return refusalOf(endpoint, error);
  }
}

/** Base64 takes four characters for three bytes. */
const CERTIFICATE_CHARACTERS = Math.ceil(LIMITS.certificateBytes / 3) * 4;
/** A full chain, with some space and fields that nobody knows. */
const MAXIMUM_BODY_BYTES = LIMITS.chainCertificates * CERTIFICATE_CHARACTERS + 16 * 1024;

/** RFC 6962 §4.1: `chain`, "an array of base64-encoded certificates". Fields besides it are passed over. */
function parseChain(body: Uint8Array): Uint8Array[] {
  const value = parseJson(body, { maxBytes: MAXIMUM_BODY_BYTES });
  const chain = isObject(value) ? value["chain"] : undefined;
  if (!Array.isArray(chain)) throw malformed('an object with the list "chain"', "other JSON");
  if (chain.length === 0 || chain.length > LIMITS.chainCertificates)
    throw malformed(`1 to ${LIMITS.chainCertificates} certificates in "chain"`, `${chain.length}`);
  return chain.map(decodeCertificate);
}

function decodeCertificate(value: JsonValue): Uint8Array {
  if (typeof value !== "string") throw malformed("certificates in base64", "another value");
  if (value.length > CERTIFICATE_CHARACTERS)
    throw new SigstoreError(
      "input-too-large",
      `expected certificates of at most ${LIMITS.certificateBytes} bytes, got ${value.length} characters of base64`,
    );
  return base64Decode(value);
}

function malformed(expected: string, got: string): SigstoreError {
  return new SigstoreError("json-invalid", `expected ${expected}, got ${got}`);
}

/** RFC 6962 §4.1; `signature` is "the SCT signature", the digitally-signed struct with its algorithms. */
function sctJson(sct: Sct): Readonly<Record<string, unknown>> {
  const signed = new ByteBuilder().u8(sct.hashAlgorithm).u8(sct.signatureAlgorithm).vector16(sct.signature).build();
  return {
    sct_version: sct.version,
    id: base64Encode(sct.logId),
    timestamp: Number(sct.timestampMs),
    extensions: base64Encode(sct.extensions),
    signature: base64Encode(signed),
  };
}

function refusalOf(endpoint: string, error: SigstoreError): ServiceResponse {
  const { code, message, hint } = error;
  const retryAfter = { "retry-after": String(error.details["retryAfterSeconds"] ?? 1) };
  const because = hint === undefined ? message : `${message}; ${hint}`;
  switch (code) {
    case "log-busy":
    case "log-unavailable":
      return respondText(503, `Service Unavailable\nthe log cannot take the chain now: ${because}\n`, retryAfter);
    // What lies below (folders, addresses) is for the owner's log alone.
    case "storage-failed":
      return respondText(503, "Service Unavailable\nthe log cannot store the chain now\n", retryAfter);
    case "storage-damaged":
      return respondText(500, "Internal Server Error\nthe log could not store the chain\n");
    case "entry-too-large":
    case "input-too-large":
      return respondText(413, `Request Entity Too Large\n${because}\n`);
    case "json-invalid":
    case "utf8-invalid":
    case "base64-invalid":
    case "input-empty":
      return respondText(400, `Bad Request\nfailed to parse ${endpoint} body: ${because}\n`);
    default:
      return respondText(400, `Bad Request\nfailed to verify ${endpoint} contents: ${because}\n`);
  }
}

async function readFile(log: PublishedLog, files: Pick<LogFiles, "read">, path: string): Promise<ServiceResponse> {
  if (path === "checkpoint") {
    const bytes = await log.readCheckpoint();
    if (bytes === undefined) return notFound();
    return respond(200, { "content-type": "text/plain; charset=utf-8", "cache-control": NO_CACHE }, bytes);
  }
  if (path.startsWith("issuer/")) {
    const bytes = isIssuerPath(path) ? await files.read(path) : undefined;
    return bytes === undefined ? notFound() : immutable("application/pkix-cert", bytes);
  }
  try {
    const bytes = await log.readResource(path);
    return bytes === undefined ? notFound() : immutable("application/octet-stream", bytes);
  } catch (error) {
    if (!isSigstoreError(error, "tile-invalid")) throw error;
    return respondText(400, `Bad Request\n${error.message}\n`);
  }
}

function immutable(contentType: string, bytes: Uint8Array): ServiceResponse {
  return respond(200, { "content-type": contentType, "cache-control": CACHE_FOREVER }, bytes);
}

/** What is not there yet may be there soon. */
function notFound(): ServiceResponse {
  return respondText(404, "not found\n", { "cache-control": NO_CACHE });
}
