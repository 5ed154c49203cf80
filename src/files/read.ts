/**
 * Files read whole, up to a bound, with errors in words.
 *
 * Works for regular files, pipes and devices alike: what cannot tell its size is read until it ends or the bound is passed.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { readWithPatience } from "./descriptor.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of the file at `path`, at most `maximumBytes`.
 *
 * @param what what the file should be, with its article: "a trusted root"
 * @throws SigstoreError `file-not-found`, `file-unreadable`, `file-too-large`
 */
export function readFile(path: string, maximumBytes: number, what: string): Uint8Array {
  return withOpenFile(path, what, (descriptor) => readDescriptor(descriptor, maximumBytes, what, path));
}

/**
 * The text of the regular file at `path`, or undefined where there is none that can be read as such.
 *
 * For files that the surroundings may have put there; what is not plainly there counts as absent.
 */
export function readTextIfPresent(path: string, maximumBytes: number): string | undefined {
  try {
    return utf8Decode(readRegularFile(path, maximumBytes, "a file"));
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return undefined;
  }
}

// Opening a pipe then does not wait for its writer; regular files know no difference. Windows has no such flag: undefined is 0.
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * As `readFile`, for a file that was found and not named: in a folder of somebody else's making it may be a pipe that
 * nobody writes to, or a device that never ends.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`, `file-too-large`
 */
export function readRegularFile(path: string, maximumBytes: number, what: string): Uint8Array {
  const read = (descriptor: number): Uint8Array => {
    if (fstatSync(descriptor).isFile()) return readDescriptor(descriptor, maximumBytes, what, path);
    throw new SigstoreError("file-unreadable", `expected ${what} at ${path}, got a pipe, socket or device`, {
      details: { path },
    });
  };
  return withOpenFile(path, what, read, WITHOUT_WAITING);
}

/**
 * What `descriptor` holds from here on, at most `maximumBytes`.
 *
 * @param path where it lies, for errors
 * @throws SigstoreError `file-too-large`, `file-unreadable`
 */
export function readDescriptor(descriptor: number, maximumBytes: number, what: string, path?: string): Uint8Array {
  const size = sizeOf(descriptor);
  if (size > maximumBytes) throw tooLarge(what, maximumBytes, `${size} bytes`, path);
  // One octet more than is told: the end shows in the same loop, and a file that grows is noticed.
  let buffer = new Uint8Array(Math.min(size > 0 ? size : CHUNK_BYTES, maximumBytes) + 1);
  let length = 0;
  for (;;) {
    const count = readWithPatience(descriptor, buffer, length);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > maximumBytes) throw tooLarge(what, maximumBytes, "more", path);
    if (length === buffer.length) buffer = enlarged(buffer, maximumBytes + 1);
  }
}

/**
 * Opens the file at `path` and closes it again, so that an error says what is wrong with it.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`
 */
export function requireReadable(path: string, what: string): void {
  withOpenFile(path, what, () => undefined, WITHOUT_WAITING);
}

/** Bytes of the open file as the file system tells them; 0 for a pipe. */
export function sizeOf(descriptor: number): number {
  return fstatSync(descriptor).size;
}

/**
 * Opens the file at `path`, hands its descriptor to `use`, and closes it again.
 *
 * @throws SigstoreError `file-not-found`, `file-unreadable`, and what `use` throws
 */
export function withOpenFile<Value>(
  path: string,
  what: string,
  use: (descriptor: number) => Value,
  flags: number = constants.O_RDONLY,
): Value {
  return inWords(path, what, () => {
    const descriptor = openSync(path, flags);
    try {
      if (fstatSync(descriptor).isDirectory()) throw directoryError(path, what);
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/**
 * Hands `descriptor`, which is open already, to `use`; `name` stands for it in errors.
 *
 * @throws SigstoreError `file-unreadable`, and what `use` throws
 */
export function withDescriptor<Value>(
  descriptor: number,
  name: string,
  what: string,
  use: (descriptor: number) => Value,
): Value {
  return inWords(name, what, () => {
    if (fstatSync(descriptor).isDirectory()) throw directoryError(name, what);
    return use(descriptor);
  });
}

function inWords<Value>(path: string, what: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw fileError(error, path, what);
  }
}

function directoryError(path: string, what: string): SigstoreError {
  return new SigstoreError("file-unreadable", `expected ${what} at ${path}, got a directory`, {
    hint: "name a file in it",
    details: { path },
  });
}

function enlarged(buffer: Uint8Array, maximum: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(buffer.length * 2, maximum));
  larger.set(buffer);
  return larger;
}

function tooLarge(what: string, maximumBytes: number, found: string, path: string | undefined): SigstoreError {
  const place = path === undefined ? "" : ` at ${path}`;
  const message = `expected ${what} of at most ${sizeText(maximumBytes)}${place}, got ${found}`;
  return new SigstoreError("file-too-large", message, {
    hint: "is it the right file?",
    ...(path === undefined ? {} : { details: { path } }),
  });
}

const MIB = 1024 * 1024;

/** A size in words: whole mebibytes as such, anything else in bytes. */
export function sizeText(bytes: number): string {
  return bytes >= MIB && bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes} bytes`;
}

interface FileFault {
  readonly code: ErrorCode;
  readonly found: string;
  readonly hint?: string;
}

/** What the operating system says, in words. */
const FILE_FAULTS: Readonly<Record<string, FileFault>> = {
  ENOENT: { code: "file-not-found", found: "no such file" },
  ENOTDIR: { code: "file-not-found", found: "a path that leads through a file", hint: "is a slash too many in it?" },
  EACCES: {
    code: "file-unreadable",
    found: "permission denied",
    hint: "let your user read it, or run as one that may",
  },
  EPERM: { code: "file-unreadable", found: "permission denied", hint: "let your user read it, or run as one that may" },
  EBADF: { code: "file-unreadable", found: "nothing that is open" },
  ELOOP: { code: "file-unreadable", found: "symbolic links that lead in a circle" },
  ENAMETOOLONG: { code: "file-unreadable", found: "a name that is too long for this file system" },
  ENXIO: { code: "file-unreadable", found: "a socket or device that cannot be read" },
  EIO: { code: "file-unreadable", found: "an input error of the disk" },
};

/** `error` of the file system as a SigstoreError; anything else unchanged. */
function fileError(error: unknown, path: string, what: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const fault = FILE_FAULTS[String(error.code)] ?? { code: "file-unreadable" as const, found: String(error.code) };
  return new SigstoreError(fault.code, `expected ${what} at ${path}, got ${fault.found}`, {
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    details: { path },
    cause: error,
  });
}
