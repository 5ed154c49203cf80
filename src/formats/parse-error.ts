/**
 * How a format speaks of a mistake inside it: the error of the notation or format within becomes its own, and stays as cause.
 */
import { type ErrorCode, isSigstoreError, SigstoreError } from "../errors.ts";

/** Codes of what stands inside other formats: DER and text in certificates, certificates' parts in CMS, CMS in timestamps. */
const INNER_CODES: ReadonlySet<ErrorCode> = new Set([
  "der-invalid",
  "utf8-invalid",
  "bytes-truncated",
  "bytes-trailing",
  "certificate-invalid",
  "cms-invalid",
]);

/**
 * Result of `parse`; an error of a format inside is rethrown with the outer format's `code`, naming `what` was expected
 * (with its article: "a timestamp response").
 *
 * @throws SigstoreError `code`, or what `parse` throws otherwise
 */
export function parsingAs<Value>(code: ErrorCode, what: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (isSigstoreError(error) && error.code !== code && INNER_CODES.has(error.code)) {
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
