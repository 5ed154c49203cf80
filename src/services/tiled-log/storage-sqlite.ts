/**
 * The state of a log in one SQLite database (node:sqlite): write-ahead log, synchronous=FULL.
 *
 * Each entry has a digest of all that belongs to it, so that what decayed on the disk is never taken for what was written.
 * SQLite's promise is the port's: with synchronous=FULL "the WAL file is synced after each transaction commit", so a commit that
 * returned survives the loss of power. One connection writes; others may read beside it. Leaves out: the lock that keeps a
 * second writer away (storage-sqlite-lock.ts); the compare-and-swap on the tree size stands below it all the same.
 */
import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { TreeHead } from "../../authority/checkpoint.ts";
import { sha256 } from "../../crypto/digest.ts";
import { ByteBuilder, equalBytes } from "../../encoding/bytes.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { EMPTY_ROOT } from "../../tlog/merkle.ts";
import { storageFailure } from "./storage-failure.ts";
import type { LogState, StateBatch, StoredEntry } from "./storage.ts";

/** What a state belongs to; recorded when it is made, and compared whenever it is opened. */
export interface StateBinding {
  /** Origin of the log. */
  readonly origin: string;
  /** The folder that it was made in, as storage-binding tells it apart from a copy. */
  readonly folder: string;
}

const FORMAT = "2";

const SCHEMA = `
  CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), tree_size INTEGER NOT NULL, root_hash BLOB NOT NULL) STRICT;
  CREATE TABLE entries (
    entry_index INTEGER PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    duplicate_key BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL,
    acknowledgement BLOB,
    digest BLOB NOT NULL
  ) STRICT;
`;

