/**
 * What the owner of a timestamp authority sees: metrics under the original's names (timestamp-authority, pkg/api/metrics.go), and lines
 * of a log.
 *
 * Leaves out: the original's summary of the same latency, and its build.
 */
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { Metrics } from "../http/metrics.ts";
import { lineOfFailure, methodLabel, type RequestObserver } from "../http/observation.ts";
import type { TimestampService } from "./service.ts";

/** The ears of one authority. */
export interface TsaObservation {
  readonly metrics: Metrics;
  readonly onRequest: RequestObserver;
}

const PATHS = new Set(["/api/v1/timestamp", "/api/v1/timestamp/certchain", "/ping"]);
const DAY_MS = 86_400_000;
const NS_PER_MS = 1e6;
/** Nanoseconds, in ten steps from a millisecond to four seconds. */
const NANOSECOND_BUCKETS = Array.from({ length: 10 }, (_, step) => NS_PER_MS * 4000 ** (step / 9));

/** Metrics and lines of one authority; `line` gets what threw. `metrics` may be shared with other services. */
export function observeTsa(
  service: TimestampService,
  nowMs: () => number,
  line: (text: string) => void,
  metrics = new Metrics(),
): TsaObservation {
  const total = metrics.counter("timestamp_authority_http_requests_total", "Requests.", ["code", "path", "method"]);
  const seconds = metrics.histogram("timestamp_authority_api_latency", "Seconds to answer.", ["path", "code"]);
  const byApi = metrics.histogram(
    "timestamp_authority_latency_by_api",
    "Nanoseconds to answer.",
    ["path", "method"],
    NANOSECOND_BUCKETS,
  );
  describeAuthority(service, nowMs, metrics);
  const tellFailure = lineOfFailure(line);
  return {
    metrics,
    onRequest: (served) => {
      const path = PATHS.has(served.path) ? served.path : "other";
      const [code, method] = [String(served.status), methodLabel(served.method)];
      total.add(1, code, path, method);
      seconds.observe(served.elapsedMs / 1000, path, code);
      byApi.observe(served.elapsedMs * NS_PER_MS, path, method);
      tellFailure(served);
    },
  };
}

/** When the first certificate of its chain ends, and whether its clock lets it issue. */
function describeAuthority(service: TimestampService, nowMs: () => number, metrics: Metrics): void {
  const ends = service.settings.authority.chain.map((one) => parseCertificate(one).notAfterMs);
  metrics.gauge(
    "timestamp_authority_certificate_valid_days_remaining",
    "Days until a certificate of the chain expires.",
    () => (Math.min(...ends) - nowMs()) / DAY_MS,
  );
  metrics.gauge("timestamp_authority_clock_is_right", "1 while timestamps are issued.", () =>
    service.checkClock().isRight ? 1 : 0,
  );
}
