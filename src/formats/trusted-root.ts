/**
 * Trusted roots v0.1 and v0.2 (protobuf-specs sigstore_trustroot.proto, TrustedRoot) in proto3 JSON.
 *
 * The logs and authorities of an instance with the ranges in which each is believed. Keys and certificates stay bytes; the
 * verifier imports those that it needs.
 */
import { base64Encode } from "../encoding/base64.ts";
import type { JsonObject } from "../encoding/json.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { parseDocument } from "./document.ts";
import { HASH_ALGORITHM_NUMBERS } from "./hash-algorithm.ts";
import { KEY_DETAILS_NUMBERS } from "./key-details.ts";
import { describeJson, MessageReader, messageFields } from "./proto-json.ts";
import { readValidityRange, serializeValidityRange } from "./validity-range.ts";
import type { ValidityRange } from "./validity-range.ts";

export type { ValidityRange } from "./validity-range.ts";

/** Version of the trusted root format. */
export type TrustedRootVersion = "0.1" | "0.2";

/** Whom an instance of Sigstore asks its users to believe. */
export interface TrustedRoot {
  /** As it stands in the file; one of the values of `TRUSTED_ROOT_MEDIA_TYPES`. */
  readonly mediaType: string;
  readonly tlogs: readonly LogInstance[];
  readonly ctlogs: readonly LogInstance[];
  readonly certificateAuthorities: readonly AuthorityInstance[];
  readonly timestampAuthorities: readonly AuthorityInstance[];
}

/** A transparency log or certificate transparency log, with one key. */
export interface LogInstance {
  readonly baseUrl: string;
  /** Who runs it; empty when the file does not say. */
  readonly operator: string;
  /** A name of the enum PublicKeyDetails. */
  readonly keyDetails: string;
  /** As in the file: SubjectPublicKeyInfo, or PKCS#1 where `keyDetails` says so. */
  readonly publicKey: Uint8Array;
  readonly validFor: ValidityRange;
  readonly logId: Uint8Array;
  /** Key id of the log's signature on checkpoints, where the file names one. */
  readonly checkpointKeyId: Uint8Array | undefined;
}

/** A certificate authority or timestamp authority, with one chain. */
export interface AuthorityInstance {
  readonly uri: string;
  /** Who runs it; empty when the file does not say. */
  readonly operator: string;
  readonly organization: string;
  readonly commonName: string;
  /** DER, in the order of the file: root last. */
  readonly certificates: readonly Uint8Array[];
  readonly validFor: ValidityRange;
}

/** Media type of each version. */
export const TRUSTED_ROOT_MEDIA_TYPES: Readonly<Record<TrustedRootVersion, string>> = {
  "0.1": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "0.2": "application/vnd.dev.sigstore.trustedroot.v0.2+json",
};

/** Fields of a TrustedRoot in proto3 JSON, for messages that hold one. */
export const TRUSTED_ROOT_FIELDS = messageFields(
  "mediaType",
  "tlogs",
  "certificateAuthorities",
  "ctlogs",
  "timestampAuthorities",
);
const LOG = messageFields("baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator");
const PUBLIC_KEY = messageFields("rawBytes", "keyDetails", "validFor");
const LOG_ID = messageFields("keyId");
const AUTHORITY = messageFields("subject", "uri", "certChain", "validFor", "operator");
const SUBJECT = messageFields("organization", "commonName");
const CERTIFICATE_CHAIN = messageFields("certificates");
const CERTIFICATE = messageFields("rawBytes");

/**
 * A trusted root from its JSON text.
 *
 * Errors: `trusted-root-invalid` with the path of the field that is wrong, or with what the file is when it is something
 * else; `trusted-root-version-unsupported`; `json-invalid`, `utf8-invalid`, `input-empty`, `input-too-large`.
 * @example
 * ```ts
 * import { parseTrustedRoot } from "sigstore-ts";
 * const root = parseTrustedRoot('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[]}');
 * console.log(root.tlogs.length); // 0
 * ```
 */
export function parseTrustedRoot(source: Uint8Array | string): TrustedRoot {
  const object = parseDocument(source, "trusted-root", "trusted-root-invalid", LIMITS.trustFileBytes);
  return readTrustedRoot(MessageReader.root(object, TRUSTED_ROOT_FIELDS, "trusted-root-invalid", "trusted root"));
}

/** Reads a trusted root from its message; errors carry the code of the document around it. */
export function readTrustedRoot(message: MessageReader): TrustedRoot {
  const mediaType = readMediaType(message);
  for (const list of ["tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"]) {
    message.limit(list, LIMITS.trustedRootInstances);
  }
  return {
    mediaType,
    tlogs: message.messages("tlogs", LOG).map(readLog),
    ctlogs: message.messages("ctlogs", LOG).map(readLog),
    certificateAuthorities: message.messages("certificateAuthorities", AUTHORITY).map(readAuthority),
    timestampAuthorities: message.messages("timestampAuthorities", AUTHORITY).map(readAuthority),
  };
}

