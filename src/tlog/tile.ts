/**
 * Tiles of a transparency log (C2SP tlog-tiles): their coordinates, addresses and sizes.
 *
 * A tile holds up to 256 consecutive hashes of every eighth level of the tree; an entry bundle holds the entries below a tile
 * of level 0. Leaves out: transport, and the data tiles of static-ct-api, which hold other entries at `tile/data/`.
 */
import { SigstoreError } from "../errors.ts";
import { HASH_BYTES, hashChildren } from "./merkle.ts";
import type { TreeNode } from "./tree-node.ts";
import { isUint64 } from "./uint64.ts";

/** Levels of the tree that one tile spans. */
const TILE_HEIGHT = 8;
/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256;

const MAX_TILE_LEVEL = 63;

/** Which tile: its `level` (0 to 63), its `index` in the level, and how many hashes it holds: 256, or 1 to 255 when partial. */
export interface Tile {
  readonly level: number;
  readonly index: bigint;
  readonly width: number;
}

/** Which entry bundle: its `index`, and how many entries it holds: 256, or 1 to 255 when partial. */
export interface EntryBundle {
  readonly index: bigint;
  readonly width: number;
}

/** What an address below a log's prefix names. */
export type TileResource = ({ readonly kind: "tile" } & Tile) | ({ readonly kind: "entries" } & EntryBundle);

/**
 * The address of a tile below the log's prefix: `tile/<L>/<N>[.p/<W>]`, for example `tile/0/x001/x234/067.p/12`.
 * @throws {TypeError} when the coordinates are out of range
 */
export function tilePath(tile: Tile): string {
  if (!Number.isInteger(tile.level) || tile.level < 0 || tile.level > MAX_TILE_LEVEL) {
    throw new TypeError(`expected a tile level from 0 to ${MAX_TILE_LEVEL}, got ${tile.level}`);
  }
  return `tile/${tile.level}/${indexPath(tile.index)}${widthSuffix(tile.width)}`;
}

/**
 * The address of an entry bundle below the log's prefix: `tile/entries/<N>[.p/<W>]`.
 * @throws {TypeError} when the coordinates are out of range
 */
export function entryBundlePath(bundle: EntryBundle): string {
  return `tile/entries/${indexPath(bundle.index)}${widthSuffix(bundle.width)}`;
}

/** "a non-negative integer encoded into zero-padded 3-digit path elements. All but the last path element MUST begin with an x" */
function indexPath(index: bigint): string {
  if (!isUint64(index)) throw new TypeError(`expected a tile index below 2^64, got ${index}`);
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, position) => (position === groups.length - 1 ? group : `x${group}`)).join("/");
}

function widthSuffix(width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new TypeError(`expected a tile width from 1 to ${TILE_WIDTH}, got ${width}`);
  return width === TILE_WIDTH ? "" : `.p/${width}`;
}

/** At most seven groups of digits: 2^64 has twenty. */
const RESOURCE_PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,6}\d{3})(?:\.p\/(\d{1,3}))?$/;

/**
 * Reads the address of a tile or an entry bundle, as it follows the log's prefix.
 * @throws {SigstoreError} `tile-invalid` for anything that {@link tilePath} and {@link entryBundlePath} would not write
 */
export function parseTilePath(path: string): TileResource {
  const match = RESOURCE_PATH.exec(path);
  if (match === null) throw tilePathError(path);
  const [, kind = "", groups = "", partialWidth] = match;
  const index = BigInt(groups.replaceAll(/[x/]/g, ""));
  const width = partialWidth === undefined ? TILE_WIDTH : Number(partialWidth);
  const level = Number(kind);
  if (!isUint64(index) || width < 1 || width > TILE_WIDTH || level > MAX_TILE_LEVEL) throw tilePathError(path);
  const resource: TileResource =
    kind === "entries" ? { kind: "entries", index, width } : { kind: "tile", level, index, width };
  // "with no additional leading zeroes": there is one address for each tile.
  if (resourcePath(resource) !== path) throw tilePathError(path);
  return resource;
}

function resourcePath(resource: TileResource): string {
  return resource.kind === "entries" ? entryBundlePath(resource) : tilePath(resource);
}

