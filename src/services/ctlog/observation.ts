/**
 * What the owner of a CT log sees: metrics under the names of the original (certificate-transparency-go, trillian/ctfe), and lines of a log.
 *
 * `logid` is the log's origin. Leaves out: metrics of mirrors and of frozen logs.
 */
import { Metrics } from "../http/metrics.ts";
import { lineOfFailure, type RequestObserver, wordsOf } from "../http/observation.ts";
import type { LogEvent } from "../tiled-log/log-writer.ts";

/** The ears of one log. */
export interface CtLogObservation {
  readonly metrics: Metrics;
  /** Paths are relative to the log's prefix. */
  readonly onRequest: RequestObserver;
  readonly onLogEvent: (event: LogEvent) => void;
}

/** Entry points by the original's names; reads of tiles, which it has not, are one. */
const ENTRY_POINTS: ReadonlyMap<string, string> = new Map([
  ["/ct/v1/add-chain", "AddChain"],
  ["/ct/v1/add-pre-chain", "AddPreChain"],
  ["/ct/v1/get-roots", "GetRoots"],
  ["/checkpoint", "GetCheckpoint"],
]);

/** Metrics and lines of one log; `line` gets failures, recoveries, and what threw. `metrics` may be shared with other services. */
export function observeCtLog(
  origin: string,
  nowMs: () => number,
  line: (text: string) => void,
  metrics = new Metrics(),
): CtLogObservation {
  const requests = metrics.counter("http_reqs", "Requests.", ["logid", "ep"]);
  const responses = metrics.counter("http_rsps", "Answers.", ["logid", "ep", "rc"]);
  const latency = metrics.histogram("http_latency", "Seconds to answer.", ["logid", "ep", "rc"]);
  const failures = metrics.counter("ct_log_failures_total", "Failures of the log's storage.", ["logid", "step"]);
  const newest = { sctMs: 0, headMs: 0, treeSize: 0n };
  const labels = { logid: origin };
  metrics.gauge("last_scts_timestamp", "When an SCT was given, ms since 1970.", () => newest.sctMs, labels);
  metrics.gauge("last_sth_timestamp", "When a tree head was signed, ms since 1970.", () => newest.headMs, labels);
  metrics.gauge("last_sth_treesize", "Entries of the newest tree head.", () => Number(newest.treeSize), labels);
  const tellFailure = lineOfFailure(line);
  return {
    metrics,
    onRequest: (served) => {
      const entryPoint = ENTRY_POINTS.get(served.path) ?? "Read";
      const code = String(served.status);
      requests.add(1, origin, entryPoint);
      responses.add(1, origin, entryPoint, code);
      latency.observe(served.elapsedMs / 1000, origin, entryPoint, code);
      if (entryPoint.startsWith("Add") && served.status === 200) newest.sctMs = nowMs();
      tellFailure(served);
    },
    onLogEvent: (event) => {
      if (event.kind === "failure") {
        failures.add(1, origin, event.step);
        line(`${origin}: ${event.step} failed: ${wordsOf(event.error)}`);
        return;
      }
      newest.headMs = nowMs();
      newest.treeSize = event.treeSize;
      if (event.kind === "recovered") line(`${origin}: recovered at ${event.treeSize} entries`);
    },
  };
}