/** Pages that stay in memory: the duplicate keys of a million entries. Pages of the write-ahead log before it is folded in. */
const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA busy_timeout = 5000;
`;

interface Statements {
  readonly readHead: StatementSync;
  readonly writeHead: StatementSync;
  readonly insert: StatementSync;
  readonly find: StatementSync;
  readonly read: StatementSync;
}

/** A state that is open for reading alone; close it by its state. */
export interface InspectedState {
  readonly state: SqliteState;
  /** Of the log that it belongs to. */
  readonly origin: string;
  readonly database: DatabaseSync;
}

/** The state of a log in a database file. */
export class SqliteState implements LogState {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  private constructor(database: DatabaseSync, statements: Statements) {
    this.#database = database;
    this.#statements = statements;
  }

  /**
   * Opens the state at `path`, or makes a new one that is bound to `binding`.
   * @throws SigstoreError `storage-copied`, `storage-damaged` when it is bound to something else or unreadable, `storage-failed`
   */
  static open(path: string, binding: StateBinding): SqliteState {
    return guarded(`open the state ${path}`, () => {
      const database = new DatabaseSync(path);
      try {
        database.exec(PRAGMAS);
        bindState(database, binding);
        return new SqliteState(database, prepareStatements(database));
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /**
   * Opens the state at `path`, which nobody writes, to look at it; nothing is written, and a copy may be looked at too.
   * @throws SigstoreError `storage-damaged` when it is no state, `storage-failed`
   */
  static inspect(path: string): InspectedState {
    return guarded("open the state", () => {
      const database = new DatabaseSync(unchangingName(path), { readOnly: true });
      try {
        const origin = readBinding(database).get("origin");
        return { state: new SqliteState(database, prepareStatements(database)), origin: String(origin), database };
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /** What SQLite itself finds wrong with the file, in words. */
  static defectsOf({ database }: InspectedState): readonly string[] {
    try {
      const rows = guarded("check the state", () => database.prepare("PRAGMA integrity_check(20)").all());
      return rows.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok");
    } catch (error) {
      if (isSigstoreError(error)) return [error.message];
      throw error;
    }
  }

  /** Size and root. */
  async readHead(): Promise<TreeHead> {
    return guarded("read the head", () => this.#head());
  }

  /** Adds a batch in one transaction. */
  async append(batch: StateBatch): Promise<void> {
    guarded("append a batch", () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        this.#insert(batch);
        this.#database.exec("COMMIT");
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** The index of the entry with each key. */
  async findDuplicates(keys: readonly Uint8Array[]): Promise<(bigint | undefined)[]> {
    return guarded("find duplicates", () =>
      keys.map((key) => {
        const row = this.#statements.find.get(key);
        return row === undefined ? undefined : integerOf(row["entry_index"]);
      }),
    );
  }

  /** Entries in order. */
  async readEntries(start: bigint, count: number): Promise<StoredEntry[]> {
    return guarded("read entries", () => this.#statements.read.all(start, start + BigInt(count)).map(entryOfRow));
  }

  /** Folds the write-ahead log in and closes the file. */
  close(): void {
    guarded("close the state", () => {
      this.#database.close();
    });
  }

  #head(): TreeHead {
    const row = this.#statements.readHead.get();
    if (row === undefined) return { treeSize: 0n, rootHash: EMPTY_ROOT };
    return { treeSize: integerOf(row["tree_size"]), rootHash: bytesOf(row["root_hash"]) };
  }

  #insert({ previousSize, entries, head }: StateBatch): void {
    const { treeSize } = this.#head();
    if (treeSize !== previousSize)
      throw new SigstoreError("storage-conflict", `expected a tree of size ${previousSize}, got ${treeSize}`, {
        hint: "another process writes this log",
      });
    for (const [position, entry] of entries.entries()) {
      const index = previousSize + BigInt(position);
      const { bytes, duplicateKey, timeMs, acknowledgement = null } = entry;
      this.#statements.insert.run(index, timeMs, duplicateKey, bytes, acknowledgement, digestOf(index, entry));
    }
    this.#statements.writeHead.run(head.treeSize, head.rootHash);
  }
}

function prepareStatements(database: DatabaseSync): Statements {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  };
  return {
    readHead: prepare("SELECT tree_size, root_hash FROM head WHERE id = 1"),
    writeHead: prepare("INSERT INTO head VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET tree_size = ?1, root_hash = ?2"),
    insert: prepare(
      "INSERT INTO entries (entry_index, time_ms, duplicate_key, bytes, acknowledgement, digest) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    find: prepare("SELECT entry_index FROM entries WHERE duplicate_key = ?"),
    read: prepare("SELECT * FROM entries WHERE entry_index >= ? AND entry_index < ? ORDER BY entry_index"),
  };
}

function entryOfRow(row: Readonly<Record<string, unknown>>): StoredEntry {
  const index = integerOf(row["entry_index"]);
  const entry: StoredEntry = {
    bytes: bytesOf(row["bytes"]),
    duplicateKey: bytesOf(row["duplicate_key"]),
    timeMs: Number(integerOf(row["time_ms"])),
    ...(row["acknowledgement"] !== null && { acknowledgement: bytesOf(row["acknowledgement"]) }),
  };
  if (equalBytes(bytesOf(row["digest"]), digestOf(index, entry))) return entry;
  throw new SigstoreError("storage-damaged", `expected entry ${index} as it was written, got another`, {
    hint: DAMAGE_HINT,
  });
}

const DAMAGE_HINT = "the disk or its file system has damaged the state of the log; bring back the folder from a backup";

const DIGEST_BYTES = 16;

/** Bit rot and torn pages, not forgers, are what it tells. */
function digestOf(index: bigint, { bytes, duplicateKey, timeMs, acknowledgement }: StoredEntry): Uint8Array {
  const builder = new ByteBuilder().u64(index).u64(BigInt(timeMs)).vector24(duplicateKey).vector24(bytes);
  if (acknowledgement !== undefined) builder.vector24(acknowledgement);
  return sha256(builder.build()).subarray(0, DIGEST_BYTES);
}

/**
 * What to open so that SQLite makes no files of its own beside the state. Where a stop has left a write-ahead log with something in it,
 * that is part of the state and read as always.
 */
function unchangingName(path: string): string | URL {
  const { size } = statSync(`${path}-wal`, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > 0) return path;
  const name = pathToFileURL(path);
  name.searchParams.set("immutable", "1");
  return name;
}

/** Schema and binding are one transaction: a state is bound from its first moment, or is not there. */
function bindState(database: DatabaseSync, binding: StateBinding): void {
  const isNew = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'about'").get() === undefined;
  if (isNew) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA}`);
    const insert = database.prepare("INSERT INTO about VALUES (?, ?)");
    const { origin, folder } = binding;
    const about = { format: FORMAT, origin, folder, digest: bindingDigest(binding) };
    for (const [name, value] of Object.entries(about)) insert.run(name, value);
    database.exec("COMMIT");
    return;
  }
  const about = readBinding(database);
  if (about.get("origin") !== binding.origin)
    throw new SigstoreError(
      "storage-damaged",
      `expected the state of the log ${binding.origin}, got that of ${String(about.get("origin"))}`,
    );
  if (about.get("folder") !== binding.folder)
    throw new SigstoreError("storage-copied", "expected the folder in which this log was begun, got a copy of it", {
      hint: "the original may have gone on, and two logs with one key would fork; restore it as a new log, or bring back the original folder",
    });
}

/** What the state says of itself. @throws SigstoreError `storage-damaged` for another format */
function readBinding(database: DatabaseSync): ReadonlyMap<unknown, unknown> {
  const rows = database.prepare("SELECT name, value FROM about").all();
  const about = new Map<unknown, unknown>(rows.map((row) => [row["name"], row["value"]]));
  if (about.get("format") !== FORMAT)
    throw new SigstoreError(
      "storage-damaged",
      `expected a state in format ${FORMAT}, got format ${String(about.get("format"))}`,
    );
  const [origin, folder] = [about.get("origin"), about.get("folder")].map(String);
  if (about.get("digest") === bindingDigest({ origin: origin ?? "", folder: folder ?? "" })) return about;
  throw new SigstoreError("storage-damaged", "expected what the state says of itself as it was written, got another", {
    hint: DAMAGE_HINT,
  });
}

function bindingDigest({ origin, folder }: StateBinding): string {
  return hexEncode(sha256(utf8Encode(`${origin}\n${folder}`)));
}

/** Turns errors of SQLite into those of the port. */
function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw isSigstoreError(cause) ? cause : storageFailure(what, cause);
  }
}

function integerOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  throw new SigstoreError("storage-damaged", `expected an integer in the state, got ${typeof value}`);
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new SigstoreError("storage-damaged", `expected bytes in the state, got ${typeof value}`);
}
