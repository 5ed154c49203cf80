/**
 * A CT log as a running service: folder, log, HTTP and metrics joined by its settings.
 */
import { mount } from "../http/mount.ts";
import { observed } from "../http/observation.ts";
import { type RunningServer, startServer } from "../http/server.ts";
import { startMetrics } from "../http/start-metrics.ts";
import { openLocalStorage } from "../tiled-log/storage-local.ts";
import { type CtLogConfig, DEFAULT_PORT } from "./config.ts";
import { ctLogHandler } from "./handler.ts";
import { type CtLogObservation, observeCtLog } from "./observation.ts";
import { CtLogService } from "./service.ts";

/** A log that is served. */
export interface RunningCtLog {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly service: CtLogService;
  /** Answers what has begun, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Starts a log; it is ready when this returns.
 * @throws SigstoreError as `CtLogService.open` and of the folder (`storage-…`), and the system's errors of the ports
 */
export async function startCtLog(config: CtLogConfig): Promise<RunningCtLog> {
  const observation = observeCtLog(config.origin, Date.now, config.log ?? ignoreLine);
  const service = await openService(config, observation);
  const running: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    await service.stop();
  };
  try {
    const main = await listen(config, service, observation);
    running.push(main);
    const metrics = config.metricsPort === undefined ? undefined : await listenMetrics(config, observation);
    if (metrics !== undefined) running.push(metrics);
    return { host: main.host, port: main.port, metricsPort: metrics?.port, service, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openService(config: CtLogConfig, { onLogEvent }: CtLogObservation): Promise<CtLogService> {
  const { origin, folder, holder, signer, roots, pace } = config;
  return CtLogService.open({
    origin,
    signer,
    storage: openLocalStorage({ folder, origin, holder }),
    roots,
    nowMs: Date.now,
    observe: onLogEvent,
    ...(pace && { pace }),
  });
}

function listen(
  { host, port = DEFAULT_PORT, bounds, tls, pathPrefix = "/" }: CtLogConfig,
  service: CtLogService,
  { onRequest }: CtLogObservation,
): Promise<RunningServer> {
  const nowMs = (): number => performance.now();
  return startServer({
    handler: mount({ [pathPrefix]: observed(ctLogHandler(service), onRequest, nowMs) }),
    port,
    nowMs,
    ...(host !== undefined && { host }),
    ...(bounds && { bounds }),
    ...(tls && { tls }),
  });
}

function listenMetrics(
  { host, metricsPort = 0, tls }: CtLogConfig,
  { metrics }: CtLogObservation,
): Promise<RunningServer> {
  return startMetrics(metrics, {
    port: metricsPort,
    nowMs: () => performance.now(),
    ...(host !== undefined && { host }),
    ...(tls && { tls }),
  });
}

function ignoreLine(): void {
  // Nobody listens.
}
