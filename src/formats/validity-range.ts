/**
 * Validity ranges of trusted roots and signing configs (protobuf-specs sigstore_common.proto, TimeRange), both ends
 * included.
 */
import type { JsonObject } from "../encoding/json.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { messageFields } from "./proto-json.ts";
import type { MessageReader } from "./proto-json.ts";

/** From `startMs` to `endMs`, both included, in milliseconds since 1970; without an end it holds still. */
export interface ValidityRange {
  readonly startMs: number;
  readonly endMs: number | undefined;
}

const TIME_RANGE = messageFields("start", "end");

/** Reads the field `name` of `owner`: it must be there, with a start, and an end that is not before it. */
export function readValidityRange(owner: MessageReader, name: string): ValidityRange {
  const range = owner.requireMessage(name, TIME_RANGE);
  const startMs = range.timestampMs("start");
  const endMs = range.timestampMs("end");
  // sigstore_trustroot.proto: the start of validFor MUST be set; a missing bound never means "always".
  if (startMs === undefined) throw range.refuse("start", "a time", undefined);
  if (endMs !== undefined && endMs < startMs) {
    throw range.error("end", `expected a time not before ${formatRfc3339(startMs)}, got ${formatRfc3339(endMs)}`);
  }
  return { startMs, endMs };
}

/** The range as proto3 JSON. */
export function serializeValidityRange(range: ValidityRange): JsonObject {
  const start = formatRfc3339(range.startMs);
  return range.endMs === undefined ? { start } : { start, end: formatRfc3339(range.endMs) };
}
