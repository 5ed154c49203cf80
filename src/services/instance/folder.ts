/**
 * The folder of an instance: who holds it, where things lie in it, and whether its first start was ended.
 *
 * One process holds it, by a lock that the kernel frees with the process. A folder is an instance from the moment that
 * `instance.json` is there, which is written last; a first start that was ended before has left the mark `beginning`, and what lies
 * there is thrown away: nobody has seen any of it. Leaves out: what the files hold.
 */
import { existsSync, readdirSync } from "node:fs";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { takeFolderLock } from "../tiled-log/storage-sqlite-lock.ts";
import {
  inFolder,
  makePrivateFolder,
  PUBLIC_MODE,
  readSmallFile,
  removeDurably,
  SECRET_MODE,
  writeDurably,
} from "./durable-file.ts";
import { type InstanceRecord, parseInstanceRecord, serializeInstanceRecord } from "./record.ts";
import { parseRunRecord, type RunRecord } from "./run-record.ts";

const RECORD_FILE = "instance.json";
const RUN_FILE = "run.json";
const LOCK_FILE = "instance.lock";
/** Is there while a first start goes on. */
const BEGINNING_FILE = "beginning";

/** Where things lie below a folder. */
export function pathsOf(folder: string): {
  readonly record: string;
  readonly keys: string;
  readonly authorities: string;
  readonly timestampAuthorities: string;
  readonly users: string;
  readonly trust: string;
  readonly run: string;
  readonly logFile: string;
} {
  return {
    record: inFolder(folder, RECORD_FILE),
    keys: inFolder(folder, "keys"),
    authorities: inFolder(folder, "ca"),
    timestampAuthorities: inFolder(folder, "tsa"),
    users: inFolder(folder, "users.json"),
    trust: inFolder(folder, "trust"),
    run: inFolder(folder, RUN_FILE),
    logFile: inFolder(folder, "log", "instance.log"),
  };
}

/** A folder that this process holds. */
export class InstanceFolder {
  readonly path: string;
  readonly #release: () => void;

  private constructor(path: string, release: () => void) {
    this.path = path;
    this.#release = release;
  }

  /**
   * Takes hold of a folder, which is made where there is none.
   *
   * @throws SigstoreError `storage-in-use` with who holds it, `storage-failed`
   */
  static hold(path: string): InstanceFolder {
    makePrivateFolder(path);
    const release = holdFolder(path);
    // What a process that was killed has left.
    removeDurably(inFolder(path, RUN_FILE));
    return new InstanceFolder(path, release);
  }

  /**
   * The record, or undefined in a folder where an instance may begin.
   *
   * @throws SigstoreError `instance-invalid` when the record is damaged, or the folder holds something else
   */
  readRecord(): InstanceRecord | undefined {
    return readInstanceRecord(this.path) ?? this.#requireEmpty();
  }

  /** Makes the folder ready for a first start: marks it, and throws away what one before has left. */
  begin(): void {
    writeDurably(inFolder(this.path, BEGINNING_FILE), "A first start is under way, or was ended.\n", PUBLIC_MODE);
    for (const name of readdirSync(this.path)) if (!isKept(name)) removeDurably(inFolder(this.path, name));
  }

  /** From now on the folder is this instance. */
  writeRecord(record: InstanceRecord): void {
    writeDurably(inFolder(this.path, RECORD_FILE), serializeInstanceRecord(record), PUBLIC_MODE);
    const beginning = inFolder(this.path, BEGINNING_FILE);
    if (existsSync(beginning)) removeDurably(beginning);
  }

  /** Says who runs here, for other commands. */
  writeRun(run: RunRecord): void {
    writeDurably(inFolder(this.path, RUN_FILE), `${JSON.stringify(run, null, 2)}\n`, SECRET_MODE);
  }

  /** Lets go of the folder. */
  release(): void {
    removeDurably(inFolder(this.path, RUN_FILE));
    this.#release();
  }

  #requireEmpty(): undefined {
    if (existsSync(inFolder(this.path, BEGINNING_FILE))) return undefined;
    const others = readdirSync(this.path).filter((name) => !isKept(name));
    if (others.length === 0) return undefined;
    throw new SigstoreError(
      "instance-invalid",
      `${inFolder(this.path, RECORD_FILE)}: expected the record of an instance or an empty folder, got ${others.slice(0, 5).join(", ")}`,
      {
        hint: "if this was an instance, put instance.json back from a backup; if not, choose another folder with --data",
        details: { path: this.path },
      },
    );
  }
}

/** What may lie in a folder where nothing has begun, and stays: the lock, the mark, the log file of `up -d`, users. */
function isKept(name: string): boolean {
  return /^(?:instance\.lock|beginning|run\.json|log|users\.json)(?:[.-].*)?$/.test(name);
}

/** The record in a folder that somebody else may hold, or undefined when there is none. */
export function readInstanceRecord(folder: string): InstanceRecord | undefined {
  const path = inFolder(folder, RECORD_FILE);
  const bytes = readSmallFile(path);
  return bytes === undefined ? undefined : parseInstanceRecord(bytes, path);
}

/** Who runs in a folder, as the process there says; undefined when it says nothing. */
export function readRunRecord(folder: string): RunRecord | undefined {
  const bytes = readSmallFile(inFolder(folder, RUN_FILE));
  return bytes === undefined ? undefined : parseRunRecord(bytes);
}

/** True while a process holds the folder. Takes hold of it for a moment itself. */
export function isHeld(folder: string): boolean {
  if (!existsSync(inFolder(folder, LOCK_FILE))) return false;
  try {
    takeFolderLock(inFolder(folder, LOCK_FILE), () => "").release();
    return false;
  } catch (error) {
    if (isSigstoreError(error, "storage-in-use")) return true;
    throw error;
  }
}

function holdFolder(path: string): () => void {
  try {
    const lock = takeFolderLock(inFolder(path, LOCK_FILE), () => "");
    return () => lock.release();
  } catch (cause) {
    if (!isSigstoreError(cause, "storage-in-use")) throw cause;
    const run = readRunRecord(path);
    const who = run === undefined ? "another process" : `process ${run.pid}, which serves ${run.url}`;
    throw new SigstoreError("storage-in-use", `expected a folder that nobody uses, got ${path}, held by ${who}`, {
      hint: `look at it with: sigstore status --data ${path}\nor end it with: sigstore down --data ${path}`,
      details: { path, ...(run !== undefined && { pid: run.pid, url: run.url }) },
      cause,
    });
  }
}
