/**
 * What the owner of a service sees of its requests: metrics under the names of the original, and a line for what our code threw.
 *
 * Labels come from closed sets, lines hold no bodies, queries or headers. Leaves out: what a service alone knows (its observation.ts).
 */
import { plainPath } from "./access-line.ts";
import { respond, type ServiceHandler } from "./message.ts";
import type { Metrics } from "./metrics.ts";
import { respondRpcStatus } from "./rpc-status.ts";
import type { ServedRequest } from "./server.ts";

/** Told of each request that was answered. */
export type RequestObserver = (served: ServedRequest) => void;

/** Names of the metrics of requests; what has no name is not measured. Both have the labels code and method. */
export interface RequestMetricNames {
  readonly total?: string;
  /** Seconds. */
  readonly latency?: string;
  readonly requestSize?: string;
}

const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS"]);
/** Bytes. */
const SIZE_BUCKETS: readonly number[] = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

/** The method as a label: others are `other`. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : "other";
}

/** Counts and measures requests. */
export function requestMetrics(metrics: Metrics, { total, latency, requestSize }: RequestMetricNames): RequestObserver {
  const labels = ["code", "method"];
  const counter = total === undefined ? undefined : metrics.counter(total, "Requests.", labels);
  const seconds = latency === undefined ? undefined : metrics.histogram(latency, "Seconds to answer.", labels);
  const bytes =
    requestSize === undefined ? undefined : metrics.histogram(requestSize, "Bytes of bodies.", labels, SIZE_BUCKETS);
  return ({ method, status, elapsedMs, requestBytes }) => {
    const values = [String(status), methodLabel(method)];
    counter?.add(1, ...values);
    seconds?.observe(elapsedMs / 1000, ...values);
    bytes?.observe(requestBytes, ...values);
  };
}

/** Writes a line for what a handler threw: method, path and the error with its stack. */
export function lineOfFailure(line: (text: string) => void): RequestObserver {
  return ({ method, path, error }) => {
    if (error !== undefined) line(`${methodLabel(method)} ${plainPath(path)}: ${wordsOf(error)}`);
  };
}

/** An error for the log of the owner. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Tells `observe` of each request to `handler`: for services that share a server, which itself sees only the whole. What the handler
 * throws goes on to the server.
 */
export function observed(handler: ServiceHandler, observe: RequestObserver, nowMs: () => number): ServiceHandler {
  return async (request) => {
    const startMs = nowMs();
    const { method, path, body, remoteAddress } = request;
    const told = (status: number, responseBytes: number, more: Pick<ServedRequest, "error">): void =>
      observe({
        method,
        path,
        status,
        requestBytes: body.length,
        responseBytes,
        elapsedMs: nowMs() - startMs,
        remoteAddress,
        ...more,
      });
    try {
      const response = await handler(request);
      told(response.status, response.body.length, {});
      return response;
    } catch (error) {
      told(500, 0, { error });
      throw error;
    }
  };
}

/** Hands metrics out to whoever reads them with Prometheus: `/metrics`, and `/`, where rekor-tiles has them. */
export function metricsHandler(metrics: Metrics): ServiceHandler {
  return async ({ path, method }) => {
    if (path !== "/metrics" && path !== "/") return respondRpcStatus("NOT_FOUND", "Not Found");
    if (method !== "GET" && method !== "HEAD")
      return respondRpcStatus("UNIMPLEMENTED", "Method Not Allowed", { status: 405 });
    return respond(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, metrics.text());
  };
}
