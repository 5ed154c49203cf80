/**
 * What every storage of a log must do, as cases for any test runner: the promises of storage.ts that can be seen from outside.
 *
 * Both adapters pass them in storage.test.ts. That a commit survives the loss of power is not among them: no program sees it
 * from inside.
 */
import { sha256 } from "../../crypto/digest.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { EMPTY_ROOT } from "../../tlog/merkle.ts";
import type { LogStorage, StateBatch, StoredEntry } from "./storage.ts";

/** One case: `run` rejects with an Error that says what was expected. */
export interface StorageConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Makes an empty storage, and opens the same one again after it was closed. */
export interface StorageMaker {
  make(): Promise<LogStorage>;
  reopen(storage: LogStorage): Promise<LogStorage>;
}

type Check = (storage: LogStorage, maker: StorageMaker) => Promise<void>;

const CHECKS: Readonly<Record<string, Check>> = {
  "a new log is empty": async ({ state, files }) => {
    const { treeSize, rootHash } = await state.readHead();
    expect(treeSize === 0n && equalBytes(rootHash, EMPTY_ROOT), "the empty tree");
    expect((await state.readEntries(0n, 10)).length === 0, "no entries");
    expect((await files.read("checkpoint")) === undefined, "no checkpoint");
  },
  "a batch is there with its head, entries and keys": async ({ state }) => {
    await state.append(batchOf(0n, 3));
    await state.append(batchOf(3n, 2));
    const { treeSize, rootHash } = await state.readHead();
    expect(treeSize === 5n && equalBytes(rootHash, rootOf(5n)), "the head of the second batch");
    const entries = await state.readEntries(1n, 3);
    expect(
      entries.every((entry, at) => isSameEntry(entry, entryOf(1n + BigInt(at)))),
      "entries 1 to 3",
    );
    const keys = [4n, 99n, 0n].map((index) => entryOf(index).duplicateKey);
    expect(String(await state.findDuplicates(keys)) === "4,,0", "the indices of the keys in their order");
  },
  "reading beyond the end gives what is there": async ({ state }) => {
    await state.append(batchOf(0n, 3));
    expect((await state.readEntries(2n, 10)).length === 1, "one entry");
    expect((await state.readEntries(3n, 10)).length === 0, "none");
  },
  "of two writers that believe in the same size one loses, and changes nothing": async ({ state }) => {
    await state.append(batchOf(0n, 3));
    await refuses("storage-conflict", () => state.append({ ...batchOf(0n, 4), previousSize: 0n }));
    await refuses("storage-conflict", () => state.append(batchOf(4n, 1)));
    expect((await state.readHead()).treeSize === 3n, "the first batch alone");
  },
  "two batches at once: one wins": async ({ state }) => {
    const outcomes = await Promise.allSettled([state.append(batchOf(0n, 2)), state.append(batchOf(0n, 3))]);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length === 1, "one to be taken");
  },
  "a key that is there already refuses its whole batch": async ({ state }) => {
    await state.append(batchOf(0n, 3));
    const { entries, head } = batchOf(3n, 2);
    const twice = { previousSize: 3n, entries: [...entries.slice(0, 1), entryOf(1n)], head };
    await refuses("storage-failed", () => state.append(twice));
    const [first] = await state.findDuplicates([entryOf(3n).duplicateKey]);
    expect(first === undefined && (await state.readHead()).treeSize === 3n, "nothing of the batch");
    await state.append(batchOf(3n, 2));
  },
  "entries of any bytes come back": async ({ state }) => {
    const all = [new Uint8Array(0), Uint8Array.of(0), new Uint8Array(65_535).fill(0xff)];
    const entries = all.map((bytes, at) => ({ bytes, duplicateKey: entryOf(BigInt(at)).duplicateKey, timeMs: at }));
    await state.append({ previousSize: 0n, entries, head: { treeSize: 3n, rootHash: rootOf(3n) } });
    const found = await state.readEntries(0n, 3);
    expect(
      found.every(({ bytes, timeMs }, at) => equalBytes(bytes, all[at] ?? bytes.subarray(1)) && timeMs === at),
      "them",
    );
  },
  "an acknowledgement is kept with its entry, and none where there is none": async ({ state }) => {
    const kept = Uint8Array.of(1, 2, 3);
    const entries = [{ ...entryOf(0n), acknowledgement: kept }, entryOf(1n), { ...entryOf(2n), acknowledgement: kept }];
    await state.append({ previousSize: 0n, entries, head: { treeSize: 3n, rootHash: rootOf(3n) } });
    const found = await state.readEntries(0n, 3);
    const same = found.map(({ acknowledgement }) => acknowledgement !== undefined && equalBytes(acknowledgement, kept));
    expect(String(same) === "true,false,true" && found[1]?.acknowledgement === undefined, "the first and the third");
  },
  "files are whole, replaced and removed": async ({ files }) => {
    const [path, other] = ["tile/0/x001/234", "tile/entries/000.p/7"];
    await files.write([
      { path, bytes: utf8Encode("old") },
      { path: other, bytes: utf8Encode("seven") },
    ]);
    await files.write([{ path, bytes: utf8Encode("new, and longer") }]);
    expect(isText(await files.read(path), "new, and longer"), "the new bytes");
    expect(isText(await files.read(other), "seven"), "the other file as it was");
    await files.removePartials("tile/entries/000");
    await files.removePartials("tile/entries/000");
    expect((await files.read(other)) === undefined, "no partial file");
    expect((await files.read("tile/0/x001/234/567")) === undefined, "nothing below a file");
    expect((await files.read("tile/0")) === undefined, "nothing in a folder's place");
  },
  "everything is there after closing": async (storage, maker) => {
    await storage.state.append(batchOf(0n, 300));
    await storage.files.write([{ path: "checkpoint", bytes: utf8Encode("x") }]);
    await storage.close();
    const again = await maker.reopen(storage);
    try {
      expect((await again.state.readHead()).treeSize === 300n, "the head");
      expect(String(await again.state.findDuplicates([entryOf(299n).duplicateKey])) === "299", "the keys");
      expect(isText(await again.files.read("checkpoint"), "x"), "the files");
    } finally {
      await again.close();
    }
  },
};

