/**
 * One service alone, on its usual port: for those who run the others elsewhere, or the originals.
 *
 * Each is configured by a file (service-config.ts) and has keys of its own there. Leaves out: trust files, which need all of them.
 */
import { uptime } from "node:os";
import { CtLogClient } from "../../clients/ct-log.ts";
import { HttpClient } from "../../clients/http/http-client.ts";
import { randomBytes } from "../../crypto/random.ts";
import { SigstoreError } from "../../errors.ts";
import { DEFAULT_PORT as CT_PORT } from "../ctlog/config.ts";
import { startCtLog } from "../ctlog/start.ts";
import { openAuthorityChain } from "../fulcio/authority-chain.ts";
import { parseFulcioConfigFile } from "../fulcio/config-file.ts";
import { fulcioHandler } from "../fulcio/handler.ts";
import { issuerHttp } from "../fulcio/issuer-http.ts";
import { FetchedIssuerKeys } from "../fulcio/issuer-keys.ts";
import { observeFulcio } from "../fulcio/observation.ts";
import { FulcioService } from "../fulcio/service.ts";
import { UsedTokensInMemory } from "../fulcio/used-tokens.ts";
import { allowHosts, loopbackHosts } from "../http/allowed-hosts.ts";
import type { ServiceHandler } from "../http/message.ts";
import type { Metrics } from "../http/metrics.ts";
import { mount } from "../http/mount.ts";
import { observed, type RequestObserver } from "../http/observation.ts";
import { type RunningServer, startServer } from "../http/server.ts";
import { startMetrics } from "../http/start-metrics.ts";
import { fromUnknownClients } from "../http/unknown-clients.ts";
import { oidcHandler } from "../oidc/handler.ts";
import { providerKeyId } from "../oidc/keys.ts";
import { LocalUsers } from "../oidc/local-users.ts";
import { observeOidc } from "../oidc/observation.ts";
import { OidcService } from "../oidc/service.ts";
import { UsersFile } from "../oidc/storage-users.ts";
import { DEFAULT_PORT as REKOR_PORT } from "../rekor/config.ts";
import { startRekor } from "../rekor/start.ts";
import { tsaSettings } from "../tsa/config.ts";
import { tsaHandler } from "../tsa/handler.ts";
import { observeTsa } from "../tsa/observation.ts";
import { TimestampService } from "../tsa/service.ts";
import { checkExposure, isLoopback } from "./address.ts";
import { bootClock } from "./boot-clock.ts";
import { portUnavailable } from "./port-unavailable.ts";
import { ServiceConfig, type ServicePlace } from "./service-config.ts";
import { TimeKeeping } from "./time-keeping.ts";

/** Services that can be served alone. */
export const SINGLE_SERVICES = ["fulcio", "rekor", "tsa", "ctlog", "oidc"] as const;

/** One of them. */
export type SingleServiceName = (typeof SINGLE_SERVICES)[number];

/** A service that is served. */
export interface RunningService {
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** Answers what has begun, and lets go of everything. */
  stop(): Promise<void>;
}

/** What a service is started with. */
export interface SingleServiceOptions {
  readonly configFile: string;
  /** Who holds the folder of a log, in words. */
  readonly holder: string;
  readonly log: (line: string) => void;
}

const monotonicMs = (): number => performance.now();

/** Ports of the originals' own arrangements. */
const PORTS = { fulcio: 5555, tsa: 3004, oidc: 5556 } as const;

/** Starts a service alone. @throws SigstoreError `config-invalid`, `port-unavailable`, and those of its parts */
export async function startSingleService(
  name: SingleServiceName,
  options: SingleServiceOptions,
): Promise<RunningService> {
  switch (name) {
    case "fulcio":
      return startFulcio(options);
    case "rekor":
      return startLog(options, ["readOnly"], (config, shared) =>
        startRekor({ ...shared, port: shared.port ?? REKOR_PORT, readOnly: config.flag("readOnly") }),
      );
    case "tsa":
      return startTsa(options);
    case "ctlog":
      return startLog(options, ["roots", "pathPrefix"], (config, shared) => {
        const pathPrefix = config.optional("pathPrefix");
        const roots = config.certificates("roots");
        return startCtLog({
          ...shared,
          port: shared.port ?? CT_PORT,
          roots,
          ...(pathPrefix !== undefined && { pathPrefix }),
        });
      });
    case "oidc":
      return startOidc(options);
  }
}

