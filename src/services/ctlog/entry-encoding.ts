/**
 * How a static CT log lays out its entries (C2SP static-ct-api): data tiles instead of entry bundles, RFC 6962's leaf hash.
 */
import { concatBytes } from "../../encoding/bytes.ts";
import { MAX_TILE_LEAF_BYTES, merkleTreeLeaf, splitTileLeaves } from "../../formats/tile-leaf.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import type { EntryEncoding } from "../tiled-log/entry-encoding.ts";

/** The layout of entries in a CT log. */
export const STATIC_CT_ENCODING: EntryEncoding = {
  maximumBytes: MAX_TILE_LEAF_BYTES,
  leafHash: (entry) => hashLeaf(merkleTreeLeaf(entry)),
  bundleFolder: "data",
  serializeBundle: (entries) => concatBytes(...entries),
  parseBundle: splitTileLeaves,
};
