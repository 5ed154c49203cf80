/**
 * The HTTP interface of Rekor v2 (rekor-tiles, rekor_service.proto with its google.api.http rules; C2SP tlog-tiles for reads).
 *
 * Statuses, texts and headers are the original's where clients match on them; beside them `details` say the reason, which the
 * original only logs, and hold the whole entry where it was there before. Reads, which the original leaves to a static server,
 * are answered too.
 */
import { isSigstoreError, type SigstoreError } from "../../errors.ts";
import type { TlogEntry } from "../../formats/bundle/bundle.ts";
import { serializeTlogEntry } from "../../formats/bundle/tlog-entry.ts";
import { respond, respondJson, respondText, type ServiceHandler, type ServiceResponse } from "../http/message.ts";
import { router } from "../http/router.ts";
import { errorInfo, respondRpcStatus, type RpcDetail } from "../http/rpc-status.ts";
import { allowCrossOriginReads, CACHE_FOREVER, NO_CACHE, staticReads } from "../http/static-reads.ts";
import type { PublishedLog } from "../tiled-log/published-log.ts";
import type { CreatedEntry, RekorService } from "./service.ts";

const PREFIX = "/api/v2/";
const ENTRIES_PATH = `${PREFIX}log/entries`;
const ERROR_DOMAIN = "rekor.sigstore.dev";

/** A log that is served: with a service that takes entries, or without, for reading alone. */
export interface RekorHandlerOptions {
  readonly reads: PublishedLog;
  /** Absent for a log that is frozen. */
  readonly service?: RekorService;
  /** Told of each new entry. */
  readonly onEntry?: () => void;
}

/** Answers requests to a log. */
export function rekorHandler({ reads, service, onEntry }: RekorHandlerOptions): ServiceHandler {
  const create: ServiceHandler =
    service === undefined ? refuseFrozen : ({ body }) => createEntry(service, body, onEntry);
  const file = staticReads(
    ({ path }) => readFile(reads, path.slice(PREFIX.length)),
    (path) => path.startsWith(`${PREFIX}tile/entries/`),
  );
  const readable = { GET: file, OPTIONS: allowCrossOriginReads };
  return router([
    { path: ENTRIES_PATH, methods: { POST: create } },
    { path: `${PREFIX}checkpoint`, methods: readable },
    { path: `${PREFIX}tile/*`, methods: readable },
    { path: "/api/v1/*", methods: { GET: refuseVersion1, POST: refuseVersion1 } },
    { path: "/healthz", methods: { GET: async () => health(service) } },
  ]);
}

async function refuseFrozen(): Promise<ServiceResponse> {
  return respondText(405, "This log has been frozen, please switch to the latest log.\n");
}

/** Clients that are given an address instead of a signing config take the log for Rekor v1, and show what they are answered. */
async function refuseVersion1(): Promise<ServiceResponse> {
  return respondRpcStatus(
    "NOT_FOUND",
    "expected a request to Rekor v2, got one to v1, which this log does not speak: give the client the signing config of this instance",
  );
}

/** grpc-gateway's health check; a log that cannot write now says so, and recovers by itself. */
function health(service: RekorService | undefined): ServiceResponse {
  const isServing = service === undefined || service.log.isSound;
  return respondJson(isServing ? 200 : 503, { status: isServing ? "SERVING" : "NOT_SERVING" });
}

async function createEntry(
  service: RekorService,
  body: Uint8Array,
  onEntry: (() => void) | undefined,
): Promise<ServiceResponse> {
  let created: CreatedEntry | undefined;
  try {
    created = await service.createEntry(body);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return refusalOf(error);
  }
  if (created === undefined) return respondRpcStatus("INVALID_ARGUMENT", "invalid type, must be hashedrekord");
  if (!created.isNew) return existing(created.entry);
  onEntry?.();
  return respondJson(201, entryJson(created.entry));
}

/** The original writes out what is not set (EmitUnpopulated). */
function entryJson(entry: TlogEntry): Readonly<Record<string, unknown>> {
  return { inclusionPromise: null, ...serializeTlogEntry(entry) };
}

/** 409 with the index as the original, and with the whole entry, so that nobody has to put a proof together from tiles. */
function existing(entry: TlogEntry): ServiceResponse {
  const type = "type.googleapis.com/dev.sigstore.rekor.v1.TransparencyLogEntry";
  return respondRpcStatus(
    "ALREADY_EXISTS",
    `an equivalent entry already exists in the transparency log with index ${entry.logIndex}`,
    { headers: { "x-log-index": `${entry.logIndex}` }, details: [{ "@type": type, ...entryJson(entry) }] },
  );
}

function refusalOf(error: SigstoreError): ServiceResponse {
  const details = [reasonOf(error)];
  switch (error.code) {
    case "json-invalid":
    case "utf8-invalid":
    case "input-empty":
      return respondRpcStatus("INVALID_ARGUMENT", error.message, { details });
    case "entry-too-large":
      return respondRpcStatus("INVALID_ARGUMENT", error.message, { status: 413, details });
    case "log-busy":
      return respondRpcStatus("UNAVAILABLE", "reached max pushback; retry", { details, headers: retryAfter(error) });
    case "log-unavailable":
      return respondRpcStatus("UNAVAILABLE", "failed to integrate entry", { details, headers: retryAfter(error) });
    case "storage-failed":
    case "storage-damaged":
      return respondRpcStatus("INTERNAL", "failed to integrate entry", { details });
    default:
      return respondRpcStatus("INVALID_ARGUMENT", "invalid hashedrekord request", { details });
  }
}

/** The reason in words; what lies below (folders, addresses) is for the owner's log alone. */
function reasonOf({ code, message, hint }: SigstoreError): RpcDetail {
  const isOurs = code.startsWith("storage-");
  const words = isOurs ? {} : { message };
  return errorInfo(ERROR_DOMAIN, code, { ...words, ...(hint !== undefined && { hint }) });
}

function retryAfter({ details }: SigstoreError): Record<string, string> {
  return { "retry-after": String(details["retryAfterSeconds"] ?? 1) };
}

async function readFile(reads: PublishedLog, path: string): Promise<ServiceResponse> {
  if (path === "checkpoint") {
    const bytes = await reads.readCheckpoint();
    if (bytes === undefined) return notFound();
    return respond(200, { "content-type": "text/plain; charset=utf-8", "cache-control": NO_CACHE }, bytes);
  }
  try {
    const bytes = await reads.readResource(path);
    if (bytes === undefined) return notFound();
    return respond(200, { "content-type": "application/octet-stream", "cache-control": CACHE_FOREVER }, bytes);
  } catch (error) {
    if (!isSigstoreError(error, "tile-invalid")) throw error;
    return respondRpcStatus("INVALID_ARGUMENT", error.message);
  }
}

/** What is not there yet may be there soon. */
function notFound(): ServiceResponse {
  return respondText(404, "not found\n", { "cache-control": NO_CACHE });
}
