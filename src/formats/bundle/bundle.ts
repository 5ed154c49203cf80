/**
 * Sigstore bundles v0.1 to v0.3 (protobuf-specs sigstore_bundle.proto; client specification 5), read from proto3 JSON.
 *
 * Shape only: known media type, known fields, exactly one content and one key material, no negative numbers. What each
 * version demands (promise, proof, single certificate) is checked in verify/, so that such bundles can be shown. DER,
 * checkpoints and entry bodies inside stay bytes. Leaves out the verificationMaterial of other systems.
 */
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parseDocument } from "../document.ts";
import { DSSE_ENVELOPE_FIELDS, readDsseEnvelope } from "../dsse.ts";
import type { DsseEnvelope } from "../dsse.ts";
import type { NamedDigest } from "../hash-algorithm.ts";
import { HASH_OUTPUT_FIELDS, readHashOutput } from "../hash-output.ts";
import { describeJson, MessageReader, messageFields } from "../proto-json.ts";
import { readTlogEntry, TLOG_ENTRY_FIELDS } from "./tlog-entry.ts";
import type { TlogEntry } from "./tlog-entry.ts";

export { serializeBundle } from "./serialize.ts";
export type { InclusionProof, TlogEntry } from "./tlog-entry.ts";

/** Version of the bundle format. */
export type BundleVersion = "0.1" | "0.2" | "0.3";

/** Everything that is needed to verify one signature, but the artifact and whom to trust. */
export interface Bundle {
  /** As it stands in the bundle; one of `BUNDLE_MEDIA_TYPES`. */
  readonly mediaType: string;
  readonly version: BundleVersion;
  readonly material: VerificationMaterial;
  readonly content: BundleContent;
}

/** The key that signed: a certificate (leaf first where it is a chain), or a key that the verifier must know by a hint. */
export type KeyMaterial =
  | {
      readonly kind: "certificate";
      /** DER, as they stand in the bundle; a chain may be empty. */
      readonly certificates: readonly Uint8Array[];
      readonly form: "certificate" | "x509CertificateChain";
    }
  | { readonly kind: "publicKey"; readonly hint: string };

/** What vouches for the signature. */
export interface VerificationMaterial {
  readonly key: KeyMaterial;
  readonly tlogEntries: readonly TlogEntry[];
  /** RFC 3161 responses, DER. */
  readonly timestamps: readonly Uint8Array[];
}

/** What was signed: a message, or the payload of an envelope. */
export type BundleContent =
  | {
      readonly kind: "messageSignature";
      /** A hint that nobody signed. */
      readonly messageDigest: NamedDigest | undefined;
      readonly signature: Uint8Array;
    }
  | { readonly kind: "dsseEnvelope"; readonly envelope: DsseEnvelope };

/** The media type that new bundles have. */
export const BUNDLE_MEDIA_TYPE_V03 = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Every media type that is read, with its version; sigstore_bundle.proto names both forms of v0.3. */
export const BUNDLE_MEDIA_TYPES: ReadonlyMap<string, BundleVersion> = new Map([
  ["application/vnd.dev.sigstore.bundle+json;version=0.1", "0.1"],
  ["application/vnd.dev.sigstore.bundle+json;version=0.2", "0.2"],
  ["application/vnd.dev.sigstore.bundle+json;version=0.3", "0.3"],
  [BUNDLE_MEDIA_TYPE_V03, "0.3"],
]);

