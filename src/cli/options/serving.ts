import { utf8Decode } from "../../encoding/text.ts";
import { readFile } from "../../files/read.ts";
/**
 * How an instance is served: the options of `up`, and what they say.
 */
import { LIMITS } from "../../limits.ts";
import type { InstanceOptions } from "../../services/instance/start.ts";
import type { OptionSpec, ParsedArguments } from "../command.ts";
import type { World } from "../world.ts";
import { DATA_OPTION, findDataFolder } from "./data-folder.ts";
import { KEY_FILE_OPTION, readKeyEncryption } from "./key-file.ts";
import { usageError } from "./parse.ts";

const CA_ALGORITHMS = ["p256", "p384", "rsa3072", "rsa4096"] as const;

/** Options that say how an instance is served. */
export const SERVING_OPTIONS: readonly OptionSpec[] = [
  DATA_OPTION,
  { name: "port", value: "N", summary: "port to listen on (8480 at first; 0: any free one)" },
  { name: "url", value: "URL", summary: "public address (http://localhost:PORT at first)" },
  { name: "listen", value: "ADDRESS", summary: "address to listen on (this machine alone: localhost)" },
  { name: "dev", summary: "log in as anybody, without a password" },
  { name: "tls", summary: "speak TLS, by a certificate of the instance's own making" },
  { name: "tls-cert", value: "FILE", valueKind: "file", summary: "speak TLS: certificate chain in PEM" },
  { name: "tls-key", value: "FILE", valueKind: "file", summary: "and its private key in PEM" },
  { name: "behind-proxy", summary: "a proxy in front speaks TLS" },
  KEY_FILE_OPTION,
  {
    name: "fulcio-config",
    value: "FILE",
    valueKind: "file",
    summary: "further issuers, as the original is configured",
  },
  { name: "metrics-port", value: "N", summary: "metrics for Prometheus on this port" },
  { name: "single-use-tokens", isRare: true, summary: "take each identity token once" },
  { name: "name", value: "NAME", isRare: true, summary: "first start: the instance's host name for ever" },
  { name: "ca-algorithm", value: "NAME", isRare: true, choices: CA_ALGORITHMS, summary: "first start: its keys" },
  { name: "rate-limit", value: "N", isRare: true, summary: "requests a second from one client, over time" },
  {
    name: "ntp-server",
    value: "HOST[:PORT]",
    repeatable: true,
    isRare: true,
    summary: "time server that the clock is compared with",
  },
  { name: "verification-threads", value: "N", isRare: true, summary: "threads that check signatures for the log (1)" },
];

/** The options of `startInstance`, but for what the command brings itself. @throws SigstoreError `usage`, `file-…` */
export async function readServing(
  request: ParsedArguments,
  world: World,
): Promise<Omit<InstanceOptions, "log" | "processId">> {
  const port = portOf(request, "port");
  const metricsPort = portOf(request, "metrics-port");
  const algorithm = request.value("ca-algorithm");
  const caAlgorithm = CA_ALGORITHMS.find((name) => name === algorithm);
  const requestsPerSecond = countOf(request, "rate-limit", 1_000_000);
  const verificationThreads = countOf(request, "verification-threads", 64);
  const keyEncryption = await readKeyEncryption(request, world);
  return {
    folder: findDataFolder(request, world).path,
    dev: request.flag("dev"),
    isBehindProxy: request.flag("behind-proxy"),
    singleUseTokens: request.flag("single-use-tokens"),
    timeServers: request.values("ntp-server"),
    ...textOption(request, "listen", "host"),
    ...textOption(request, "url", "url"),
    ...textOption(request, "name", "name"),
    ...textOption(request, "fulcio-config", "fulcioConfigFile"),
    ...(port !== undefined && { port }),
    ...(metricsPort !== undefined && { metricsPort }),
    ...(caAlgorithm !== undefined && { caAlgorithm }),
    ...(requestsPerSecond !== undefined && { requestsPerSecond }),
    ...(verificationThreads !== undefined && { verificationThreads }),
    ...(keyEncryption !== undefined && { keyEncryption }),
    ...tlsOf(request),
  };
}

function textOption<Name extends string>(
  request: ParsedArguments,
  option: string,
  name: Name,
): Partial<Record<Name, string>> {
  const value = request.value(option);
  return value === undefined ? {} : ({ [name]: value.replace(/\/$/, "") } as Record<Name, string>);
}

/** A port, or undefined when none was named. @throws SigstoreError `usage` */
export function portOf(request: ParsedArguments, option: string): number | undefined {
  const text = request.value(option);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw usageError(`expected a port from 0 to 65535 after --${option}, got ${text}`);
}

function countOf(request: ParsedArguments, option: string, most: number): number | undefined {
  const text = request.value(option);
  if (text === undefined) return undefined;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw usageError(`expected a number from 1 to ${most} after --${option}, got ${text}`);
}

function tlsOf(request: ParsedArguments): Pick<InstanceOptions, "tls"> {
  const [certificate, key] = [request.value("tls-cert"), request.value("tls-key")];
  if (certificate === undefined && key === undefined) return request.flag("tls") ? { tls: "own" } : {};
  if (certificate === undefined || key === undefined)
    throw usageError("expected --tls-cert and --tls-key, got one of them", "a server needs both, each a file in PEM");
  const text = (path: string, what: string): string => utf8Decode(readFile(path, LIMITS.smallFileBytes, what));
  return { tls: { certificate: text(certificate, "a certificate chain"), key: text(key, "a private key") } };
}
