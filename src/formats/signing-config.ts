/**
 * Signing configs v0.1 and v0.2 (protobuf-specs sigstore_trustroot.proto, SigningConfig) in proto3 JSON.
 *
 * Which services a signer may ask, and how many of each. Leaves out the choice among them, which is the signer's.
 */
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { LIMITS } from "../limits.ts";
import { parseDocument } from "./document.ts";
import { describeJson, isObject, MessageReader, messageFields } from "./proto-json.ts";
import type { MessageFields } from "./proto-json.ts";
import { readValidityRange, serializeValidityRange } from "./validity-range.ts";
import type { ValidityRange } from "./validity-range.ts";

/** Version of the signing config format. */
export type SigningConfigVersion = "0.1" | "0.2";

/** One address of a service. */
export interface ServiceEndpoint {
  /** Base address; of a timestamp authority the whole address to post to. */
  readonly url: string;
  /** Version of the service's API; v0.1 configs do not say and mean 1. */
  readonly majorApiVersion: number;
  /** When to use it; undefined (v0.1, or left out) for always. */
  readonly validFor: ValidityRange | undefined;
  /** Who runs it; empty when the file does not say. */
  readonly operator: string;
}

/** How many of the valid services a signer asks: any one, all, or exactly `count`. */
export type ServiceSelection =
  | { readonly selector: "ANY" }
  | { readonly selector: "ALL" }
  | { readonly selector: "EXACT"; readonly count: number };

/** The services of an instance. */
export interface SigningConfig {
  readonly mediaType: string;
  readonly version: SigningConfigVersion;
  readonly certificateAuthorities: readonly ServiceEndpoint[];
  readonly identityProviders: readonly ServiceEndpoint[];
  readonly tlogs: readonly ServiceEndpoint[];
  /** Undefined in v0.1, or where there are no logs to choose from. */
  readonly tlogSelection: ServiceSelection | undefined;
  readonly timestampAuthorities: readonly ServiceEndpoint[];
  /** Undefined in v0.1, or where there are no timestamp authorities to choose from. */
  readonly timestampSelection: ServiceSelection | undefined;
}

/** Media type of each version. */
export const SIGNING_CONFIG_MEDIA_TYPES: Readonly<Record<SigningConfigVersion, string>> = {
  "0.1": "application/vnd.dev.sigstore.signingconfig.v0.1+json",
  "0.2": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
};

const MAX_SERVICES = LIMITS.trustedRootInstances;
const FIELDS_V01 = messageFields("mediaType", "caUrl", "oidcUrl", "tlogUrls", "tsaUrls");
const FIELDS_V02 = messageFields(
  "mediaType",
  "caUrls",
  "oidcUrls",
  "rekorTlogUrls",
  "rekorTlogConfig",
  "tsaUrls",
  "tsaConfig",
);
const SERVICE = messageFields("url", "majorApiVersion", "validFor", "operator");
const SERVICE_CONFIGURATION = messageFields("selector", "count");
const SELECTORS: ReadonlyMap<string, number> = new Map([
  ["SERVICE_SELECTOR_UNDEFINED", 0],
  ["ALL", 1],
  ["ANY", 2],
  ["EXACT", 3],
]);

/**
 * A signing config from its JSON text.
 *
 * Errors: `signing-config-invalid` with the path of the field that is wrong, or with what the file is when it is something
 * else; `json-invalid`, `utf8-invalid`, `input-empty`, `input-too-large`.
 */
export function parseSigningConfig(source: Uint8Array | string): SigningConfig {
  const object = parseDocument(source, "signing-config", "signing-config-invalid", LIMITS.trustFileBytes);
  return readSigningConfig(
    MessageReader.root(object, signingConfigFields(object), "signing-config-invalid", "signing config"),
  );
}

/** Fields of the signing config in `value`: the two versions share few, and the media type tells which it is. */
export function signingConfigFields(value: JsonValue | undefined): MessageFields {
  const isV01 = isObject(value) && value["mediaType"] === SIGNING_CONFIG_MEDIA_TYPES["0.1"];
  return isV01 ? FIELDS_V01 : FIELDS_V02;
}

/** Reads a signing config from its message; errors carry the code of the document around it. */
export function readSigningConfig(message: MessageReader): SigningConfig {
  const mediaType = message.requireString("mediaType");
  switch (mediaType) {
    case SIGNING_CONFIG_MEDIA_TYPES["0.1"]:
      return readV01(message, mediaType);
    case SIGNING_CONFIG_MEDIA_TYPES["0.2"]:
      return readV02(message, mediaType);
    default: {
      const expected = Object.values(SIGNING_CONFIG_MEDIA_TYPES).join(" or ");
      throw message.error("mediaType", `expected ${expected}, got ${describeJson(mediaType)}`);
    }
  }
}

/** The signing config as JSON text, in its own version. */
export function serializeSigningConfig(config: SigningConfig): string {
  return JSON.stringify(signingConfigToJson(config));
}

