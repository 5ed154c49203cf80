/**
 * A registry in this process for tests: right by default, and different or wrong on request, in each way that was met elsewhere.
 */
import type { ServerResponse } from "node:http";
import { digest as computeDigest } from "../../crypto/digest.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { formatOciDigest } from "../../formats/oci/digest.ts";
import type { OciDigest } from "../../formats/oci/digest.ts";
import { parseOciDocument } from "../../formats/oci/manifest.ts";
import { OCI_MEDIA_TYPE } from "../../formats/oci/media-types.ts";
import { sendJson, startServer } from "../http/misbehaving-server.ts";
import type { Behaviour, LocalServer, SeenRequest, TestScope } from "../http/misbehaving-server.ts";

/** How it differs from a registry that follows the specification. */
export interface Peculiarities {
  /** No referrers API: how it says so. */
  readonly withoutReferrers?: "text" | "json" | "html";
  /** Lists referrers, and does not say so when it gets one. */
  readonly hidesSubject?: boolean;
  readonly nullReferrers?: boolean;
  /** Entries of one page of referrers or tags, and whether a page names the next. */
  readonly pageEntries?: number;
  readonly link?: "quoted" | "bare" | "none";
  readonly absoluteLocation?: boolean;
  /** Does not know `GET` of an upload. */
  readonly forgetsUploads?: boolean;
  readonly mounts?: boolean;
  readonly hasHead?: boolean;
  readonly saysDigest?: boolean;
  readonly deletes?: boolean;
  readonly emptyTagsOfUnknown?: boolean;
  /** Bytes of one request, like a proxy before the registry. */
  readonly mostBytes?: number;
  /** Takes the place of the answer, when it gives one. */
  readonly instead?: (response: ServerResponse, request: SeenRequest, count: number) => boolean;
}

/** A running registry. */
export interface TestRegistry extends LocalServer {
  /** Host and port. */
  readonly host: string;
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  /** Tags to digests. */
  readonly tags: Map<string, string>;
  /** `METHOD path` of what was asked. */
  asked(): readonly string[];
}

interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

interface Store extends Pick<TestRegistry, "blobs" | "manifests" | "tags"> {
  readonly uploads: Map<string, Uint8Array>;
}

/** Starts one. All repositories share their content but tags, which are of all. */
export async function startRegistry(scope: TestScope, peculiarities: Peculiarities = {}): Promise<TestRegistry> {
  const store: Store = { blobs: new Map(), manifests: new Map(), tags: new Map(), uploads: new Map() };
  const behaviour: Behaviour = (response, request, count) => {
    if (peculiarities.instead?.(response, request, count) === true) return;
    answer(store, peculiarities, response, request);
  };
  const server = await startServer(scope, behaviour);
  return {
    ...server,
    ...store,
    host: new URL(server.url).host,
    asked: () => server.requests.map(({ method, path }) => `${method} ${path}`),
  };
}

/** SHA-256 of `bytes` as a digest. */
export function digestOf(bytes: Uint8Array): OciDigest {
  return formatOciDigest("sha256", computeDigest("sha256", bytes));
}

/** Answers as registries refuse. */
export function refuse(response: ServerResponse, status: number, code: string): true {
  sendJson(response, status, { errors: [{ code, message: `${code.toLowerCase()} here` }] });
  return true;
}

const PATH = /^\/v2\/(?<repository>.+?)\/(?<kind>manifests|blobs|tags|referrers)\/(?<rest>[^?]*)(?:\?(?<query>.*))?$/;

