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
  /** Name of the chain that it issues with. */
  readonly certificateAuthority: string;
  /** RFC 3339. */
  readonly started: string;
}

const FIELDS = objectFields("pid", "url", "certificateAuthority", "started");

/** The record, or undefined when it is none, as after a power cut. */
export function parseRunRecord(bytes: Uint8Array): RunRecord | undefined {
  try {
    const value = parseJson(bytes, { maxBytes: LIMITS.smallFileBytes });
    const message = MessageReader.root(value, FIELDS, "instance-invalid", "run.json");
    const pid = message.uint32("pid");
    const [url, certificateAuthority] = [message.string("url"), message.string("certificateAuthority")];
    return pid < 2 ? undefined : { pid, url, certificateAuthority, started: message.string("started") };
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}
