/**
 * Writing of Sigstore bundles as proto3 JSON (protobuf-specs sigstore_bundle.proto).
 *
 * Numbers and lists are written out even when they are 0 or empty, since some readers take absence for a fault; messages
 * that the bundle does not have are left out.
 */
import { base64Encode } from "../../encoding/base64.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { serializeDsseEnvelope } from "../dsse.ts";
import { serializeHashOutput } from "../hash-output.ts";
import type { Bundle, BundleContent, KeyMaterial } from "./bundle.ts";
import { serializeTlogEntry } from "./tlog-entry.ts";

/**
 * The bundle as JSON text under its own media type; `parseBundle` reads the same bundle from it. More than one certificate
 * in the form "certificate" is a `TypeError`.
 * @example
 * ```ts
 * import { parseBundle, serializeBundle } from "sigstore-ts";
 * const bundle = parseBundle(`{
 *   "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
 *   "verificationMaterial": { "publicKey": { "hint": "release key" } },
 *   "messageSignature": { "signature": "AQID" }
 * }`);
 * console.log(parseBundle(serializeBundle(bundle)).version); // 0.3
 * ```
 */
export function serializeBundle(bundle: Bundle): string {
  const { material, content } = bundle;
  return JSON.stringify({
    mediaType: bundle.mediaType,
    verificationMaterial: {
      ...serializeKeyMaterial(material.key),
      tlogEntries: material.tlogEntries.map(serializeTlogEntry),
      timestampVerificationData: {
        rfc3161Timestamps: material.timestamps.map((response) => ({ signedTimestamp: base64Encode(response) })),
      },
    },
    ...serializeContent(content),
  });
}

function serializeKeyMaterial(key: KeyMaterial): JsonObject {
  if (key.kind === "publicKey") return { publicKey: { hint: key.hint } };
  const certificates = key.certificates.map((der): JsonObject => ({ rawBytes: base64Encode(der) }));
  if (key.form === "x509CertificateChain") return { x509CertificateChain: { certificates } };
  const [certificate, ...others] = certificates;
  if (certificate === undefined || others.length > 0) {
    throw new TypeError(`expected exactly one certificate for the form "certificate", got ${certificates.length}`);
  }
  return { certificate };
}

function serializeContent(content: BundleContent): JsonObject {
  if (content.kind === "dsseEnvelope") return { dsseEnvelope: serializeDsseEnvelope(content.envelope) };
  const { messageDigest, signature } = content;
  if (messageDigest === undefined) return { messageSignature: { signature: base64Encode(signature) } };
  return {
    messageSignature: { messageDigest: serializeHashOutput(messageDigest), signature: base64Encode(signature) },
  };
}
