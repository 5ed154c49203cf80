/**
 * Files in a log's folder that the newest checkpoint does not ask for: partial tiles of earlier checkpoints, which may still be read,
 * and what a stop left behind. They must agree with the tree, or be beyond it (C2SP tlog-tiles, "Partial Tiles").
 */
import { equalBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import { HASH_BYTES } from "../../tlog/merkle.ts";
import { type TileResource, tilePath, tileWidth } from "../../tlog/tile.ts";
import { bundlePath, type EntryEncoding, parseResourcePath } from "./entry-encoding.ts";
import type { CheckedFiles, EntryRules } from "./fsck.ts";

/** The log that a file lies with; its tiles of `treeSize` were checked before. */
export interface LeftoverContext {
  readonly files: CheckedFiles;
  readonly encoding: EntryEncoding;
  readonly treeSize: bigint;
  readonly rules?: EntryRules;
}

/** What is wrong with the file, in words; undefined when nothing is. */
export async function checkLeftovers(path: string, context: LeftoverContext): Promise<string | undefined> {
  // Written beside its place and not yet renamed: nobody reads it.
  if (path.endsWith(".new")) return undefined;
  const bytes = await context.files.read(path);
  if (bytes === undefined) return undefined;
  const resource = resourceOf(path, context.encoding);
  if (resource === undefined) {
    const { rules } = context;
    return rules?.checkFile === undefined ? UNEXPECTED : rules.checkFile(path, bytes);
  }
  return checkPartial(resource, bytes, context);
}

/** What is told of a file that has nothing to do in a log's folder. */
export const UNEXPECTED = "expected only files of the log, got another";

function resourceOf(path: string, encoding: EntryEncoding): TileResource | undefined {
  try {
    return parseResourcePath(encoding, path);
  } catch (error) {
    if (isSigstoreError(error, "tile-invalid")) return undefined;
    throw error;
  }
}

/** A narrower form of a tile or bundle of the tree must be its beginning. Wider ones belong to a checkpoint that never came. */
async function checkPartial(
  resource: TileResource,
  bytes: Uint8Array,
  { files, encoding, treeSize }: LeftoverContext,
): Promise<string | undefined> {
  const { index, width } = resource;
  const level = resource.kind === "tile" ? resource.level : 0;
  const wide = tileWidth(level, index, treeSize);
  if (width >= wide) return undefined;
  const whole =
    resource.kind === "tile"
      ? await files.read(tilePath({ level, index, width: wide }))
      : await files.read(bundlePath(encoding, { index, width: wide }));
  if (whole === undefined) return undefined;
  const expected =
    resource.kind === "tile"
      ? whole.subarray(0, width * HASH_BYTES)
      : encoding.serializeBundle(encoding.parseBundle(whole, wide).slice(0, width));
  return equalBytes(bytes, expected) ? undefined : "expected the beginning of the wider tile, got another";
}
