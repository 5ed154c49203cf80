/**
 * Several services behind one port: by the path's beginning, or by the name of the host that was asked for (RFC 9110 §7.2).
 *
 * A mounted handler sees its own paths alone. Leaves out: which names are allowed at all (allowed-hosts.ts).
 */
import type { ServiceHandler } from "./message.ts";
import { respondRpcStatus } from "./rpc-status.ts";

/**
 * Handlers by prefix, such as `/auth`; `/` for all the rest. The longest prefix that ends where a segment ends wins, and is cut off:
 * `/auth/token` reaches the handler of `/auth` as `/token`, `/auth` as `/`, and `/authority` does not reach it.
 */
export function mount(handlers: Readonly<Record<string, ServiceHandler>>): ServiceHandler {
  const mounted = Object.entries(handlers)
    .map(([prefix, handler]) => ({ prefix: prefix === "/" ? "" : prefix, handler }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return async (request) => {
    const { path } = request;
    const found = mounted.find(
      ({ prefix }) => path.startsWith(prefix) && ["/", ""].includes(path.charAt(prefix.length)),
    );
    if (found === undefined) return respondRpcStatus("NOT_FOUND", "Not Found");
    const rest = path.slice(found.prefix.length);
    return found.handler({ ...request, path: rest === "" ? "/" : rest });
  };
}

/** Handlers by the name of the host, in lower case and without port; whatever has another name goes to `otherwise`. */
export function byHost(handlers: Readonly<Record<string, ServiceHandler>>, otherwise: ServiceHandler): ServiceHandler {
  const named = new Map(Object.entries(handlers));
  return (request) => (named.get(hostNameOf(request.headers["host"] ?? "")) ?? otherwise)(request);
}

/** The name in a `Host` header, in lower case, without port; a literal IPv6 address keeps its brackets. */
function hostNameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "");
}
