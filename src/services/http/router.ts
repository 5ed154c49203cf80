/**
 * Which handler answers which request: by path, exact or below a prefix, then by method (RFC 9110).
 *
 * HEAD is answered wherever GET is. Leaves out: patterns within paths, which no protocol here has.
 */
import type { ServiceHandler, ServiceRequest, ServiceResponse } from "./message.ts";
import { respondRpcStatus } from "./rpc-status.ts";

/** One place of a service. */
export interface Route {
  /** A path, or with `/*` at its end everything below it. */
  readonly path: string;
  readonly methods: Readonly<Record<string, ServiceHandler>>;
}

/** A handler of all routes; of several that fit, an exact one wins, then the longest prefix. */
export function router(routes: readonly Route[]): ServiceHandler {
  const exact = new Map(routes.map((route) => [route.path, route]));
  const below = routes
    .filter(({ path }) => path.endsWith("/*"))
    .map((route) => ({ prefix: route.path.slice(0, -1), route }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return async (request) => {
    const route = exact.get(request.path) ?? below.find(({ prefix }) => request.path.startsWith(prefix))?.route;
    return route === undefined ? respondRpcStatus("NOT_FOUND", "Not Found") : answer(route, request);
  };
}

async function answer({ methods }: Route, request: ServiceRequest): Promise<ServiceResponse> {
  const handler = methods[request.method] ?? (request.method === "HEAD" ? methods["GET"] : undefined);
  if (handler !== undefined) return handler(request);
  const allowed = Object.keys(methods);
  if (allowed.includes("GET")) allowed.push("HEAD");
  return respondRpcStatus("UNIMPLEMENTED", "Method Not Allowed", {
    status: 405,
    headers: { allow: allowed.join(", ") },
  });
}
