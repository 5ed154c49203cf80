/**
 * What an instance answers besides its services: health, trust files, and the pages for people.
 */
import { API_VERSION } from "../../verdict/result.ts";
import { respond, respondJson, type ServiceHandler, type ServiceResponse } from "../http/message.ts";
import { router } from "../http/router.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";
import type { ServiceHealth } from "./health.ts";
import type { TrustFiles } from "./trust-files.ts";

/** What the pages speak of; asked at each request, since a rotation changes it. */
export interface PageSources {
  readonly trust: () => TrustFiles;
  readonly health: () => readonly ServiceHealth[];
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  pem: "application/x-pem-file",
  pub: "application/x-pem-file",
};

/** Answers requests for pages. */
export function pagesHandler(sources: PageSources): ServiceHandler {
  return router([
    { path: "/healthz", methods: { GET: async () => health(sources.health()) } },
    { path: "/status.json", methods: { GET: async () => status(sources.health()) } },
    {
      path: "/trust/*",
      methods: { GET: async ({ path }) => trustFile(sources.trust(), path.slice("/trust/".length)) },
    },
  ]);
}

function health(services: readonly ServiceHealth[]): ServiceResponse {
  const isServing = services.every(({ isWell }) => isWell);
  return respondJson(isServing ? 200 : 503, { status: isServing ? "SERVING" : "NOT_SERVING" });
}

function status(services: readonly ServiceHealth[]): ServiceResponse {
  return respondJson(200, { apiVersion: API_VERSION, kind: "InstanceHealth", services }, { "cache-control": "no-cache" });
}

/** Anybody may read them from anywhere: they are public, and no cookie matters to them. */
function trustFile({ files }: TrustFiles, name: string): ServiceResponse {
  const bytes = files.get(name);
  if (bytes === undefined)
    return respondRpcStatus("NOT_FOUND", `no such file; there are ${[...files.keys()].join(", ")}`);
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return respond(200, { "content-type": type, "cache-control": "no-cache", "access-control-allow-origin": "*" }, bytes);
}
