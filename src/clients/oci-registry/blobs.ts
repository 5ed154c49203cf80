/**
 * Blobs read from a registry (OCI distribution specification 1.1, "Pulling blobs").
 *
 * Length and digest are checked while the content goes by; a connection that breaks off is taken up again where it broke.
 */
import { createDigest } from "../../crypto/digest.ts";
import type { StreamingDigest } from "../../crypto/digest.ts";
import { concatBytes } from "../../encoding/bytes.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import type { Descriptor } from "../../formats/oci/descriptor.ts";
import { digestAlgorithm, formatOciDigest } from "../../formats/oci/digest.ts";
import type { OciDigest } from "../../formats/oci/digest.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { LIMITS } from "../../limits.ts";
import type { HttpStream } from "../http/http-request.ts";
import { ContentCache } from "./content-cache.ts";
import type { RegistryAccess, RegistryConnection } from "./registry-connection.ts";
import { mismatchError, strangeAnswer } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";

/** What is wanted of a blob: its digest and length. */
export type BlobName = Pick<Descriptor, "digest" | "size">;

/** How often a broken transfer is taken up again. */
const RESUMPTIONS = 3;

/** Blobs of any repository. */
export class Blobs {
  readonly #connection: RegistryConnection;
  readonly #cache = new ContentCache<{ readonly bytes: Uint8Array }>();

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** Whether the repository has the blob. */
  async has(name: RepositoryName, digest: OciDigest, access: RegistryAccess = "pull"): Promise<boolean> {
    const what = `blob ${digest}`;
    const path = `blobs/${digest}`;
    const { status } = await this.#connection.send({ name, what, method: "HEAD", path, access, understood: [404] });
    return status !== 404;
  }

  /**
   * The whole blob, which may be `most` bytes long; remembered when it is small.
   *
   * @throws SigstoreError `image-not-found`, `input-too-large`, `registry-content-mismatch`
   */
  async read(name: RepositoryName, blob: BlobName, most: number = LIMITS.smallBlobBytes): Promise<Uint8Array> {
    if (blob.size > most)
      throw new SigstoreError(
        "input-too-large",
        `expected a blob of at most ${most} bytes, got ${blob.digest} of ${blob.size}`,
      );
    const { bytes } = await this.#cache.get(name, blob.digest, async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.open(name, blob)) chunks.push(chunk);
      return { bytes: concatBytes(...chunks) };
    });
    if (bytes.length !== blob.size)
      throw mismatchError({ name, what: `blob ${blob.digest}` }, `${blob.size} bytes`, `${bytes.length}`);
    return bytes;
  }

  /**
   * The blob as it comes. Nothing of it may be believed before the end: a digest that does not fit is found there, and thrown.
   *
   * @throws SigstoreError `image-not-found`, `registry-content-mismatch`, and what the connection throws when it cannot be taken up again
   */
  async *open(name: RepositoryName, blob: BlobName): AsyncGenerator<Uint8Array, void, undefined> {
    const asked = { name, what: `blob ${blob.digest}` };
    const digest = createDigest(digestAlgorithm(blob.digest));
    let length = 0;
    for (let resumptions = 0; ; resumptions += 1) {
      try {
        for await (const chunk of this.#from(asked, blob, length)) {
          length += chunk.length;
          digest.update(chunk);
          yield chunk;
        }
        return checkEnd(asked, blob, length, digest);
      } catch (error) {
        if (resumptions === RESUMPTIONS || !isBroken(error) || length === 0) throw error;
      }
    }
  }

  /** What comes from `offset` on. */
  async *#from(asked: Asked, { digest, size }: BlobName, offset: number): AsyncIterable<Uint8Array> {
    const stream = await this.#connection.stream({
      ...asked,
      method: "GET",
      path: `blobs/${digest}`,
      access: "pull",
      headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
      // Counted below, where the error can say which blob it is.
      maxBytes: Number.MAX_SAFE_INTEGER,
    });
    let skipped = skippedBytes(asked, stream, offset, size);
    let length = stream.status === 206 ? offset : 0;
    for await (const chunk of stream.body) {
      length += chunk.length;
      if (length > size) throw mismatchError(asked, `${size} bytes`, "more than that");
      const rest = chunk.subarray(Math.min(skipped, chunk.length));
      skipped -= chunk.length - rest.length;
      if (rest.length > 0) yield rest;
    }
  }
}

/** RFC 9110 §14.2: a server may ignore Range; then what is there already comes again. */
function skippedBytes(asked: Asked, { status, headers }: HttpStream, offset: number, size: number): number {
  const said = headers.get("content-length");
  if (status !== 206) {
    if (said !== undefined && Number(said) !== size) throw mismatchError(asked, `${size} bytes`, said);
    return offset;
  }
  const range = headers.get("content-range") ?? "";
  if (!range.startsWith(`bytes ${offset}-`)) throw strangeAnswer(asked, `the bytes from ${offset} on`, `"${range}"`);
  return 0;
}

function checkEnd(asked: Asked, blob: BlobName, length: number, digest: StreamingDigest): void {
  if (length !== blob.size) throw mismatchError(asked, `${blob.size} bytes`, `${length}`);
  const found = formatOciDigest(digestAlgorithm(blob.digest), digest.digest());
  if (found !== blob.digest) throw mismatchError(asked, "content of that digest", `content of ${found}`);
}

function isBroken(error: unknown): boolean {
  return isSigstoreError(error) && (error.details["isBroken"] === true || error.code === "service-timeout");
}
