/**
 * What a service said, fit to be shown: one line, short, without control characters, and without secrets.
 *
 * A service may well echo the token that it refuses.
 */
import { parseJson } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";

const SHOWN_CHARACTERS = 400;
/** A JWT, or what is left of one. */
const TOKEN_LIKE = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;

/** The words of an answer's body: `message` or `error_description` of JSON, otherwise its text. */
export function saidIn(bytes: Uint8Array, secrets: readonly string[]): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 16 * SHOWN_CHARACTERS));
  return showable(wordsOf(bytes) ?? text, secrets);
}

/** `text` on one line, shortened, without any of `secrets`. */
export function showable(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) if (secret.length > 0) shown = shown.replaceAll(secret, "[secret]");
  // Control and format characters could rewrite what the terminal shows.
  shown = shown
    .replaceAll(TOKEN_LIKE, "[token]")
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
}

function wordsOf(bytes: Uint8Array): string | undefined {
  try {
    const value = parseJson(bytes);
    if (!isObject(value)) return undefined;
    const words = ["message", "error_description", "error"].map((name) => value[name]);
    return words.find((word) => typeof word === "string" && word !== "") as string | undefined;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return undefined;
  }
}

/** An address without what may be secret in it: user, query, fragment. */
export function addressOf(url: URL | string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
