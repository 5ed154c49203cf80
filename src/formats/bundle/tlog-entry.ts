/**
 * Transparency log entries with their proofs (protobuf-specs sigstore_rekor.proto, TransparencyLogEntry), in proto3 JSON.
 *
 * As they stand in bundles and as Rekor v2 answers. The canonicalized body stays bytes here; formats/rekor reads it.
 */
import { base64Encode } from "../../encoding/base64.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { LIMITS } from "../../limits.ts";
import { parseDocument } from "../document.ts";
import { MessageReader, messageFields } from "../proto-json.ts";

/** Proof that an entry is in a tree, with the checkpoint (signed note) of that tree. */
export interface InclusionProof {
  /** Index in the tree of the proof; not the entry's index in all shards of the log. */
  readonly logIndex: bigint;
  readonly rootHash: Uint8Array;
  readonly treeSize: bigint;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string | undefined;
}

/** An entry of a transparency log. */
export interface TlogEntry {
  /** Index in all shards of the log. */
  readonly logIndex: bigint;
  /** SHA-256 identifier of the log, as the trusted root has it. */
  readonly logId: Uint8Array;
  readonly kindVersion: { readonly kind: string; readonly version: string };
  /** Seconds since 1970 when a Rekor v1 log took the entry in; 0 when absent, as in Rekor v2. */
  readonly integratedTimeSeconds: bigint;
  /** Signed entry timestamp of Rekor v1. */
  readonly inclusionPromise: Uint8Array | undefined;
  readonly inclusionProof: InclusionProof | undefined;
  readonly canonicalizedBody: Uint8Array;
}

/** Fields of a TransparencyLogEntry in proto3 JSON, for messages that hold one. */
export const TLOG_ENTRY_FIELDS = messageFields(
  "logIndex",
  "logId",
  "kindVersion",
  "integratedTime",
  "inclusionPromise",
  "inclusionProof",
  "canonicalizedBody",
);
const LOG_ID = messageFields("keyId");
const KIND_VERSION = messageFields("kind", "version");
const INCLUSION_PROMISE = messageFields("signedEntryTimestamp");
const INCLUSION_PROOF = messageFields("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
const CHECKPOINT = messageFields("envelope");

/** A lone entry, as Rekor v2 answers a submission. Errors: `bundle-invalid` with the path of the field. */
export function parseTlogEntry(source: Uint8Array | string): TlogEntry {
  const object = parseDocument(source, "tlog-entry", "bundle-invalid", LIMITS.bundleBytes);
  return readTlogEntry(MessageReader.root(object, TLOG_ENTRY_FIELDS, "bundle-invalid", "tlog entry"));
}

/** Reads an entry from its message. */
export function readTlogEntry(message: MessageReader): TlogEntry {
  const kindVersion = message.requireMessage("kindVersion", KIND_VERSION);
  const canonicalizedBody = message.requireBytes("canonicalizedBody");
  if (canonicalizedBody.length > LIMITS.entryBodyBytes) {
    const got = `${canonicalizedBody.length}`;
    throw message.error("canonicalizedBody", `expected at most ${LIMITS.entryBodyBytes} bytes, got ${got}`);
  }
  return {
    logIndex: message.nonNegativeInt64("logIndex"),
    logId: message.requireMessage("logId", LOG_ID).requireBytes("keyId", LIMITS.logIdBytes),
    kindVersion: { kind: kindVersion.requireString("kind"), version: kindVersion.requireString("version") },
    integratedTimeSeconds: message.nonNegativeInt64("integratedTime"),
    inclusionPromise: readInclusionPromise(message),
    inclusionProof: readInclusionProof(message),
    canonicalizedBody,
  };
}

/** A promise without bytes is still a promise, and one that cannot hold: it must not pass for none. */
function readInclusionPromise(entry: MessageReader): Uint8Array | undefined {
  const promise = entry.message("inclusionPromise", INCLUSION_PROMISE);
  if (promise === undefined) return undefined;
  return promise.bytes("signedEntryTimestamp") ?? new Uint8Array(0);
}

function readInclusionProof(entry: MessageReader): InclusionProof | undefined {
  const proof = entry.message("inclusionProof", INCLUSION_PROOF);
  if (proof === undefined) return undefined;
  proof.limit("hashes", LIMITS.proofHashes);
  return {
    logIndex: proof.nonNegativeInt64("logIndex"),
    rootHash: proof.requireBytes("rootHash"),
    treeSize: proof.nonNegativeInt64("treeSize"),
    hashes: proof.bytesList("hashes"),
    checkpoint: proof.message("checkpoint", CHECKPOINT)?.string("envelope"),
  };
}

/** The entry as proto3 JSON, with numbers and lists written out even when they are 0 or empty. */
export function serializeTlogEntry(entry: TlogEntry): JsonObject {
  const { inclusionPromise, inclusionProof } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: base64Encode(entry.logId) },
    kindVersion: { kind: entry.kindVersion.kind, version: entry.kindVersion.version },
    integratedTime: String(entry.integratedTimeSeconds),
    ...(inclusionPromise && { inclusionPromise: { signedEntryTimestamp: base64Encode(inclusionPromise) } }),
    ...(inclusionProof && { inclusionProof: serializeInclusionProof(inclusionProof) }),
    canonicalizedBody: base64Encode(entry.canonicalizedBody),
  };
}

function serializeInclusionProof(proof: InclusionProof): JsonObject {
  const { checkpoint } = proof;
  return {
    logIndex: String(proof.logIndex),
    rootHash: base64Encode(proof.rootHash),
    treeSize: String(proof.treeSize),
    hashes: proof.hashes.map((hash) => base64Encode(hash)),
    ...(checkpoint !== undefined && { checkpoint: { envelope: checkpoint } }),
  };
}
