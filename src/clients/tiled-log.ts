import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
/**
 * Reading of an entry and its proof from a tiled log (C2SP tlog-tiles; rekor.md 2.8): checkpoint, entry bundle, tiles.
 *
 * For entries that a log says it has without showing them. Partial tiles fall back to full ones, which replace them. What is
 * read is believed no more than any other answer. Leaves out: following a log (monitor).
 */
import type { InclusionProof } from "../formats/bundle/bundle.ts";
import { LIMITS } from "../limits.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import { parseEntryBundle } from "../tlog/entry-bundle.ts";
import { planInclusionProof, proveInclusion } from "../tlog/prove.ts";
import { parseNote } from "../tlog/signed-note.ts";
import { tileHashReader, tilesForNodes } from "../tlog/tile-reader.ts";
import { entryBundlePath, TILE_WIDTH, tilePath } from "../tlog/tile.ts";
import type { Tile } from "../tlog/tile.ts";
import { addressBelow } from "./address.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest } from "./http/http-request.ts";

/** An entry as its log shows it. */
export interface LoggedEntryReading {
  readonly body: Uint8Array;
  readonly proof: InclusionProof;
  readonly origin: string;
}

const WIDTH = BigInt(TILE_WIDTH);

/** Reads the tiles below one prefix. */
export class TiledLogClient {
  readonly #prefix: string;
  readonly #http: HttpClient;
  readonly #signal: AbortSignal | undefined;

  constructor(prefix: string, http: HttpClient, signal?: AbortSignal) {
    this.#prefix = prefix;
    this.#http = http;
    this.#signal = signal;
  }

  /**
   * The entry at `index`, with a proof to the latest checkpoint.
   *
   * @throws SigstoreError `service-answer-invalid` where the log does not show the entry, and those of `HttpClient.send`
   */
  async readEntry(index: bigint): Promise<LoggedEntryReading> {
    const noteText = utf8Decode(await this.#fetch("checkpoint"));
    return this.#holdToTiles(async () => {
      const { origin, treeSize, rootHash } = parseCheckpoint(parseNote(noteText).text);
      if (index >= treeSize)
        throw answerError(
          this.#request("checkpoint"),
          `a checkpoint that covers entry ${index}`,
          `tree size ${treeSize}`,
        );
      const body = await this.#readBody(index, treeSize);
      const hashes = await this.#readProof(index, treeSize);
      return { body, origin, proof: { logIndex: index, rootHash, treeSize, hashes, checkpoint: noteText } };
    });
  }

  async #readBody(index: bigint, treeSize: bigint): Promise<Uint8Array> {
    const bundle = index / WIDTH;
    const width = treeSize - bundle * WIDTH >= WIDTH ? TILE_WIDTH : Number(treeSize % WIDTH);
    const { bytes, width: found } = await this.#fetchTile(width, (wanted) =>
      entryBundlePath({ index: bundle, width: wanted }),
    );
    const body = parseEntryBundle(bytes, found)[Number(index % WIDTH)];
    if (body === undefined) throw new Error("an entry bundle of the planned width holds the entry");
    return body;
  }

  async #readProof(index: bigint, treeSize: bigint): Promise<readonly Uint8Array[]> {
    const tiles = tilesForNodes(planInclusionProof(index, treeSize).nodes, treeSize);
    const read = await Promise.all(tiles.map(async (tile) => [keyOf(tile), await this.#fetchHashes(tile)] as const));
    const bytes = new Map(read);
    const source = { readTile: (tile: Tile) => bytes.get(keyOf(tile)) ?? new Uint8Array(0) };
    return proveInclusion(tileHashReader(source, treeSize), index, treeSize);
  }

  async #fetchHashes(tile: Tile): Promise<Uint8Array> {
    return (await this.#fetchTile(tile.width, (width) => tilePath({ ...tile, width }))).bytes;
  }

  /** C2SP tlog-tiles: a log may delete a partial tile once the full one is there; then clients MUST ask for that. */
  async #fetchTile(width: number, pathFor: (width: number) => string): Promise<{ bytes: Uint8Array; width: number }> {
    try {
      return { bytes: await this.#fetch(pathFor(width)), width };
    } catch (error) {
      const isGone = width < TILE_WIDTH && isSigstoreError(error) && error.details["status"] === 404;
      if (!isGone) throw error;
      return { bytes: await this.#fetch(pathFor(TILE_WIDTH)), width: TILE_WIDTH };
    }
  }

  async #fetch(path: string): Promise<Uint8Array> {
    return (await this.#http.send(this.#request(path))).bytes;
  }

  #request(path: string): HttpRequest {
    return {
      service: "transparency log",
      method: "GET",
      url: addressBelow(this.#prefix, path),
      maxBytes: LIMITS.logAnswerBytes,
      repeat: "always",
      signal: this.#signal,
    };
  }

  /** What cannot be read is the log's fault, and said as such. */
  async #holdToTiles<Value>(read: () => Promise<Value>): Promise<Value> {
    try {
      return await read();
    } catch (error) {
      if (!isSigstoreError(error) || error.details["service"] !== undefined) throw error;
      throw answerError(this.#request(""), "checkpoint and tiles", error.message);
    }
  }
}

function keyOf({ level, index }: Tile): string {
  return `${level}/${index}`;
}