function tilePathError(path: string): SigstoreError {
  const shown = path.length > 100 ? `${path.length} characters` : JSON.stringify(path);
  return new SigstoreError(
    "tile-invalid",
    `expected tile/<level>/<index>[.p/<width>] or tile/entries/<index>[.p/<width>], got ${shown}`,
  );
}

/** How many hashes the tile `index` of `level` holds in a tree of `treeSize` leaves: 0 when it is not there, 256 when full. */
export function tileWidth(level: number, index: bigint, treeSize: bigint): number {
  const rest = hashesOfTileLevel(level, treeSize) - index * BigInt(TILE_WIDTH);
  if (rest <= 0n) return 0;
  return rest < BigInt(TILE_WIDTH) ? Number(rest) : TILE_WIDTH;
}

/** "floor(s / 256**l)": perfect nodes of 256^level leaves in a tree of `treeSize`. */
function hashesOfTileLevel(level: number, treeSize: bigint): bigint {
  return treeSize >> BigInt(level * TILE_HEIGHT);
}

/**
 * The tiles of a tree of `treeSize` leaves, level by level, each from left to right, a partial one last.
 *
 * With `previousSize` only those that a tree of that size did not have yet, or had narrower: what a log has to write, and a
 * follower to read, when it has grown.
 */
export function* tilesOfTree(treeSize: bigint, previousSize: bigint = 0n): Generator<Tile> {
  for (let level = 0; hashesOfTileLevel(level, treeSize) > 0n; level += 1) {
    const before = hashesOfTileLevel(level, previousSize);
    const now = hashesOfTileLevel(level, treeSize);
    if (before >= now) continue;
    for (let index = before >> BigInt(TILE_HEIGHT); index * BigInt(TILE_WIDTH) < now; index += 1n) {
      yield { level, index, width: tileWidth(level, index, treeSize) };
    }
  }
}

/** The entry bundles of a tree of `treeSize` leaves from left to right; with `previousSize` as in {@link tilesOfTree}. */
export function* entryBundlesOfTree(treeSize: bigint, previousSize: bigint = 0n): Generator<EntryBundle> {
  for (const { level, index, width } of tilesOfTree(treeSize, previousSize)) {
    if (level > 0) return;
    yield { index, width };
  }
}

/** Where a tree node is found: in which tile, and which of its hashes make it, `count` from `first` on. */
export interface NodePosition {
  readonly level: number;
  readonly index: bigint;
  readonly first: number;
  readonly count: number;
}

/** The position of a perfect node: one hash of a tile, or 2 to 128 of them for a level that tiles leave out. */
export function nodePosition(node: TreeNode): NodePosition {
  const height = node.level % TILE_HEIGHT;
  const perTile = BigInt(TILE_HEIGHT - height);
  const index = node.index >> perTile;
  return {
    level: (node.level - height) / TILE_HEIGHT,
    index,
    first: Number(node.index - (index << perTile)) << height,
    count: 1 << height,
  };
}

/**
 * The hash of a node, made from the bytes of the tile that {@link nodePosition} names.
 * @throws {SigstoreError} `tile-invalid` when the tile ends before the node
 */
export function nodeFromTile(position: NodePosition, tileBytes: Uint8Array): Uint8Array {
  const { first, count } = position;
  if (tileBytes.length < (first + count) * HASH_BYTES) {
    throw new SigstoreError(
      "tile-invalid",
      `expected a tile of at least ${first + count} hashes, got ${tileBytes.length} bytes`,
    );
  }
  return perfectRoot(tileBytes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
}

/** The root over a row of hashes whose number is a power of two. */
function perfectRoot(row: Uint8Array): Uint8Array {
  if (row.length === HASH_BYTES) return row;
  const middle = row.length / 2;
  return hashChildren(perfectRoot(row.subarray(0, middle)), perfectRoot(row.subarray(middle)));
}

/**
 * Checks that the bytes of a tile are of its width, and returns its hashes, from left to right, as views.
 * @throws {SigstoreError} `tile-invalid` when there are fewer or more bytes than 32 for each hash
 */
export function parseTile(tileBytes: Uint8Array, width: number): Uint8Array[] {
  if (tileBytes.length !== width * HASH_BYTES) {
    throw new SigstoreError(
      "tile-invalid",
      `expected a tile of ${width} hashes, ${width * HASH_BYTES} bytes, got ${tileBytes.length} bytes`,
    );
  }
  return Array.from({ length: width }, (_, at) => tileBytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}
