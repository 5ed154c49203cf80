/**
 * Who may be asked for here, and from which pages (WHATWG Fetch, `Origin`; W3C Fetch Metadata, `Sec-Fetch-Site`).
 *
 * A page of a stranger can let its own name point to this machine (DNS rebinding); then its requests are "same-origin" for the browser,
 * and only their `Host` tells. And it can send forms to our true name; then only their `Origin` tells. Programs that are no browsers
 * send neither `Origin` nor `Sec-Fetch-Site`, and are asked for the host alone. Leaves out: who is logged in.
 */
import type { ServiceHandler, ServiceRequest, ServiceResponse } from "./message.ts";
import { errorInfo, respondRpcStatus } from "./rpc-status.ts";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const ORIGIN = /^https?:\/\/([^/]+)$/;

/**
 * Lets through what is asked of one of `hosts`, and what changes anything only when no page of another origin sent it.
 *
 * @param hosts names as they stand in `Host`: in lower case, with port unless it is the scheme's own; looked at anew with each request,
 * so that a port that is not known yet can be added
 */
export function allowHosts(handler: ServiceHandler, hosts: ReadonlySet<string>): ServiceHandler {
  return async (request) => {
    const host = (request.headers["host"] ?? "").toLowerCase();
    if (!hosts.has(host)) return foreignHost(host, hosts);
    if (!READING.has(request.method) && !isFromAllowedPage(request, hosts)) return foreignOrigin();
    return handler(request);
  };
}

/** Names under which the machine reaches itself, for {@link allowHosts}. */
export function loopbackHosts(port: number, isTls = false): readonly string[] {
  const names = ["localhost", "127.0.0.1", "[::1]"];
  return names.flatMap((name) => (port === (isTls ? 443 : 80) ? [name, `${name}:${port}`] : [`${name}:${port}`]));
}

/** "null" is the origin of a form whose page tells nobody where it is; the browser alone writes `Sec-Fetch-Site`. */
function isFromAllowedPage({ headers }: ServiceRequest, hosts: ReadonlySet<string>): boolean {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (origin === undefined) return site === undefined || site === "same-origin" || site === "none";
  if (origin === "null") return site === "same-origin";
  const [, host = ""] = ORIGIN.exec(origin.toLowerCase()) ?? [];
  return hosts.has(host);
}

/** RFC 9110 §15.5.20: 421, the request "was directed at a server that is unable or unwilling to produce an authoritative response". */
function foreignHost(host: string, hosts: ReadonlySet<string>): ServiceResponse {
  const [first = ""] = hosts;
  const hint = `ask for ${first}, or start the service with the address that clients use`;
  return respondRpcStatus("PERMISSION_DENIED", `expected a host of this service, got ${host.slice(0, 255)}`, {
    status: 421,
    details: [errorInfo("sigstore", "host-not-allowed", { hint })],
  });
}

function foreignOrigin(): ServiceResponse {
  return respondRpcStatus("PERMISSION_DENIED", "expected a page of this service, got a request from another page", {
    details: [errorInfo("sigstore", "origin-not-allowed", {})],
  });
}
