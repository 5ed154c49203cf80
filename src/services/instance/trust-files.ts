/**
 * What an instance hands out so that clients trust it: trusted root, signing config, both in one, and the PEM of each key and chain
 * (protobuf-specs sigstore_trustroot.proto).
 *
 * Written so that every stock client takes it: version 0.1 of the trusted root, no checkpoint key ids, a start for everything, whole
 * chains with the leaf of the timestamp authority first, API version 1 of all but the log. What was in use once stays listed.
 */
import { ctLogId } from "../../authority/sct.ts";
import { defaultAlgorithm } from "../../crypto/algorithms.ts";
import { sha256 } from "../../crypto/digest.ts";
import { importPublicKey } from "../../crypto/keys.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { serializePem } from "../../encoding/pem.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { CLIENT_TRUST_CONFIG_MEDIA_TYPE, serializeClientTrustConfig } from "../../formats/client-trust-config.ts";
import {
  type ServiceEndpoint,
  SIGNING_CONFIG_MEDIA_TYPES,
  type SigningConfig,
  signingConfigToJson,
} from "../../formats/signing-config.ts";
import {
  type AuthorityInstance,
  type LogInstance,
  serializeTrustedRoot,
  TRUSTED_ROOT_MEDIA_TYPES,
  type TrustedRoot,
  type ValidityRange,
} from "../../formats/trusted-root.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { nameAttributes } from "../../formats/x509/name.ts";
import { OID } from "../../formats/x509/oids.ts";
import { logKeyHash } from "../../tlog/note-key.ts";
import { readChain, serializeChain } from "./authorities.ts";
import { pathsOf } from "./folder.ts";
import { active, type AuthorityRecord, type InstanceRecord, type LogRecord } from "./record.ts";

/** The files by name, as they are served below `/trust/`. */
export interface TrustFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly trustedRoot: TrustedRoot;
  /** SHA-256 of trusted_root.json in hex: what people compare. */
  readonly fingerprintHex: string;
}

/** The trust files of an instance whose public address is `url`; `tlsCa` is PEM. @throws SigstoreError `instance-invalid` */
export function trustFiles(folder: string, record: InstanceRecord, url: string, tlsCa?: string): TrustFiles {
  const trustedRoot = trustedRootOf(folder, record);
  const signingConfig = signingConfigOf(record, url);
  const { authorities, timestampAuthorities } = pathsOf(folder);
  // Compact, as it stands inside trust_config.json: both have one fingerprint.
  const rootFile = utf8Encode(serializeTrustedRoot(trustedRoot, "0.1"));
  const both = { mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE, trustedRoot, signingConfig };
  const texts: readonly (readonly [string, string])[] = [
    ["signing_config.json", indented(signingConfigToJson(signingConfig))],
    ["trust_config.json", serializeClientTrustConfig(both)],
    ["rekor.pub", publicKeyPem(active(record.rekorLogs))],
    ["ctfe.pub", publicKeyPem(active(record.ctLogs))],
    ["fulcio.crt.pem", serializeChain(readChain(authorities, active(record.certificateAuthorities).name))],
    ["tsa.crt.pem", serializeChain(readChain(timestampAuthorities, active(record.timestampAuthorities).name))],
    ...(tlsCa === undefined ? [] : [["tls-ca.pem", tlsCa] as const]),
  ];
  const files = new Map([
    ["trusted_root.json", rootFile],
    ...texts.map(([name, text]) => [name, utf8Encode(text)] as const),
  ]);
  return { files, trustedRoot, fingerprintHex: hexEncode(sha256(rootFile)) };
}

function trustedRootOf(folder: string, record: InstanceRecord): TrustedRoot {
  const { authorities, timestampAuthorities } = pathsOf(folder);
  return {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"],
    tlogs: record.rekorLogs.map((log) => {
      const key = importPublicKey(log.publicKey);
      return logInstance(log, logKeyHash(log.origin, key));
    }),
    ctlogs: record.ctLogs.map((log) => logInstance(log, ctLogId(log.publicKey))),
    certificateAuthorities: record.certificateAuthorities.map((one) => authorityInstance(one, authorities)),
    timestampAuthorities: record.timestampAuthorities.map((one) => authorityInstance(one, timestampAuthorities)),
  };
}

function logInstance({ baseUrl, publicKey, startMs, endMs }: LogRecord, logId: Uint8Array): LogInstance {
  return {
    baseUrl,
    operator: "",
    keyDetails: defaultAlgorithm(importPublicKey(publicKey)).name,
    publicKey,
    validFor: { startMs, endMs },
    logId,
    checkpointKeyId: undefined,
  };
}

function authorityInstance({ name, uri, startMs, endMs }: AuthorityRecord, folder: string): AuthorityInstance {
  const certificates = readChain(folder, name);
  const [first] = certificates.map(parseCertificate);
  const subject = first === undefined ? [] : nameAttributes(first.subject);
  const valueOf = (type: string): string => subject.find(({ oid }) => oid === type)?.value ?? "";
  return {
    uri,
    operator: "",
    organization: valueOf(OID.organizationName),
    commonName: valueOf(OID.commonName),
    certificates,
    validFor: { startMs, endMs },
  };
}

function signingConfigOf({ name, createdMs }: InstanceRecord, url: string): SigningConfig {
  const validFor: ValidityRange = { startMs: createdMs, endMs: undefined };
  const service = (address: string, majorApiVersion = 1): readonly ServiceEndpoint[] => [
    { url: address, majorApiVersion, validFor, operator: name },
  ];
  return {
    mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.2"],
    version: "0.2",
    certificateAuthorities: service(url),
    identityProviders: service(`${url}/auth`),
    tlogs: service(url, 2),
    tlogSelection: { selector: "ANY" },
    timestampAuthorities: service(`${url}/api/v1/timestamp`),
    timestampSelection: { selector: "ANY" },
  };
}

function publicKeyPem({ publicKey }: LogRecord): string {
  return serializePem("PUBLIC KEY", publicKey);
}

function indented(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
