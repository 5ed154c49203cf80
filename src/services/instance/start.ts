/**
 * `startInstance`: a whole Sigstore in one process, on one port, with its state in one folder.
 *
 * In this order: the folder is taken hold of, the port, then keys, chains and logs are made or opened, and only then is anything
 * answered but "not yet". Leaves out: signals, terminals and words for people, which are the command's.
 */
import { formatRfc3339 } from "../../encoding/time.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { allowHosts, loopbackHosts } from "../http/allowed-hosts.ts";
import type { ServiceHandler } from "../http/message.ts";
import { Metrics } from "../http/metrics.ts";
import { wordsOf } from "../http/observation.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";
import { type RunningServer, startServer } from "../http/server.ts";
import { startMetrics } from "../http/start-metrics.ts";
import { type AddressWishes, type InstanceAddress, instanceAddress } from "./address.ts";
import type { CaAlgorithm } from "./authorities.ts";
import { inFolder, makePrivateFolder, PUBLIC_MODE, writeDurably } from "./durable-file.ts";
import { createInstance, instanceName } from "./first-start.ts";
import { InstanceFolder, pathsOf } from "./folder.ts";
import { frontDoor } from "./front-door.ts";
import { type KeyEncryption, KeyStore } from "./key-store.ts";
import { logHosts } from "./logs.ts";
import { pagesHandler } from "./pages.ts";
import type { InstanceRecord } from "./record.ts";
import { type InstanceServices, openServices, type ServiceSurroundings } from "./services.ts";
import { hasOwnTls, ownTls, type ServerTls, type TlsWish } from "./tls.ts";
import { type TrustFiles, trustFiles } from "./trust-files.ts";

/** What an instance is started with. */
export interface InstanceOptions {
  /** The data folder; made where there is none. */
  readonly folder: string;
  /** Address to listen on; loopback by default. */
  readonly host?: string;
  /** Port to listen on, 0 for any free one; by default that of the address. */
  readonly port?: number;
  /** Public address: `http://localhost:8480` at first, later the one of last time. */
  readonly url?: string;
  /** At the first start: a DNS name for the instance. */
  readonly name?: string;
  /** At the first start; P-256 by default. */
  readonly caAlgorithm?: CaAlgorithm;
  /** Logs in whoever asks, as whom he says; on loopback alone. */
  readonly dev?: boolean;
  /** PEM of chain and key of the server, or one of the instance's own making; what it made before stays in use. */
  readonly tls?: "own" | { readonly certificate: string; readonly key: string };
  /** A proxy in front speaks TLS, and hands on plain HTTP. */
  readonly isBehindProxy?: boolean;
  /** Seals the keys of a new folder; opens those of a folder that was sealed. */
  readonly keyEncryption?: KeyEncryption;
  /** Takes each identity token once. */
  readonly singleUseTokens?: boolean;
  /** Issuers besides the instance's own: a configuration file of the original. */
  readonly fulcioConfigFile?: string;
  /** Serves metrics on this port of loopback; 0 for any free one. */
  readonly metricsPort?: number;
  /** Threads that verify signatures for the log, beside the one that serves. */
  readonly verificationThreads?: number;
  /** Number of this process, for commands that look for it; without, they do not find it. */
  readonly processId?: number;
  /** Told what happens, a line at a time; nowhere a secret. */
  readonly log: (line: string) => void;
}

