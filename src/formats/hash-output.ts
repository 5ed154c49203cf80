/**
 * A digest with its algorithm in proto3 JSON (protobuf-specs sigstore_common.proto, HashOutput), as bundles and Rekor v2
 * entries hold it.
 */
import { base64Encode } from "../encoding/base64.ts";
import type { JsonObject } from "../encoding/json.ts";
import {
  DIGEST_LENGTH,
  HASH_ALGORITHM_NUMBERS,
  HASH_ALGORITHM_PROTO_NAME,
  hashAlgorithmByProtoName,
} from "./hash-algorithm.ts";
import type { NamedDigest } from "./hash-algorithm.ts";
import { messageFields } from "./proto-json.ts";
import type { MessageReader } from "./proto-json.ts";

/** Fields of a HashOutput, for messages that hold one. */
export const HASH_OUTPUT_FIELDS = messageFields("algorithm", "digest");

/** Reads a HashOutput: an algorithm that we compute, and a digest of its length. */
export function readHashOutput(hash: MessageReader): NamedDigest {
  const protoName = hash.enumeration("algorithm", HASH_ALGORITHM_NUMBERS);
  const algorithm = hashAlgorithmByProtoName(protoName);
  if (algorithm === undefined) {
    throw hash.refuse("algorithm", `one of ${Object.values(HASH_ALGORITHM_PROTO_NAME).join(", ")}`, protoName);
  }
  const digest = hash.requireBytes("digest");
  if (digest.length !== DIGEST_LENGTH[algorithm]) {
    throw hash.error("digest", `expected ${DIGEST_LENGTH[algorithm]} bytes of ${protoName}, got ${digest.length}`);
  }
  return { algorithm, digest };
}

/** A HashOutput as proto3 JSON. */
export function serializeHashOutput(hash: NamedDigest): JsonObject {
  return { algorithm: HASH_ALGORITHM_PROTO_NAME[hash.algorithm], digest: base64Encode(hash.digest) };
}
