/**
 * Blobs brought to a registry (OCI distribution specification 1.1, "Pushing blobs", "Mounting a blob from another repository").
 *
 * What is there is not sent, what another repository of the registry has is mounted, and all else is sent in one piece; where
 * that breaks off or is too large for somebody on the way, in chunks from where the registry says that it is. The digest is
 * checked on the way out too: what is sent is what was promised, or nothing is finished.
 */
import { createDigest, digest as computeDigest } from "../../crypto/digest.ts";
import { concatBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import { digestAlgorithm, formatOciDigest, isOciDigest } from "../../formats/oci/digest.ts";
import type { OciDigest } from "../../formats/oci/digest.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import type { StreamedBody } from "../http/http-request.ts";
import type { BlobName, Blobs } from "./blobs.ts";
import type { RegistryConnection, RegistryResponse } from "./registry-connection.ts";
import { mismatchError, strangeAnswer } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";

/** A blob to be stored. */
export interface BlobSource extends BlobName {
  /** Its bytes from `offset` on; called again where a transfer broke off. */
  open(offset: number): AsyncIterable<Uint8Array>;
}

/** How a blob got there. */
export type BlobArrival = "present" | "mounted" | "sent";

/** What is known beforehand. */
export interface UploadOptions {
  /** A repository of the same registry that has the blob. */
  readonly mountFrom?: string;
  /** It cannot be there yet: the question is saved. */
  readonly isNew?: boolean;
  /** Bytes of one chunk, where it goes in chunks. */
  readonly chunkBytes?: number;
}

interface Transfer {
  readonly asked: Asked;
  readonly source: BlobSource;
  readonly chunkBytes: number;
}

/** An upload that the registry has begun. */
interface Session {
  readonly location: URL;
  readonly leastChunkBytes: number;
}

/** How far an upload has come. */
interface Place {
  readonly session: Session;
  readonly offset: number;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
/** Chunks in a row that may bring nothing. */
const CORRECTIONS = 3;
/** The answer to a chunk by which a registry says that it is elsewhere. */
const WRONG_OFFSET = 416;
const BINARY = { "content-type": "application/octet-stream" };

/** A blob that is at hand. */
export function blobOf(bytes: Uint8Array): BlobSource {
  const digest = formatOciDigest("sha256", computeDigest("sha256", bytes));
  return {
    digest,
    size: bytes.length,
    async *open(offset) {
      yield bytes.subarray(offset);
    },
  };
}

/** Stores blobs in any repository. */
export class Uploads {
  readonly #connection: RegistryConnection;
  readonly #blobs: Blobs;

  constructor(connection: RegistryConnection, blobs: Blobs) {
    this.#connection = connection;
    this.#blobs = blobs;
  }

  /** Stores a blob, unless the repository has it. @throws SigstoreError naming registry, repository and blob */
  async push(name: RepositoryName, source: BlobSource, options: UploadOptions = {}): Promise<BlobArrival> {
    const { mountFrom, isNew = false, chunkBytes = CHUNK_BYTES } = options;
    if (!isNew && (await this.#blobs.has(name, source.digest, "push"))) return "present";
    const transfer = { asked: { name, what: `to store blob ${source.digest}` }, source, chunkBytes };
    const session = await this.#begin(transfer, mountFrom);
    if (session === "mounted") return session;
    try {
      await this.#sendWhole(transfer, session);
    } catch (error) {
      if (!isInterrupted(error)) throw error;
      await this.#sendChunks(transfer, session, await this.#offsetOf(transfer.asked, session));
    }
    return "sent";
  }

  /** "mounted" also where the registry finds the blob by itself. */
  async #begin({ asked, source }: Transfer, mountFrom: string | undefined): Promise<Session | "mounted"> {
    const mount = mountFrom === undefined ? "" : `?mount=${source.digest}&from=${encodeURIComponent(mountFrom)}`;
    const response = await this.#connection.send({
      ...asked,
      method: "POST",
      path: `blobs/uploads/${mount}`,
      access: "push",
      from: mountFrom,
      body: new Uint8Array(),
    });
    if (response.status !== 201) return sessionOf(asked, response);
    if (mountFrom === undefined) throw strangeAnswer(asked, "an upload to begin", "that it is done");
    return "mounted";
  }

  async #sendWhole(transfer: Transfer, session: Session): Promise<void> {
    const { asked, source, chunkBytes } = transfer;
    const response = await this.#connection.send({
      ...asked,
      method: "PUT",
      path: withDigest(session.location, source.digest),
      access: "push",
      headers: BINARY,
      body: source.size <= chunkBytes ? await wholeOf(asked, source) : checked(asked, source),
      repeat: "untaken",
      understood: [413],
    });
    // Somebody on the way takes no more at once, or the registry itself.
    if (response.status === 413) await this.#sendChunks(transfer, session, undefined);
    else checkStored(asked, source.digest, response);
  }

  /** Sends from `offset` on; in a new session where that is undefined. */
  async #sendChunks(transfer: Transfer, begun: Session, offset: number | undefined): Promise<void> {
    const { asked, source } = transfer;
    let place: Place | undefined = offset === undefined ? undefined : { session: begun, offset };
    let corrections = 0;
    for (;;) {
      place ??= { session: await this.#beginAnew(transfer), offset: 0 };
      if (place.offset >= source.size) break;
      const next = await this.#sendChunk(transfer, place);
      corrections = next !== undefined && next.offset > place.offset ? 0 : corrections + 1;
      if (corrections > CORRECTIONS) throw strangeAnswer(asked, "the next chunk to be taken", "none in several tries");
      place = next;
    }
    const done = await this.#connection.send({
      ...asked,
      method: "PUT",
      path: withDigest(place.session.location, source.digest),
      access: "push",
      body: new Uint8Array(),
      repeat: "untaken",
    });
    checkStored(asked, source.digest, done);
  }

  /** Where it goes on after one chunk; undefined where the registry cannot say. */
  async #sendChunk({ asked, source, chunkBytes }: Transfer, { session, offset }: Place): Promise<Place | undefined> {
    const chunk = await readChunk(asked, source, offset, Math.max(chunkBytes, session.leastChunkBytes));
    const request = {
      ...asked,
      method: "PATCH" as const,
      path: session.location,
      access: "push" as const,
      headers: { ...BINARY, "content-range": `${offset}-${offset + chunk.length - 1}` },
      body: chunk,
      repeat: "untaken" as const,
      understood: [WRONG_OFFSET],
    };
    const response = await this.#connection.send(request).catch((error: unknown) => {
      if (isInterrupted(error)) return undefined;
      throw error;
    });
    if (response !== undefined && response.status !== WRONG_OFFSET)
      return { session: sessionOf(asked, response), offset: takenBytes(asked, response, offset + chunk.length) };
    const found = await this.#offsetOf(asked, session);
    return found === undefined ? undefined : { session, offset: found };
  }

  /** How much of an upload the registry has; undefined where it cannot say, or knows nothing of it any more. */
  async #offsetOf(asked: Asked, { location }: Session): Promise<number | undefined> {
    const response = await this.#connection.send({
      ...asked,
      method: "GET",
      path: location,
      access: "push",
      understood: [400, 404, 405],
    });
    return response.status >= 400 ? undefined : takenBytes(asked, response, 0);
  }

  async #beginAnew(transfer: Transfer): Promise<Session> {
    const session = await this.#begin(transfer, undefined);
    if (session !== "mounted") return session;
    throw strangeAnswer(transfer.asked, "an upload to begin", "that it is done");
  }
}

