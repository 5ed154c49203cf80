/** A CT log as the certificate authority meets it: SCTs that hold, duplicates, restarts, faults, times. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { defaultAlgorithm } from "../../crypto/algorithms.ts";
import { sha256 } from "../../crypto/digest.ts";
import { verifySignature } from "../../crypto/verify.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import {
  leafIndexOfSct,
  precertificateTbs,
  type Sct,
  type SctEntry,
  sctSignatureInput,
  serializeSct,
} from "../../formats/sct.ts";
import { parseTileLeaf, splitTileLeaves } from "../../formats/tile-leaf.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { createVirtualCertificateAuthority } from "../../testing/virtual-certificate-authority.ts";
import { VirtualKeys } from "../../testing/virtual-keys.ts";
import { virtualCertificateChain, virtualPrecertificateChain } from "../../testing/virtual-precertificate.ts";
import { openCheckpoint } from "../../tlog/checkpoint.ts";
import { parseTreeHeadSignature, treeHeadVerifier } from "../../tlog/tree-head.ts";
import { type Fault, faultyStorage } from "../tiled-log/faulty-storage.ts";
import { checkLog } from "../tiled-log/fsck.ts";
import { openLocalStorage } from "../tiled-log/storage-local.ts";
import { memoryStorage } from "../tiled-log/storage-memory.ts";
import type { LogStorage } from "../tiled-log/storage.ts";
import { CtEntryRules } from "./entry-check.ts";
import { STATIC_CT_ENCODING } from "./entry-encoding.ts";
import { issuerPath } from "./issuer-files.ts";
import { CtLogService } from "./service.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const YEAR_MS = 31_536_000_000;
const ORIGIN = "ct.example";
const keys = new VirtualKeys("ctlog tests");
const signer = keys.signer("log", "PKIX_ECDSA_P256_SHA_256");
const authority = await createVirtualCertificateAuthority(keys, {
  label: "fulcio",
  uri: "https://fulcio.example",
  algorithm: "PKIX_ECDSA_P256_SHA_256",
  organization: "example",
  certificatesValidFor: { startMs: NOW, endMs: NOW + YEAR_MS },
  validFor: { startMs: NOW, endMs: undefined },
});
const submission = { keys, authority, notBeforeMs: NOW };

function open(storage: LogStorage, nowMs: () => number = () => NOW): Promise<CtLogService> {
  return CtLogService.open({
    origin: ORIGIN,
    signer,
    storage,
    roots: authority.chain.slice(-1),
    nowMs,
    pace: { intervalPerItemMs: 0 },
  });
}

function entryOf([first = new Uint8Array(0)]: readonly Uint8Array[], type: SctEntry["type"]): SctEntry {
  if (type === "x509") return { type, certificate: first };
  return {
    type,
    issuerKeyHash: authority.issuer.keyHash,
    tbs: precertificateTbs(parseCertificate(first)),
  };
}

function assertSct(sct: Sct, entry: SctEntry, index: bigint): void {
  const { timestampMs, extensions, signature } = sct;
  assert.deepEqual(sct.logId, sha256(signer.publicKey.spki));
  assert.equal(leafIndexOfSct(sct), index);
  const signed = sctSignatureInput({ timestampMs, extensions, entry });
  assert.ok(verifySignature(signer.publicKey, defaultAlgorithm(signer.publicKey), signed, signature));
}

async function assertSound(storage: LogStorage, entries: bigint): Promise<void> {
  const verifier = treeHeadVerifier(ORIGIN, signer.publicKey);
  const report = await checkLog({
    files: storage.files,
    state: storage.state,
    origin: ORIGIN,
    verifier,
    encoding: STATIC_CT_ENCODING,
    rules: new CtEntryRules(storage.files, signer.publicKey),
  });
  assert.deepEqual(report.problems, []);
  assert.equal(report.entries, entries);
}

async function headTimeMs(service: CtLogService): Promise<number> {
  const note = utf8Decode(await service.log.readCheckpoint());
  const {
    note: { verified },
  } = openCheckpoint(note, [treeHeadVerifier(ORIGIN, signer.publicKey)]);
  return Number(parseTreeHeadSignature(verified[0]?.signature ?? new Uint8Array(0)).timestampMs);
}

test("precertificates and certificates are logged, and their SCTs hold", async () => {
  const storage = memoryStorage();
  const service = await open(storage);
  const precertificates = await virtualPrecertificateChain(submission);
  assertSct(await service.addPrecertificate(precertificates), entryOf(precertificates, "precertificate"), 0n);
  const certificates = await virtualCertificateChain(submission);
  assertSct(await service.addChain(certificates), entryOf(certificates, "x509"), 1n);
  await assertSound(storage, 2n);

  const bundle = await service.log.readResource("tile/data/000.p/2");
  const leaves = splitTileLeaves(bundle ?? new Uint8Array(0), 2).map(parseTileLeaf);
  const fingerprints = authority.chain.map((one) => sha256(one));
  for (const [at, chain] of [precertificates, certificates].entries()) {
    assert.deepEqual(leaves[at]?.entry, entryOf(chain, at === 0 ? "precertificate" : "x509"));
    assert.deepEqual(leaves[at]?.precertificate, at === 0 ? chain[0] : undefined);
    assert.deepEqual(leaves[at]?.issuers, fingerprints);
    assert.equal(leaves[at]?.timestampMs, BigInt(NOW));
  }
  for (const issuer of authority.chain) assert.deepEqual(await storage.files.read(issuerPath(sha256(issuer))), issuer);
  await service.stop();
});

test("the root may be left out, and is on record all the same", async () => {
  const storage = memoryStorage();
  const service = await open(storage);
  const chain = await virtualPrecertificateChain(submission);
  await service.addPrecertificate(chain.slice(0, -1));
  const [leaf] = splitTileLeaves((await storage.files.read("tile/data/000.p/1")) ?? new Uint8Array(0), 1);
  assert.equal(parseTileLeaf(leaf ?? new Uint8Array(0)).issuers.length, 2);
  await service.stop();
});

test("the same again gets the same SCT, byte for byte: at once, later, and after a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ctlog-"));
  const openFolder = (): LogStorage => openLocalStorage({ folder, origin: ORIGIN, holder: "the test" });
  const service = await open(openFolder());
  const chains = await Promise.all(Array.from({ length: 20 }, () => virtualPrecertificateChain(submission)));
  const both = await Promise.all([...chains, ...chains].map((chain) => service.addPrecertificate(chain)));
  const first = both.slice(0, chains.length).map(serializeSct);
  assert.deepEqual(both.slice(chains.length).map(serializeSct), first);
  assert.equal(service.log.published.treeSize, 20n);
  await service.stop();

  const later = openFolder();
  const again = await open(later, () => NOW + YEAR_MS);
  const repeated = await Promise.all(chains.map((chain) => again.addPrecertificate(chain)));
  assert.deepEqual(repeated.map(serializeSct), first);
  assert.equal(again.log.published.treeSize, 20n);
  await assertSound(later, 20n);
  await again.stop();
  rmSync(folder, { recursive: true });
});

test("faults at every write: no SCT is ever given twice in two forms, and every one is of an entry that is there", async () => {
  for (const fault of ["failed", "failed but persisted"] satisfies Fault[]) {
    for (let at = 0; at < 12; at += 1) {
      const storage = memoryStorage();
      const faulty = faultyStorage(storage, (write) => (write === at + 1 ? fault : undefined));
      const service = await open(faulty);
      const given = new Map<number, Uint8Array>();
      const chains = await Promise.all(Array.from({ length: 3 }, () => virtualPrecertificateChain(submission)));
      for (let round = 0; round < 4; round += 1) {
        for (const [number, chain] of chains.entries()) {
          const sct = await service.addPrecertificate(chain).catch((error: unknown) => {
            assert.ok(isSigstoreError(error, "log-unavailable") || isSigstoreError(error, "storage-failed"));
          });
          if (sct === undefined) continue;
          assertSct(sct, entryOf(chain, "precertificate"), leafIndexOfSct(sct) ?? -1n);
          assert.deepEqual(serializeSct(sct), given.get(number) ?? serializeSct(sct));
          given.set(number, serializeSct(sct));
        }
      }
      assert.equal(given.size, 3);
      await service.stop();
      await assertSound(storage, 3n);
    }
  }
});

test("a key that fails leaves nothing behind, and the log goes on", async () => {
  const storage = memoryStorage();
  let mayFail = false;
  const failing = {
    ...signer,
    sign: async (message: Uint8Array) => {
      if (mayFail) throw new Error("the key is gone");
      return signer.sign(message);
    },
  };
  const service = await CtLogService.open({
    origin: ORIGIN,
    signer: failing,
    storage,
    roots: authority.chain.slice(-1),
    nowMs: () => NOW,
  });
  const chain = await virtualPrecertificateChain(submission);
  mayFail = true;
  await assert.rejects(service.addPrecertificate(chain), (error) => isSigstoreError(error, "log-unavailable"));
  assert.equal((await storage.state.readHead()).treeSize, 0n);
  mayFail = false;
  assertSct(await service.addPrecertificate(chain), entryOf(chain, "precertificate"), 0n);
  await service.stop();
});

test("tree heads never go back in time, nor behind an entry, whatever the clock does", async () => {
  const storage = memoryStorage();
  const times = [NOW, NOW + 5000, NOW - 60_000, NOW - YEAR_MS];
  let nowMs = NOW;
  let service = await open(storage, () => nowMs);
  let earlier = await headTimeMs(service);
  for (const time of times) {
    nowMs = time;
    const sct = await service.addPrecertificate(await virtualPrecertificateChain(submission));
    const head = await headTimeMs(service);
    assert.ok(head > earlier);
    assert.ok(BigInt(head) >= sct.timestampMs);
    assert.equal(sct.timestampMs, BigInt(time));
    earlier = head;
    await service.stop();
    service = await open(storage, () => nowMs);
  }
  await service.stop();
});

test("a tree head that grew old is signed again, with the same root", async () => {
  const storage = memoryStorage();
  let service = await open(storage);
  await service.addPrecertificate(await virtualPrecertificateChain(submission));
  await service.stop();
  const { treeSize, rootHash } = service.log.published;
  for (const [laterMs, isNew] of [
    [60_000, false],
    [3_600_001, true],
  ] as const) {
    service = await open(storage, () => NOW + laterMs);
    await service.stop();
    assert.equal((await headTimeMs(service)) === NOW + laterMs, isNew);
    assert.equal(service.log.published.treeSize, treeSize);
    assert.deepEqual(service.log.published.rootHash, rootHash);
    await assertSound(storage, 1n);
  }
});

test("other roots are taken from one moment to the next", async () => {
  const other = await createVirtualCertificateAuthority(keys, {
    label: "other",
    uri: "https://other.example",
    algorithm: "PKIX_ECDSA_P256_SHA_256",
    organization: "other",
    certificatesValidFor: { startMs: NOW, endMs: NOW + YEAR_MS },
    validFor: { startMs: NOW, endMs: undefined },
  });
  const service = await open(memoryStorage());
  const chain = await virtualPrecertificateChain({ ...submission, authority: other });
  const isRefused = (error: unknown): boolean => isSigstoreError(error, "certificate-path-invalid");
  await assert.rejects(service.addPrecertificate(chain), isRefused);
  service.useRoots(other.chain.slice(-1));
  await service.addPrecertificate(chain);
  await assert.rejects(service.addPrecertificate(await virtualPrecertificateChain(submission)), isRefused);
  assert.throws(
    () => service.useRoots([]),
    (error) => isSigstoreError(error, "config-invalid"),
  );
  assert.throws(
    () => service.useRoots([Uint8Array.of(1)]),
    (error) => isSigstoreError(error, "config-invalid"),
  );
  await service.addPrecertificate(chain);
  await service.stop();
});
