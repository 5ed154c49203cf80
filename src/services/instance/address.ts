/**
 * Where an instance listens, and under which address others know it.
 *
 * Plain HTTP leaves loopback only behind a proxy that was named: tokens would cross the network in the clear. Leaves out: the
 * sockets themselves.
 */
import { SigstoreError } from "../../errors.ts";

/** What its owner wishes. */
export interface AddressWishes {
  /** Address to listen on; loopback by default. */
  readonly host?: string;
  /** Port to listen on; 0 for any free one. */
  readonly port?: number;
  /** Public address. */
  readonly url?: string;
  readonly hasTls: boolean;
  /** A proxy in front speaks TLS, and hands on plain HTTP. */
  readonly isBehindProxy: boolean;
  /** Whoever reaches the instance may log in as anybody. */
  readonly isDev: boolean;
}

/** What comes of it. */
export interface InstanceAddress {
  readonly host: string;
  readonly port: number;
  /** Public address without a slash at the end, once the port is known. */
  readonly urlOf: (port: number) => string;
}

/** The port where nobody says otherwise. */
const DEFAULT_PORT = 8480;

/**
 * The address of an instance that was known as `lastUrl` before, if it was.
 *
 * @throws SigstoreError `config-invalid`
 */
export function instanceAddress(wishes: AddressWishes, lastUrl: string | undefined): InstanceAddress {
  const host = wishes.host === undefined || wishes.host === "localhost" ? "127.0.0.1" : wishes.host;
  checkExposure(wishes, host);
  const scheme = wishes.hasTls ? "https" : "http";
  const named = wishes.url ?? (wishes.port === undefined ? lastUrl : undefined);
  if (named === undefined)
    return { host, port: wishes.port ?? DEFAULT_PORT, urlOf: (port) => `${scheme}://localhost:${port}` };
  const url = parsePublicUrl(named, wishes);
  const own = portOf(url);
  return { host, port: wishes.port ?? (wishes.isBehindProxy ? DEFAULT_PORT : own), urlOf: () => url.origin };
}

/** True for this machine's own names and addresses, which nobody else reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || bare.endsWith(".localhost") || bare === "::1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

/** Holds a wish for an address to what may be seen from outside. @throws SigstoreError `config-invalid` */
export function checkExposure(
  { hasTls, isBehindProxy, isDev }: Pick<AddressWishes, "hasTls" | "isBehindProxy" | "isDev">,
  host: string,
): void {
  if (isDev && (isBehindProxy || !isLoopback(host)))
    throw new SigstoreError("config-invalid", `expected an address of this machine alone for --dev, got ${host}`, {
      hint: "with --dev everybody who reaches the instance logs in as whom they like; leave one of the two out",
    });
  if (hasTls || isBehindProxy || isLoopback(host)) return;
  throw new SigstoreError("config-invalid", `expected TLS on an address that others reach, got plain HTTP on ${host}`, {
    hint: "--tls makes a certificate, --tls-cert and --tls-key take yours, --behind-proxy says that a proxy in front has one",
  });
}

function parsePublicUrl(text: string, { hasTls, isBehindProxy }: AddressWishes): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol))
    throw new SigstoreError("config-invalid", `expected an address such as https://sigstore.example.com, got ${text}`, {
      hint: "the instance is the whole of an origin: scheme, host and port, and no path",
    });
  if (isBehindProxy || (url.protocol === "https:") === hasTls) return url;
  throw new SigstoreError(
    "config-invalid",
    hasTls ? `expected an https address, got ${text}` : `expected TLS for ${text}, got none`,
    { hint: hasTls ? "write it with https://" : "give --tls, --tls-cert and --tls-key, or --behind-proxy" },
  );
}

/** The port of an address: the scheme's own where it names none. */
export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}
