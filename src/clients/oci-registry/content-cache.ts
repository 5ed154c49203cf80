/**
 * Small objects of registries by their digest, and one request for each, however many ask at once.
 *
 * What has a digest never changes. Objects are known by repository too: that one repository has something says nothing of another.
 */
import type { OciDigest } from "../../formats/oci/digest.ts";
import { formatRepositoryName } from "../../formats/oci/image-reference.ts";
import type { RepositoryName } from "../../formats/oci/image-reference.ts";
import { LIMITS } from "../../limits.ts";

/** Larger objects are not remembered: one must not drive out all others. */
const LARGEST_PART = 8;

/** Remembers what was read last, within `LIMITS.registryCacheBytes`. */
export class ContentCache<Value extends { readonly bytes: Uint8Array }> {
  readonly #known = new Map<string, Value>();
  readonly #asked = new Map<string, Promise<Value>>();
  #bytes = 0;

  /** What is known of `digest`, or what `fetch` brings; whoever asks meanwhile gets the same. */
  async get(name: RepositoryName, digest: OciDigest, fetch: () => Promise<Value>): Promise<Value> {
    const key = `${formatRepositoryName(name)}@${digest}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const asking = fetch();
    this.#asked.set(key, asking);
    try {
      const value = await asking;
      this.#keep(key, value);
      return value;
    } finally {
      this.#asked.delete(key);
    }
  }

  /** Forgets what was deleted. */
  forget(name: RepositoryName, digest: OciDigest): void {
    const key = `${formatRepositoryName(name)}@${digest}`;
    this.#bytes -= this.#known.get(key)?.bytes.length ?? 0;
    this.#known.delete(key);
  }

  #keep(key: string, value: Value): void {
    if (value.bytes.length > LIMITS.registryCacheBytes / LARGEST_PART || this.#known.has(key)) return;
    this.#known.set(key, value);
    this.#bytes += value.bytes.length;
    for (const [oldest, { bytes }] of this.#known) {
      if (this.#bytes <= LIMITS.registryCacheBytes) return;
      this.#known.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
