/**
 * The one door of an instance: which service answers a request, by host and path.
 *
 * Everything has its place below the public address; the logs answer under their own names too, as the trusted root gives their
 * addresses. Leaves out: what each service says, and which hosts are let in (services/http).
 */
import type { ServiceHandler } from "../http/message.ts";
import { byHost, mount } from "../http/mount.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";

/** Who answers what. Handlers of `oidc` and `ct` know nothing of their prefix. */
export interface FrontDoorParts {
  readonly rekor: ServiceHandler;
  readonly fulcio: ServiceHandler;
  readonly tsa: ServiceHandler;
  readonly ct: ServiceHandler;
  readonly oidc: ServiceHandler;
  /** Index, trust files, pages of entries, health: paths as they are. */
  readonly pages: ServiceHandler;
  /** Logs by the host name of their own, the frozen ones too. */
  readonly logHosts: Readonly<Record<string, ServiceHandler>>;
}

const FULCIO_PATHS: ReadonlySet<string> = new Set([
  "/api/v2/signingCert",
  "/api/v2/trustBundle",
  "/api/v2/configuration",
  "/api/v1/signingCert",
  "/api/v1/rootCert",
]);
/** Those of Rekor v1 too, to whose clients the log says what it is. */
const REKOR_PATHS = /^\/api\/(?:v1\/log(?:\/|$)|v2\/(?:checkpoint$|log\/|tile\/))/;
const TSA_PATHS = /^\/api\/v1\/timestamp(?:\/|$)/;

/** Hands each request to the service that it is for. */
export function frontDoor(parts: FrontDoorParts): ServiceHandler {
  const shared: ServiceHandler = async (request) => {
    const { path } = request;
    if (FULCIO_PATHS.has(path)) return parts.fulcio(request);
    if (REKOR_PATHS.test(path)) return parts.rekor(request);
    if (TSA_PATHS.test(path)) return parts.tsa(request);
    return path.startsWith("/api/") ? respondRpcStatus("NOT_FOUND", "Not Found") : parts.pages(request);
  };
  return byHost(parts.logHosts, mount({ "/auth": parts.oidc, "/ct": parts.ct, "/": shared }));
}

/** A Rekor log under its own name: as below `/api/v2`, and as C2SP tlog-tiles has it, at the root. */
export function atOwnHost(rekor: ServiceHandler): ServiceHandler {
  return async (request) => {
    const { path } = request;
    const isShort = path === "/checkpoint" || path.startsWith("/tile/");
    return rekor(isShort ? { ...request, path: `/api/v2${path}` } : request);
  };
}
