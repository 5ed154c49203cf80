/**
 * Bodies of intoto entries of Rekor v1: 0.0.1 and 0.0.2 (pkg/types/intoto schemas).
 *
 * 0.0.1 records a key and hashes, not the signature. 0.0.2 records the envelope, without its payload as a rule; payload and
 * signatures stand there as base64 of text that is base64 already.
 */
import { base64Decode, base64Encode } from "../../encoding/base64.ts";
import { canonicalizeJson } from "../../encoding/canonical-json.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { NamedDigest } from "../hash-algorithm.ts";
import { objectFields } from "../proto-json.ts";
import type { MessageReader } from "../proto-json.ts";
import { readHash001, requireHash001, serializeHash001 } from "./fields.ts";

/** A parsed intoto 0.0.1 body. */
export interface Intoto001 {
  readonly form: "intoto-0.0.1";
  readonly kind: "intoto";
  readonly version: "0.0.1";
  /** Hash of the envelope as it was submitted. */
  readonly envelopeHash: NamedDigest;
  /** Absent in old entries. */
  readonly payloadHash: NamedDigest | undefined;
  /** PEM text of the public key or certificate, as bytes. */
  readonly verifierPem: Uint8Array;
}

/** One signature of an intoto 0.0.2 entry. */
export interface Intoto002Signature {
  readonly signature: Uint8Array;
  /** PEM text of the public key or certificate, as bytes. */
  readonly verifierPem: Uint8Array;
  readonly keyid: string;
}

/** What an intoto 0.0.2 entry says. */
export interface Intoto002Content {
  readonly payloadType: string;
  /** The payload, where the entry keeps it. */
  readonly payload: Uint8Array | undefined;
  readonly signatures: readonly Intoto002Signature[];
  /** Hash of the envelope as the submitter says; the log does not check it. */
  readonly envelopeHash: NamedDigest;
  readonly payloadHash: NamedDigest;
}

/** A parsed intoto 0.0.2 body. */
export interface Intoto002 extends Intoto002Content {
  readonly form: "intoto-0.0.2";
  readonly kind: "intoto";
  readonly version: "0.0.2";
}

const SPEC_001 = objectFields("content", "publicKey");
const CONTENT_001 = objectFields("hash", "payloadHash");
const SPEC_002 = objectFields("content");
const CONTENT_002 = objectFields("envelope", "hash", "payloadHash");
const ENVELOPE_002 = objectFields("payload", "payloadType", "signatures");
const SIGNATURE_002 = objectFields("sig", "publicKey", "keyid");

/** Reads the spec of an intoto 0.0.1 body from the body around it. */
export function readIntoto001(body: MessageReader): Intoto001 {
  const spec = body.requireMessage("spec", SPEC_001);
  const content = spec.requireMessage("content", CONTENT_001);
  return {
    form: "intoto-0.0.1",
    kind: "intoto",
    version: "0.0.1",
    envelopeHash: requireHash001(content, "hash"),
    payloadHash: readHash001(content, "payloadHash"),
    verifierPem: spec.requireBytes("publicKey"),
  };
}

/** Reads the spec of an intoto 0.0.2 body from the body around it. */
export function readIntoto002(body: MessageReader): Intoto002 {
  const content = body.requireMessage("spec", SPEC_002).requireMessage("content", CONTENT_002);
  const envelope = content.requireMessage("envelope", ENVELOPE_002);
  envelope.limit("signatures", LIMITS.dsseSignatures);
  return {
    form: "intoto-0.0.2",
    kind: "intoto",
    version: "0.0.2",
    payloadType: envelope.requireString("payloadType"),
    payload: envelope.value("payload") === undefined ? undefined : readTwiceEncoded(envelope, "payload"),
    signatures: envelope.messages("signatures", SIGNATURE_002).map((one) => ({
      signature: readTwiceEncoded(one, "sig"),
      verifierPem: one.requireBytes("publicKey"),
      keyid: one.string("keyid"),
    })),
    envelopeHash: requireHash001(content, "hash"),
    payloadHash: requireHash001(content, "payloadHash"),
  };
}

/** The canonical body of an intoto 0.0.2 entry. */
export function serializeIntoto002(content: Intoto002Content): Uint8Array {
  const envelope: JsonObject = {
    payloadType: content.payloadType,
    signatures: content.signatures.map(({ signature, verifierPem, keyid }): JsonObject => ({
      sig: encodeTwice(signature),
      publicKey: base64Encode(verifierPem),
      ...(keyid !== "" && { keyid }),
    })),
    ...(content.payload !== undefined && { payload: encodeTwice(content.payload) }),
  };
  const spec = {
    content: {
      envelope,
      hash: serializeHash001(content.envelopeHash),
      payloadHash: serializeHash001(content.payloadHash),
    },
  };
  return utf8Encode(canonicalizeJson({ apiVersion: "0.0.2", kind: "intoto", spec }));
}

function encodeTwice(bytes: Uint8Array): string {
  return base64Encode(utf8Encode(base64Encode(bytes)));
}

function readTwiceEncoded(owner: MessageReader, name: string): Uint8Array {
  const inner = owner.requireBytes(name);
  try {
    return base64Decode(utf8Decode(inner));
  } catch (cause) {
    if (!(cause instanceof SigstoreError)) throw cause;
    throw owner.error(name, `expected base64 within base64: ${cause.message}`, cause);
  }
}
