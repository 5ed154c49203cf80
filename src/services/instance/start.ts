/**
 * `startInstance`: a whole Sigstore in one process, on one port, with its state in one folder.
 *
 * In this order: the folder is taken hold of, the port, then keys, chains and logs are made or opened, and only then is anything
 * answered but "not yet". Leaves out: signals, terminals and words for people, which are the command's.
 */
import { availableParallelism } from "node:os";
import { formatRfc3339 } from "../../encoding/time.ts";
import { accessLine } from "../http/access-line.ts";
import { allowHosts, loopbackHosts } from "../http/allowed-hosts.ts";
import type { ServiceHandler } from "../http/message.ts";
import { Metrics } from "../http/metrics.ts";
import { wordsOf } from "../http/observation.ts";
import { limitRate } from "../http/rate-limit.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";
import { type RunningServer, type ServedRequest, startServer } from "../http/server.ts";
import { startMetrics } from "../http/start-metrics.ts";
import { fromUnknownClients } from "../http/unknown-clients.ts";
import { type AddressWishes, type InstanceAddress, instanceAddress } from "./address.ts";
import { type CaAlgorithm, openCertificateAuthority } from "./authorities.ts";
import { changing } from "./changes.ts";
import { damaged, inFolder, makePrivateFolder, PUBLIC_MODE, writeDurably } from "./durable-file.ts";
import { writeFirstEntry } from "./first-entry.ts";
import { createInstance, instanceName } from "./first-start.ts";
import { InstanceFolder, pathsOf, readInstanceRecord } from "./folder.ts";
import { frontDoor } from "./front-door.ts";
import { healthOf } from "./health.ts";
import { type KeyEncryption, KeyStore } from "./key-store.ts";
import { logHosts, openFrozenRekorLog } from "./logs.ts";
import { pagesHandler } from "./pages.ts";
import { portUnavailable } from "./port-unavailable.ts";
import { active, type InstanceRecord } from "./record.ts";
import { acceptedRoots, type InstanceServices, openServices, type ServiceSurroundings } from "./services.ts";
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
  /** Seals the keys of the folder; opens those that were sealed before. */
  readonly keyEncryption?: KeyEncryption;
  /** Takes each identity token once. */
  readonly singleUseTokens?: boolean;
  /** Issuers besides the instance's own: a configuration file of the original. */
  readonly fulcioConfigFile?: string;
  /** Serves metrics on this port of loopback; 0 for any free one. */
  readonly metricsPort?: number;
  /** So many requests a second are taken from one client, over time; any number without. */
  readonly requestsPerSecond?: number;
  /** Threads that verify signatures for the log, beside the one that serves; one by default, where there is a processor for it. */
  readonly verificationThreads?: number;
  /** HOST[:PORT] of time servers that the clock is compared with; they are asked every few minutes, unless something else is said. */
  readonly timeServers?: readonly string[];
  readonly timeIntervalMs?: number;
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
  /** Takes up what was changed in the folder since: a new chain of the certificate authority. */
  reload(): Promise<void>;
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
  const starting = new InstanceProcess(options);
  try {
    return await starting.start();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

/** A process that serves an instance: what it holds is let go of in one place, whether it fails or is stopped later. */
class InstanceProcess {
  readonly #options: InstanceOptions;
  readonly #folder: InstanceFolder;
  readonly #servers: RunningServer[] = [];
  readonly #started = formatRfc3339(Date.now());
  #services: InstanceServices | undefined;
  #reloading: Promise<undefined> = Promise.resolve(undefined);
  /** What is said of the instance now; another after a reload. */
  #standing: Standing | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#folder = InstanceFolder.hold(options.folder);
  }

  async start(): Promise<RunningInstance> {
    const options = this.#options;
    const before = this.#folder.readRecord();
    const usesOwnTls = options.tls === "own" || (options.tls === undefined && speaksOwnTls(options, before));
    const address = instanceAddress(wishesOf(options, usesOwnTls), before?.url);
    const keys = await this.#openKeys(before);
    const name = before?.name ?? instanceName(options.name, address.urlOf(0));
    const tls = await tlsOf(options, usesOwnTls, keys, { name, hosts: tlsHosts(name, before, address.urlOf(0)) });
    const door = new LateDoor();
    const server = await listen(options, address, tls, door.handler);
    this.#servers.push(server);
    const found: Found = { keys, url: address.urlOf(server.port), metrics: new Metrics(), isNew: before === undefined };
    const { record, services } = await this.#openServices(before, name, found);
    this.#standing = new Standing(options.folder, { record, url: found.url, tlsAuthority: tls?.authority });
    await writeFirstEntry(services.rekor.service, requireTrustedRoot(this.#current.trust));
    const metricsPort = await this.#listenMetrics(found.metrics);
    const hosts = allowedHosts(record, found.url, server.port);
    door.open(limited(allowHosts(this.#door(services), hosts), options.requestsPerSecond));
    this.#writeRun();
    return this.#view(found, { port: server.port, metricsPort });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.#services?.stop();
    this.#folder.release();
  }

  async #openKeys(before: InstanceRecord | undefined): Promise<KeyStore> {
    const { folder, keyEncryption } = this.#options;
    const { keys } = pathsOf(folder);
    if (before !== undefined) {
      if (keyEncryption === undefined || KeyStore.isSealed(keys)) return KeyStore.open(keys, keyEncryption);
      // While nobody else adds keys in the clear, as a rotation would.
      return changing(folder, async (record) => ({ result: await KeyStore.seal(keys, keyEncryption), record }));
    }
    this.#folder.begin();
    return KeyStore.create(keys, keyEncryption);
  }

  async #openServices(
    before: InstanceRecord | undefined,
    name: string,
    found: Found,
  ): Promise<{ readonly record: InstanceRecord; readonly services: InstanceServices }> {
    const { folder, caAlgorithm = "p256" } = this.#options;
    const { keys, url } = found;
    const wish = { name, url, caAlgorithm, nowMs: Date.now() };
    const record = before === undefined ? await createInstance(folder, keys, wish) : { ...before, url };
    const services = await openServices(record, surroundingsOf(this.#options, found));
    this.#services = services;
    if (before === undefined) this.#folder.writeRecord(record);
    else if (before.url !== url)
      await changing(folder, async (last) => ({ result: undefined, record: { ...last, url } }));
    return { record, services };
  }

  async #listenMetrics(metrics: Metrics): Promise<number | undefined> {
    const { metricsPort } = this.#options;
    if (metricsPort === undefined) return undefined;
    const server = await startMetrics(metrics, { port: metricsPort, nowMs: () => performance.now() });
    this.#servers.push(server);
    return server.port;
  }

  #door(services: InstanceServices): ServiceHandler {
    const { rekor, fulcio, tsa, ct, oidc } = services;
    const { record, url } = this.#current;
    return frontDoor({
      rekor: rekor.handler,
      fulcio: fulcio.handler,
      tsa: tsa.handler,
      ct: ct.handler,
      oidc: this.#options.isBehindProxy === true ? fromUnknownClients(oidc.handler) : oidc.handler,
      pages: pagesHandler({
        frame: { instance: record.name, isDev: this.#options.dev === true },
        url,
        log: rekor.log,
        frozenLogs: record.rekorLogs.slice(0, -1).map(({ origin }) => origin),
        openFrozen: (origin) => openFrozenRekorLog(this.#options.folder, record, origin),
        trust: () => this.#current.trust,
        health: () => healthOf(services),
      }),
      logHosts: logHosts(this.#options.folder, record, { rekor: rekor.handler, ct: ct.handler }),
    });
  }

  #view({ keys, url, isNew }: Found, ports: Pick<RunningInstance, "port" | "metricsPort">): RunningInstance {
    const { folder } = this.#options;
    const { record, trust } = this.#current;
    return {
      name: record.name,
      url,
      issuer: `${url}/auth`,
      folder,
      isNew,
      isEncrypted: keys.isEncrypted,
      fingerprintHex: trust.fingerprintHex,
      ...ports,
      reload: () => this.#reloadInTurn(keys),
      stop: () => this.stop(),
    };
  }

  /** One after the other: what was read first must not be taken up last. */
  async #reloadInTurn(keys: KeyStore): Promise<void> {
    const before = this.#reloading;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#reloading = promise;
    await before;
    await this.#reload(keys).finally(() => resolve(undefined));
  }

  /** The CT log takes what the new chain issues, and the trusted root names it, before it issues anything. */
  async #reload(keys: KeyStore): Promise<void> {
    const { folder } = this.#options;
    const { url, record: before, tlsAuthority } = this.#current;
    const record = readInstanceRecord(folder);
    if (record === undefined) throw damaged(pathsOf(folder).record, "the record of an instance", "none");
    const last = active(record.certificateAuthorities);
    if (last.name === active(before.certificateAuthorities).name) return;
    const authority = await openCertificateAuthority(keys, pathsOf(folder).authorities, last, Date.now());
    this.#services?.ct.service.useRoots(acceptedRoots(folder, record));
    this.#standing = new Standing(folder, { record: { ...record, url }, url, tlsAuthority });
    this.#services?.fulcio.service.useAuthority(authority);
    this.#writeRun();
    this.#options.log(`certificates are issued by ${last.name} from now on`);
  }

  get #current(): Standing {
    if (this.#standing === undefined) throw new Error("expected an instance that was started");
    return this.#standing;
  }

  #writeRun(): void {
    const { processId } = this.#options;
    const { url, record } = this.#current;
    if (processId === undefined) return;
    const certificateAuthority = active(record.certificateAuthorities).name;
    this.#folder.writeRun({ pid: processId, url, certificateAuthority, started: this.#started });
  }
}

/** What is said of an instance, in its record and to those who trust it. */
class Standing {
  readonly record: InstanceRecord;
  readonly url: string;
  /** PEM. */
  readonly tlsAuthority: string | undefined;
  readonly trust: TrustFiles;

  constructor(folder: string, { record, url, tlsAuthority }: Pick<Standing, "record" | "url" | "tlsAuthority">) {
    this.record = record;
    this.url = url;
    this.tlsAuthority = tlsAuthority;
    this.trust = trustFiles(folder, record, url, tlsAuthority);
    writeTrustFiles(folder, this.trust);
  }
}

type Found = Pick<ServiceSurroundings, "keys" | "url" | "metrics" | "isNew">;

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

function requireTrustedRoot({ files }: TrustFiles): Uint8Array {
  const file = files.get("trusted_root.json");
  if (file === undefined) throw new Error("trust files have a trusted root");
  return file;
}

function limited(handler: ServiceHandler, perSecond: number | undefined): ServiceHandler {
  return perSecond === undefined ? handler : limitRate(handler, { perSecond }, () => performance.now());
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
  const {
    folder,
    dev = false,
    fulcioConfigFile,
    // A processor beside the one that serves doubles what the log takes.
    verificationThreads = availableParallelism() > 1 ? 1 : 0,
    singleUseTokens = false,
    timeServers = [],
    timeIntervalMs,
    processId,
    log,
  } = options;
  const holder = processId === undefined ? `the instance at ${found.url}` : `process ${processId}`;
  const settings = { fulcioConfigFile, verificationThreads, singleUseTokens, timeServers, timeIntervalMs };
  return { ...found, ...settings, folder, isDev: dev, holder, log };
}

/** Where nobody says otherwise: programs that know this machine as `localhost` may take either address of it. */
const IPV6_LOOPBACK = "::1";

async function listen(
  { log, host: wished = "localhost" }: InstanceOptions,
  { host, port }: InstanceAddress,
  tls: ServerTls | undefined,
  handler: ServiceHandler,
): Promise<RunningServer> {
  try {
    return await startServer({
      handler,
      host,
      ...(wished === "localhost" && { secondHost: IPV6_LOOPBACK }),
      port,
      nowMs: () => performance.now(),
      observe: (served) => {
        if (isNotable(served)) log(accessLine(served));
        if (served.error !== undefined) log(wordsOf(served.error));
      },
      ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }),
    });
  } catch (cause) {
    throw portUnavailable(cause, host, port);
  }
}

/** What the owner may have to look into: our failures, and what clients were refused. */
function isNotable({ status, method }: ServedRequest): boolean {
  return status >= 500 || (status >= 400 && method === "POST");
}

/** Names under which the instance may be asked for: its own, this machine's, and those of its logs; with port and, of a proxy, without. */
function allowedHosts({ rekorLogs, ctLogs }: InstanceRecord, url: string, port: number): ReadonlySet<string> {
  const { host, protocol } = new URL(url);
  const logs = [...rekorLogs, ...ctLogs].flatMap(({ origin }) => [origin, `${origin}:${port}`]);
  return new Set([host, ...loopbackHosts(port, protocol === "https:"), ...logs]);
}

/** The same files as are served, for who has the folder and not the network. */
function writeTrustFiles(folder: string, { files }: TrustFiles): void {
  const { trust } = pathsOf(folder);
  makePrivateFolder(trust);
  for (const [name, bytes] of files) writeDurably(inFolder(trust, name), bytes, PUBLIC_MODE);
}
