/**
 * The stock Sigstore services on loopback: OpenID issuer (ours), Fulcio, CT log, timestamp authority, Rekor v2 and v1.
 *
 * Twenty ports from a first one on, below those that the kernel takes for outgoing connections. The timestamp authority listens on 2112
 * besides, and nothing turns that off: one per machine.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PeerName } from "../peers/catalogue.ts";
import type { PeerFolder } from "../peers/install.ts";
import { answersAt, ServingProgram } from "../programs.ts";
import type { Stack } from "../stack.ts";
import { KEY_PASSWORD, makeStockKeys } from "./keys.ts";
import { startTokenIssuer } from "./token-issuer.ts";
import { type Database, dataSourceName, startDatabase, startTrillian, type Trillian } from "./trillian.ts";
import { type StockServices, writeStockTrust } from "./trust.ts";

/** What has to be installed. */
export const STOCK_PEERS: readonly PeerName[] = [
  "openssl",
  "fulcio",
  "timestamp-server",
  "rekor-tiles",
  "mariadb",
  "trillian",
  "ctfe",
  "rekor",
];

/** The services and what else may be asked of them. */
export interface StockStack extends Stack {
  readonly services: StockServices;
}

/** Ends what was started, the last first. */
type Stop = () => Promise<void>;

/** Starts everything with its data in `folder`, on twenty ports from `base` on. */
export async function startStockStack(peers: PeerFolder, folder: string, base: number): Promise<StockStack> {
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    return await startAll(peers, folder, base, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  peers: PeerFolder,
  folder: string,
  base: number,
  stops: Stop[],
  stop: Stop,
): Promise<StockStack> {
  const services = servicesOf(folder, base);
  mkdirSync(services.keys, { recursive: true });
  await makeStockKeys(services.keys);
  const issuer = await startTokenIssuer(base);
  stops.push(async () => Promise.resolve(issuer.stop()));
  const database = await startDatabase(peers, folder);
  stops.push(() => database.program.stop());
  const trillian = await startTrillian(peers, folder, database, base + 10);
  stops.push(() => trillian.stop());
  const start = async (name: string, program: string, args: readonly string[], readyUrl: string): Promise<void> => {
    const command = [peers.program(program), ...args];
    const running = await ServingProgram.start(name, command, join(folder, `${name}.log`), answersAt(readyUrl));
    stops.push(() => running.stop());
  };
  const tools: StartTools = { start, services, base };
  await startCtLog(tools, await trillian.createTree("ct"), trillian);
  await startFulcio(tools);
  await startTimestampAuthority(tools);
  await startRekor2(tools);
  await startRekor1(tools, database, await trillian.createTree("rekor"), trillian);
  return {
    name: "stock",
    issuer: issuer.url,
    services,
    ...writeStockTrust(services),
    token: async (email) => Promise.resolve(issuer.token(email)),
    stop,
  };
}

/** Where each service is, with the issuer at the first port. */
export function servicesOf(folder: string, base: number): StockServices {
  const at = (offset: number): string => `http://localhost:${base + offset}`;
  return {
    folder,
    keys: join(folder, "keys"),
    issuer: at(0),
    fulcio: at(1),
    timestamps: `${at(4)}/api/v1/timestamp`,
    rekor2: at(5),
    ct: `${at(8)}/ct`,
    rekor1: at(14),
  };
}

/** What the services are started with. */
export interface StartTools {
  readonly start: (name: string, program: string, args: readonly string[], readyUrl: string) => Promise<void>;
  readonly services: StockServices;
  readonly base: number;
}

/** CTFE over a tree of Trillian. */
export async function startCtLog(
  { start, services, base }: StartTools,
  tree: string,
  trillian: Trillian,
): Promise<void> {
  const { folder, keys } = services;
  const file = join(folder, "ctfe.cfg");
  const key = `{ [type.googleapis.com/keyspb.PEMKeyFile] { path: "${keys}/ctlog.enc.key" password: "${KEY_PASSWORD}" } }`;
  const settings = `log_id: ${tree} prefix: "ct" roots_pem_file: "${keys}/fulcio-root.pem" max_merge_delay_sec: 86400`;
  writeFileSync(file, `config { ${settings} private_key: ${key} }\n`);
  const endpoints = [`--http_endpoint=127.0.0.1:${base + 8}`, `--metrics_endpoint=127.0.0.1:${base + 9}`];
  const args = [`--log_config=${file}`, `--log_rpc_server=${trillian.address}`, ...endpoints];
  await start("ctfe", "ct_server", args, `${services.ct}/ct/v1/get-sth`);
}

/** Fulcio with that CT log. */
export async function startFulcio({ start, services, base }: StartTools): Promise<void> {
  const log = { url: services.ct, publicKeyFile: join(services.keys, "ctlog.pub") };
  await start("fulcio", "fulcio", fulcioArguments(services, base + 1, log), `${services.fulcio}/healthz`);
}

/** How the stock Fulcio is started on three ports from `port` on, with this CT log. */
export function fulcioArguments(
  { folder, keys, issuer }: StockServices,
  port: number,
  log: { readonly url: string; readonly publicKeyFile: string },
): readonly string[] {
  const file = join(folder, `fulcio-${port}.json`);
  const issuers = { [issuer]: { IssuerURL: issuer, ClientID: "sigstore", Type: "email" } };
  writeFileSync(file, JSON.stringify({ OIDCIssuers: issuers }));
  return [
    "serve",
    "--host=127.0.0.1",
    `--port=${port}`,
    "--grpc-host=127.0.0.1",
    `--grpc-port=${port + 1}`,
    `--metrics-port=${port + 2}`,
    `--legacy-unix-domain-socket=${join(folder, `fulcio-${port}.sock`)}`,
    `--config-path=${file}`,
    "--ca=fileca",
    `--fileca-cert=${keys}/fulcio-chain.pem`,
    `--fileca-key=${keys}/fulcio-intermediate.enc.key`,
    `--fileca-key-passwd=${KEY_PASSWORD}`,
    "--fileca-watch=false",
    `--ct-log-url=${log.url}`,
    `--ct-log-public-key-path=${log.publicKeyFile}`,
  ];
}

/** The timestamp authority. */
export async function startTimestampAuthority({
  start,
  services: { keys, timestamps },
  base,
}: StartTools): Promise<void> {
  const args = [
    "serve",
    "--host=127.0.0.1",
    `--port=${base + 4}`,
    "--timestamp-signer=file",
    `--file-signer-key-path=${keys}/tsa-leaf.key`,
    `--certificate-chain-path=${keys}/tsa-chain.pem`,
    "--disable-ntp-monitoring",
  ];
  await start("timestamp-server", "timestamp-server", args, `${timestamps}/certchain`);
}

/** The origin of its checkpoints has to be the host of its address in the trusted root. */
async function startRekor2({ start, services: { folder, keys, rekor2 }, base }: StartTools): Promise<void> {
  const storage = join(folder, "rekor2");
  mkdirSync(storage);
  const args = [
    "serve",
    "--http-address=127.0.0.1",
    `--http-port=${base + 5}`,
    "--grpc-address=127.0.0.1",
    `--grpc-port=${base + 6}`,
    `--http-metrics-port=${base + 7}`,
    "--hostname=localhost",
    `--storage-dir=${storage}`,
    `--signer-filepath=${keys}/rekor2.key`,
    "--checkpoint-interval=100ms",
  ];
  await start("rekor-tiles", "rekor-server-posix", args, `${rekor2}/healthz`);
}

async function startRekor1(
  { start, services: { folder, keys, rekor1 }, base }: StartTools,
  database: Database,
  tree: string,
  trillian: Trillian,
): Promise<void> {
  const [trillianHost = "", trillianPort = ""] = trillian.address.split(":");
  const attestations = join(folder, "attestations");
  mkdirSync(attestations);
  const args = [
    "serve",
    "--rekor_server.address=127.0.0.1",
    `--port=${base + 14}`,
    "--rekor_server.hostname=localhost",
    `--rekor_server.signer=${keys}/rekor1.key`,
    `--trillian_log_server.address=${trillianHost}`,
    `--trillian_log_server.port=${trillianPort}`,
    `--trillian_log_server.tlog_id=${tree}`,
    "--search_index.storage_provider=mysql",
    `--search_index.mysql.dsn=${dataSourceName(database, "rekor")}`,
    "--enable_attestation_storage",
    `--attestation_storage_bucket=file://${attestations}`,
  ];
  await start("rekor", "rekor-server", args, `${rekor1}/api/v1/log`);
}
