/**
 * The inclusion promise of Rekor v1 (signed entry timestamp): the log's signature over body, time, log and index
 * (client specification 4.4; Rekor OpenAPI, LogEntry.verification.signedEntryTimestamp).
 */
import { verifySignature } from "../crypto/verify.ts";
import { base64Encode } from "../encoding/base64.ts";
import { writeAscii } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import type { TrustedLog } from "./trust.ts";

/** Verifies the promise of `entry` by `log`; throws `tlog-promise-invalid`. */
export function verifyInclusionPromise(entry: TlogEntry, promise: Uint8Array, log: TrustedLog): void {
  if (verifySignature(log.key, log.algorithm, promisedBytes(entry, log), promise)) return;
  throw new SigstoreError(
    "tlog-promise-invalid",
    `expected an inclusion promise signed by ${log.instance.baseUrl}, got a signature that does not verify`,
  );
}

/** RFC 8785 form of the four promised members: names in order, integers in full, no white space. */
function promisedBytes(entry: TlogEntry, log: TrustedLog): Uint8Array {
  const body = base64Encode(entry.canonicalizedBody);
  const start = '{"body":"';
  const rest = `","integratedTime":${entry.integratedTimeSeconds},"logID":"${log.logIdHex}","logIndex":${entry.logIndex}}`;
  const length = start.length + body.length + rest.length;
  const bytes = length <= promised.length ? promised.subarray(0, length) : new Uint8Array(length);
  writeAscii(start, bytes, 0);
  writeAscii(body, bytes, start.length);
  writeAscii(rest, bytes, start.length + body.length);
  return bytes;
}

/** One buffer for all promises of common length: it is filled and verified within one call, so no two uses meet. */
const promised = new Uint8Array(16_384);