/** The cases for the storages of `maker`. */
export function storageConformance(maker: StorageMaker): readonly StorageConformanceCase[] {
  return Object.entries(CHECKS).map(([name, check]) => ({
    name,
    run: async () => {
      const storage = await maker.make();
      try {
        await check(storage, maker);
      } finally {
        await storage.close();
      }
    },
  }));
}

function entryOf(index: bigint): StoredEntry {
  const bytes = utf8Encode(`entry ${index}`);
  return { bytes, duplicateKey: sha256(bytes), timeMs: Number(index) * 1000 + 1_700_000_000_000 };
}

function rootOf(treeSize: bigint): Uint8Array {
  return sha256(utf8Encode(`root ${treeSize}`));
}

function batchOf(previousSize: bigint, count: number): StateBatch {
  const entries = Array.from({ length: count }, (_, at) => entryOf(previousSize + BigInt(at)));
  const treeSize = previousSize + BigInt(count);
  return { previousSize, entries, head: { treeSize, rootHash: rootOf(treeSize) } };
}

function isSameEntry(a: StoredEntry, b: StoredEntry): boolean {
  return equalBytes(a.bytes, b.bytes) && equalBytes(a.duplicateKey, b.duplicateKey) && a.timeMs === b.timeMs;
}

function isText(bytes: Uint8Array | undefined, text: string): boolean {
  return bytes !== undefined && equalBytes(bytes, utf8Encode(text));
}

async function refuses(code: "storage-conflict" | "storage-failed", run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    expect(isSigstoreError(error, code), `${code}, got ${String(error)}`);
    return;
  }
  throw new Error(`expected ${code}, got no refusal`);
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`);
}
