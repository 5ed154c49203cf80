/**
 * The user's files as they lie on the disk: JSON documents, read strictly and written whole.
 *
 * A document is written beside its place, flushed and renamed into it, so that a reader finds the old one or the new one. All
 * of them are 0600 in folders of 0700. A file that cannot be read is named, with what to do; it is never taken for an absent
 * one. Leaves out locks: the last of two writers wins.
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";
import { randomBytes } from "../crypto/random.ts";
import { hexEncode } from "../encoding/hex.ts";
import { parseJson } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { MessageReader } from "../formats/proto-json.ts";
import type { MessageFields } from "../formats/proto-json.ts";
import { LIMITS } from "../limits.ts";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Windows tells no modes. */
const HAS_MODES = sep === "/";
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** A kind of document: its mark, its fields, and what it is in words. */
export interface DocumentType {
  readonly kind: string;
  readonly fields: MessageFields;
  /** With its article: "the settings". */
  readonly what: string;
  /** What to do about a broken one. */
  readonly remedy: string;
  /** Nobody else may read it. */
  readonly isSecret?: boolean;
}

/**
 * What `read` makes of the document at `path`, or undefined where there is none.
 *
 * @throws SigstoreError `home-invalid`, which names the file
 */
export function readDocument<Value>(
  path: string,
  type: DocumentType,
  read: (message: MessageReader) => Value,
): Value | undefined {
  const bytes = readBytes(path, type);
  if (bytes === undefined) return undefined;
  try {
    const value = parseJson(bytes, { maxBytes: 2 * LIMITS.trustFileBytes });
    const message = MessageReader.root(value, type.fields, "home-invalid", "file");
    if (message.string("kind") !== type.kind)
      throw message.error("kind", `expected ${type.kind}, got ${message.string("kind") || "nothing"}`);
    return read(message);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    // What a reader says may quote what it read.
    if (type.isSecret === true) throw invalid(path, type, `expected what was written there, got other content`);
    throw invalid(path, type, error.message, error);
  }
}

/** Writes `members` as the document of `type` at `path`, and makes the folders that lead there. @throws SigstoreError `file-unwritable` */
export function writeDocument(path: string, { kind, what }: DocumentType, members: object): void {
  const beside = join(dirname(path), `.${hexEncode(randomBytes(8))}.new`);
  inWords(path, what, () => {
    mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    try {
      writeFlushed(beside, utf8Encode(`${JSON.stringify({ kind, ...members }, null, 2)}\n`));
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  });
}

/** Removes the document at `path`; true where there was one. @throws SigstoreError `file-unwritable` */
export function removeDocument(path: string, { what }: DocumentType): boolean {
  return inWords(path, what, () => {
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
    rmSync(path, { force: true });
    return isThere;
  });
}

function readBytes(path: string, type: DocumentType): Uint8Array | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw invalid(path, type, "expected a file, got something else");
    // Who may write it decides whom this user trusts.
    const forbidden = type.isSecret === true ? OTHERS : OTHERS_WRITE;
    if (HAS_MODES && (stats.mode & forbidden) !== 0)
      throw invalid(path, type, `expected a file for its owner alone, got mode ${(stats.mode & 0o777).toString(8)}`);
    return readFileSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "") throw error;
    throw invalid(path, type, `expected a file that can be read, got ${code}`, error);
  }
}

function writeFlushed(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, "wx", PRIVATE_FILE);
  try {
    fchmodSync(descriptor, PRIVATE_FILE);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(descriptor, rest));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function inWords<Value>(path: string, what: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    if (code === "") throw error;
    throw new SigstoreError("file-unwritable", `expected to write ${what} at ${path}, got ${code}`, {
      hint: "let your user write there, or set SIGSTORE_HOME to a folder where it may",
      details: { path },
      cause: error,
    });
  }
}

function invalid(path: string, { what, remedy }: DocumentType, found: string, cause?: unknown): SigstoreError {
  return new SigstoreError("home-invalid", `${what} at ${path}: ${found}`, { hint: remedy, details: { path }, cause });
}

function codeOf(error: unknown): string {
  const isSystemError = error instanceof Error && "code" in error && "syscall" in error;
  return isSystemError ? String(error.code) : "";
}