/** The signing config as a JSON object, for documents that hold one. */
export function signingConfigToJson(config: SigningConfig): JsonObject {
  if (config.version === "0.1") return serializeV01(config);
  return {
    mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.2"],
    caUrls: config.certificateAuthorities.map(serializeService),
    oidcUrls: config.identityProviders.map(serializeService),
    rekorTlogUrls: config.tlogs.map(serializeService),
    ...(config.tlogSelection && { rekorTlogConfig: { ...config.tlogSelection } }),
    tsaUrls: config.timestampAuthorities.map(serializeService),
    ...(config.timestampSelection && { tsaConfig: { ...config.timestampSelection } }),
  };
}

function readV01(message: MessageReader, mediaType: string): SigningConfig {
  return {
    mediaType,
    version: "0.1",
    certificateAuthorities: readPlainUrl(message, "caUrl"),
    identityProviders: readPlainUrl(message, "oidcUrl"),
    tlogs: readPlainUrls(message, "tlogUrls"),
    tlogSelection: undefined,
    timestampAuthorities: readPlainUrls(message, "tsaUrls"),
    timestampSelection: undefined,
  };
}

function readV02(message: MessageReader, mediaType: string): SigningConfig {
  return {
    mediaType,
    version: "0.2",
    certificateAuthorities: readServices(message, "caUrls"),
    identityProviders: readServices(message, "oidcUrls"),
    tlogs: readServices(message, "rekorTlogUrls"),
    tlogSelection: readSelection(message, "rekorTlogConfig"),
    timestampAuthorities: readServices(message, "tsaUrls"),
    timestampSelection: readSelection(message, "tsaConfig"),
  };
}

function readPlainUrl(message: MessageReader, name: string): ServiceEndpoint[] {
  const url = message.string(name);
  if (url === "") return [];
  requireUrl(message, name, url);
  return [plainService(url)];
}

function readPlainUrls(message: MessageReader, name: string): ServiceEndpoint[] {
  message.limit(name, MAX_SERVICES);
  return message.strings(name).map((url, index) => {
    requireUrl(message, `${name}[${index}]`, url);
    return plainService(url);
  });
}

function plainService(url: string): ServiceEndpoint {
  return { url, majorApiVersion: 1, validFor: undefined, operator: "" };
}

function readServices(message: MessageReader, name: string): ServiceEndpoint[] {
  message.limit(name, MAX_SERVICES);
  return message.messages(name, SERVICE).map(readService);
}

function readService(service: MessageReader): ServiceEndpoint {
  const url = service.requireString("url");
  requireUrl(service, "url", url);
  const majorApiVersion = service.uint32("majorApiVersion");
  // sigstore_trustroot.proto, Service: the API version starts at 1; 0 is what a missing field looks like.
  if (majorApiVersion === 0) throw service.error("majorApiVersion", "expected a version from 1 on, got 0 or nothing");
  const hasRange = service.value("validFor") !== undefined;
  return {
    url,
    majorApiVersion,
    validFor: hasRange ? readValidityRange(service, "validFor") : undefined,
    operator: service.string("operator"),
  };
}

function readSelection(message: MessageReader, name: string): ServiceSelection | undefined {
  const configuration = message.message(name, SERVICE_CONFIGURATION);
  if (configuration === undefined) return undefined;
  const selector = configuration.enumeration("selector", SELECTORS);
  const count = configuration.uint32("count");
  if (selector === "EXACT") {
    // sigstore_trustroot.proto, ServiceConfiguration: count "MUST be set when the selector is EXACT".
    if (count === 0) throw configuration.error("count", "expected a count from 1 on for EXACT, got 0 or nothing");
    return { selector, count };
  }
  if (selector !== "ANY" && selector !== "ALL") throw configuration.refuse("selector", "ANY, ALL or EXACT", selector);
  if (count !== 0) throw configuration.error("count", `expected no count for ${selector}, got ${count}`);
  return { selector };
}

function requireUrl(message: MessageReader, name: string, url: string): void {
  if (URL.canParse(url) && /^https?:/i.test(url)) return;
  throw message.refuse(name, "an http or https address", url);
}

function serializeService(service: ServiceEndpoint): JsonObject {
  return {
    url: service.url,
    majorApiVersion: service.majorApiVersion,
    ...(service.validFor && { validFor: serializeValidityRange(service.validFor) }),
    ...(service.operator !== "" && { operator: service.operator }),
  };
}

function serializeV01(config: SigningConfig): JsonObject {
  return {
    mediaType: SIGNING_CONFIG_MEDIA_TYPES["0.1"],
    ...serializePlainUrl("caUrl", config.certificateAuthorities),
    ...serializePlainUrl("oidcUrl", config.identityProviders),
    tlogUrls: config.tlogs.map(({ url }) => url),
    tsaUrls: config.timestampAuthorities.map(({ url }) => url),
  };
}

function serializePlainUrl(name: string, services: readonly ServiceEndpoint[]): JsonObject {
  const [service, ...others] = services;
  if (others.length > 0) throw new TypeError(`expected at most one ${name} in a v0.1 config, got ${services.length}`);
  return service === undefined ? {} : { [name]: service.url };
}
