/**
 * What the owner of a certificate authority sees: metrics under the original's names (fulcio, pkg/server/metrics.go), and lines of a log.
 *
 * Neither has an identity or a token. Leaves out: `fulcio_build_info`, which is about another program.
 */
import { Metrics } from "../http/metrics.ts";
import { lineOfFailure, requestMetrics, type RequestObserver } from "../http/observation.ts";

/** The ears of one authority. */
export interface FulcioObservation {
  readonly metrics: Metrics;
  readonly onRequest: RequestObserver;
}

const ISSUING = new Set(["/api/v1/signingCert", "/api/v2/signingCert"]);

/** Metrics and lines of one authority; `line` gets what threw. `metrics` may be shared with other services. */
export function observeFulcio(line: (text: string) => void, metrics = new Metrics()): FulcioObservation {
  const certificates = metrics.counter("fulcio_new_certs", "Certificates that were issued.");
  const measure = requestMetrics(metrics, { total: "http_requests_total", latency: "fulcio_api_latency" });
  const tellFailure = lineOfFailure(line);
  return {
    metrics,
    onRequest: (served) => {
      if (ISSUING.has(served.path) && served.status < 300) certificates.add(1);
      measure(served);
      tellFailure(served);
    },
  };
}
