/** The check of a CT log finds every flipped bit in its files, and every promise of its entries that does not hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../crypto/digest.ts";
import { parseTileLeaf, serializeTileLeaf, splitTileLeaves, type TileLeaf } from "../../formats/tile-leaf.ts";
import { createVirtualCertificateAuthority } from "../../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { virtualCertificateChain, virtualPrecertificateChain } from "../../testing/virtual-precertificate.ts";
import { treeHeadVerifier } from "../../tlog/tree-head.ts";
import { checkLog } from "../tiled-log/fsck.ts";
import { memoryStorage } from "../tiled-log/storage-memory.ts";
import type { LogStorage, StoredEntry } from "../tiled-log/storage.ts";
import { CtEntryRules } from "./entry-check.ts";
import { STATIC_CT_ENCODING } from "./entry-encoding.ts";
import { issuerPath } from "./issuer-files.ts";
import { CtLogService } from "./service.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const ORIGIN = "ct.example";
const keys = new VirtualKeys("ctlog entry check tests");
const signer = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
const authority = await createVirtualCertificateAuthority(keys, {
  label: "fulcio",
  uri: "https://fulcio.example",
  algorithm: "PKIX_ECDSA_P256_SHA_256",
  organization: "example",
  certificatesValidFor: { startMs: NOW, endMs: NOW + 31_536_000_000 },
  validFor: { startMs: NOW, endMs: undefined },
});
const submission = { keys, authority, notBeforeMs: NOW };
const storage = memoryStorage();
const service = await CtLogService.open({
  origin: ORIGIN,
  signer,
  storage,
  roots: authority.chain.slice(-1),
  nowMs: () => NOW,
});
await service.addPrecertificate(await virtualPrecertificateChain(submission));
await service.addChain(await virtualCertificateChain(submission));
await service.addPrecertificate(await virtualPrecertificateChain(submission));
await service.stop();

const PATHS = [
  "checkpoint",
  "tile/0/000.p/1",
  "tile/0/000.p/3",
  "tile/data/000.p/2",
  "tile/data/000.p/3",
  ...authority.chain.map((issuer) => issuerPath(sha256(issuer))),
];

/** Checks with one file read as another; all of them are listed. */
async function problemsOf(
  { files, state }: LogStorage,
  changed: string,
  bytes: Uint8Array | undefined,
): Promise<readonly string[]> {
  const read = async (path: string): Promise<Uint8Array | undefined> => (path === changed ? bytes : files.read(path));
  const changedFiles = { read, list: async () => PATHS };
  const { problems } = await checkLog({
    files: changedFiles,
    state,
    origin: ORIGIN,
    verifier: treeHeadVerifier(ORIGIN, signer.publicKey),
    encoding: STATIC_CT_ENCODING,
    rules: new CtEntryRules(changedFiles, signer.publicKey),
  });
  return problems;
}

test("the log as it is, is sound", async () => {
  assert.deepEqual(await problemsOf(storage, "", undefined), []);
});

test("a flipped bit in any file is told", async () => {
  for (const path of PATHS) {
    const bytes = (await storage.files.read(path)) ?? new Uint8Array(0);
    assert.ok(bytes.length > 0, path);
    // A prime step: every part of every structure is met.
    for (let at = 0; at < bytes.length; at += path === "checkpoint" ? 1 : 19) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      assert.notDeepEqual(await problemsOf(storage, path, flipped), [], `${path} at ${at}`);
    }
  }
});

async function firstLeaf(): Promise<TileLeaf> {
  const [bytes] = splitTileLeaves((await storage.files.read("tile/data/000.p/1")) ?? new Uint8Array(0), 1);
  return parseTileLeaf(bytes ?? new Uint8Array(0));
}

test("what a tree does not hash is held to what it hashes", async () => {
  const leaf = await firstLeaf();
  const other = await virtualPrecertificateChain(submission);
  const [intermediate = new Uint8Array(0), root = intermediate] = leaf.issuers;
  const rules = new CtEntryRules(storage.files, signer.publicKey);
  for (const [change, index, text] of [
    [{}, 0n, undefined],
    [{}, 1n, /the leaf index 1, got 0/],
    [{ extensions: new Uint8Array(0) }, 0n, /the leaf index 0, got none/],
    [{ precertificate: other[0] }, 0n, /the precertificate of the entry, got another/],
    [{ precertificate: Uint8Array.of(0x30, 0) }, 0n, /./],
    [{ issuers: [] }, 0n, /an issuer, got none/],
    [{ issuers: [root] }, 0n, /the issuer whose key the entry names/],
    [{ issuers: [intermediate, intermediate] }, 0n, /signed by the next/],
    [{ issuers: [sha256(intermediate)] }, 0n, /the issuer at issuer\/.*, got none/],
  ] as const) {
    const problem = await rules.checkEntry(serializeTileLeaf({ ...leaf, ...change }), index);
    if (text === undefined) assert.equal(problem, undefined);
    else assert.match(problem ?? "", text);
  }
});

test("the state is held to the log: time, key and SCT of each entry", async () => {
  const [entry, next] = await storage.state.readEntries(0n, 2);
  assert.ok(entry?.acknowledgement !== undefined && next?.acknowledgement !== undefined);
  const rules = new CtEntryRules(storage.files, signer.publicKey);
  const { acknowledgement: _, ...without } = entry;
  const flipped = Uint8Array.from(entry.acknowledgement);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  for (const [stored, text] of [
    [entry, undefined],
    [{ ...entry, timeMs: entry.timeMs + 1 }, /the time/],
    [{ ...entry, duplicateKey: next.duplicateKey }, /the key of the certificate/],
    [without, /an SCT, got none/],
    [{ ...entry, acknowledgement: next.acknowledgement }, /an SCT of the entry's time and index/],
    [{ ...entry, acknowledgement: flipped }, /one that does not verify/],
  ] satisfies [StoredEntry, RegExp | undefined][]) {
    const problem = rules.checkStored(stored);
    if (text === undefined) assert.equal(problem, undefined);
    else assert.match(problem ?? "", text);
  }
});
