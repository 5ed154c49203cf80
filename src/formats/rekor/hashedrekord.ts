/**
 * Bodies of hashedrekord entries: 0.0.1 of Rekor v1 (pkg/types/hashedrekord schema) and 0.0.2 of Rekor v2
 * (rekor/v2/hashedrekord.proto, as the oneof member hashedRekordV002 of the spec).
 *
 * A signature over a digest, with its key or certificate. Written as canonical JSON, since the log's leaf is its hash.
 */
import { base64Encode } from "../../encoding/base64.ts";
import { canonicalizeJson } from "../../encoding/canonical-json.ts";
import { utf8Encode } from "../../encoding/text.ts";
import type { HashAlgorithmName } from "../hash-algorithm.ts";
import { HASH_OUTPUT_FIELDS, readHashOutput, serializeHashOutput } from "../hash-output.ts";
import { messageFields, objectFields } from "../proto-json.ts";
import type { MessageReader } from "../proto-json.ts";
import { requireHash001, requireVerifier002, serializeHash001, serializeVerifier002 } from "./fields.ts";
import type { Verifier002 } from "./fields.ts";

/** What a hashedrekord 0.0.1 entry says. */
export interface HashedRekord001Content {
  readonly digestAlgorithm: HashAlgorithmName;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** PEM text of the public key or certificate, as bytes. */
  readonly verifierPem: Uint8Array;
}

/** What a hashedrekord 0.0.2 entry says. */
export interface HashedRekord002Content {
  readonly digestAlgorithm: HashAlgorithmName;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly verifier: Verifier002;
}

/** A parsed hashedrekord 0.0.1 body. */
export interface HashedRekord001 extends HashedRekord001Content {
  readonly form: "hashedrekord-0.0.1";
  readonly kind: "hashedrekord";
  readonly version: "0.0.1";
}

/** A parsed hashedrekord 0.0.2 body. */
export interface HashedRekord002 extends HashedRekord002Content {
  readonly form: "hashedrekord-0.0.2";
  readonly kind: "hashedrekord";
  readonly version: "0.0.2";
}

const SPEC_001 = objectFields("data", "signature");
const DATA_001 = objectFields("hash");
const SIGNATURE_001 = objectFields("content", "publicKey");
const PUBLIC_KEY_001 = objectFields("content");
const SPEC_002 = messageFields("hashedRekordV002");
const ENTRY_002 = messageFields("data", "signature");
const SIGNATURE_002 = messageFields("content", "verifier");

/** Reads the spec of a hashedrekord 0.0.1 body from the body around it. */
export function readHashedRekord001(body: MessageReader): HashedRekord001 {
  const spec = body.requireMessage("spec", SPEC_001);
  const hash = requireHash001(spec.requireMessage("data", DATA_001), "hash");
  const signature = spec.requireMessage("signature", SIGNATURE_001);
  return {
    form: "hashedrekord-0.0.1",
    kind: "hashedrekord",
    version: "0.0.1",
    digestAlgorithm: hash.algorithm,
    digest: hash.digest,
    signature: signature.requireBytes("content"),
    verifierPem: signature.requireMessage("publicKey", PUBLIC_KEY_001).requireBytes("content"),
  };
}

/** Reads the spec of a hashedrekord 0.0.2 body from the body around it. */
export function readHashedRekord002(body: MessageReader): HashedRekord002 {
  const entry = body.requireMessage("spec", SPEC_002).requireMessage("hashedRekordV002", ENTRY_002);
  const hash = readHashOutput(entry.requireMessage("data", HASH_OUTPUT_FIELDS));
  const signature = entry.requireMessage("signature", SIGNATURE_002);
  return {
    form: "hashedrekord-0.0.2",
    kind: "hashedrekord",
    version: "0.0.2",
    digestAlgorithm: hash.algorithm,
    digest: hash.digest,
    signature: signature.requireBytes("content"),
    verifier: requireVerifier002(signature, "verifier"),
  };
}

/** The canonical body of a hashedrekord 0.0.1 entry. */
export function serializeHashedRekord001(content: HashedRekord001Content): Uint8Array {
  const { digestAlgorithm: algorithm, digest, signature, verifierPem } = content;
  const body = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: serializeHash001({ algorithm, digest }) },
      signature: { content: base64Encode(signature), publicKey: { content: base64Encode(verifierPem) } },
    },
  };
  return utf8Encode(canonicalizeJson(body));
}

/** The canonical body of a hashedrekord 0.0.2 entry. */
export function serializeHashedRekord002(content: HashedRekord002Content): Uint8Array {
  const { digestAlgorithm: algorithm, digest, signature, verifier } = content;
  const hashedRekordV002 = {
    data: serializeHashOutput({ algorithm, digest }),
    signature: { content: base64Encode(signature), verifier: serializeVerifier002(verifier) },
  };
  return utf8Encode(canonicalizeJson({ apiVersion: "0.0.2", kind: "hashedrekord", spec: { hashedRekordV002 } }));
}
