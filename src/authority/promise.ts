/**
 * The inclusion promise of Rekor v1, the signed entry timestamp (Rekor OpenAPI, LogEntry.verification.signedEntryTimestamp).
 *
 * The log signs the RFC 8785 form of exactly body, integratedTime, logID and logIndex. A promise is an acknowledgement: who
 * calls has made the entry and its time durable before. Leaves out: Rekor v2, which promises nothing.
 */
import type { Signer } from "../crypto/signer.ts";
import { base64Encode } from "../encoding/base64.ts";
import { canonicalizeJson } from "../encoding/canonical-json.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";

/** What a promise says: this body is in this log, at this global index, since this second. */
export interface PromisedEntry {
  /** The canonicalized body, as it is in the log. */
  readonly body: Uint8Array;
  readonly integratedTimeSeconds: bigint;
  /** 32 bytes: SHA-256 of the log's SubjectPublicKeyInfo. */
  readonly logId: Uint8Array;
  /** The global index: that in the shard plus the sizes of the shards before it. */
  readonly logIndex: bigint;
}

/** The bytes that a promise signs. */
export function promisedBytes(entry: PromisedEntry): Uint8Array {
  return utf8Encode(
    canonicalizeJson({
      body: base64Encode(entry.body),
      integratedTime: entry.integratedTimeSeconds,
      logID: hexEncode(entry.logId),
      logIndex: entry.logIndex,
    }),
  );
}

/** The log's signature over `entry`: the `signedEntryTimestamp`. */
export async function signPromise(signer: Signer, entry: PromisedEntry): Promise<Uint8Array> {
  return signer.sign(promisedBytes(entry));
}