interface LogSettings {
  readonly origin: string;
  readonly folder: string;
  readonly signer: ReturnType<ServiceConfig["signer"]>;
  readonly holder: string;
  readonly log: (line: string) => void;
  readonly host?: string;
  readonly port?: number;
  readonly metricsPort?: number;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

async function startLog(
  { configFile, holder, log }: SingleServiceOptions,
  fields: readonly string[],
  start: (config: ServiceConfig, settings: LogSettings) => Promise<RunningService>,
): Promise<RunningService> {
  const config = new ServiceConfig(configFile, ["origin", "folder", "privateKey", ...fields]);
  const { host, port, metricsPort, tls, isBehindProxy, hosts } = config.place();
  if (hosts.length > 0) throw invalid("hosts", "nothing: everybody may read a log under any name", "a list");
  checkExposure({ hasTls: tls !== undefined, isBehindProxy, isDev: false }, host ?? "127.0.0.1");
  const settings: LogSettings = {
    origin: config.text("origin"),
    folder: config.path("folder"),
    signer: config.signer("privateKey"),
    holder,
    log,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(metricsPort !== undefined && { metricsPort }),
    ...(tls && { tls }),
  };
  try {
    return await start(config, settings);
  } catch (cause) {
    throw portUnavailable(cause, host ?? "127.0.0.1", port ?? 0);
  }
}

async function startFulcio({ configFile, log }: SingleServiceOptions): Promise<RunningService> {
  const fields = ["certificateChain", "privateKey", "issuers", "ctLog", "ctLogKey", "singleUseTokens"];
  const file = new ServiceConfig(configFile, fields);
  const config = parseFulcioConfigFile(file.optionalFile("issuers") ?? "{}");
  const [issuers, http] = [issuerHttp({}), new HttpClient()];
  const ctLog = file.optional("ctLog");
  const service = new FulcioService({
    config,
    authority: openAuthorityChain(file.certificates("certificateChain"), file.signer("privateKey"), Date.now()),
    issuerKeys: new FetchedIssuerKeys(issuers, Date.now, new Set(config.issuers.keys())),
    log: ctLog === undefined ? undefined : new CtLogClient(ctLog, file.publicKey("ctLogKey"), http),
    ...(file.flag("singleUseTokens") && { usedTokens: new UsedTokensInMemory(Date.now) }),
    nowMs: Date.now,
    random: randomBytes,
  });
  const { metrics, onRequest } = observeFulcio(log);
  const close = (): void => {
    issuers.close();
    http.close();
  };
  return serve(file.place(), PORTS.fulcio, {
    handler: fulcioHandler(service),
    metrics,
    onRequest,
    close,
    isDev: false,
  });
}

async function startTsa({ configFile, log }: SingleServiceOptions): Promise<RunningService> {
  const file = new ServiceConfig(configFile, ["certificateChain", "privateKey", "ntpServers"]);
  const settings = tsaSettings({ chain: file.certificates("certificateChain"), signer: file.signer("privateKey") });
  const place = file.place();
  const time = TimeKeeping.start({
    servers: file.texts("ntpServers"),
    readClock: bootClock({ wallMs: Date.now, monotonicMs, bootMs: () => uptime() * 1000 }),
    accuracyMs: settings.clock.accuracyMs,
    log,
  });
  const service = new TimestampService(settings, { readClock: time.readClock, random: randomBytes });
  const { metrics, onRequest } = observeTsa(service, Date.now, log);
  const close = (): void => time.stop();
  return serve(place, PORTS.tsa, { handler: tsaHandler(service), metrics, onRequest, close, isDev: false });
}

async function startOidc({ configFile, log }: SingleServiceOptions): Promise<RunningService> {
  const file = new ServiceConfig(configFile, ["issuer", "privateKey", "users", "dev"]);
  const signer = file.signer("privateKey");
  const [isDev, issuer] = [file.flag("dev"), file.text("issuer")];
  const service = new OidcService({
    issuer,
    keys: [{ keyId: providerKeyId(signer.publicKey), signer, state: "active" }],
    users: isDev ? undefined : new LocalUsers(new UsersFile(file.path("users"))),
    dev: isDev,
    nowMs: Date.now,
    random: randomBytes,
  });
  const { metrics, onRequest } = observeOidc(log);
  const prefix = new URL(issuer).pathname.replace(/\/$/, "");
  const place = file.place();
  const login = place.isBehindProxy ? fromUnknownClients(oidcHandler(service)) : oidcHandler(service);
  const handler = mount({ [prefix === "" ? "/" : prefix]: login });
  return serve(place, PORTS.oidc, { handler, metrics, onRequest, isDev });
}

interface Served {
  readonly handler: ServiceHandler;
  readonly metrics: Metrics;
  readonly onRequest: RequestObserver;
  readonly close?: () => void;
  readonly isDev: boolean;
}

async function serve(place: ServicePlace, usualPort: number, served: Served): Promise<RunningService> {
  const { host = "127.0.0.1", port = usualPort, tls, isBehindProxy, metricsPort } = place;
  checkExposure({ hasTls: tls !== undefined, isBehindProxy, isDev: served.isDev }, host);
  const hosts = new Set(place.hosts.map((name) => name.toLowerCase()));
  const isChecked = isLoopback(host) || hosts.size > 0;
  const watched = observed(served.handler, served.onRequest, monotonicMs);
  const running: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    served.close?.();
  };
  try {
    const handler = isChecked ? allowHosts(watched, hosts) : watched;
    const server = await startServer({ handler, host, port, nowMs: monotonicMs, ...(tls && { tls }) });
    running.push(server);
    for (const name of loopbackHosts(server.port, tls !== undefined)) hosts.add(name);
    if (metricsPort !== undefined)
      running.push(await startMetrics(served.metrics, { port: metricsPort, nowMs: monotonicMs }));
    return { port: server.port, metricsPort: running[1]?.port, stop };
  } catch (cause) {
    await stop();
    throw portUnavailable(cause, host, port);
  }
}

function invalid(field: string, expected: string, got: string): SigstoreError {
  return new SigstoreError("config-invalid", `${field}: expected ${expected}, got ${got}`);
}