/** OCI distribution specification: `Location` is absolute or relative; where it goes on is the registry's to say, over TLS if it is. */
function sessionOf(asked: Asked, { headers, url }: RegistryResponse): Session {
  const location = headers.get("location") ?? "";
  const next = location !== "" && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  const isDowngrade = url.protocol === "https:" && next?.protocol !== "https:";
  if (next === undefined || isDowngrade || !next.protocol.startsWith("http"))
    throw strangeAnswer(asked, "where the upload goes on", `"${location}"`);
  return { location: next, leastChunkBytes: Number(headers.get("oci-chunk-min-length") ?? 0) || 0 };
}

/** The address may carry the registry's own notes, which stay as they are. */
function withDigest(location: URL, digest: OciDigest): URL {
  const separator = location.search === "" ? "?" : "&";
  return new URL(`${location.href}${separator}digest=${encodeURIComponent(digest)}`);
}

/** `Range: 0-N` says the last byte that is there; without it, all that was sent is. */
function takenBytes(asked: Asked, { headers }: RegistryResponse, sent: number): number {
  const range = headers.get("range");
  if (range === undefined) return sent;
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range)?.[1];
  if (last === undefined) throw strangeAnswer(asked, "how much it has", `"${range}"`);
  // "0-0" is said of an empty upload as well as of one byte.
  return Number(last) === 0 && sent === 0 ? 0 : Number(last) + 1;
}

function checkStored(asked: Asked, digest: OciDigest, { status, headers }: RegistryResponse): void {
  const said = headers.get("docker-content-digest");
  const isOther = said !== undefined && isOciDigest(said) && digestAlgorithm(said) === digestAlgorithm(digest);
  if (isOther && said !== digest) throw mismatchError(asked, digest, `the digest ${said}`);
  if (status === 202) throw strangeAnswer(asked, "the blob to be stored (status 201)", "status 202");
}

async function wholeOf(asked: Asked, source: BlobSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of checked(asked, source).open()) chunks.push(chunk);
  return concatBytes(...chunks);
}

/** The source as a body that ends in an error, and so unfinished, where it is not what it says. */
function checked(asked: Asked, source: BlobSource): StreamedBody {
  return {
    size: source.size,
    async *open() {
      const algorithm = digestAlgorithm(source.digest);
      const digest = createDigest(algorithm);
      let length = 0;
      let kept: Uint8Array | undefined;
      for await (const chunk of source.open(0)) {
        length += chunk.length;
        digest.update(chunk);
        // The last piece goes out only when the whole is known to be right.
        if (kept !== undefined) yield kept;
        kept = chunk;
      }
      const found = formatOciDigest(algorithm, digest.digest());
      if (length !== source.size || found !== source.digest)
        throw mismatchError(asked, `${source.size} bytes of that digest to send`, `${length} bytes of ${found}`);
      if (kept !== undefined) yield kept;
    },
  };
}

async function readChunk(asked: Asked, source: BlobSource, offset: number, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const wanted = Math.min(size, source.size - offset);
  let length = 0;
  for await (const part of source.open(offset)) {
    const taken = part.subarray(0, wanted - length);
    parts.push(taken);
    length += taken.length;
    if (length === wanted) return concatBytes(...parts);
  }
  throw mismatchError(asked, `${source.size} bytes to send`, `${offset + length}`);
}

function isInterrupted(error: unknown): boolean {
  return isSigstoreError(error) && (error.details["isBroken"] === true || error.code === "service-timeout");
}
