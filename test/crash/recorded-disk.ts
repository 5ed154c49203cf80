/**
 * A disk as POSIX promises it and no better: what was written is there after a loss of power only when it was flushed.
 *
 * The bytes of a file are durable once fsync or fdatasync of it, made after the write returned, has returned; a name (new, moved, removed)
 * once its folder was flushed so. Real file systems keep more, and nobody may rely on it. A disk may also keep some of what was not
 * flushed: any writes, and of the names those that came first. Leaves out: memory that is mapped, which only SQLite's index of its
 * write-ahead log is, and that is made anew at each start.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { SystemCall } from "./strace-log.ts";

type Change =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly length: number };

interface DiskFile {
  durable: Buffer;
  pending: Change[];
}

interface NameChange {
  readonly path: string;
  readonly file: DiskFile | "folder" | undefined;
}

interface OpenFile {
  readonly path: string;
  readonly file: DiskFile | "folder";
  offset: number;
}

/** Follows the calls of processes on the files below one folder. */
export class RecordedDisk {
  readonly #root: string;
  readonly #forgets: (path: string) => boolean;
  readonly #durableNames = new Map<string, DiskFile | "folder">();
  readonly #liveNames = new Map<string, DiskFile | "folder">();
  #pendingNames: NameChange[] = [];
  #open = new Map<number, OpenFile>();
  /** For each thread that flushes, how much there was to flush when it began. */
  readonly #flushes = new Map<string, number>();

  /** @param forgets files and folders whose flushes come to nothing: a disk that lies */
  constructor(root: string, forgets: (path: string) => boolean = () => false) {
    this.#root = root;
    this.#forgets = forgets;
    this.#durableNames.set(root, "folder");
    this.#liveNames.set(root, "folder");
  }

  /** A process ended, and all that it had open. */
  endProcess(): void {
    this.#open = new Map();
  }

  /** Whether a descriptor is a file of this disk. */
  isFile(descriptor: number): boolean {
    return this.#open.has(descriptor);
  }

  /** What a file holds now for a reader of the running system. */
  liveBytes(path: string): Buffer | undefined {
    const file = this.#liveNames.get(path);
    return file === undefined || file === "folder" ? undefined : applied(file.durable, file.pending);
  }

  /** Takes a call into account. */
  follow(call: SystemCall): void {
    if (call.moment === "made") this.#beginFlush(call);
    else if (call.result !== undefined && call.result >= 0) this.#returned(call, call.result);
  }

