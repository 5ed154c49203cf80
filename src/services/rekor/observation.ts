/**
 * What the owner of a log sees: metrics under the original's names (rekor-tiles, internal/server/metrics.go), and lines of a log.
 *
 * Lines hold no bodies, queries or headers. Leaves out: tracing.
 */
import { Metrics } from "../http/metrics.ts";
import type { ServedRequest } from "../http/server.ts";
import type { LogEvent } from "../tiled-log/log-writer.ts";

/** The ears of one log. */
export interface RekorObservation {
  readonly metrics: Metrics;
  readonly onEntry: () => void;
  readonly onRequest: (served: ServedRequest) => void;
  readonly onLogEvent: (event: LogEvent) => void;
}

/** Metrics and lines of one log; `line` gets what is worth reading: failures, recoveries, and what threw. */
export function observeRekor(line: (text: string) => void): RekorObservation {
  const metrics = new Metrics();
  const entries = metrics.counter("rekor_v2_new_hashedrekord_entries", "New hashedrekord entries.");
  const requests = metrics.counter("rekor_v2_http_requests_total", "Requests.", ["code", "method"]);
  const latency = metrics.histogram("rekor_v2_http_api_latency", "Seconds to answer.", ["code", "method"]);
  const batches = metrics.counter("rekor_v2_log_batches_total", "Batches that were published.");
  const failures = metrics.counter("rekor_v2_log_failures_total", "Failures of the log's storage.", ["step"]);
  const durations = metrics.histogram("rekor_v2_log_batch_seconds", "Seconds from a batch to its checkpoint.");
  return {
    metrics,
    onEntry: () => entries.add(1),
    onRequest: ({ method, path, status, elapsedMs, error }) => {
      const labels = [String(status), METHODS.has(method) ? method : "other"];
      requests.add(1, ...labels);
      latency.observe(elapsedMs / 1000, ...labels);
      if (error !== undefined) line(`${method} ${path}: ${wordsOf(error)}`);
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

/** Labels come from closed sets. */
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
