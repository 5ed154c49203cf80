/**
 * What the owner of a log sees: metrics under the original's names (rekor-tiles, internal/server/metrics.go), and lines of a log.
 *
 * Lines hold no bodies, queries or headers. Leaves out: tracing, and the original's metrics of gRPC.
 */
import { Metrics } from "../http/metrics.ts";
import { lineOfFailure, requestMetrics, type RequestObserver, wordsOf } from "../http/observation.ts";
import type { LogEvent } from "../tiled-log/log-writer.ts";

/** The ears of one log. */
export interface RekorObservation {
  readonly metrics: Metrics;
  readonly onEntry: () => void;
  readonly onRequest: RequestObserver;
  readonly onLogEvent: (event: LogEvent) => void;
}

/**
 * Metrics and lines of one log; `line` gets what is worth reading: failures, recoveries, and what threw. `metrics` may be shared with other
 * services.
 */
export function observeRekor(line: (text: string) => void, metrics = new Metrics()): RekorObservation {
  const entries = metrics.counter("rekor_v2_new_hashedrekord_entries", "New hashedrekord entries.");
  const measure = requestMetrics(metrics, {
    total: "rekor_v2_http_requests_total",
    latency: "rekor_v2_http_api_latency",
    requestSize: "rekor_v2_http_api_request_size",
  });
  const tellFailure = lineOfFailure(line);
  const batches = metrics.counter("rekor_v2_log_batches_total", "Batches that were published.");
  const failures = metrics.counter("rekor_v2_log_failures_total", "Failures of the log's storage.", ["step"]);
  const durations = metrics.histogram("rekor_v2_log_batch_seconds", "Seconds from a batch to its checkpoint.");
  return {
    metrics,
    onEntry: () => entries.add(1),
    onRequest: (served) => {
      measure(served);
      tellFailure(served);
    },
    onLogEvent: (event) => {
      if (event.kind === "batch") {
        batches.add(1);
        durations.observe(event.wholeMs / 1000);
      } else if (event.kind === "failure") {
        failures.add(1, event.step);
        line(`${event.step} failed: ${wordsOf(event.error)}`);
      } else {
        line(`recovered at ${event.treeSize} entries`);
      }
    },
  };
}