/** An instance that serves. */
export interface RunningInstance {
  /** Its name for ever: a DNS name. */
  readonly name: string;
  /** Public address, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Who the identity tokens of this instance are from. */
  readonly issuer: string;
  readonly folder: string;
  /** SHA-256 of trusted_root.json as it is served. */
  readonly fingerprintHex: string;
  /** True at the first start of the folder. */
  readonly isNew: boolean;
  readonly isEncrypted: boolean;
  readonly metricsPort: number | undefined;
  /** Answers what has begun, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Starts an instance; everything serves when this returns.
 *
 * @throws SigstoreError `storage-in-use`, `instance-invalid`, `port-unavailable`, `config-invalid`, `password-wrong`, and those of the
 *   logs (`storage-…`)
 */
export async function startInstance(options: InstanceOptions): Promise<RunningInstance> {
  const folder = InstanceFolder.hold(options.folder);
  const starting = new Starting(folder);
  try {
    return await starting.run(options);
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

/** A start under way: what it holds is let go of in one place, whether it fails or is stopped later. */
class Starting {
  readonly #folder: InstanceFolder;
  readonly #servers: RunningServer[] = [];
  #services: InstanceServices | undefined;

  constructor(folder: InstanceFolder) {
    this.#folder = folder;
  }

  async run(options: InstanceOptions): Promise<RunningInstance> {
    const before = this.#folder.readRecord();
    const usesOwnTls = options.tls === "own" || (options.tls === undefined && speaksOwnTls(options, before));
    const address = instanceAddress(wishesOf(options, usesOwnTls), before?.url);
    const keys = await this.#openKeys(before, options);
    const name = before?.name ?? instanceName(options.name, address.urlOf(0));
    const tls = await tlsOf(options, usesOwnTls, keys, { name, hosts: tlsHosts(name, before, address.urlOf(0)) });
    const door = new LateDoor();
    const server = await listen(options, address, tls, door.handler);
    this.#servers.push(server);
    const url = address.urlOf(server.port);
    const { caAlgorithm = "p256" } = options;
    const wish = { name, url, caAlgorithm, nowMs: Date.now() };
    const record = before === undefined ? await createInstance(options.folder, keys, wish) : { ...before, url };
    const found: Found = { keys, url, metrics: new Metrics(), isNew: before === undefined };
    const services = await openServices(record, surroundingsOf(options, found));
    this.#services = services;
    if (before?.url !== url) this.#folder.writeRecord(record);
    const trust = trustFiles(options.folder, record, url, tls?.authority);
    writeTrustFiles(options.folder, trust);
    const metricsPort = await this.#listenMetrics(options, found.metrics);
    const hosts = allowedHosts(record, url, server.port);
    door.open(
      allowHosts(
        doorOf(options.folder, record, services, () => trust),
        hosts,
      ),
    );
    this.#writeRun(options, url);
    return {
      ...viewOf(record, options, found),
      port: server.port,
      fingerprintHex: trust.fingerprintHex,
      metricsPort,
      stop: () => this.stop(),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.#services?.stop();
    this.#folder.release();
  }

  async #openKeys(before: InstanceRecord | undefined, options: InstanceOptions): Promise<KeyStore> {
    const { keys } = pathsOf(options.folder);
    if (before !== undefined) return KeyStore.open(keys, options.keyEncryption);
    this.#folder.begin();
    return KeyStore.create(keys, options.keyEncryption);
  }

  async #listenMetrics({ metricsPort }: InstanceOptions, metrics: Metrics): Promise<number | undefined> {
    if (metricsPort === undefined) return undefined;
    const server = await startMetrics(metrics, { port: metricsPort, nowMs: () => performance.now() });
    this.#servers.push(server);
    return server.port;
  }

  #writeRun({ processId }: InstanceOptions, url: string): void {
    if (processId === undefined) return;
    this.#folder.writeRun({ pid: processId, url, started: formatRfc3339(Date.now()) });
  }
}

type Found = Pick<ServiceSurroundings, "keys" | "url" | "metrics" | "isNew">;

function viewOf(
  { name }: InstanceRecord,
  { folder }: InstanceOptions,
  { url, keys, isNew }: Found,
): Pick<RunningInstance, "name" | "url" | "issuer" | "folder" | "isNew" | "isEncrypted"> {
  return { name, url, issuer: `${url}/auth`, folder, isNew, isEncrypted: keys.isEncrypted };
}

/** What was served over TLS of its own making stays so, without being told each time. */
function speaksOwnTls({ folder, url, isBehindProxy }: InstanceOptions, before: InstanceRecord | undefined): boolean {
  const known = url ?? before?.url ?? "";
  return known.startsWith("https:") && isBehindProxy !== true && hasOwnTls(folder);
}

async function tlsOf(
  { folder, tls }: InstanceOptions,
  usesOwn: boolean,
  keys: KeyStore,
  wish: Omit<TlsWish, "nowMs">,
): Promise<ServerTls | undefined> {
  if (usesOwn) return ownTls(folder, keys, { ...wish, nowMs: Date.now() });
  return tls === undefined || tls === "own" ? undefined : { ...tls, authority: undefined };
}

/** Every name that the server is asked for by. */
function tlsHosts(name: string, before: InstanceRecord | undefined, url: string): readonly string[] {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  const logs = [...(before?.rekorLogs ?? []), ...(before?.ctLogs ?? [])].map(({ origin }) => origin);
  return [...new Set([host, "localhost", "127.0.0.1", "::1", `rekor.${name}`, `ct.${name}`, ...logs])];
}

/** Answers "not yet" until there is something to answer with: the port is taken before anything is made. */
class LateDoor {
  #handler: ServiceHandler = async () =>
    respondRpcStatus("UNAVAILABLE", "the instance is starting", { headers: { "retry-after": "1" } });

