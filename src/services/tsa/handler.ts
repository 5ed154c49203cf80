import { serializePem } from "../../encoding/pem.ts";
/**
 * The HTTP interface of the timestamp authority (timestamp-authority, openapi.yaml): addresses, media types, statuses, headers and
 * error bodies as the original's server sends them.
 *
 * Leaves out: the server around it (services/http), which bounds bodies and answers CORS.
 */
import { utf8Encode } from "../../encoding/text.ts";
import {
  respond,
  respondJson,
  type ServiceHandler,
  type ServiceRequest,
  type ServiceResponse,
} from "../http/message.ts";
import type { TimestampRefusal } from "./refusal.ts";
import type { TimestampService } from "./service.ts";

interface Route {
  readonly methods: readonly string[];
  readonly answer: (request: ServiceRequest) => Promise<ServiceResponse>;
}

const NO_CACHE = { "cache-control": "no-cache, no-store, no-transform, must-revalidate, private, max-age=0" };
const CACHE_FOR_A_DAY = { "cache-control": "s-maxage=86400, max-age=86400" };

/** The handler of a service. */
export function tsaHandler(service: TimestampService): ServiceHandler {
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

function chainResponse(chain: Uint8Array): ServiceResponse {
  return respond(200, { "content-type": "application/pem-certificate-chain", ...CACHE_FOR_A_DAY }, chain);
}

async function answerTimestamp(service: TimestampService, request: ServiceRequest): Promise<ServiceResponse> {
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

function unsupportedMediaType(contentType: string): ServiceResponse {
  const shown = JSON.stringify(contentType.slice(0, 100));
  return errorResponse(
    415,
    `unsupported media type ${shown}, only [application/json application/timestamp-query] are allowed`,
  );
}

function refusalResponse({ status, message, reason, hint, retryAfterSeconds }: TimestampRefusal): ServiceResponse {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` };
  return errorResponse(status, message, headers, [hint === undefined ? { reason } : { reason, hint }]);
}

/** The original's error body; `details`, which it has not, says what it only logs. */
function errorResponse(
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  details: readonly Readonly<Record<string, string>>[] = [],
): ServiceResponse {
  const value = { code, message, ...(details.length === 0 ? {} : { details }) };
  return respondJson(code, value, { ...NO_CACHE, ...headers });
}
