/**
 * Bodies of dsse entries: 0.0.1 of Rekor v1 (pkg/types/dsse schema) and 0.0.2 of Rekor v2 (rekor/v2/dsse.proto, as the
 * oneof member dsseV002 of the spec).
 *
 * The signatures of an envelope with their keys, and the hash of the payload; the payload itself is not logged.
 */
import { base64Encode } from "../../encoding/base64.ts";
import { compareBytes } from "../../encoding/bytes.ts";
import { canonicalizeJson } from "../../encoding/canonical-json.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { LIMITS } from "../../limits.ts";
import type { NamedDigest } from "../hash-algorithm.ts";
import { HASH_OUTPUT_FIELDS, readHashOutput, serializeHashOutput } from "../hash-output.ts";
import { messageFields, objectFields } from "../proto-json.ts";
import type { MessageReader } from "../proto-json.ts";
import { requireHash001, requireVerifier002, serializeHash001, serializeVerifier002 } from "./fields.ts";
import type { Verifier002 } from "./fields.ts";

/** What a dsse 0.0.1 entry says. */
export interface Dsse001Content {
  /** Hash of the envelope's JSON text as it was submitted; nobody can make it again from a bundle. */
  readonly envelopeHash: NamedDigest;
  readonly payloadHash: NamedDigest;
  /** `verifierPem`: PEM text of the public key or certificate, as bytes. */
  readonly signatures: readonly { readonly signature: Uint8Array; readonly verifierPem: Uint8Array }[];
}

/** What a dsse 0.0.2 entry says. */
export interface Dsse002Content {
  readonly payloadHash: NamedDigest;
  readonly signatures: readonly { readonly signature: Uint8Array; readonly verifier: Verifier002 }[];
}

/** A parsed dsse 0.0.1 body. */
export interface Dsse001 extends Dsse001Content {
  readonly form: "dsse-0.0.1";
  readonly kind: "dsse";
  readonly version: "0.0.1";
}

/** A parsed dsse 0.0.2 body. */
export interface Dsse002 extends Dsse002Content {
  readonly form: "dsse-0.0.2";
  readonly kind: "dsse";
  readonly version: "0.0.2";
}

const SPEC_001 = objectFields("envelopeHash", "payloadHash", "signatures");
const SIGNATURE_001 = objectFields("signature", "verifier");
const SPEC_002 = messageFields("dsseV002");
const ENTRY_002 = messageFields("payloadHash", "signatures");
const SIGNATURE_002 = messageFields("content", "verifier");

/** Reads the spec of a dsse 0.0.1 body from the body around it. */
export function readDsse001(body: MessageReader): Dsse001 {
  const spec = body.requireMessage("spec", SPEC_001);
  spec.limit("signatures", LIMITS.dsseSignatures);
  return {
    form: "dsse-0.0.1",
    kind: "dsse",
    version: "0.0.1",
    envelopeHash: requireHash001(spec, "envelopeHash"),
    payloadHash: requireHash001(spec, "payloadHash"),
    signatures: spec.messages("signatures", SIGNATURE_001).map((one) => ({
      signature: one.requireBytes("signature"),
      verifierPem: one.requireBytes("verifier"),
    })),
  };
}

/** Reads the spec of a dsse 0.0.2 body from the body around it. */
export function readDsse002(body: MessageReader): Dsse002 {
  const entry = body.requireMessage("spec", SPEC_002).requireMessage("dsseV002", ENTRY_002);
  entry.limit("signatures", LIMITS.dsseSignatures);
  return {
    form: "dsse-0.0.2",
    kind: "dsse",
    version: "0.0.2",
    payloadHash: readHashOutput(entry.requireMessage("payloadHash", HASH_OUTPUT_FIELDS)),
    signatures: entry.messages("signatures", SIGNATURE_002).map((one) => ({
      signature: one.requireBytes("content"),
      verifier: requireVerifier002(one, "verifier"),
    })),
  };
}

/** The canonical body of a dsse 0.0.1 entry; Rekor v1 sorts the signatures by their base64 text. */
export function serializeDsse001(content: Dsse001Content): Uint8Array {
  const signatures = content.signatures
    .map((one) => ({ signature: base64Encode(one.signature), verifier: base64Encode(one.verifierPem) }))
    .sort((a, b) => compareText(a.signature, b.signature));
  const spec = {
    envelopeHash: serializeHash001(content.envelopeHash),
    payloadHash: serializeHash001(content.payloadHash),
    signatures,
  };
  return utf8Encode(canonicalizeJson({ apiVersion: "0.0.1", kind: "dsse", spec }));
}

/** The canonical body of a dsse 0.0.2 entry; Rekor v2 sorts the signatures by their bytes. */
export function serializeDsse002(content: Dsse002Content): Uint8Array {
  const sorted = [...content.signatures].sort((a, b) => compareBytes(a.signature, b.signature));
  const signatures = sorted.map(({ signature, verifier }) => ({
    content: base64Encode(signature),
    verifier: serializeVerifier002(verifier),
  }));
  const dsseV002 = { payloadHash: serializeHashOutput(content.payloadHash), signatures };
  return utf8Encode(canonicalizeJson({ apiVersion: "0.0.2", kind: "dsse", spec: { dsseV002 } }));
}

/** Order of code units, as canonical JSON has it; base64 is ASCII, so it is the order of bytes too. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
