/**
 * The files of a log in a folder (C2SP tlog-tiles), which any static server can hand out as it is.
 *
 * Each file is written beside its place, flushed, renamed into it, and the folder flushed: a reader finds it whole, and after
 * the loss of power it is there. Only flushes are waited for: the other steps are a few microseconds each, and would wait longer for
 * their turn among the requests than they take. Leaves out: who may read; the folder's rights are its owner's affair.
 */
import { closeSync, fsync, openSync, renameSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { storageFailure } from "./storage-failure.ts";
import type { LogFile, LogFiles } from "./storage.ts";

/** Names below the prefix of a log: small letters, digits, dots, and no way up. */
const PATH = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]*(?:\/[a-z0-9][a-z0-9.-]*)*$/;

/** Files that are written at the same time: as many as Node's thread pool flushes at once. */
const FILES_AT_ONCE = 4;

/** Files below a folder that exists. */
export class FolderFiles implements LogFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes files; the folders of all of them are flushed once, at the end. */
  async write(files: readonly LogFile[]): Promise<void> {
    await guarded("write the files of the log", async () => {
      const waiting = [...files];
      const work = async (): Promise<void> => {
        for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await this.#writeFile(file);
      };
      await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
      const folders = new Set(files.map(({ path }) => dirname(this.#locate(path))));
      await Promise.all([...folders].map(flushFolder));
    });
  }

  /** The bytes of a file. */
  async read(path: string): Promise<Uint8Array | undefined> {
    return guarded("read a file of the log", async () => {
      try {
        return new Uint8Array(await readFile(this.#locate(path)));
      } catch (error) {
        // A path below a file is not there either.
        if (["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error))) return undefined;
        throw error;
      }
    });
  }

  /** The paths of all files. */
  async list(): Promise<string[]> {
    return guarded("list the files of the log", async () => {
      const found = await readdir(this.#folder, { recursive: true, withFileTypes: true });
      return found
        .filter((one) => !one.isDirectory())
        .map((one) => relative(this.#folder, join(one.parentPath, one.name)).split(sep).join("/"))
        .toSorted();
    });
  }

  /** Removes the folder of partial files. */
  async removePartials(path: string): Promise<void> {
    await guarded("remove partial tiles", () => rm(`${this.#locate(path)}.p`, { recursive: true, force: true }));
  }

  async #writeFile({ path, bytes }: LogFile): Promise<void> {
    const place = this.#locate(path);
    const beside = `${place}.new`;
    const file = await openWithFolder(beside, this.#folder);
    try {
      writeFileSync(file, bytes);
      await flush(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, place);
  }

  #locate(path: string): string {
    if (!PATH.test(path)) throw new TypeError(`expected a path below a log's prefix, got ${JSON.stringify(path)}`);
    return join(this.#folder, path);
  }
}

const flush = promisify(fsync);

/** Opens a new file for writing, and makes the folders up to it when they are missing. */
async function openWithFolder(path: string, root: string): Promise<number> {
  try {
    return openSync(path, "w");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await makeFolder(dirname(path), root);
    return openSync(path, "w");
  }
}

/** Makes a folder below `root` that survives the loss of power: each folder that got a new name in it is flushed. */
async function makeFolder(folder: string, root: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = dirname(at)) {
    await flushFolder(dirname(at));
    if (at === root) return;
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = openSync(folder, "r");
  try {
    await flush(handle);
  } finally {
    closeSync(handle);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    throw storageFailure(what, cause);
  }
}
