/**
 * What a service said, fit to be shown: one line, short, without control characters, and without secrets.
 *
 * A service may well echo the token that it refuses.
 */
import { parseJson } from "../../encoding/json.ts";
import type { JsonObject, JsonValue } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";

const SHOWN_CHARACTERS = 400;
/** A JWT, or what is left of one. */
const TOKEN_LIKE = /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;

/** What a service said, and what it says to do, where it does. */
export interface Said {
  readonly words: string;
  readonly advice: string | undefined;
}

/**
 * The words of an answer's body: `message` or `error_description` of JSON with the reason that our services and Google's add
 * to it (google.rpc.ErrorInfo in `details`), otherwise its text.
 */
export function saidIn(bytes: Uint8Array, secrets: readonly string[]): Said {
  const object = objectIn(bytes);
  if (object === undefined) {
    const text = new TextDecoder().decode(bytes.subarray(0, 16 * SHOWN_CHARACTERS));
    return { words: showable(text, secrets), advice: undefined };
  }
  const reason = reasonIn(object);
  const words = [
    ...(Array.isArray(object["errors"]) ? registryErrors(object["errors"]) : []),
    firstText(object, ["message", "error_description", "error"]),
    reason && firstText(reason, ["message"]),
  ];
  const advice = reason && firstText(reason, ["hint"]);
  return {
    words: showable(words.filter((one) => one !== undefined).join(": "), secrets),
    advice: advice === undefined ? undefined : showable(advice, secrets),
  };
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

function objectIn(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(bytes);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return undefined;
  }
}

/** OCI distribution specification 1.1, "Error Codes": `code` and `message` of each; what they say of `detail` differs. */
function registryErrors(errors: readonly JsonValue[]): readonly (string | undefined)[] {
  return errors.slice(0, 3).map((one) => {
    if (!isObject(one)) return undefined;
    const texts = [firstText(one, ["code"]), firstText(one, ["message"])].filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join(" ");
  });
}

/** The metadata of the first detail that has any. */
function reasonIn({ details }: JsonObject): JsonObject | undefined {
  const list = Array.isArray(details) ? details : [];
  return list.map((one) => (isObject(one) ? one["metadata"] : undefined)).find((one) => isObject(one));
}

function firstText(object: JsonObject, names: readonly string[]): string | undefined {
  return names.map((name) => object[name]).find((value) => typeof value === "string" && value !== "") as
    | string
    | undefined;
}

/** An address without what may be secret in it: user, query, fragment. */
export function addressOf(url: URL | string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
