/**
 * Client trust configs (protobuf-specs sigstore_trustroot.proto, ClientTrustConfig): a trusted root and a signing config in
 * one file, all that a client needs to know of an instance.
 */
import { LIMITS } from "../limits.ts";
import { parseDocument } from "./document.ts";
import { describeJson, MessageReader, messageFields } from "./proto-json.ts";
import { readSigningConfig, signingConfigFields, signingConfigToJson } from "./signing-config.ts";
import type { SigningConfig } from "./signing-config.ts";
import { readTrustedRoot, TRUSTED_ROOT_FIELDS, TRUSTED_ROOT_MEDIA_TYPES, trustedRootToJson } from "./trusted-root.ts";
import type { TrustedRoot } from "./trusted-root.ts";

/** The only media type of client trust configs. */
export const CLIENT_TRUST_CONFIG_MEDIA_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";

/** Whom to believe, and whom to ask for a signature. */
export interface ClientTrustConfig {
  readonly mediaType: string;
  readonly trustedRoot: TrustedRoot;
  readonly signingConfig: SigningConfig;
}

const FIELDS = messageFields("mediaType", "trustedRoot", "signingConfig");

/**
 * A client trust config from its JSON text.
 *
 * Errors: `client-trust-config-invalid` with the path of the field that is wrong, or with what the file is when it is
 * something else; `trusted-root-version-unsupported`; `json-invalid`, `utf8-invalid`, `input-empty`, `input-too-large`.
 */
export function parseClientTrustConfig(source: Uint8Array | string): ClientTrustConfig {
  const code = "client-trust-config-invalid";
  const object = parseDocument(source, "client-trust-config", code, LIMITS.trustFileBytes);
  const message = MessageReader.root(object, FIELDS, code, "client trust config");
  const mediaType = message.requireString("mediaType");
  if (mediaType !== CLIENT_TRUST_CONFIG_MEDIA_TYPE) {
    throw message.error("mediaType", `expected ${CLIENT_TRUST_CONFIG_MEDIA_TYPE}, got ${describeJson(mediaType)}`);
  }
  const signingFields = signingConfigFields(message.value("signingConfig"));
  return {
    mediaType,
    trustedRoot: readTrustedRoot(message.requireMessage("trustedRoot", TRUSTED_ROOT_FIELDS)),
    signingConfig: readSigningConfig(message.requireMessage("signingConfig", signingFields)),
  };
}

/** The client trust config as JSON text, its parts in their own versions. */
export function serializeClientTrustConfig(config: ClientTrustConfig): string {
  const isV01 = config.trustedRoot.mediaType === TRUSTED_ROOT_MEDIA_TYPES["0.1"];
  return JSON.stringify({
    mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE,
    trustedRoot: trustedRootToJson(config.trustedRoot, isV01 ? "0.1" : "0.2"),
    signingConfig: signingConfigToJson(config.signingConfig),
  });
}
