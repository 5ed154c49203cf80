/**
 * A Rekor v2 log as a running service: folder, log, HTTP and metrics joined by its settings.
 */
import { rekorV2Log } from "../../authority/checkpoint.ts";
import type { ServiceHandler } from "../http/message.ts";
import { type RunningServer, startServer } from "../http/server.ts";
import { startMetrics } from "../http/start-metrics.ts";
import { noteLogIdentity } from "../tiled-log/log-identity.ts";
import { publishedLog } from "../tiled-log/published-log.ts";
import { localFiles, openLocalStorage } from "../tiled-log/storage-local.ts";
import { TiledLog } from "../tiled-log/tiled-log.ts";
import { AdmissionPool } from "./admission-pool.ts";
import { type Admission, directAdmission } from "./admission-port.ts";
import { REKOR_ALGORITHMS } from "./admission.ts";
import { DEFAULT_PORT, type RekorConfig } from "./config.ts";
import { rekorHandler } from "./handler.ts";
import { observeRekor, type RekorObservation } from "./observation.ts";
import { RekorService } from "./service.ts";

/** A log that is served. */
export interface RunningRekor {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** Answers what has begun, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Starts a log; it is ready when this returns.
 * @throws SigstoreError of the folder and the log (`storage-…`), and the system's errors of the ports
 */
export async function startRekor(config: RekorConfig): Promise<RunningRekor> {
  const observation = observeRekor(config.log ?? ignoreLine);
  const log = config.readOnly === true ? undefined : await openLog(config, observation);
  const admission = admissionOf(config);
  const running: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    await admission.stop();
    await log?.stop();
  };
  try {
    const service = log && new RekorService(log, admission);
    const reads = log ?? publishedLog(localFiles(config.folder));
    const handler = rekorHandler({ reads, ...(service && { service }), onEntry: observation.onEntry });
    const main = await listen(config, config.port ?? DEFAULT_PORT, handler, observation);
    running.push(main);
    const metrics = config.metricsPort === undefined ? undefined : await listenMetrics(config, observation, log);
    if (metrics !== undefined) running.push(metrics);
    return { host: main.host, port: main.port, metricsPort: metrics?.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function admissionOf({ algorithms = REKOR_ALGORITHMS, verificationThreads = 0 }: RekorConfig): Admission {
  return verificationThreads === 0 ? directAdmission(algorithms) : new AdmissionPool(algorithms, verificationThreads);
}

function openLog(config: RekorConfig, { onLogEvent }: RekorObservation): Promise<TiledLog> {
  const { origin, folder, holder, signer, pace } = config;
  return TiledLog.open({
    identity: noteLogIdentity(rekorV2Log(origin, signer)),
    storage: openLocalStorage({ folder, origin, holder }),
    nowMs: Date.now,
    observe: onLogEvent,
    ...(pace && { pace }),
  });
}

function listen(
  { host, bounds, tls }: RekorConfig,
  port: number,
  handler: ServiceHandler,
  { onRequest }: Pick<RekorObservation, "onRequest">,
): Promise<RunningServer> {
  return startServer({
    handler,
    port,
    nowMs: () => performance.now(),
    observe: onRequest,
    ...(host !== undefined && { host }),
    ...(bounds && { bounds }),
    ...(tls && { tls }),
  });
}

/** On a port of their own, for they are not for everybody. */
function listenMetrics(
  config: RekorConfig,
  { metrics }: RekorObservation,
  log: TiledLog | undefined,
): Promise<RunningServer> {
  metrics.gauge("rekor_v2_log_tree_size", "Entries of the log.", () => Number(log?.published.treeSize ?? 0n));
  metrics.gauge("rekor_v2_log_waiting", "Entries that wait for a batch.", () => log?.waiting ?? 0);
  const { host, tls, metricsPort = 0 } = config;
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
