/**
 * `run.json`: which process serves an instance now, where, and since when; written by it, read by `status`, `down` and `logs`.
 *
 * Only a hint: whether a process holds the folder, its lock says.
 */
import { parseJson } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";
import { MessageReader, objectFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";

/** A process that serves. */
export interface RunRecord {
  readonly pid: number;
  readonly url: string;
  /** RFC 3339. */
  readonly started: string;
}

const FIELDS = objectFields("pid", "url", "started");

/** The record, or undefined when it is none, as after a power cut. */
export function parseRunRecord(bytes: Uint8Array): RunRecord | undefined {
  try {
    const value = parseJson(bytes, { maxBytes: LIMITS.smallFileBytes });
    const message = MessageReader.root(value, FIELDS, "instance-invalid", "run.json");
    const pid = message.uint32("pid");
    return pid < 2 ? undefined : { pid, url: message.string("url"), started: message.string("started") };
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}