function answer(store: Store, how: Peculiarities, response: ServerResponse, request: SeenRequest): unknown {
  const { repository = "", kind, rest = "", query = "" } = PATH.exec(request.path)?.groups ?? {};
  const parameters = new URLSearchParams(query);
  if (request.body.length > (how.mostBytes ?? Number.POSITIVE_INFINITY)) return refuse(response, 413, "TOO_LARGE");
  if (kind === "manifests") return answerManifest(store, how, response, request, rest);
  if (kind === "tags") return answerTags(store, how, response, request, parameters);
  if (kind === "referrers") return answerReferrers(store, how, response, request, rest, parameters);
  if (kind !== "blobs") return response.writeHead(200).end("{}");
  if (rest.startsWith("uploads/"))
    return answerUpload(store, how, response, request, rest.slice(8), parameters, repository);
  const found = store.blobs.get(rest);
  if (found === undefined) return refuse(response, 404, "BLOB_UNKNOWN");
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = from > 0 ? { "content-range": `bytes ${from}-${found.length - 1}/${found.length}` } : {};
  const headers = { "content-length": String(found.length - from), "docker-content-digest": rest, ...range };
  response.writeHead(from > 0 ? 206 : 200, headers);
  return request.method === "HEAD" ? response.end() : response.end(found.subarray(from));
}

function answerManifest(
  store: Store,
  how: Peculiarities,
  response: ServerResponse,
  request: SeenRequest,
  reference: string,
): unknown {
  if (request.method === "PUT") return takeManifest(store, how, response, request, reference);
  if (request.method === "DELETE") {
    if (how.deletes === false) return refuse(response, 405, "UNSUPPORTED");
    const isThere = store.tags.delete(reference) || store.manifests.delete(reference);
    return isThere ? response.writeHead(202).end() : refuse(response, 404, "MANIFEST_UNKNOWN");
  }
  if (request.method === "HEAD" && how.hasHead === false) return refuse(response, 405, "UNSUPPORTED");
  const digest = store.tags.get(reference) ?? reference;
  const found = store.manifests.get(digest);
  const isAccepted = found !== undefined && (request.headers.accept ?? "").includes(found.mediaType);
  if (!isAccepted) return refuse(response, 404, "MANIFEST_UNKNOWN");
  response.writeHead(200, {
    "content-type": found.mediaType,
    "content-length": String(found.bytes.length),
    ...(how.saysDigest !== false && { "docker-content-digest": digest }),
  });
  return response.end(request.method === "HEAD" ? undefined : found.bytes);
}

function takeManifest(
  store: Store,
  how: Peculiarities,
  response: ServerResponse,
  { body, headers }: SeenRequest,
  reference: string,
): unknown {
  const bytes = Uint8Array.from(body);
  const mediaType = headers["content-type"];
  if (mediaType === undefined) return refuse(response, 400, "MANIFEST_INVALID");
  const { subject } = parseOciDocument(bytes, mediaType);
  const digest = digestOf(bytes);
  if (reference.startsWith("sha256:") && reference !== digest) return refuse(response, 400, "DIGEST_INVALID");
  if (!reference.startsWith("sha256:")) store.tags.set(reference, digest);
  store.manifests.set(digest, { bytes, mediaType });
  const isListed = subject !== undefined && how.withoutReferrers === undefined && how.hidesSubject !== true;
  response.writeHead(201, {
    "docker-content-digest": digest,
    location: `/v2/x/manifests/${digest}`,
    ...(isListed && { "oci-subject": subject.digest }),
  });
  return response.end();
}

function answerTags(
  store: Store,
  how: Peculiarities,
  response: ServerResponse,
  request: SeenRequest,
  parameters: URLSearchParams,
): unknown {
  if (store.tags.size === 0 && how.emptyTagsOfUnknown !== true) return refuse(response, 404, "NAME_UNKNOWN");
  const last = parameters.get("last") ?? "";
  const after = [...store.tags.keys()].sort().filter((tag) => tag > last);
  const most = Math.min(Number(parameters.get("n")), how.pageEntries ?? Number.POSITIVE_INFINITY);
  const tags = after.slice(0, most);
  const next = `${request.path.split("?")[0]}?n=${most}&last=${tags.at(-1) ?? ""}`;
  return sendJson(response, 200, { name: "x", tags }, tags.length < after.length ? linkTo(how, next) : {});
}

