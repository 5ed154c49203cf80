/**
 * Entry bundles (C2SP tlog-tiles, "Log entries"): up to 256 entries, each after its length in two bytes.
 *
 * Leaves out: the addresses, which are in tile.ts, and what the entries say.
 */
import { ByteBuilder, ByteReader } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import { TILE_WIDTH } from "./tile.ts";

/** Bytes of the longest entry that a bundle can hold. */
export const MAX_BUNDLED_ENTRY_BYTES = 0xffff;

/**
 * The entries of a bundle that holds `width` of them, as views.
 * @throws {SigstoreError} `tile-invalid` when there are fewer or more
 */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const reader = new ByteReader(bytes, "entry bundle", "tile-invalid");
  const entries: Uint8Array[] = [];
  while (reader.remaining > 0 && entries.length < width) entries.push(reader.vector16());
  reader.end();
  if (entries.length !== width)
    throw new SigstoreError("tile-invalid", `expected an entry bundle of ${width} entries, got ${entries.length}`);
  return entries;
}

/**
 * The bundle of 1 to 256 `entries`.
 * @throws {TypeError} for another number of entries, or an entry longer than 65,535 bytes
 */
export function serializeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH)
    throw new TypeError(`expected 1 to ${TILE_WIDTH} entries, got ${entries.length}`);
  const builder = new ByteBuilder();
  for (const entry of entries) builder.vector16(entry);
  return builder.build();
}
