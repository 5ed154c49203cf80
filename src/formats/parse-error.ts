/**
 * How a format speaks of a mistake below it: the notation's error (DER, UTF-8, bytes) becomes the format's, and stays as cause.
 */
import { type ErrorCode, isSigstoreError, SigstoreError } from "../errors.ts";

const NOTATION_CODES: ReadonlySet<ErrorCode> = new Set([
  "der-invalid",
  "utf8-invalid",
  "bytes-truncated",
  "bytes-trailing",
  "pem-invalid",
  "base64-invalid",
  "time-invalid",
]);

/**
 * Result of `parse`; an error of the notation below is rethrown with the format's own `code`, naming `what` was expected
 * (with its article: "a timestamp response").
 *
 * @throws SigstoreError `code`, or what `parse` throws otherwise
 */
export function parsingAs<Value>(code: ErrorCode, what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (isSigstoreError(error) && NOTATION_CODES.has(error.code)) {
      throw new SigstoreError(code, `expected ${what}, got malformed bytes (${error.message})`, { cause: error });
    }
    throw error;
  }
}

/** @throws SigstoreError `input-too-large` when there are more than `limit` bytes */
export function requireSize(bytes: Uint8Array, limit: number, what: string): void {
  if (bytes.length > limit)
    throw new SigstoreError("input-too-large", `expected ${what} of at most ${limit} bytes, got ${bytes.length}`);
}
