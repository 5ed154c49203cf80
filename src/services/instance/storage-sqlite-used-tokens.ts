/**
 * Tokens that were used, kept through restarts: the port of the certificate authority, where each token may be used once.
 *
 * A claim is durable before it is answered; claims that come together share one transaction. What has expired is forgotten, since
 * the authority refuses it anyway. Leaves out: the tokens themselves, of which there are only hashes.
 */
import { DatabaseSync } from "node:sqlite";
import { SigstoreError } from "../../errors.ts";
import type { UsedTokens } from "../fulcio/used-tokens.ts";

interface Claim {
  readonly id: string;
  readonly expiresMs: number;
  readonly resolve: (isFirst: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** So many claims between one sweep and the next. */
const SWEEP_INTERVAL = 4096;

/** The ledger in one file. */
export class SqliteUsedTokens implements UsedTokens {
  readonly #database: DatabaseSync;
  readonly #nowMs: () => number;
  #waiting: Claim[] = [];
  #untilSweep = SWEEP_INTERVAL;

  private constructor(database: DatabaseSync, nowMs: () => number) {
    this.#database = database;
    this.#nowMs = nowMs;
  }

  /** Opens the file, or makes it. @throws SigstoreError `storage-failed` */
  static open(path: string, nowMs: () => number): SqliteUsedTokens {
    return guarded(`open ${path}`, () => {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      database.exec("CREATE TABLE IF NOT EXISTS used (id TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) WITHOUT ROWID");
      return new SqliteUsedTokens(database, nowMs);
    });
  }

  /** @throws SigstoreError `storage-failed`: the token may have been claimed nonetheless */
  claim(id: string, expiresMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ id, expiresMs, resolve, reject }) === 1) setImmediate(() => this.#commit());
    });
  }

  /** Lets go of the file; claims that wait are committed first. */
  close(): void {
    this.#commit();
    this.#database.close();
  }

  #commit(): void {
    const claims = this.#waiting;
    this.#waiting = [];
    if (claims.length === 0) return;
    try {
      const outcomes = guarded("note used tokens", () => this.#insertAll(claims));
      for (const [at, { resolve }] of claims.entries()) resolve(outcomes[at] === true);
    } catch (error) {
      for (const { reject } of claims) reject(error);
    }
  }

  #insertAll(claims: readonly Claim[]): boolean[] {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const insert = this.#database.prepare("INSERT OR IGNORE INTO used (id, expires_ms) VALUES (?, ?)");
      const outcomes = claims.map(({ id, expiresMs }) => insert.run(id, Math.ceil(expiresMs)).changes === 1);
      this.#untilSweep -= claims.length;
      if (this.#untilSweep <= 0) this.#sweep();
      this.#database.exec("COMMIT");
      return outcomes;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #sweep(): void {
    this.#untilSweep = SWEEP_INTERVAL;
    this.#database.prepare("DELETE FROM used WHERE expires_ms < ?").run(this.#nowMs());
  }
}

function guarded<Value>(wish: string, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "an unknown error";
    throw new SigstoreError("storage-failed", `expected to ${wish}, got ${reason}`, { cause });
  }
}
