import { serializePem } from "../../encoding/pem.ts";
/**
 * The HTTP interface of the timestamp authority (timestamp-authority, openapi.yaml): addresses, media types, statuses, headers and
 * error bodies as the original's server sends them.
 *
 * Leaves out: the server around it (services/http), which bounds bodies and answers CORS.
 */
import { utf8Encode } from "../../encoding/text.ts";
import type { TimestampRefusal } from "./refusal.ts";
import type { TimestampService } from "./service.ts";

/** What the handler needs of a request. Names of headers are in lower case. */
export interface TsaHttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What it answers. */
export interface TsaHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers requests to a timestamp authority; every problem is an answer. */
export type TsaHandler = (request: TsaHttpRequest) => Promise<TsaHttpResponse>;

interface Route {
  readonly methods: readonly string[];
  readonly answer: (request: TsaHttpRequest) => Promise<TsaHttpResponse>;
}

const NO_CACHE = { "cache-control": "no-cache, no-store, no-transform, must-revalidate, private, max-age=0" };
const CACHE_FOR_A_DAY = { "cache-control": "s-maxage=86400, max-age=86400" };

/** The handler of a service. */
export function tsaHandler(service: TimestampService): TsaHandler {
  const chain = utf8Encode(service.settings.authority.chain.map((one) => serializePem("CERTIFICATE", one)).join(""));
  const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ["/api/v1/timestamp", { methods: ["POST"], answer: async (request) => answerTimestamp(service, request) }],
    ["/api/v1/timestamp/certchain", { methods: ["GET", "HEAD"], answer: async () => chainResponse(chain) }],
    ["/ping", { methods: ["GET", "HEAD"], answer: async () => respond(200, { "content-type": "text/plain" }, ".") }],
  ]);
  return async (request) => {
    const route = routes.get(request.path);
    if (route === undefined) return errorResponse(404, `path ${request.path} was not found`);
    if (route.methods.includes(request.method)) return route.answer(request);
    const message = `method ${request.method} is not allowed, but [${route.methods.join(",")}] are`;
    return errorResponse(405, message, { allow: route.methods.join(",") });
  };
}

function chainResponse(chain: Uint8Array): TsaHttpResponse {
  return respond(200, { "content-type": "application/pem-certificate-chain", ...CACHE_FOR_A_DAY }, chain);
}

async function answerTimestamp(service: TimestampService, request: TsaHttpRequest): Promise<TsaHttpResponse> {
  const format = formatOf(request.headers["content-type"] ?? "");
  if (format === undefined) return unsupportedMediaType(request.headers["content-type"] ?? "");
  const answer = await service.answer(request.body, format);
  if (answer.kind === "refused") return refusalResponse(answer);
  const headers = { "content-type": "application/timestamp-reply", ...NO_CACHE };
  return respond(service.settings.grantedStatus, headers, answer.response);
}

/** RFC 9110 §8.3.1: a media type is compared without regard to case, and what follows a semicolon are parameters. */
function formatOf(contentType: string): "der" | "json" | undefined {
  const [mediaType = ""] = contentType.split(";", 1);
  switch (mediaType.trim().toLowerCase()) {
    case "application/timestamp-query":
      return "der";
    case "application/json":
      return "json";
    default:
      return undefined;
  }
}

function unsupportedMediaType(contentType: string): TsaHttpResponse {
  const shown = JSON.stringify(contentType.slice(0, 100));
  return errorResponse(
    415,
    `unsupported media type ${shown}, only [application/json application/timestamp-query] are allowed`,
  );
}

function refusalResponse({ status, message, reason, hint, retryAfterSeconds }: TimestampRefusal): TsaHttpResponse {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` };
  return errorResponse(status, message, headers, [hint === undefined ? { reason } : { reason, hint }]);
}

/** The original's error body; `details`, which it has not, says what it only logs. */
function errorResponse(
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  details: readonly Readonly<Record<string, string>>[] = [],
): TsaHttpResponse {
  const body = JSON.stringify({ code, message, ...(details.length === 0 ? {} : { details }) });
  return respond(code, { "content-type": "application/json", ...NO_CACHE, ...headers }, body);
}

function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): TsaHttpResponse {
  return { status, headers, body: typeof body === "string" ? utf8Encode(body) : body };
}
