/**
 * Metrics on a port of their own, for they are not for everybody.
 */
import { allowHosts, loopbackHosts } from "./allowed-hosts.ts";
import type { Metrics } from "./metrics.ts";
import { metricsHandler } from "./observation.ts";
import { type RunningServer, type ServerOptions, startServer } from "./server.ts";

/** Where metrics are served: on loopback, unless a host is named. */
export type MetricsServerOptions = Pick<ServerOptions, "host" | "port" | "tls" | "nowMs">;

/** Serves metrics; errors as {@link startServer}. On loopback no page of a stranger can read them. */
export async function startMetrics(metrics: Metrics, options: MetricsServerOptions): Promise<RunningServer> {
  const whole = metricsHandler(metrics);
  if (options.host !== undefined) return startServer({ ...options, handler: whole });
  const hosts = new Set<string>();
  const server = await startServer({ ...options, handler: allowHosts(whole, hosts) });
  for (const host of loopbackHosts(server.port, options.tls !== undefined)) hosts.add(host);
  return server;
}
