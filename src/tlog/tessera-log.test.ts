/** The log of transparency-dev/tessera's tests, 15 entries at every size, made again byte for byte from its entries and published key. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { skipReason, vectorsPath } from "../../test/vectors-path.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { openCheckpoint, serializeCheckpoint } from "./checkpoint.ts";
import { parseEntryBundle, serializeEntryBundle } from "./entry-bundle.ts";
import { MemoryTree } from "./memory-tree.ts";
import { hashLeaf } from "./merkle.ts";
import { verifyConsistency, verifyInclusion } from "./proof.ts";
import { proveConsistency, proveInclusion } from "./prove.ts";
import { signNote } from "./signed-note.ts";
import { tileHashReader } from "./tile-reader.ts";
import { entryBundlePath, entryBundlesOfTree, parseTile, parseTilePath, tilePath, tilesOfTree } from "./tile.ts";
import { parseSignerKey, parseVerifierKey } from "./verifier-key.ts";

const ENTRIES = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
  .split(" ")
  .map(utf8Encode);
const ORIGIN = "example.com/log/testdata";
const VERIFIER_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
// A published test key: it protects nothing.
const SIGNER_KEY = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";

const folder = vectorsPath("tessera-log", "log") ?? "";
const TREE = new MemoryTree();
for (const entry of ENTRIES) TREE.appendEntry(entry);

function readLogFile(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(folder, path)));
}

function* sizes(from: number): Generator<bigint> {
  for (let size = from; size <= ENTRIES.length; size += 1) yield BigInt(size);
}

/** The path and the bytes of every file that a log of ours writes when it grows to each size in turn. */
async function* writtenFiles(): AsyncGenerator<readonly [string, Uint8Array]> {
  const signer = parseSignerKey(SIGNER_KEY);
  for (const size of sizes(0)) {
    for (const tile of tilesOfTree(size, size === 0n ? 0n : size - 1n)) {
      const nodes = Array.from({ length: tile.width }, (_, at) => ({
        level: tile.level * 8,
        index: tile.index * 256n + BigInt(at),
      }));
      yield [tilePath(tile), concatBytes(...TREE.readHashes(nodes))];
    }
    for (const bundle of entryBundlesOfTree(size, size === 0n ? 0n : size - 1n)) {
      yield [entryBundlePath(bundle), serializeEntryBundle(ENTRIES.slice(0, bundle.width))];
    }
    const text = serializeCheckpoint({ origin: ORIGIN, treeSize: size, rootHash: TREE.rootHash(size), extensions: [] });
    yield [`checkpoint.${size}`, utf8Encode(await signNote(text, signer))];
  }
}

test(
  "tessera-log: every checkpoint, tile and entry bundle is the same byte for byte",
  { skip: skipReason },
  async () => {
    const written = new Set<string>();
    for await (const [path, bytes] of writtenFiles()) {
      assert.deepEqual(bytes, readLogFile(path), path);
      written.add(path);
    }
    const present = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .filter((path) => !path.startsWith(".state/") && path !== "checkpoint");
    assert.deepEqual(present.toSorted(), [...written].toSorted());
    assert.equal(written.size, 16 + 15 + 15);
    assert.deepEqual(readLogFile("checkpoint"), readLogFile("checkpoint.15"));
  },
);

test(
  "tessera-log: every checkpoint verifies, every entry is in it, and every one follows from the ones before",
  { skip: skipReason },
  () => {
    const verifier = parseVerifierKey(VERIFIER_KEY);
    const roots = [...sizes(0)].map((size) => {
      const { checkpoint, note } = openCheckpoint(readLogFile(`checkpoint.${size}`), [verifier]);
      assert.deepEqual([checkpoint.origin, checkpoint.treeSize, note.verified.length], [ORIGIN, size, 1]);
      return checkpoint.rootHash;
    });
    const rootAt = (size: number): Uint8Array => roots[size] ?? assert.fail(`no checkpoint of size ${size}`);
    for (const size of sizes(1)) {
      const rootHash = rootAt(Number(size));
      const entries = parseEntryBundle(readLogFile(`tile/entries/000.p/${size}`), Number(size));
      const reader = tileHashReader({ readTile: (tile) => readLogFile(tilePath(tile)) }, size);
      for (const [at, entry] of entries.entries()) {
        const index = BigInt(at);
        const hashes = proveInclusion(reader, index, size);
        assert.ok(verifyInclusion({ leafHash: hashLeaf(entry), index, treeSize: size, hashes, rootHash }));
        const root1 = rootAt(at + 1);
        assert.ok(
          verifyConsistency({
            size1: index + 1n,
            size2: size,
            root1,
            root2: rootHash,
            hashes: proveConsistency(reader, index + 1n, size),
          }),
        );
      }
    }
  },
);

test("tessera-log: tiles and their paths read back", { skip: skipReason }, () => {
  for (const size of sizes(1)) {
    const path = `tile/0/000.p/${size}`;
    const resource = parseTilePath(path);
    assert.deepEqual(resource, { kind: "tile", level: 0, index: 0n, width: Number(size) });
    assert.deepEqual(parseTile(readLogFile(path), resource.width), ENTRIES.slice(0, resource.width).map(hashLeaf));
  }
});
