/**
 * How a kind of log lays out its entries: what a leaf hashes, and what a bundle of 256 of them looks like.
 *
 * Here: C2SP tlog-tiles, whose leaf is the entry. A CT log (static-ct-api) brings its own, with data tiles instead of bundles.
 */
import { SigstoreError } from "../../errors.ts";
import { MAX_BUNDLED_ENTRY_BYTES, parseEntryBundle, serializeEntryBundle } from "../../tlog/entry-bundle.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import { entryBundlePath, type EntryBundle, parseTilePath, type TileResource } from "../../tlog/tile.ts";

/** The layout of entries. All functions are pure; `parseBundle` throws SigstoreError `tile-invalid`. */
export interface EntryEncoding {
  /** Bytes of the longest entry. */
  readonly maximumBytes: number;
  /** Leaf hash of an entry, 32 bytes. */
  leafHash(entry: Uint8Array): Uint8Array;
  /** Where bundles lie: `tile/<bundleFolder>/<N>`; `entries`, in CT logs `data`. */
  readonly bundleFolder: string;
  /** The bytes of a bundle of 1 to 256 entries. */
  serializeBundle(entries: readonly Uint8Array[]): Uint8Array;
  /** The `width` entries of a bundle. */
  parseBundle(bytes: Uint8Array, width: number): readonly Uint8Array[];
}

/** C2SP tlog-tiles: the leaf is the entry, entries stand after their length in two bytes. */
export const TLOG_TILES_ENCODING: EntryEncoding = {
  maximumBytes: MAX_BUNDLED_ENTRY_BYTES,
  leafHash: hashLeaf,
  bundleFolder: "entries",
  serializeBundle: serializeEntryBundle,
  parseBundle: parseEntryBundle,
};

const ENTRIES_PREFIX = "tile/entries/";

/** The address of a bundle below the log's prefix. */
export function bundlePath(encoding: EntryEncoding, bundle: EntryBundle): string {
  return entryBundlePath(bundle).replace(ENTRIES_PREFIX, `tile/${encoding.bundleFolder}/`);
}

/**
 * Reads the address of a tile or a bundle of a log with this layout.
 * @throws SigstoreError `tile-invalid` for any other text
 */
export function parseResourcePath(encoding: EntryEncoding, path: string): TileResource {
  const prefix = `tile/${encoding.bundleFolder}/`;
  if (prefix !== ENTRIES_PREFIX && path.startsWith(ENTRIES_PREFIX))
    throw new SigstoreError("tile-invalid", `expected bundles at ${prefix}, got ${ENTRIES_PREFIX}`);
  return parseTilePath(path.startsWith(prefix) ? `${ENTRIES_PREFIX}${path.slice(prefix.length)}` : path);
}
