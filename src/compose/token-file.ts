/**
 * A token that was handed over in a file or on standard input.
 *
 * Its content is a secret: what is wrong with it is said without any of it.
 */
import { utf8Decode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { readDescriptor, readFile, withDescriptor } from "../files/read.ts";
import { LIMITS } from "../limits.ts";

const WHAT = "an identity token";

/** Where a token lies. */
export type TokenPlace = { readonly path: string } | { readonly descriptor: number };

/** A reader of the token at `place`: of a file anew each time, of a stream once. Errors as `readFile`. */
export function readTokenText(place: TokenPlace): () => string {
  if ("path" in place) return () => textOf(readFile(place.path, LIMITS.identityTokenLength, WHAT));
  let text: string | undefined;
  return () => {
    text ??= withDescriptor(place.descriptor, "standard input", WHAT, (open) =>
      textOf(readDescriptor(open, LIMITS.identityTokenLength, WHAT, "standard input")),
    );
    return text;
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw new SigstoreError("identity-token-invalid", "expected an identity token, got bytes that are no text");
  }
}
