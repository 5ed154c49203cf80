/**
 * Manifests and indexes in a registry (OCI distribution specification 1.1, "Pulling manifests", "Pushing Manifests", "Deleting tags").
 *
 * What is asked for by digest has that digest; what is asked for by tag gets the digest of what came. Content-Type, `mediaType`
 * and the descriptor that led here must say the same.
 */
import { digest as computeDigest } from "../../crypto/digest.ts";
import { isSigstoreError } from "../../errors.ts";
import type { Descriptor } from "../../formats/oci/descriptor.ts";
import { digestAlgorithm, formatOciDigest, isOciDigest } from "../../formats/oci/digest.ts";
import type { OciDigest } from "../../formats/oci/digest.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { parseOciDocument } from "../../formats/oci/manifest.ts";
import type { OciDocument } from "../../formats/oci/manifest.ts";
import {
  ACCEPTED_MANIFESTS,
  bareMediaType,
  isIndexMediaType,
  isManifestMediaType,
  OCI_MEDIA_TYPE,
} from "../../formats/oci/media-types.ts";
import { LIMITS } from "../../limits.ts";
import type { HttpResponse } from "../http/http-request.ts";
import { ContentCache } from "./content-cache.ts";
import type { RegistryAccess, RegistryConnection } from "./registry-connection.ts";
import { mismatchError, strangeAnswer } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";

/** A document as it lies in the registry. */
export interface StoredDocument {
  readonly descriptor: Pick<Descriptor, "mediaType" | "digest" | "size">;
  /** As they came: what digest and signatures are of. */
  readonly bytes: Uint8Array;
  readonly document: OciDocument;
}

/** What a registry says of a manifest that it took. */
export interface PushedManifest {
  readonly digest: OciDigest;
  /** The registry lists it among the referrers of its subject; otherwise the list under the tag is the client's to keep. */
  readonly isListedAsReferrer: boolean;
}

/** Content types that say nothing: some proxies and file servers give them to everything. */
const SILENT_TYPES = ["", "application/json", "application/octet-stream", "text/plain"];

