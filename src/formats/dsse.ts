/**
 * DSSE envelopes (secure-systems-lab DSSE v1.0.2, envelope.md and protocol.md) in the proto3 JSON form of Sigstore.
 *
 * The envelope is read and written and its pre-authentication encoding made; how many signatures there must be, and
 * whether they hold, is the verifier's. Leaves out base64url payloads, which no Sigstore client writes.
 */
import { base64Encode } from "../encoding/base64.ts";
import { concatBytes } from "../encoding/bytes.ts";
import type { JsonObject } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { LIMITS } from "../limits.ts";
import { parseDocument } from "./document.ts";
import { MessageReader, messageFields } from "./proto-json.ts";

/** One signature of an envelope; `keyid` is a hint that nobody vouches for, empty when absent. */
export interface DsseSignature {
  readonly signature: Uint8Array;
  readonly keyid: string;
}

/** A signed payload with its type. */
export interface DsseEnvelope {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly signatures: readonly DsseSignature[];
}

/** Fields of an envelope in proto3 JSON, for messages that hold one. */
export const DSSE_ENVELOPE_FIELDS = messageFields("payload", "payloadType", "signatures");
const SIGNATURE_FIELDS = messageFields("sig", "keyid");

/**
 * A lone envelope, as JSON text or as an object that `parseJson` made.
 *
 * Errors: `dsse-invalid` with the path of the field, or with what the file is when it is something else; `json-invalid`,
 * `utf8-invalid`, `input-empty`, `input-too-large`.
 * @example
 * ```ts
 * import { parseDsseEnvelope } from "sigstore-ts";
 * const { payloadType, payload } = parseDsseEnvelope('{"payload":"e30=","payloadType":"application/json","signatures":[]}');
 * console.log(payloadType, new TextDecoder().decode(payload)); // application/json {}
 * ```
 */
export function parseDsseEnvelope(source: Uint8Array | string | JsonObject): DsseEnvelope {
  const isText = typeof source === "string" || source instanceof Uint8Array;
  const value = isText ? parseDocument(source, "dsse-envelope", "dsse-invalid", LIMITS.bundleBytes) : source;
  return readDsseEnvelope(MessageReader.root(value, DSSE_ENVELOPE_FIELDS, "dsse-invalid", "DSSE envelope"));
}

/** Reads an envelope from its message; errors carry the code of the document around it. */
export function readDsseEnvelope(message: MessageReader): DsseEnvelope {
  message.limit("signatures", LIMITS.dsseSignatures);
  return {
    payload: message.bytes("payload") ?? new Uint8Array(0),
    payloadType: message.requireString("payloadType"),
    signatures: message.messages("signatures", SIGNATURE_FIELDS).map((signature) => ({
      signature: signature.requireBytes("sig"),
      keyid: signature.string("keyid"),
    })),
  };
}

/** The envelope as proto3 JSON; an empty keyid is left out, as stock signers do. */
export function serializeDsseEnvelope(envelope: DsseEnvelope): JsonObject {
  return {
    payload: base64Encode(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: envelope.signatures.map(({ signature, keyid }): JsonObject => {
      const sig = base64Encode(signature);
      return keyid === "" ? { sig } : { sig, keyid };
    }),
  };
}

/** What a DSSE signature covers: PAE, `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8Encode(payloadType);
  return concatBytes(utf8Encode(`DSSEv1 ${type.length} `), type, utf8Encode(` ${payload.length} `), payload);
}
