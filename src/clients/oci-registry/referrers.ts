/**
 * What belongs to a manifest (OCI distribution specification 1.1, "Listing Referrers", "Unavailable Referrers API").
 *
 * Both places are read, the API and the list under the fallback tag: a registry that learned the API later, or lists nothing
 * of what it was given, has answers in one that the other lacks. Leaves out filtering by us: entries carry other types than
 * their manifests, by the fault of several writers. What an entry points at may be gone; that is for who follows it to say.
 */
import { isSigstoreError } from "../../errors.ts";
import type { Descriptor } from "../../formats/oci/descriptor.ts";
import { referrersTag } from "../../formats/oci/digest.ts";
import type { OciDigest } from "../../formats/oci/digest.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { parseReferrersAnswer } from "../../formats/oci/manifest.ts";
import { OCI_MEDIA_TYPE } from "../../formats/oci/media-types.ts";
import { LIMITS } from "../../limits.ts";
import { isReferrersList } from "./manifests.ts";
import type { Manifests } from "./manifests.ts";
import { nextPage } from "./pages.ts";
import type { RegistryConnection } from "./registry-connection.ts";
import { strangeAnswer } from "./registry-error.ts";
import type { Asked } from "./registry-error.ts";

/** One entry, and where it was listed. */
export interface Referrer {
  readonly descriptor: Descriptor;
  readonly listedBy: readonly ("api" | "tag")[];
}

/** All that is listed. */
export interface ReferrersList {
  readonly referrers: readonly Referrer[];
  /** Whether the registry has the referrers API. */
  readonly hasApi: boolean;
  /** Digest of the list under the fallback tag, where there is one. */
  readonly tagDigest: OciDigest | undefined;
}

/** Answers of registries without the API: each of these was met. A list of another type is none either. */
const WITHOUT_API = [400, 404, 405, 406];

/** Lists referrers in any repository. */
export class Referrers {
  readonly #connection: RegistryConnection;
  readonly #manifests: Manifests;

  constructor(connection: RegistryConnection, manifests: Manifests) {
    this.#connection = connection;
    this.#manifests = manifests;
  }

  /**
   * What belongs to `subject`, of both places, each entry once. `artifactType` asks the registry to leave out others, which it
   * may ignore; the fallback list is never filtered.
   *
   * @throws SigstoreError where either place fails: a registry that fails does not say that there is nothing
   */
  async list(name: RepositoryName, subject: OciDigest, artifactType?: string): Promise<ReferrersList> {
    const [byApi, byTag] = await Promise.all([
      this.listByApi(name, subject, artifactType),
      this.listByTag(name, subject),
    ]);
    const found = new Map<OciDigest, Referrer>();
    for (const descriptor of byApi ?? []) found.set(descriptor.digest, { descriptor, listedBy: ["api"] });
    for (const descriptor of byTag?.descriptors ?? []) {
      const known = found.get(descriptor.digest);
      const listedBy = known === undefined ? (["tag"] as const) : (["api", "tag"] as const);
      found.set(descriptor.digest, { descriptor: known?.descriptor ?? descriptor, listedBy });
    }
    return { referrers: [...found.values()], hasApi: byApi !== undefined, tagDigest: byTag?.digest };
  }

  /** What the referrers API lists, or undefined where the registry has none. */
  async listByApi(
    name: RepositoryName,
    subject: OciDigest,
    artifactType?: string,
  ): Promise<readonly Descriptor[] | undefined> {
    const asked = { name, what: `referrers of ${subject}` };
    const found: Descriptor[] = [];
    const query = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
    let path: string | URL = `referrers/${subject}${query}`;
    const seen = new Set<string>();
    for (let page = 1; page <= LIMITS.registryPages; page += 1) {
      const isFirst = page === 1;
      const response = await this.#connection.send({
        ...asked,
        method: "GET",
        path,
        access: "pull",
        headers: { accept: OCI_MEDIA_TYPE.index },
        maxBytes: LIMITS.manifestBytes,
        understood: isFirst ? WITHOUT_API : [],
      });
      const isList = response.status === 200 && isReferrersList(response.headers);
      if (!isList && isFirst) return undefined;
      if (!isList)
        throw strangeAnswer(asked, "a further page of the list", `status ${response.status} and another type`);
      found.push(...readList(asked, response.bytes));
      const next = nextPage(asked, response);
      if (next === undefined) return found;
      if (found.length > LIMITS.registryListEntries || seen.has(next.href)) break;
      seen.add(next.href);
      path = next;
    }
    throw strangeAnswer(asked, `a list that ends`, `${found.length} entries and no end`);
  }

  /** What the list under the fallback tag holds, or undefined where there is none. */
  async listByTag(
    name: RepositoryName,
    subject: OciDigest,
  ): Promise<{ readonly digest: OciDigest; readonly descriptors: readonly Descriptor[] } | undefined> {
    const stored = await this.#manifests.get(name, referrersTag(subject));
    if (stored === undefined) return undefined;
    const { document, descriptor } = stored;
    // `cosign copy` puts the image itself there: then it is no list.
    if (document.kind !== "index" || descriptor.digest === subject) return undefined;
    return { digest: descriptor.digest, descriptors: document.manifests };
  }
}

function readList(asked: Asked, bytes: Uint8Array): readonly Descriptor[] {
  try {
    return parseReferrersAnswer(bytes);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw strangeAnswer(asked, "a list of referrers", error.message);
  }
}