/**
 * The trusted root as JSON text. Operators and checkpoint key ids are fields of v0.2 and left out of v0.1.
 * @example
 * ```ts
 * import { parseTrustedRoot, serializeTrustedRoot } from "sigstore-ts";
 * const root = parseTrustedRoot('{"mediaType":"application/vnd.dev.sigstore.trustedroot.v0.2+json"}');
 * console.log(serializeTrustedRoot(root, "0.1")); // the same for clients that do not know v0.2 yet
 * ```
 */
export function serializeTrustedRoot(root: TrustedRoot, version: TrustedRootVersion): string {
  return JSON.stringify(trustedRootToJson(root, version));
}

/** The trusted root as a JSON object, for documents that hold one. */
export function trustedRootToJson(root: TrustedRoot, version: TrustedRootVersion): JsonObject {
  return {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES[version],
    tlogs: root.tlogs.map((log) => serializeLog(log, version)),
    certificateAuthorities: root.certificateAuthorities.map((authority) => serializeAuthority(authority, version)),
    ctlogs: root.ctlogs.map((log) => serializeLog(log, version)),
    timestampAuthorities: root.timestampAuthorities.map((authority) => serializeAuthority(authority, version)),
  };
}

function readMediaType(message: MessageReader): string {
  const mediaType = message.requireString("mediaType");
  const supported = Object.values(TRUSTED_ROOT_MEDIA_TYPES);
  if (supported.includes(mediaType)) return mediaType;
  const refusal = message.error("mediaType", `expected ${supported.join(" or ")}, got ${describeJson(mediaType)}`);
  throw new SigstoreError("trusted-root-version-unsupported", refusal.message, { details: { mediaType, supported } });
}

function readLog(log: MessageReader): LogInstance {
  const hashAlgorithm = log.enumeration("hashAlgorithm", HASH_ALGORITHM_NUMBERS);
  if (hashAlgorithm !== "SHA2_256") throw log.refuse("hashAlgorithm", "SHA2_256", hashAlgorithm);
  const publicKey = log.requireMessage("publicKey", PUBLIC_KEY);
  const keyDetails = publicKey.enumeration("keyDetails", KEY_DETAILS_NUMBERS);
  if (keyDetails === "PUBLIC_KEY_DETAILS_UNSPECIFIED")
    throw publicKey.refuse("keyDetails", "a key's algorithm", keyDetails);
  return {
    baseUrl: log.string("baseUrl"),
    operator: log.string("operator"),
    keyDetails,
    publicKey: publicKey.requireBytes("rawBytes"),
    validFor: readValidityRange(publicKey, "validFor"),
    logId: log.requireMessage("logId", LOG_ID).requireBytes("keyId", LIMITS.logIdBytes),
    checkpointKeyId: log.message("checkpointKeyId", LOG_ID)?.requireBytes("keyId", LIMITS.logIdBytes),
  };
}

function readAuthority(authority: MessageReader): AuthorityInstance {
  const chain = authority.requireMessage("certChain", CERTIFICATE_CHAIN);
  chain.limit("certificates", LIMITS.chainCertificates);
  const certificates = chain.messages("certificates", CERTIFICATE).map((one) => one.requireBytes("rawBytes"));
  if (certificates.length === 0) throw chain.error("certificates", "expected at least one certificate, got none");
  const subject = authority.message("subject", SUBJECT);
  return {
    uri: authority.string("uri"),
    operator: authority.string("operator"),
    organization: subject?.string("organization") ?? "",
    commonName: subject?.string("commonName") ?? "",
    certificates,
    validFor: readValidityRange(authority, "validFor"),
  };
}

function serializeLog(log: LogInstance, version: TrustedRootVersion): JsonObject {
  const isV02 = version === "0.2";
  return {
    baseUrl: log.baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: base64Encode(log.publicKey),
      keyDetails: log.keyDetails,
      validFor: serializeValidityRange(log.validFor),
    },
    logId: { keyId: base64Encode(log.logId) },
    ...(isV02 &&
      log.checkpointKeyId !== undefined && { checkpointKeyId: { keyId: base64Encode(log.checkpointKeyId) } }),
    ...(isV02 && log.operator !== "" && { operator: log.operator }),
  };
}

function serializeAuthority(authority: AuthorityInstance, version: TrustedRootVersion): JsonObject {
  return {
    subject: { organization: authority.organization, commonName: authority.commonName },
    uri: authority.uri,
    certChain: { certificates: authority.certificates.map((der): JsonObject => ({ rawBytes: base64Encode(der) })) },
    validFor: serializeValidityRange(authority.validFor),
    ...(version === "0.2" && authority.operator !== "" && { operator: authority.operator }),
  };
}
