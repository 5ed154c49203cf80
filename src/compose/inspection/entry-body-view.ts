/**
 * Rekor entry bodies as they show themselves: every kind that is read, others by name.
 */
import { hexEncode } from "../../encoding/hex.ts";
import { parsePem } from "../../encoding/pem.ts";
import { utf8Decode } from "../../encoding/text.ts";
import type { NamedDigest } from "../../formats/hash-algorithm.ts";
import { parseEntryBody } from "../../formats/rekor/entry-body.ts";
import type { EntryBody, Verifier002 } from "../../formats/rekor/entry-body.ts";
import { certificateSummary, publicKeyView } from "./certificate-view.ts";
import { base64Text, jsonView, viewOrReason } from "./view.ts";
import type { View, ViewValue } from "./view.ts";

/** A canonicalized entry body in JSON. */
export function entryBodyView(bytes: Uint8Array): View {
  const body = parseEntryBody(bytes);
  return { kind: body.kind, kindVersion: body.version, ...contentView(body) };
}

function contentView(body: EntryBody): View {
  switch (body.form) {
    case "hashedrekord-0.0.1":
      return { ...rekordView(body), verifier: pemView(body.verifierPem) };
    case "hashedrekord-0.0.2":
      return { ...rekordView(body), verifier: verifierView(body.verifier) };
    case "dsse-0.0.1":
      return {
        envelopeHash: digestView(body.envelopeHash),
        payloadHash: digestView(body.payloadHash),
        signatures: body.signatures.map((one) => ({
          signature: base64Text(one.signature),
          verifier: pemView(one.verifierPem),
        })),
      };
    case "dsse-0.0.2":
      return {
        payloadHash: digestView(body.payloadHash),
        signatures: body.signatures.map((one) => ({
          signature: base64Text(one.signature),
          verifier: verifierView(one.verifier),
        })),
      };
    case "intoto-0.0.1":
      return {
        envelopeHash: digestView(body.envelopeHash),
        payloadHash: body.payloadHash === undefined ? undefined : digestView(body.payloadHash),
        verifier: pemView(body.verifierPem),
      };
    case "intoto-0.0.2":
      return {
        payloadType: body.payloadType,
        payloadBytes: body.payload?.length,
        envelopeHash: digestView(body.envelopeHash),
        payloadHash: digestView(body.payloadHash),
        signatures: body.signatures.map(({ signature, keyid, verifierPem }) => ({
          keyid: keyid === "" ? undefined : keyid,
          signature: base64Text(signature),
          verifier: pemView(verifierPem),
        })),
      };
    case "unsupported":
      return { spec: jsonView(body.spec) };
  }
}

function rekordView(body: {
  readonly digestAlgorithm: string;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}): View {
  return {
    digest: { algorithm: body.digestAlgorithm, digestHex: hexEncode(body.digest) },
    signature: base64Text(body.signature),
  };
}

function digestView({ algorithm, digest }: NamedDigest): View {
  return { algorithm, digestHex: hexEncode(digest) };
}

/** Certificates and keys in entries are copies of those in the bundle: their names and fingerprints are enough. */
function verifierView({ kind, rawBytes, keyDetails }: Verifier002): ViewValue {
  return viewOrReason(() => ({
    keyDetails,
    ...(kind === "publicKey" ? publicKeyView(rawBytes) : certificateSummary(rawBytes)),
  }));
}

function pemView(pem: Uint8Array): ViewValue {
  return viewOrReason(() => {
    const [block] = parsePem(utf8Decode(pem));
    if (block === undefined) return undefined;
    return block.label === "CERTIFICATE" ? certificateSummary(block.bytes) : publicKeyView(block.bytes);
  });
}
