/**
 * DSSE envelopes and in-toto statements as they show themselves.
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { parseDsseEnvelope } from "../../formats/dsse.ts";
import type { DsseEnvelope } from "../../formats/dsse.ts";
import { IN_TOTO_PAYLOAD_TYPE, parseStatement } from "../../formats/in-toto.ts";
import { base64Text, jsonView, viewOrReason } from "./view.ts";
import type { View } from "./view.ts";

/** A DSSE envelope in JSON. */
export function dsseEnvelopeView(bytes: Uint8Array): View {
  return envelopeView(parseDsseEnvelope(bytes));
}

/** A parsed DSSE envelope, the statement inside where it holds one. */
export function envelopeView({ payload, payloadType, signatures }: DsseEnvelope): View {
  return {
    payloadType,
    payloadBytes: payload.length,
    payloadSha256Hex: hexEncode(sha256(payload)),
    signatures: signatures.map(({ keyid, signature }) => ({
      keyid: keyid === "" ? undefined : keyid,
      signature: base64Text(signature),
    })),
    statement: payloadType === IN_TOTO_PAYLOAD_TYPE ? viewOrReason(() => statementView(payload)) : undefined,
  };
}

/** An in-toto statement in JSON. */
export function statementView(bytes: Uint8Array): View {
  const { type, subjects, predicateType, predicate } = parseStatement(bytes);
  return {
    type,
    predicateType,
    subjects: subjects.map(({ name, digests }) => ({ name, digests: Object.fromEntries(digests) })),
    predicate: jsonView(predicate),
  };
}