  readonly handler: ServiceHandler = (request) => this.#handler(request);

  open(handler: ServiceHandler): void {
    this.#handler = handler;
  }
}

function wishesOf(options: InstanceOptions, usesOwnTls: boolean): AddressWishes {
  const { host, port, url, tls, isBehindProxy = false, dev = false } = options;
  return {
    hasTls: usesOwnTls || tls !== undefined,
    isBehindProxy,
    isDev: dev,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(url !== undefined && { url }),
  };
}

function surroundingsOf(options: InstanceOptions, found: Found): ServiceSurroundings {
  const { folder, dev = false, fulcioConfigFile, verificationThreads = 0, processId, log } = options;
  const holder = processId === undefined ? `the instance at ${found.url}` : `process ${processId}`;
  return { ...found, folder, isDev: dev, fulcioConfigFile, verificationThreads, holder, log };
}

async function listen(
  { log }: InstanceOptions,
  { host, port }: InstanceAddress,
  tls: ServerTls | undefined,
  handler: ServiceHandler,
): Promise<RunningServer> {
  try {
    return await startServer({
      handler,
      host,
      port,
      nowMs: () => performance.now(),
      observe: ({ method, path, error }) => {
        if (error !== undefined) log(`${method} ${path}: ${wordsOf(error)}`);
      },
      ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }),
    });
  } catch (cause) {
    throw portUnavailable(cause, host, port);
  }
}

const PORT_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: "somebody else listens there",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** The system's word, in words. */
function portUnavailable(cause: unknown, host: string, port: number): unknown {
  if (!(cause instanceof Error) || isSigstoreError(cause) || !("code" in cause)) return cause;
  const trouble = PORT_TROUBLE[String(cause.code)] ?? cause.message;
  return new SigstoreError("port-unavailable", `expected to listen on ${host}:${port}, got: ${trouble}`, {
    hint: "choose another port with --port N (0 for any free one), or find who has it: ss -ltnp",
    details: { host, port },
    cause,
  });
}

/** Names under which the instance may be asked for: its own, this machine's, and those of its logs; with port and, of a proxy, without. */
function allowedHosts({ rekorLogs, ctLogs }: InstanceRecord, url: string, port: number): ReadonlySet<string> {
  const { host, protocol } = new URL(url);
  const logs = [...rekorLogs, ...ctLogs].flatMap(({ origin }) => [origin, `${origin}:${port}`]);
  return new Set([host, ...loopbackHosts(port, protocol === "https:"), ...logs]);
}

function doorOf(
  folder: string,
  record: InstanceRecord,
  services: InstanceServices,
  trust: () => TrustFiles,
): ServiceHandler {
  const { rekor, fulcio, tsa, ct, oidc } = services;
  const ailing = (): readonly string[] => [
    ...(rekor.log.isSound ? [] : ["rekor"]),
    ...(ct.service.log.isSound ? [] : ["ct"]),
    ...(tsa.service.checkClock().isRight ? [] : ["tsa"]),
  ];
  return frontDoor({
    rekor: rekor.handler,
    fulcio: fulcio.handler,
    tsa: tsa.handler,
    ct: ct.handler,
    oidc: oidc.handler,
    pages: pagesHandler({ trust, ailing }),
    logHosts: logHosts(folder, record, { rekor: rekor.handler, ct: ct.handler }),
  });
}

/** The same files as are served, for who has the folder and not the network. */
function writeTrustFiles(folder: string, { files }: TrustFiles): void {
  const { trust } = pathsOf(folder);
  makePrivateFolder(trust);
  for (const [name, bytes] of files) writeDurably(inFolder(trust, name), bytes, PUBLIC_MODE);
}
