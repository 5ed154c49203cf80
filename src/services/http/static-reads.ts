/**
 * Reading of files over HTTP: HEAD, ranges, gzip, entity tags and cross-origin reads (RFC 9110; WHATWG Fetch, CORS).
 *
 * Wraps handlers whose answers are files, such as tiles. Cross-origin requests may read and nothing else, and never with
 * credentials. Leaves out: several ranges at once, which are answered whole, as RFC 9110 allows.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ServiceHandler, ServiceRequest, ServiceResponse } from "./message.ts";
import { respondText } from "./message.ts";

const compress = promisify(gzip);

/** Less than this is not worth compressing. */
const SMALLEST_COMPRESSED_BYTES = 512;

/** What never changes once it is there. */
export const CACHE_FOREVER = "public, max-age=31536000, immutable";
/** What may change at any time, and is to be asked for each time. */
export const NO_CACHE = "no-cache";

/** `bytes=first-last`, `bytes=first-` or `bytes=-length`: one range. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** A handler whose good answers are files; `isCompressible` tells by the path, since hashes do not compress. */
export function staticReads(handler: ServiceHandler, isCompressible: (path: string) => boolean): ServiceHandler {
  return async (request) => {
    const response = await handler(request);
    if (response.status !== 200) return withHeaders(response, CORS);
    const ranged = rangeOf(request, response);
    const represented = ranged ?? (isCompressible(request.path) ? await encoded(request, response) : response);
    return withHeaders(represented, { ...CORS, "accept-ranges": "bytes", vary: "Accept-Encoding" });
  };
}

/** `gzip`, with any weight but 0. */
const GZIP_ACCEPTED = /^\s*gzip\s*(?:;\s*q=(?:1|0\.0{0,2}[1-9]).*)?$/i;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Content-Range, ETag",
};

/** The answer to the question that a browser asks before it reads with headers of its own. */
export async function allowCrossOriginReads(): Promise<ServiceResponse> {
  return respondText(204, "", {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "Range, If-None-Match",
    "access-control-max-age": "86400",
  });
}

/** The part that was asked for, or a refusal when there is none; undefined for a request of the whole. */
function rangeOf(request: ServiceRequest, { headers, body }: ServiceResponse): ServiceResponse | undefined {
  const match = RANGE.exec(request.headers["range"] ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return undefined;
  const size = body.length;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== "" && last !== "" && Number(last) < start) return undefined;
  if (start > end) return respondText(416, "range not satisfiable\n", { "content-range": `bytes */${size}` });
  const range = `bytes ${start}-${end}/${size}`;
  return { status: 206, headers: { ...headers, "content-range": range }, body: body.subarray(start, end + 1) };
}

async function encoded(request: ServiceRequest, response: ServiceResponse): Promise<ServiceResponse> {
  const { headers, body } = response;
  const accepted = (request.headers["accept-encoding"] ?? "").split(",").some((one) => GZIP_ACCEPTED.test(one));
  if (!accepted || body.length < SMALLEST_COMPRESSED_BYTES) return response;
  return {
    status: 200,
    headers: { ...headers, "content-encoding": "gzip" },
    body: new Uint8Array(await compress(body)),
  };
}

function withHeaders(response: ServiceResponse, headers: Readonly<Record<string, string>>): ServiceResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
