/**
 * What an instance answers besides its services: health, trust files, and the pages for people.
 *
 * Pages have no script; entries are hostile, and escaped where they stand. Leaves out: login pages (services/oidc).
 */
import { sha256 } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { serializeTlogEntry } from "../../formats/bundle/tlog-entry.ts";
import { API_VERSION } from "../../verdict/result.ts";
import { loadTrustMaterial, type TrustMaterial } from "../../verify/trust.ts";
import { entryPage, noEntryPage } from "../../web/entry-page.ts";
import { indexPage } from "../../web/index-page.ts";
import { SITE_STYLE, type SiteFrame } from "../../web/site-page.ts";
import {
  respond,
  respondJson,
  type ServiceHandler,
  type ServiceRequest,
  type ServiceResponse,
} from "../http/message.ts";
import { router } from "../http/router.ts";
import { respondRpcStatus } from "../http/rpc-status.ts";
import type { ServiceHealth } from "./health.ts";
import { readLogEntry, type ShownEntry, type ShownLog, whoSigned } from "./log-entry.ts";
import type { TrustFiles } from "./trust-files.ts";

/** What the pages speak of; what may change is asked for at each request. */
export interface PageSources {
  readonly frame: SiteFrame;
  readonly url: string;
  readonly log: ShownLog;
  /** Logs of before, by their origin. */
  readonly frozenLogs: readonly string[];
  readonly openFrozen: (origin: string) => Promise<ShownLog | undefined>;
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
    { path: "/", methods: { GET: () => index(sources) } },
    { path: "/healthz", methods: { GET: async () => health(sources.health()) } },
    { path: "/status.json", methods: { GET: async () => status(sources.health()) } },
    {
      path: "/trust/*",
      methods: { GET: async ({ path }) => trustFile(sources.trust(), path.slice("/trust/".length)) },
    },
    { path: "/entry/*", methods: { GET: (request) => entry(sources, request) } },
  ]);
}

function health(services: readonly ServiceHealth[]): ServiceResponse {
  const isServing = services.every(({ isWell }) => isWell);
  return respondJson(isServing ? 200 : 503, { status: isServing ? "SERVING" : "NOT_SERVING" });
}

function status(services: readonly ServiceHealth[]): ServiceResponse {
  return respondJson(200, { apiVersion: API_VERSION, kind: "InstanceHealth", services }, NO_CACHE);
}

/** Anybody may read them from anywhere: they are public, and no cookie matters to them. */
function trustFile({ files }: TrustFiles, name: string): ServiceResponse {
  const bytes = files.get(name);
  if (bytes === undefined)
    return respondRpcStatus("NOT_FOUND", `no such file; there are ${[...files.keys()].join(", ")}`);
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return respond(200, { "content-type": type, ...NO_CACHE, "access-control-allow-origin": "*" }, bytes);
}

/** So many entries stand on the front page. */
const LATEST_ENTRIES = 8n;

async function index(sources: PageSources): Promise<ServiceResponse> {
  const { frame, url, log, trust, health: services } = sources;
  const { files, fingerprintHex } = trust();
  const material = trustMaterial(sources);
  const { treeSize } = log.published;
  const count = Number(treeSize < LATEST_ENTRIES ? treeSize : LATEST_ENTRIES);
  const entries = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const shown = await readLogEntry(log, treeSize - 1n - BigInt(at), material);
      return { index: treeSize - 1n - BigInt(at), who: shown === undefined ? "" : whoSigned(shown.page) };
    }),
  );
  return page(
    200,
    indexPage(frame, {
      url,
      fingerprintHex,
      services: services(),
      entries,
      frozenLogs: sources.frozenLogs,
      trustFiles: [...files.keys()],
    }),
  );
}

const INDEX = /^\/entry\/(0|[1-9]\d{0,18})$/;

async function entry(sources: PageSources, { path, query }: ServiceRequest): Promise<ServiceResponse> {
  const { frame } = sources;
  const parameters = new URLSearchParams(query);
  const log = await logOf(sources, parameters.get("log"));
  if (log === undefined) return respondRpcStatus("NOT_FOUND", "expected a log of this instance, got another");
  const [, digits] = INDEX.exec(path) ?? [];
  const shown = digits === undefined ? undefined : await readLogEntry(log, BigInt(digits), trustMaterial(sources));
  const wantsJson = parameters.get("format") === "json";
  if (shown === undefined) {
    const { treeSize } = log.published;
    if (wantsJson) return respondRpcStatus("NOT_FOUND", `expected an entry below ${treeSize}, got another`);
    return page(404, noEntryPage(frame, treeSize));
  }
  return wantsJson ? respondJson(200, entryDocument(shown), NO_CACHE) : page(200, entryPage(frame, shown.page));
}

/** The log at work, unless another is named. */
async function logOf({ log, openFrozen }: PageSources, origin: string | null): Promise<ShownLog | undefined> {
  return origin === null || origin === log.identity.origin ? log : openFrozen(origin);
}

/** The entry as clients know it, and what was found (docs/schemas/log-entry.json). */
function entryDocument({ entry: tlogEntry, page: { origin, digest, signer, checks } }: ShownEntry): unknown {
  return {
    apiVersion: API_VERSION,
    kind: "LogEntry",
    logIndex: String(tlogEntry.logIndex),
    log: origin,
    ...(digest && { digest: { algorithm: digest.algorithm, value: digest.hex } }),
    ...(signer && { signer }),
    checks,
    tlogEntry: serializeTlogEntry(tlogEntry),
  };
}

const materials = new WeakMap<TrustFiles, TrustMaterial>();

/** What is learned of certificates is kept as long as the trusted root is the same. */
function trustMaterial({ trust }: PageSources): TrustMaterial {
  const files = trust();
  const known = materials.get(files) ?? loadTrustMaterial(files.trustedRoot);
  materials.set(files, known);
  return known;
}

const NO_CACHE = { "cache-control": "no-cache" };
const STYLE_HASH = base64Encode(sha256(utf8Encode(SITE_STYLE)));

function page(statusCode: number, text: string): ServiceResponse {
  return respond(statusCode, PAGE_HEADERS, text);
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  ...NO_CACHE,
};
