/**
 * A client of registries (OCI distribution specification 1.1): all that can be asked, of any registry and repository.
 *
 * One serves a whole command, so that tokens, connections and what was read are shared. Leaves out the catalog of a registry,
 * which most do not give, and the deletion of single blobs, which registries clear away by themselves.
 */
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { Blobs } from "./blobs.ts";
import { Manifests } from "./manifests.ts";
import { Referrers } from "./referrers.ts";
import { RegistryConnection } from "./registry-connection.ts";
import type { RegistryOptions } from "./registry-connection.ts";
import { listTags } from "./tags.ts";
import { Uploads } from "./upload.ts";

/** Reads and writes images, and what belongs to them. */
export class RegistryClient {
  readonly manifests: Manifests;
  readonly blobs: Blobs;
  readonly uploads: Uploads;
  readonly referrers: Referrers;
  readonly #connection: RegistryConnection;

  constructor(options: RegistryOptions) {
    this.#connection = new RegistryConnection(options);
    this.manifests = new Manifests(this.#connection);
    this.blobs = new Blobs(this.#connection);
    this.uploads = new Uploads(this.#connection, this.blobs);
    this.referrers = new Referrers(this.#connection, this.manifests);
  }

  /** The tags of a repository. @throws SigstoreError `image-not-found` where there is no such repository */
  async listTags(name: RepositoryName, pageTags?: number): Promise<readonly string[]> {
    return listTags(this.#connection, name, pageTags);
  }

  /**
   * Asks the registry whether it knows who is asking, as `login` does before it remembers anything.
   *
   * @throws SigstoreError `registry-unauthorized`, and what stands in the way of asking
   */
  async checkLogin(registry: string): Promise<void> {
    await this.#connection.checkLogin(registry);
  }
}