/** Manifests of any repository. */
export class Manifests {
  readonly #connection: RegistryConnection;
  readonly #cache = new ContentCache<StoredDocument>();

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /**
   * What `tag` (or a digest) names now, asked without its content; undefined when there is nothing of the name.
   *
   * @throws SigstoreError for every other answer: a registry that fails does not say that there is nothing
   */
  async resolve(
    name: RepositoryName,
    reference: string,
    access: RegistryAccess = "pull",
  ): Promise<StoredDocument["descriptor"] | undefined> {
    const asked = { name, what: `manifest ${reference}` };
    const { status, headers } = await this.#connection.send({
      ...asked,
      method: "HEAD",
      path: `manifests/${reference}`,
      access,
      headers: { accept: ACCEPTED_MANIFESTS },
      understood: [404, 405],
    });
    if (status === 404) return undefined;
    const said = headers.get("docker-content-digest");
    const size = Number(headers.get("content-length") ?? "-");
    const mediaType = bareMediaType(headers.get("content-type"));
    const isKnown = isManifestMediaType(mediaType) || isIndexMediaType(mediaType);
    // A registry need not say the digest, nor know HEAD: then the content itself does.
    if (status === 405 || said === undefined || !Number.isSafeInteger(size) || !isKnown)
      return (await this.get(name, reference, access))?.descriptor;
    if (!isOciDigest(said)) throw strangeAnswer(asked, "a digest", `"${said}"`);
    if (isOciDigest(reference) && said !== reference) throw mismatchError(asked, reference, `the digest ${said}`);
    return { mediaType, digest: said, size };
  }

  /** The document of a tag or digest, or undefined when there is none. @throws SigstoreError for every other answer */
  async get(
    name: RepositoryName,
    reference: string,
    access: RegistryAccess = "pull",
  ): Promise<StoredDocument | undefined> {
    if (!isOciDigest(reference)) return this.#fetch(name, reference, access);
    try {
      return await this.#cache.get(name, reference, async () => {
        const found = await this.#fetch(name, reference, access);
        if (found === undefined) throw new Missing();
        return found;
      });
    } catch (error) {
      if (error instanceof Missing) return undefined;
      throw error;
    }
  }

  /**
   * The document that `descriptor` points at, or undefined when it is not there.
   *
   * @throws SigstoreError `registry-content-mismatch` when type or length are other than the descriptor says
   */
  async follow(name: RepositoryName, descriptor: Descriptor): Promise<StoredDocument | undefined> {
    const found = await this.get(name, descriptor.digest);
    if (found === undefined) return undefined;
    const { mediaType, size } = found.descriptor;
    const asked = { name, what: `manifest ${descriptor.digest}` };
    if (size !== descriptor.size) throw mismatchError(asked, `${descriptor.size} bytes`, `${size}`);
    if (mediaType !== descriptor.mediaType)
      throw mismatchError(asked, `the media type ${descriptor.mediaType}`, mediaType);
    return found;
  }

  /** Stores a document, under `tag` or under its digest alone. May be repeated. */
  async put(name: RepositoryName, bytes: Uint8Array, mediaType: string, tag?: string): Promise<PushedManifest> {
    const own = formatOciDigest("sha256", computeDigest("sha256", bytes));
    const document = parseOciDocument(bytes, mediaType);
    const asked = { name, what: `to store manifest ${tag ?? own}` };
    const { headers } = await this.#connection.send({
      ...asked,
      method: "PUT",
      path: `manifests/${tag ?? own}`,
      access: "push",
      headers: { "content-type": mediaType },
      body: bytes,
    });
    const said = headers.get("docker-content-digest");
    if (said?.startsWith("sha256:") === true && said !== own) throw mismatchError(asked, own, `the digest ${said}`);
    const listed = headers.get("oci-subject");
    return { digest: own, isListedAsReferrer: listed !== undefined && listed === document.subject?.digest };
  }

  /** Deletes a tag, or a manifest by its digest; false when there was none. */
  async delete(name: RepositoryName, reference: string): Promise<boolean> {
    const { status } = await this.#connection.send({
      name,
      what: `to delete manifest ${reference}`,
      method: "DELETE",
      path: `manifests/${reference}`,
      access: "delete",
      understood: [404],
    });
    if (isOciDigest(reference)) this.#cache.forget(name, reference);
    return status !== 404;
  }

  async #fetch(name: RepositoryName, reference: string, access: RegistryAccess): Promise<StoredDocument | undefined> {
    const asked = { name, what: `manifest ${reference}` };
    const response = await this.#connection.send({
      ...asked,
      method: "GET",
      path: `manifests/${reference}`,
      access,
      headers: { accept: ACCEPTED_MANIFESTS },
      maxBytes: LIMITS.manifestBytes,
      understood: [404],
    });
    return response.status === 404 ? undefined : readDocument(asked, reference, response);
  }
}

class Missing extends Error {}

function readDocument(asked: Asked, reference: string, { headers, bytes }: HttpResponse): StoredDocument {
  const said = headers.get("docker-content-digest");
  const isNamed = isOciDigest(reference);
  const algorithm = isNamed ? digestAlgorithm(reference) : "sha256";
  const digest = formatOciDigest(algorithm, computeDigest(algorithm, bytes));
  if (isNamed && digest !== reference) throw mismatchError(asked, `content of that digest`, `content of ${digest}`);
  if (!isNamed && said?.startsWith("sha256:") === true && said !== digest)
    throw mismatchError(asked, `content of the digest ${said} that the registry says`, `content of ${digest}`);
  const contentType = bareMediaType(headers.get("content-type"));
  const document = understand(asked, bytes, SILENT_TYPES.includes(contentType) ? undefined : contentType);
  return { descriptor: { mediaType: document.mediaType, digest, size: bytes.length }, bytes, document };
}

function understand(asked: Asked, bytes: Uint8Array, contentType: string | undefined): OciDocument {
  try {
    return parseOciDocument(bytes, contentType);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw mismatchError(asked, "a manifest or index", error.message);
  }
}

/** Content types of a list of referrers. */
export function isReferrersList(headers: HttpResponse["headers"]): boolean {
  return bareMediaType(headers.get("content-type")) === OCI_MEDIA_TYPE.index;
}
