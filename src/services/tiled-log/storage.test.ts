/** Both storages keep the promises of the port; and what a folder on the disk alone has to show. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, test } from "node:test";
import { sha256 } from "../../crypto/digest.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, type ErrorCode } from "../../errors.ts";
import { localFiles, openLocalStorage, openResting } from "./storage-local.ts";
import { memoryStorage } from "./storage-memory.ts";
import { storageConformance } from "./storage.conformance.ts";
import type { LogStorage } from "./storage.ts";

const origin = "log.example";

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "tiled-log-"));
}

function open(folder: string, of: string = origin): LogStorage {
  return openLocalStorage({ folder, origin: of, holder: "process 4711" });
}

function refusal(code: ErrorCode, text: RegExp): (error: unknown) => boolean {
  return (error) => isSigstoreError(error, code) && text.test(error.message);
}

describe("a storage in memory", () => {
  const maker = { make: async () => memoryStorage(), reopen: async (storage: LogStorage) => storage };
  for (const { name, run } of storageConformance(maker)) it(name, run);
});

describe("a storage on the local disk", () => {
  const folders = new Map<LogStorage, string>();
  const make = async (folder = temporaryFolder()): Promise<LogStorage> => {
    const storage = open(folder);
    const close = once(() => storage.close());
    const closable = { ...storage, close };
    folders.set(closable, folder);
    return closable;
  };
  const maker = { make: () => make(), reopen: (storage: LogStorage) => make(folders.get(storage)) };
  for (const { name, run } of storageConformance(maker)) it(name, run);
  test("clean up", () => {
    for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
  });
});

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= run());
}

test("a second writer is told who holds the folder, also within one process", async () => {
  const folder = temporaryFolder();
  const first = open(folder);
  assert.throws(() => open(folder), refusal("storage-in-use", /process 4711/));
  await first.close();
  await open(folder).close();
  rmSync(folder, { recursive: true });
});

test("a copy refuses beside its original and after it; a renamed folder does not", async () => {
  const folder = temporaryFolder();
  const original = open(folder);
  await original.files.write([{ path: "checkpoint", bytes: Uint8Array.of(1) }]);
  cpSync(folder, `${folder}-copy`, { recursive: true, preserveTimestamps: true });
  assert.throws(() => open(`${folder}-copy`), refusal("storage-copied", /a copy/));
  await original.close();
  cpSync(folder, `${folder}-later`, { recursive: true, preserveTimestamps: true });
  renameSync(folder, `${folder}-renamed`);
  assert.throws(() => open(`${folder}-later`), refusal("storage-copied", /a copy/));
  assert.deepEqual(await localFiles(`${folder}-later`).read("checkpoint"), Uint8Array.of(1));
  await open(`${folder}-renamed`).close();
  for (const suffix of ["copy", "later", "renamed"]) rmSync(`${folder}-${suffix}`, { recursive: true });
});

test("a folder restored file by file into its old place refuses", async () => {
  const folder = temporaryFolder();
  await open(folder).close();
  for (const name of ["identity", "state.sqlite"]) {
    copyFileSync(join(folder, name), join(folder, `${name}.saved`));
    renameSync(join(folder, `${name}.saved`), join(folder, name));
  }
  assert.throws(() => open(folder), refusal("storage-copied", /a copy/));
  rmSync(folder, { recursive: true });
});

test("a folder of hard links refuses", async () => {
  const folder = temporaryFolder();
  await open(folder).close();
  linkSync(join(folder, "identity"), join(folder, "second-name"));
  assert.throws(() => open(folder), refusal("storage-copied", /hard links/));
  rmSync(folder, { recursive: true });
});

test("a folder belongs to one log", async () => {
  const folder = temporaryFolder();
  await open(folder).close();
  assert.throws(() => open(folder, "other.example"), refusal("storage-damaged", /log.example/));
  await open(folder).close();
  rmSync(folder, { recursive: true });
});

test("a damaged state is told, not repaired", async () => {
  const folder = temporaryFolder();
  await open(folder).close();
  writeFileSync(join(folder, "state.sqlite"), "no database at all, but long enough to look like something".repeat(20));
  assert.throws(() => open(folder), refusal("storage-damaged", /not a database/));
  assert.match(readFileSync(join(folder, "writer.json"), "utf8"), /4711/);
  rmSync(folder, { recursive: true });
});

test("an entry that decayed on the disk is told, and never handed out", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "state.sqlite");
  const bytes = utf8Encode("an entry, as it was written");
  for (const column of ["bytes", "duplicate_key", "acknowledgement", "digest", "time_ms"]) {
    const storage = open(folder);
    const entry = { bytes, duplicateKey: sha256(bytes), timeMs: 5, acknowledgement: Uint8Array.of(1, 2) };
    const head = { treeSize: 1n, rootHash: sha256(bytes) };
    await storage.state.append({ previousSize: 0n, entries: [entry], head });
    await storage.close();
    const database = new DatabaseSync(path);
    const damage =
      column === "time_ms" ? "time_ms + 1" : `CAST(substr(${column}, 1, 1) || x'00' || substr(${column}, 3) AS BLOB)`;
    database.exec(`UPDATE entries SET ${column} = ${damage}`);
    database.close();
    const again = open(folder);
    await assert.rejects(
      again.state.readEntries(0n, 1),
      refusal("storage-damaged", /entry 0 as it was written/),
      column,
    );
    await again.close();
    rmSync(path);
  }
  rmSync(folder, { recursive: true });
});

test("a state is looked at without writing, also a copy's, and not beside its writer", async () => {
  const folder = temporaryFolder();
  const storage = open(folder);
  const bytes = utf8Encode("an entry");
  const head = { treeSize: 1n, rootHash: sha256(bytes) };
  await storage.state.append({ previousSize: 0n, entries: [{ bytes, duplicateKey: sha256(bytes), timeMs: 5 }], head });
  assert.throws(() => openResting(folder), refusal("storage-in-use", /process 4711/));
  // As a kill leaves it: the entry is in the write-ahead log alone.
  cpSync(folder, `${folder}-killed`, { recursive: true });
  await storage.close();
  cpSync(folder, `${folder}-copy`, { recursive: true });
  for (const suffix of ["", "-copy", "-killed"]) {
    const before = readdirSync(`${folder}${suffix}`);
    const resting = openResting(`${folder}${suffix}`);
    assert.equal(resting?.origin, origin);
    assert.deepEqual(
      (await resting?.state.readEntries(0n, 2))?.map((entry) => entry.bytes),
      [bytes],
    );
    assert.deepEqual(resting?.defects(), []);
    await assert.rejects(async () => resting?.state.append({ previousSize: 1n, entries: [], head }));
    resting?.close();
    if (suffix !== "-killed") assert.deepEqual(readdirSync(`${folder}${suffix}`), before);
  }
  rmSync(join(folder, "state.sqlite"));
  assert.equal(openResting(folder), undefined);
  for (const suffix of ["", "-copy", "-killed"]) rmSync(`${folder}${suffix}`, { recursive: true });
});

test("paths that lead out of the folder are a mistake of the program", async () => {
  const folder = temporaryFolder();
  const storage = open(folder);
  for (const path of ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".hidden"])
    await assert.rejects(() => storage.files.read(path), TypeError, path);
  await storage.close();
  rmSync(folder, { recursive: true });
});