const BUNDLE = messageFields("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
const MATERIAL = messageFields(
  "publicKey",
  "x509CertificateChain",
  "certificate",
  "tlogEntries",
  "timestampVerificationData",
);
const PUBLIC_KEY = messageFields("hint");
const CERTIFICATE_CHAIN = messageFields("certificates");
const CERTIFICATE = messageFields("rawBytes");
const TIMESTAMP_DATA = messageFields("rfc3161Timestamps");
const TIMESTAMP = messageFields("signedTimestamp");
const MESSAGE_SIGNATURE = messageFields("messageDigest", "signature");

/**
 * A bundle from its JSON text.
 *
 * Errors: `bundle-invalid` with the path of the field that is wrong, or with what the file is when it is something else;
 * `bundle-version-unsupported`; `json-invalid` with line and column; `utf8-invalid`, `input-empty`, `input-too-large`.
 * @example
 * ```ts
 * import { isSigstoreError, parseBundle } from "sigstore-ts";
 * try {
 *   parseBundle("-----BEGIN CERTIFICATE-----");
 * } catch (error) {
 *   if (!isSigstoreError(error, "bundle-invalid")) throw error;
 *   console.log(error.message); // expected a Sigstore bundle, got a PEM certificate
 * }
 * ```
 */
export function parseBundle(source: Uint8Array | string): Bundle {
  const object = parseDocument(source, "bundle", "bundle-invalid", LIMITS.bundleBytes);
  const message = MessageReader.root(object, BUNDLE, "bundle-invalid", "bundle");
  const { mediaType, version } = readMediaType(message);
  const content = message.requireOneOf(["messageSignature", "dsseEnvelope"]);
  const material = message.requireMessage("verificationMaterial", MATERIAL);
  return {
    mediaType,
    version,
    material: readMaterial(material),
    content: content === "messageSignature" ? readMessageSignature(message) : readEnvelope(message),
  };
}

function readMediaType(message: MessageReader): { mediaType: string; version: BundleVersion } {
  const mediaType = message.requireString("mediaType");
  const version = BUNDLE_MEDIA_TYPES.get(mediaType);
  if (version !== undefined) return { mediaType, version };
  const supported = [...BUNDLE_MEDIA_TYPES.keys()];
  const expected = `one of ${supported.join(", ")}`;
  throw new SigstoreError(
    "bundle-version-unsupported",
    `mediaType: expected ${expected}, got ${describeJson(mediaType)}`,
    {
      hint: "the bundle may come from a newer client: update this one, or sign with one that writes v0.3",
      details: { mediaType, supported },
    },
  );
}

function readMaterial(material: MessageReader): VerificationMaterial {
  const timestamps = material.message("timestampVerificationData", TIMESTAMP_DATA);
  return {
    key: readKeyMaterial(material),
    tlogEntries: material.messages("tlogEntries", TLOG_ENTRY_FIELDS).map(readTlogEntry),
    timestamps: timestamps?.messages("rfc3161Timestamps", TIMESTAMP).map(readTimestamp) ?? [],
  };
}

function readKeyMaterial(material: MessageReader): KeyMaterial {
  const form = material.requireOneOf(["certificate", "x509CertificateChain", "publicKey"]);
  switch (form) {
    case "publicKey":
      return { kind: "publicKey", hint: material.requireMessage("publicKey", PUBLIC_KEY).string("hint") };
    case "certificate": {
      const certificate = material.requireMessage("certificate", CERTIFICATE);
      return { kind: "certificate", certificates: [certificate.requireBytes("rawBytes")], form };
    }
    case "x509CertificateChain": {
      const chain = material.requireMessage("x509CertificateChain", CERTIFICATE_CHAIN);
      chain.limit("certificates", LIMITS.chainCertificates);
      const certificates = chain.messages("certificates", CERTIFICATE).map((one) => one.requireBytes("rawBytes"));
      return { kind: "certificate", certificates, form };
    }
  }
}

function readTimestamp(timestamp: MessageReader): Uint8Array {
  const response = timestamp.requireBytes("signedTimestamp");
  if (response.length <= LIMITS.timestampBytes) return response;
  throw timestamp.error("signedTimestamp", `expected at most ${LIMITS.timestampBytes} bytes, got ${response.length}`);
}

function readMessageSignature(message: MessageReader): BundleContent {
  const content = message.requireMessage("messageSignature", MESSAGE_SIGNATURE);
  return {
    kind: "messageSignature",
    messageDigest: readMessageDigest(content),
    signature: content.requireBytes("signature"),
  };
}

/** The hint may be absent, or there without anything in it. */
function readMessageDigest(content: MessageReader): NamedDigest | undefined {
  const hash = content.message("messageDigest", HASH_OUTPUT_FIELDS);
  if (hash?.value("algorithm") === undefined && hash?.value("digest") === undefined) return undefined;
  return readHashOutput(hash);
}

function readEnvelope(message: MessageReader): BundleContent {
  const envelope = readDsseEnvelope(message.requireMessage("dsseEnvelope", DSSE_ENVELOPE_FIELDS));
  return { kind: "dsseEnvelope", envelope };
}
