/**
 * What a log has published: its checkpoint, and proofs and files that lead to it.
 *
 * Reads tiles as any client would, from partial or full files. Leaves out: other people's logs, whose tiles are hostile; here a
 * damaged file is found by the proof that fails.
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import type { InclusionProof } from "../../formats/bundle/bundle.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import { HASH_BYTES } from "../../tlog/merkle.ts";
import { verifyInclusion } from "../../tlog/proof.ts";
import { buildProof, planInclusionProof } from "../../tlog/prove.ts";
import { tileHashReader, tilesForNodes } from "../../tlog/tile-reader.ts";
import { TILE_WIDTH, tilePath, type Tile } from "../../tlog/tile.ts";
import { bundlePath, type EntryEncoding, parseResourcePath } from "./entry-encoding.ts";
import type { LogIdentity } from "./log-identity.ts";
import { CHECKPOINT_PATH, type LogFiles } from "./storage.ts";

/** A tree head with the signed note that says it. */
export interface PublishedHead extends TreeHead {
  readonly checkpoint: string;
}

/** What reading needs of the files. */
export type FileReader = Pick<LogFiles, "read">;

/**
 * The checkpoint that lies among the files, or undefined when there is none.
 * @throws SigstoreError `storage-damaged` when it is not one of this log
 */
export async function readPublishedHead(
  files: FileReader,
  identity: Pick<LogIdentity, "origin" | "verifier">,
): Promise<PublishedHead | undefined> {
  const bytes = await files.read(CHECKPOINT_PATH);
  if (bytes === undefined) return undefined;
  try {
    const { checkpoint } = openCheckpoint(bytes, [identity.verifier]);
    const { origin, treeSize, rootHash } = checkpoint;
    if (origin === identity.origin) return { treeSize, rootHash, checkpoint: utf8Decode(bytes) };
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw foreignCheckpoint(identity, cause);
  }
  throw foreignCheckpoint(identity);
}

function foreignCheckpoint(identity: Pick<LogIdentity, "origin">, cause?: SigstoreError): SigstoreError {
  return new SigstoreError(
    "storage-damaged",
    `expected a checkpoint signed by the log ${identity.origin}, got ${cause?.message ?? "that of another log"}`,
    { hint: "the files belong to another log or key, or the checkpoint is damaged; nothing was written", cause },
  );
}

/**
 * The bytes of a tile at least as wide as asked for, or undefined: the partial file, or else the full one that has replaced it.
 */
export async function readTileFile(files: FileReader, tile: Tile): Promise<Uint8Array | undefined> {
  const bytes = await files.read(tilePath(tile));
  if (bytes !== undefined || tile.width === TILE_WIDTH) return bytes;
  return files.read(tilePath({ ...tile, width: TILE_WIDTH }));
}

/**
 * Proves that the entry at `index` is in the published tree; the proof is verified before it is handed out.
 * @throws SigstoreError `storage-damaged` when the tiles do not lead from the entry to the root
 */
export async function provePublished(
  files: FileReader,
  published: PublishedHead,
  index: bigint,
  leafHash: Uint8Array,
): Promise<InclusionProof> {
  const { treeSize, rootHash, checkpoint } = published;
  const plan = planInclusionProof(index, treeSize);
  const tiles = new Map<string, Uint8Array>();
  await Promise.all(
    tilesForNodes(plan.nodes, treeSize).map(async (tile) => {
      tiles.set(tilePath(tile), (await readTileFile(files, tile)) ?? new Uint8Array(0));
    }),
  );
  const reader = tileHashReader({ readTile: (tile) => tiles.get(tilePath(tile)) ?? new Uint8Array(0) }, treeSize);
  const hashes = buildProof(plan, reader.readHashes(plan.nodes));
  if (!verifyInclusion({ leafHash, index, treeSize, hashes, rootHash }))
    throw new SigstoreError("storage-damaged", `expected tiles that prove entry ${index}, got others`, {
      hint: "check the log's files against its entries",
    });
  return { logIndex: index, treeSize, rootHash, hashes, checkpoint };
}

/**
 * A tile or bundle by its address, as a server of C2SP tlog-tiles hands it out; undefined when the log has no such file.
 *
 * A partial one that was removed is cut out of the full one, which has the same bytes.
 * @throws SigstoreError `tile-invalid` when `path` is no address of a tile or bundle
 */
export async function readResource(
  files: FileReader,
  encoding: EntryEncoding,
  path: string,
): Promise<Uint8Array | undefined> {
  const resource = parseResourcePath(encoding, path);
  const bytes = await files.read(path);
  if (bytes !== undefined || resource.width === TILE_WIDTH) return bytes;
  const full = { ...resource, width: TILE_WIDTH };
  const fullBytes = await files.read(full.kind === "tile" ? tilePath(full) : bundlePath(encoding, full));
  if (fullBytes === undefined) return undefined;
  if (resource.kind === "tile") return fullBytes.subarray(0, resource.width * HASH_BYTES);
  return encoding.serializeBundle(encoding.parseBundle(fullBytes, TILE_WIDTH).slice(0, resource.width));
}

/** True when two heads are the same. */
export function isSameHead(a: TreeHead, b: TreeHead): boolean {
  return a.treeSize === b.treeSize && equalBytes(a.rootHash, b.rootHash);
}
