/**
 * What an inspection shows: plain values in the order in which people read them, the same for the tree and for JSON.
 *
 * A part that cannot be read is shown as such, so that the rest of a broken document can still be looked at.
 */
import { base64Encode } from "../../encoding/base64.ts";
import { hexEncode } from "../../encoding/hex.ts";
import type { JsonValue } from "../../encoding/json.ts";
import { momentText } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";

/** One value of a view. Absent members are left out of JSON and tree alike. */
export type ViewValue = string | number | boolean | null | undefined | readonly ViewValue[] | View;

/** A group of values by name, lowerCamelCase. */
export interface View {
  readonly [name: string]: ViewValue;
}

/** The view that `make` gives, or why there is none. */
export function viewOrReason(make: () => ViewValue): ViewValue {
  try {
    return make();
  } catch (error) {
    if (isSigstoreError(error)) return { unreadable: error.message, code: error.code };
    throw error;
  }
}

/** `bytes` in hexadecimal, where there are any. */
export function hexOrAbsent(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : hexEncode(bytes);
}

/** `bytes` in base64: what is only ever copied, such as signatures. */
export function base64Text(bytes: Uint8Array): string {
  return base64Encode(bytes);
}

/** A range of validity; without end it is open. */
export function rangeView(range: { readonly startMs: number; readonly endMs: number | undefined }): View {
  return { start: momentText(range.startMs), end: range.endMs === undefined ? undefined : momentText(range.endMs) };
}

/** Free-form JSON out of a document. Integers beyond 2^53 become text: no JSON reader would keep them. */
export function jsonView(value: JsonValue): ViewValue {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(jsonView);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonView(member)]));
}