  #beginFlush({ name, words, thread }: SystemCall): void {
    if (name !== "fsync" && name !== "fdatasync") return;
    const open = this.#open.get(Number(words[0]));
    if (open === undefined) return;
    this.#flushes.set(thread, open.file === "folder" ? this.#pendingNames.length : open.file.pending.length);
  }

  #returned({ name, words, strings, thread }: SystemCall, result: number): void {
    const descriptor = Number(words[0]);
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = strings;
    switch (name) {
      case "openat":
        this.#opened(this.#pathOf(first), words[2] ?? "", result);
        break;
      case "close":
        this.#open.delete(descriptor);
        break;
      case "write":
      case "writev":
        this.#written(descriptor, first.subarray(0, result), undefined);
        break;
      case "pwrite64":
      case "pwritev":
        this.#written(descriptor, first.subarray(0, result), Number(words[3]));
        break;
      case "ftruncate":
        this.#change(descriptor, { kind: "truncate", length: Number(words[1]) });
        break;
      case "fsync":
      case "fdatasync":
        this.#flushed(descriptor, this.#flushes.get(thread) ?? 0);
        break;
      case "rename":
        this.#renamed(this.#pathOf(first), this.#pathOf(second));
        break;
      case "mkdir":
        this.#name(this.#pathOf(first), "folder");
        break;
      case "unlink":
      case "rmdir":
      case "unlinkat":
        this.#name(this.#pathOf(first), undefined);
        break;
    }
  }

  #pathOf(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString("utf8");
  }

  #opened(path: string, flags: string, descriptor: number): void {
    this.#open.delete(descriptor);
    if (!this.#isBelow(path)) return;
    const known = this.#liveNames.get(path);
    const file = known ?? { durable: Buffer.alloc(0), pending: [] };
    if (known === undefined) this.#name(path, file);
    this.#open.set(descriptor, { path, file, offset: 0 });
    if (flags.includes("O_TRUNC")) this.#change(descriptor, { kind: "truncate", length: 0 });
  }

  #isBelow(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }

  #written(descriptor: number, bytes: Uint8Array, offset: number | undefined): void {
    const open = this.#open.get(descriptor);
    if (open === undefined) return;
    this.#change(descriptor, { kind: "write", offset: offset ?? open.offset, bytes });
    if (offset === undefined) open.offset += bytes.length;
  }

  #change(descriptor: number, change: Change): void {
    const open = this.#open.get(descriptor);
    if (open !== undefined && open.file !== "folder") open.file.pending.push(change);
  }

  #name(path: string, file: DiskFile | "folder" | undefined): void {
    if (!this.#isBelow(path)) return;
    this.#pendingNames.push({ path, file });
    if (file === undefined) this.#liveNames.delete(path);
    else this.#liveNames.set(path, file);
  }

  #renamed(from: string, to: string): void {
    const file = this.#liveNames.get(from);
    if (file === undefined) return;
    this.#name(to, file);
    this.#name(from, undefined);
  }

  #flushed(descriptor: number, count: number): void {
    const open = this.#open.get(descriptor);
    if (open === undefined || this.#forgets(open.path)) return;
    const { file, path } = open;
    if (file !== "folder") {
      file.durable = applied(file.durable, file.pending.slice(0, count));
      file.pending = file.pending.slice(count);
      return;
    }
    const isFlushed = (change: NameChange, at: number): boolean => at < count && dirname(change.path) === path;
    for (const [at, change] of this.#pendingNames.entries()) if (isFlushed(change, at)) put(this.#durableNames, change);
    this.#pendingNames = this.#pendingNames.filter((change, at) => !isFlushed(change, at));
  }

  /**
   * Writes into `target` what the disk would hold had the power failed now. `keeps` says of each change that was not flushed whether it
   * is there all the same; none is, by default.
   */
  rebuild(target: string, keeps: () => boolean = () => false): void {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    const names = new Map(this.#durableNames);
    for (const change of this.#pendingNames) {
      if (!keeps()) break;
      put(names, change);
    }
    for (const [path, file] of [...names].toSorted(([a], [b]) => a.length - b.length)) {
      if (!this.#isReachable(path, names)) continue;
      const place = join(target, relative(this.#root, path));
      if (file === "folder") mkdirSync(place, { recursive: true });
      else writeFileSync(place, applied(file.durable, file.pending.filter(keeps)));
    }
  }

  #isReachable(path: string, names: ReadonlyMap<string, DiskFile | "folder">): boolean {
    for (let at = dirname(path); at.length >= this.#root.length; at = dirname(at))
      if (names.get(at) !== "folder") return false;
    return !path.endsWith("-shm");
  }
}

function put(names: Map<string, DiskFile | "folder">, { path, file }: NameChange): void {
  if (file === undefined) names.delete(path);
  else names.set(path, file);
}

function applied(durable: Buffer, changes: readonly Change[]): Buffer {
  let bytes = Buffer.from(durable);
  for (const change of changes) {
    const end = change.kind === "write" ? Math.max(bytes.length, change.offset + change.bytes.length) : change.length;
    if (end !== bytes.length) {
      const resized = Buffer.alloc(end);
      bytes.copy(resized);
      bytes = resized;
    }
    if (change.kind === "write") bytes.set(change.bytes, change.offset);
  }
  return bytes;
}