function answerReferrers(
  store: Store,
  how: Peculiarities,
  response: ServerResponse,
  request: SeenRequest,
  subject: string,
  parameters: URLSearchParams,
): unknown {
  if (how.withoutReferrers === "text")
    return response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
  if (how.withoutReferrers === "json") return refuse(response, 404, "METHOD_UNKNOWN");
  if (how.withoutReferrers === "html") return response.writeHead(200, { "content-type": "text/html" }).end("<html>");
  const all = [...store.manifests].flatMap(([digest, { bytes, mediaType }]) => {
    const document = parseOciDocument(bytes, mediaType);
    return document.subject?.digest === subject
      ? [{ mediaType, digest, size: bytes.length, artifactType: document.artifactType }]
      : [];
  });
  const from = Number(parameters.get("from") ?? 0);
  const most = how.pageEntries ?? all.length;
  const manifests = all.slice(from, from + most);
  const next = `${request.path.split("?")[0]}?from=${from + most}`;
  const list = how.nullReferrers === true && manifests.length === 0 ? null : manifests;
  return sendJson(
    response,
    200,
    { schemaVersion: 2, mediaType: OCI_MEDIA_TYPE.index, manifests: list },
    { "content-type": OCI_MEDIA_TYPE.index, ...(from + most < all.length && linkTo(how, next)) },
  );
}

function linkTo({ link = "quoted" }: Peculiarities, address: string): Record<string, string> {
  if (link === "none") return {};
  return { link: `<${address}>; rel=${link === "quoted" ? '"next"' : "next"}` };
}

function answerUpload(
  store: Store,
  how: Peculiarities,
  response: ServerResponse,
  request: SeenRequest,
  id: string,
  parameters: URLSearchParams,
  repository: string,
): unknown {
  const base = how.absoluteLocation === true ? `http://${request.headers.host}` : "";
  const at = (upload: string): string => `${base}/v2/${repository}/blobs/uploads/${upload}?_state=a%2Bb`;
  if (request.method === "POST") {
    const mount = parameters.get("mount") ?? "";
    if (how.mounts !== false && store.blobs.has(mount))
      return response.writeHead(201, { location: `/v2/x/blobs/${mount}` }).end();
    const upload = `u${store.uploads.size + 1}`;
    store.uploads.set(upload, new Uint8Array());
    return response.writeHead(202, { location: at(upload) }).end();
  }
  const known = store.uploads.get(id);
  if (known === undefined || parameters.get("_state") !== "a+b") return refuse(response, 404, "BLOB_UPLOAD_UNKNOWN");
  const range = { location: at(id), range: `0-${Math.max(0, known.length - 1)}` };
  if (request.method === "GET")
    return how.forgetsUploads === true ? refuse(response, 400, "METHOD_UNKNOWN") : response.writeHead(204, range).end();
  const start = /^(\d+)-/.exec(request.headers["content-range"] ?? "")?.[1];
  if (start !== undefined && Number(start) !== known.length) return refuse(response, 416, "RANGE_INVALID");
  const whole = Uint8Array.from([...known, ...request.body]);
  if (request.method === "PATCH") {
    store.uploads.set(id, whole);
    return response.writeHead(202, { location: at(id), range: `0-${whole.length - 1}` }).end();
  }
  const digest = parameters.get("digest") ?? "";
  if (digest !== digestOf(whole)) return refuse(response, 400, "DIGEST_INVALID");
  store.blobs.set(digest, whole);
  store.uploads.delete(id);
  return response.writeHead(201, { "docker-content-digest": digest, location: `/v2/x/blobs/${digest}` }).end();
}

/** A manifest with one layer, and what belongs to `subject` if one is given. */
export function imageBytes(subject?: { readonly digest: OciDigest; readonly size: number }, note = ""): Uint8Array {
  const empty = { mediaType: OCI_MEDIA_TYPE.empty, size: 2, digest: digestOf(utf8Encode("{}")) };
  return utf8Encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MEDIA_TYPE.manifest,
      config: empty,
      layers: [empty],
      ...(note !== "" && { annotations: { note } }),
      ...(subject !== undefined && {
        subject: { mediaType: OCI_MEDIA_TYPE.manifest, ...subject },
        artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      }),
    }),
  );
}
