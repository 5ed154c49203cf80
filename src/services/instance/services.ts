/**
 * All services of an instance, opened and joined in one process: the certificate authority sends its precertificates to the CT log
 * and knows the keys of the identity provider without asking over the network.
 *
 * Leaves out: the port they are served on (start.ts).
 */
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { randomBytes } from "../../crypto/random.ts";
import { SigstoreError } from "../../errors.ts";
import { ctLogHandler } from "../ctlog/handler.ts";
import { observeCtLog } from "../ctlog/observation.ts";
import type { CtLogService } from "../ctlog/service.ts";
import { parseFulcioConfigFile } from "../fulcio/config-file.ts";
import { type FulcioConfig, oidcIssuer } from "../fulcio/config.ts";
import { fulcioHandler } from "../fulcio/handler.ts";
import { issuerHttp } from "../fulcio/issuer-http.ts";
import { FetchedIssuerKeys, type IssuerKeys } from "../fulcio/issuer-keys.ts";
import { observeFulcio } from "../fulcio/observation.ts";
import { FulcioService } from "../fulcio/service.ts";
import type { ServiceHandler } from "../http/message.ts";
import type { Metrics } from "../http/metrics.ts";
import { observed, type RequestObserver } from "../http/observation.ts";
import { AdmissionPool } from "../rekor/admission-pool.ts";
import { type Admission, directAdmission } from "../rekor/admission-port.ts";
import { REKOR_ALGORITHMS } from "../rekor/admission.ts";
import { rekorHandler } from "../rekor/handler.ts";
import { observeRekor, type RekorObservation } from "../rekor/observation.ts";
import { RekorService } from "../rekor/service.ts";
import type { TiledLog } from "../tiled-log/tiled-log.ts";
import { tsaSettings } from "../tsa/config.ts";
import { tsaHandler } from "../tsa/handler.ts";
import { observeTsa } from "../tsa/observation.ts";
import { TimestampService } from "../tsa/service.ts";
import { openCertificateAuthority, openTimestampAuthority, readChain } from "./authorities.ts";
import { bootClock } from "./boot-clock.ts";
import { inFolder } from "./durable-file.ts";
import { pathsOf } from "./folder.ts";
import { openIdentityProvider, type RunningIdentityProvider } from "./identity-provider.ts";
import type { KeyStore } from "./key-store.ts";
import { type LogPlace, openCtLog, openRekorLog } from "./logs.ts";
import { active, type InstanceRecord } from "./record.ts";
import { SqliteUsedTokens } from "./storage-sqlite-used-tokens.ts";
import { TimeKeeping } from "./time-keeping.ts";

/** What services are opened with. */
export interface ServiceSurroundings {
  readonly folder: string;
  readonly keys: KeyStore;
  /** True at the first start: logs begin. */
  readonly isNew: boolean;
  /** Public address without a slash at its end. */
  readonly url: string;
  readonly isDev: boolean;
  readonly fulcioConfigFile: string | undefined;
  readonly verificationThreads: number;
  /** Each token can be used once. */
  readonly singleUseTokens: boolean;
  /** HOST[:PORT] of time servers, and how often they are asked. */
  readonly timeServers: readonly string[];
  readonly timeIntervalMs: number | undefined;
  /** Who holds the logs, in words. */
  readonly holder: string;
  readonly metrics: Metrics;
  readonly log: (line: string) => void;
}

/** Services at work, each with its handler. */
export interface InstanceServices {
  readonly rekor: { readonly handler: ServiceHandler; readonly log: TiledLog; readonly service: RekorService };
  readonly fulcio: { readonly handler: ServiceHandler; readonly service: FulcioService };
  readonly tsa: { readonly handler: ServiceHandler; readonly service: TimestampService };
  readonly ct: { readonly handler: ServiceHandler; readonly service: CtLogService };
  readonly oidc: { readonly handler: ServiceHandler };
  /** Answers what was taken, and lets go of everything. */
  stop(): Promise<void>;
}

/** What is open already, to be closed in the opposite order, also when what comes next fails. */
class OpenParts {
  readonly #stops: (() => Promise<void> | void)[] = [];

  add(stop: () => Promise<void> | void): void {
    this.#stops.unshift(stop);
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
  }
}

/** Opens all services of a record. @throws SigstoreError of the folder, the logs and the settings */
export async function openServices(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
): Promise<InstanceServices> {
  const open = new OpenParts();
  try {
    const oidc = await openOidc(record, surroundings, open);
    const ct = await openCt(record, surroundings, open);
    const fulcio = await openFulcio(record, surroundings, { ct: ct.service, oidc: oidc.provider }, open);
    const tsa = await openTsa(record, surroundings, open);
    const rekor = await openRekor(record, surroundings, open);
    return { rekor, fulcio, tsa, ct, oidc, stop: () => open.stop() };
  } catch (error) {
    await open.stop();
    throw error;
  }
}

/** DER of all roots that this instance ever had: the CT log takes what leads to them. */
export function acceptedRoots(folder: string, { certificateAuthorities }: InstanceRecord): readonly Uint8Array[] {
  const roots = certificateAuthorities.map(({ name }) => readChain(pathsOf(folder).authorities, name).at(-1));
  const byText = new Map(roots.filter((root) => root !== undefined).map((root) => [root.join(), root]));
  return [...byText.values()];
}

const monotonicMs = (): number => performance.now();

function watched(handler: ServiceHandler, observe: RequestObserver): ServiceHandler {
  return observed(handler, observe, monotonicMs);
}

function placeOf(
  { folder, keys, isNew, holder }: ServiceSurroundings,
  observe: RekorObservation["onLogEvent"],
): LogPlace {
  return { folder, keys, isNew, holder, nowMs: Date.now, observe };
}

