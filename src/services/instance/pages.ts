/**
 * What an instance answers besides its services: health, trust files, and the pages for people.
 */
import { respond, respondJson, type ServiceHandler, type ServiceResponse } from "../http/message.ts";
import { router } from "../http/router.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";
import type { TrustFiles } from "./trust-files.ts";

/** What the pages speak of; asked at each request, since a rotation changes it. */
export interface PageSources {
  readonly trust: () => TrustFiles;
  /** Names of services that cannot do their work now. */
  readonly ailing: () => readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  pem: "application/x-pem-file",
  pub: "application/x-pem-file",
};

/** Answers requests for pages. */
export function pagesHandler(sources: PageSources): ServiceHandler {
  return router([
    { path: "/healthz", methods: { GET: async () => health(sources.ailing()) } },
    {
      path: "/trust/*",
      methods: { GET: async ({ path }) => trustFile(sources.trust(), path.slice("/trust/".length)) },
    },
  ]);
}

function health(ailing: readonly string[]): ServiceResponse {
  const isServing = ailing.length === 0;
  return respondJson(isServing ? 200 : 503, {
    status: isServing ? "SERVING" : "NOT_SERVING",
    ...(!isServing && { ailing }),
  });
}

/** Anybody may read them from anywhere: they are public, and no cookie matters to them. */
function trustFile({ files }: TrustFiles, name: string): ServiceResponse {
  const bytes = files.get(name);
  if (bytes === undefined)
    return respondRpcStatus("NOT_FOUND", `no such file; there are ${[...files.keys()].join(", ")}`);
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return respond(200, { "content-type": type, "cache-control": "no-cache", "access-control-allow-origin": "*" }, bytes);
}
