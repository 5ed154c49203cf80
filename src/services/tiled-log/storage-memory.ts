/**
 * The storage of a log in memory: for tests, for logs that need not outlive their process, and as the plain measure of the others.
 *
 * It promises what the ports promise but for durability. Leaves out: bounds; memory is the limit.
 */
import type { TreeHead } from "../../authority/checkpoint.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { SigstoreError } from "../../errors.ts";
import { EMPTY_ROOT } from "../../tlog/merkle.ts";
import type { LogFile, LogFiles, LogState, LogStorage, StateBatch, StoredEntry } from "./storage.ts";

class MemoryState implements LogState {
  #head: TreeHead = { treeSize: 0n, rootHash: EMPTY_ROOT };
  readonly #entries: StoredEntry[] = [];
  readonly #indices = new Map<string, bigint>();

  async readHead(): Promise<TreeHead> {
    return this.#head;
  }

  async append({ previousSize, entries, head }: StateBatch): Promise<void> {
    if (previousSize !== this.#head.treeSize)
      throw new SigstoreError(
        "storage-conflict",
        `expected a tree of size ${previousSize}, got ${this.#head.treeSize}`,
      );
    const keys = entries.map(({ duplicateKey }) => hexEncode(duplicateKey));
    if (new Set(keys).size < keys.length || keys.some((key) => this.#indices.has(key)))
      throw new SigstoreError("storage-failed", "expected new duplicate keys, got one that is there already");
    for (const [position, entry] of entries.entries()) {
      this.#entries.push(entry);
      this.#indices.set(keys[position] ?? "", previousSize + BigInt(position));
    }
    this.#head = head;
  }

  async findDuplicates(keys: readonly Uint8Array[]): Promise<(bigint | undefined)[]> {
    return keys.map((key) => this.#indices.get(hexEncode(key)));
  }

  async readEntries(start: bigint, count: number): Promise<StoredEntry[]> {
    return this.#entries.slice(Number(start), Number(start) + count);
  }
}

class MemoryFiles implements LogFiles {
  readonly #files = new Map<string, Uint8Array>();

  async write(files: readonly LogFile[]): Promise<void> {
    for (const { path, bytes } of files) this.#files.set(path, bytes.slice());
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.get(path);
  }

  async removePartials(path: string): Promise<void> {
    for (let width = 1; width < 256; width += 1) this.#files.delete(`${path}.p/${width}`);
  }
}

/** A storage that is empty; it can be used again after `close`, as a folder can. */
export function memoryStorage(): LogStorage {
  return { state: new MemoryState(), files: new MemoryFiles(), close: async () => {} };
}
