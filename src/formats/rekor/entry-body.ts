/**
 * Canonicalized bodies of transparency log entries (Rekor v1 pkg/types; rekor-tiles rekor/v2).
 *
 * The kinds that Sigstore clients write are read field by field; any other kind is named and its spec left as it is. Strict
 * JSON with known fields; canonical form is not demanded, since the leaf hash is of the bytes as they are.
 */
import { parseJson } from "../../encoding/json.ts";
import type { JsonValue } from "../../encoding/json.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { MessageReader, objectFields } from "../proto-json.ts";
import { readDsse001, readDsse002 } from "./dsse.ts";
import type { Dsse001, Dsse002 } from "./dsse.ts";
import { readHashedRekord001, readHashedRekord002 } from "./hashedrekord.ts";
import type { HashedRekord001, HashedRekord002 } from "./hashedrekord.ts";
import { readIntoto001, readIntoto002 } from "./intoto.ts";
import type { Intoto001, Intoto002 } from "./intoto.ts";

export { serializeDsse001, serializeDsse002 } from "./dsse.ts";
export type { Dsse001, Dsse002 } from "./dsse.ts";
export type { Verifier002 } from "./fields.ts";
export { serializeHashedRekord001, serializeHashedRekord002 } from "./hashedrekord.ts";
export type { HashedRekord001, HashedRekord002 } from "./hashedrekord.ts";
export { serializeIntoto002 } from "./intoto.ts";
export type { Intoto001, Intoto002 } from "./intoto.ts";

/** A body of a kind or version that is not read; `spec` is what stands in it. */
export interface UnsupportedEntryBody {
  readonly form: "unsupported";
  readonly kind: string;
  readonly version: string;
  readonly spec: JsonValue;
}

/** What an entry says, by kind and version. */
export type EntryBody =
  | HashedRekord001
  | HashedRekord002
  | Dsse001
  | Dsse002
  | Intoto001
  | Intoto002
  | UnsupportedEntryBody;

const BODY = objectFields("apiVersion", "kind", "spec");

const READERS: ReadonlyMap<string, (body: MessageReader) => EntryBody> = new Map<
  string,
  (body: MessageReader) => EntryBody
>([
  ["hashedrekord 0.0.1", readHashedRekord001],
  ["hashedrekord 0.0.2", readHashedRekord002],
  ["dsse 0.0.1", readDsse001],
  ["dsse 0.0.2", readDsse002],
  ["intoto 0.0.1", readIntoto001],
  ["intoto 0.0.2", readIntoto002],
]);

/**
 * The body of an entry.
 *
 * Errors: `entry-body-invalid`, with the path of the field or the place in the JSON text.
 */
export function parseEntryBody(bytes: Uint8Array): EntryBody {
  const body = MessageReader.root(parseBodyJson(bytes), BODY, "entry-body-invalid", "entry body");
  const kind = body.requireString("kind");
  const version = body.requireString("apiVersion");
  const read = READERS.get(`${kind} ${version}`);
  if (read !== undefined) return read(body);
  const spec = body.value("spec");
  if (spec === undefined) throw body.refuse("spec", "an object", spec);
  return { form: "unsupported", kind, version, spec };
}

function parseBodyJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: LIMITS.entryBodyBytes });
  } catch (cause) {
    if (!(cause instanceof SigstoreError)) throw cause;
    throw new SigstoreError("entry-body-invalid", `entry body: ${cause.message}`, { cause });
  }
}
