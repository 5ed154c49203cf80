/**
 * Reading of what a log has published, for its servers: checkpoint, tiles and bundles, with a bounded memory of tiles.
 *
 * Tiles never change, so what was read once is right for ever; the checkpoint is read each time. Leaves out: HTTP.
 */
import { LIMITS } from "../../limits.ts";
import { type EntryEncoding, TLOG_TILES_ENCODING } from "./entry-encoding.ts";
import { type FileReader, readResource } from "./published.ts";
import { CHECKPOINT_PATH } from "./storage.ts";

/** A log as anybody may read it. */
export interface PublishedLog {
  /** The newest checkpoint, or undefined when there is none. */
  readCheckpoint(): Promise<Uint8Array | undefined>;
  /**
   * A tile or bundle by its address below the log's prefix, or undefined.
   * @throws SigstoreError `tile-invalid` when it is no such address, `storage-failed`
   */
  readResource(path: string): Promise<Uint8Array | undefined>;
}

/** The log that lies among `files`, of which nothing more is needed: it may be frozen, or a copy. */
export function publishedLog(files: FileReader, encoding: EntryEncoding = TLOG_TILES_ENCODING): PublishedLog {
  const memory = new ResourceMemory(LIMITS.tileCacheBytes);
  return {
    readCheckpoint: () => files.read(CHECKPOINT_PATH),
    async readResource(path) {
      const known = memory.get(path);
      if (known !== undefined) return known;
      const bytes = await readResource(files, encoding, path);
      if (bytes !== undefined) memory.set(path, bytes);
      return bytes;
    },
  };
}

/** Resources by path; the one that was asked for the longest ago makes room. */
class ResourceMemory {
  readonly #maximumBytes: number;
  readonly #resources = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
  }

  get(path: string): Uint8Array | undefined {
    const bytes = this.#resources.get(path);
    if (bytes === undefined) return undefined;
    this.#resources.delete(path);
    this.#resources.set(path, bytes);
    return bytes;
  }

  set(path: string, bytes: Uint8Array): void {
    this.#bytes += bytes.length - (this.#resources.get(path)?.length ?? 0);
    this.#resources.set(path, bytes);
    for (const [oldest, old] of this.#resources) {
      if (this.#bytes <= this.#maximumBytes) return;
      this.#resources.delete(oldest);
      this.#bytes -= old.length;
    }
  }
}