async function openOidc(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
  open: OpenParts,
): Promise<{ readonly handler: ServiceHandler; readonly provider: RunningIdentityProvider }> {
  const { folder, keys, url, isDev, metrics, log } = surroundings;
  const provider = await openIdentityProvider(record, {
    folder,
    keys,
    issuer: `${url}/auth`,
    usersFile: pathsOf(folder).users,
    isDev,
    metrics,
    log: (line) => log(`oidc: ${line}`),
  });
  open.add(() => provider.stop());
  return { handler: watched(provider.handler, provider.onRequest), provider };
}

async function openCt(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
  open: OpenParts,
): Promise<InstanceServices["ct"]> {
  const log = active(record.ctLogs);
  const line = (text: string): void => surroundings.log(`ct: ${text}`);
  const { onRequest, onLogEvent } = observeCtLog(log.origin, Date.now, line, surroundings.metrics);
  const service = await openCtLog(placeOf(surroundings, onLogEvent), log, acceptedRoots(surroundings.folder, record));
  open.add(() => service.stop());
  return { service, handler: watched(ctLogHandler(service), onRequest) };
}

async function openFulcio(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
  { ct, oidc }: { readonly ct: CtLogService; readonly oidc: RunningIdentityProvider },
  open: OpenParts,
): Promise<InstanceServices["fulcio"]> {
  const { folder, keys, url, fulcioConfigFile, metrics, log } = surroundings;
  const issuer = `${url}/auth`;
  const usedTokens = openUsedTokens(surroundings, open);
  const config = fulcioConfigOf(issuer, fulcioConfigFile);
  const http = issuerHttp({});
  open.add(() => http.close());
  const fetched = new FetchedIssuerKeys(http, Date.now, new Set(config.issuers.keys()));
  const issuerKeys: IssuerKeys = {
    keysOf: (one, options) =>
      one.issuerUrl === issuer ? Promise.resolve(oidc.issuerKeys()) : fetched.keysOf(one, options),
  };
  const { authorities } = pathsOf(folder);
  const service = new FulcioService({
    config,
    authority: await openCertificateAuthority(keys, authorities, active(record.certificateAuthorities), Date.now()),
    issuerKeys,
    ownIssuer: issuer,
    log: ct,
    ...(usedTokens && { usedTokens }),
    nowMs: Date.now,
    random: randomBytes,
  });
  const { onRequest } = observeFulcio((line) => log(`fulcio: ${line}`), metrics);
  return { service, handler: watched(fulcioHandler(service), onRequest) };
}

function openUsedTokens(
  { folder, singleUseTokens }: ServiceSurroundings,
  open: OpenParts,
): SqliteUsedTokens | undefined {
  if (!singleUseTokens) return undefined;
  const usedTokens = SqliteUsedTokens.open(inFolder(folder, "used-tokens.sqlite"), Date.now);
  open.add(() => usedTokens.close());
  return usedTokens;
}

/** The instance's own issuer, and those of a file as the original reads it. */
function fulcioConfigOf(issuer: string, file: string | undefined): FulcioConfig {
  const { issuers, metaIssuers, ciMetadata } =
    file === undefined ? { issuers: [], metaIssuers: new Map(), ciMetadata: new Map() } : readFulcioConfig(file);
  return { issuers: new Map([...issuers, [issuer, oidcIssuer({ issuerUrl: issuer })]]), metaIssuers, ciMetadata };
}

function readFulcioConfig(path: string): FulcioConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("config-invalid", `expected to read the configuration ${path}, got ${reason}`, { cause });
  }
  return parseFulcioConfigFile(text);
}

async function openTsa(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
  open: OpenParts,
): Promise<InstanceServices["tsa"]> {
  const { folder, keys, metrics, timeServers, timeIntervalMs } = surroundings;
  const { timestampAuthorities } = pathsOf(folder);
  const parts = await openTimestampAuthority(keys, timestampAuthorities, active(record.timestampAuthorities));
  const settings = tsaSettings(parts);
  const log = (line: string): void => surroundings.log(`tsa: ${line}`);
  const time = TimeKeeping.start({
    servers: timeServers,
    readClock: bootClock({ wallMs: Date.now, monotonicMs, bootMs: () => uptime() * 1000 }),
    accuracyMs: settings.clock.accuracyMs,
    intervalMs: timeIntervalMs,
    log,
  });
  open.add(() => time.stop());
  const service = new TimestampService(settings, { readClock: time.readClock, random: randomBytes });
  const { onRequest } = observeTsa(service, Date.now, log, metrics);
  return { service, handler: watched(tsaHandler(service), onRequest) };
}

async function openRekor(
  record: InstanceRecord,
  surroundings: ServiceSurroundings,
  open: OpenParts,
): Promise<InstanceServices["rekor"]> {
  const { verificationThreads, metrics } = surroundings;
  const { onRequest, onLogEvent, onEntry } = observeRekor((line) => surroundings.log(`rekor: ${line}`), metrics);
  const log = await openRekorLog(placeOf(surroundings, onLogEvent), active(record.rekorLogs));
  open.add(() => log.stop());
  const admission = admissionOf(verificationThreads);
  open.add(() => admission.stop());
  const service = new RekorService(log, admission);
  return { log, service, handler: watched(rekorHandler({ reads: log, service, onEntry }), onRequest) };
}

function admissionOf(threads: number): Admission {
  return threads === 0 ? directAdmission(REKOR_ALGORITHMS) : new AdmissionPool(REKOR_ALGORITHMS, threads);
}
