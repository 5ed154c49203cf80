/**
 * What the owner of an identity provider sees: metrics under the names of Dex, which others run beside Sigstore, and lines of a log.
 *
 * Neither says who logs in. Leaves out: Dex's metrics of its storage.
 */
import { Metrics } from "../http/metrics.ts";
import { lineOfFailure, methodLabel, type RequestObserver } from "../http/observation.ts";

/** The ears of one provider. */
export interface OidcObservation {
  readonly metrics: Metrics;
  /** Paths are relative to the provider's prefix. */
  readonly onRequest: RequestObserver;
}

/** What of the paths is a label: their first segment, when it is one of these. */
const HANDLERS = new Set([".well-known", "keys", "authorize", "login", "token", "device", "callback", "userinfo"]);

/** Metrics and lines of one provider; `line` gets what threw. `metrics` may be shared with other services. */
export function observeOidc(line: (text: string) => void, metrics = new Metrics()): OidcObservation {
  const labels = ["code", "handler", "method"];
  const total = metrics.counter("http_requests_total", "Requests.", labels);
  const seconds = metrics.histogram("request_duration_seconds", "Seconds to answer.", labels);
  const tellFailure = lineOfFailure(line);
  return {
    metrics,
    onRequest: (served) => {
      const [, segment = ""] = served.path.split("/", 2);
      const handler = HANDLERS.has(segment) ? `/${segment}` : "other";
      const values = [String(served.status), handler, methodLabel(served.method)];
      total.add(1, ...values);
      seconds.observe(served.elapsedMs / 1000, ...values);
      tellFailure(served);
    },
  };
}
