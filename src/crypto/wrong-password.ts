/**
 * The one error of a password that does not fit, for every form of an encrypted key.
 *
 * Most forms have no tag that would tell a wrong password from a damaged file; the hint names both.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";

/** @throws SigstoreError `password-wrong` */
export function wrongPassword(cause?: unknown): never {
  throw new SigstoreError("password-wrong", "expected the password that the key was encrypted with, got another one", {
    hint: "give the password again; if it is right, the file was changed",
    cause,
  });
}

/**
 * What `parse` reads of decrypted octets. Where those are malformed, the password was another one: forms without a tag show it so.
 *
 * @throws SigstoreError `password-wrong`, and what `parse` throws of a key that could be read
 */
export function parsingDecrypted<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (isSigstoreError(error, "key-invalid") || isSigstoreError(error, "der-invalid")) return wrongPassword(error);
    throw error;
  }
}
