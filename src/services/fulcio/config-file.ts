/**
 * Fulcio's configuration file (fulcio, pkg/config/config.go): issuers, meta-issuers and the templates of CI providers, in JSON or
 * YAML, read as the original reads it, the public instance's file too.
 *
 * Names differ in both notations (`OIDCIssuers`, `oidc-issuers`) and are the same without case and hyphens. Unknown members are
 * passed over, as the original does. Leaves out: whether the content makes sense (config-rules.ts).
 */
import { parseDocument } from "yaml";
import { type JsonObject, type JsonValue, parseJson } from "../../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";
import { FULCIO_EXTENSIONS, type FulcioExtensions } from "../../formats/x509/fulcio-extensions.ts";
import { LIMITS } from "../../limits.ts";
import type { CiMetadata, FulcioConfig, OidcIssuer } from "./config.ts";

/**
 * The configuration in a file; first read as JSON, then as YAML.
 *
 * @throws SigstoreError `config-invalid`
 */
export function parseFulcioConfigFile(text: string): FulcioConfig {
  const root = objectOf(parseEither(text), "the configuration");
  return {
    issuers: mapOf(root, "oidcissuers", (value, key) => issuerOf(value, key)),
    metaIssuers: mapOf(root, "metaissuers", (value, key) => issuerOf(value, key)),
    ciMetadata: mapOf(root, "ciissuermetadata", (value, key) => ciMetadataOf(value, key)),
  };
}

function parseEither(text: string): JsonValue {
  try {
    return parseJson(text, { maxBytes: LIMITS.trustFileBytes });
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    if (error.code === "input-too-large" || text.trimStart().startsWith("{")) throw invalid(error.message, error);
    return parseYaml(text);
  }
}

/** Every scalar is a text, as where the original's fields are texts; aliases stand for what they name. */
function parseYaml(text: string): JsonValue {
  const document = parseDocument(spacedAliasKeys(text), { schema: "failsafe", strict: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw invalid(`expected YAML or JSON, got ${firstLine(error.message)}`, error);
  try {
    return document.toJS({ maxAliasCount: 1000 }) as JsonValue;
  } catch (cause) {
    throw invalid("expected YAML whose aliases stand for something of reasonable size, got others", cause);
  }
}

/** YAML 1.2 takes the colon of `*alias:` for a part of the name; Go's reader, for which these files are written, does not. */
function spacedAliasKeys(text: string): string {
  return text.replaceAll(/^([ \t]*\*[\w-]+):(?=\s|$)/gm, "$1 :");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function issuerOf(value: JsonValue, key: string): OidcIssuer {
  const fields = foldedOf(objectOf(value, key), key);
  const text = (name: string): string => textOf(fields.get(name), `${key}: ${name}`);
  return {
    issuerUrl: text("issuerurl"),
    clientId: text("clientid"),
    type: text("type"),
    ciProvider: text("ciprovider"),
    issuerClaim: text("issuerclaim"),
    subjectDomain: text("subjectdomain"),
    spiffeTrustDomain: text("spiffetrustdomain"),
    challengeClaim: text("challengeclaim"),
    caCertificates: text("cacert"),
    skipEmailVerification: flagOf(fields.get("skipemailverification"), `${key}: skip-email-verification`),
  };
}

const EXTENSION_NAMES: ReadonlyMap<string, keyof FulcioExtensions> = new Map(
  FULCIO_EXTENSIONS.map(({ name }) => [name.toLowerCase(), name]),
);

function ciMetadataOf(value: JsonValue, key: string): CiMetadata {
  const fields = foldedOf(objectOf(value, key), key);
  const extensionTemplates: Partial<Record<keyof FulcioExtensions, string>> = {};
  for (const [name, template] of foldedOf(objectOf(fields.get("extensiontemplates") ?? {}, key), key)) {
    const extension = EXTENSION_NAMES.get(name);
    // Issuer and subject are those of the token, whatever a template says.
    if (extension !== undefined && extension !== "issuer")
      extensionTemplates[extension] = textOf(template, `${key}: ${name}`);
  }
  const defaults = Object.entries(objectOf(fields.get("defaulttemplatevalues") ?? {}, key));
  return {
    defaults: new Map(defaults.map(([name, text]) => [name, textOf(text, `${key}: ${name}`)])),
    extensionTemplates,
    subjectAlternativeNameTemplate: textOf(fields.get("subjectalternativenametemplate"), key),
  };
}

function mapOf<Value>(
  root: JsonObject,
  name: string,
  read: (value: JsonValue, key: string) => Value,
): ReadonlyMap<string, Value> {
  const member = foldedOf(root, "the configuration").get(name) ?? {};
  return new Map(Object.entries(objectOf(member, name)).map(([key, value]) => [key, read(value, key)]));
}

/** Members by their names without case and hyphens. */
function foldedOf(object: JsonObject, where: string): ReadonlyMap<string, JsonValue> {
  const folded = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(object)) {
    const key = name.replaceAll("-", "").toLowerCase();
    if (folded.has(key)) throw invalid(`expected ${name} once in ${where}, got it under two spellings`);
    folded.set(key, value);
  }
  return folded;
}

function objectOf(value: JsonValue, where: string): JsonObject {
  // An empty member of YAML is an empty text.
  if (value === "" || value === null) return {};
  if (!isObject(value)) throw invalid(`expected names with values as ${where}, got something else`);
  return value;
}

function textOf(value: JsonValue | undefined, where: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw invalid(`expected a text as ${where}, got another value`);
  return value;
}

function flagOf(value: JsonValue | undefined, where: string): boolean {
  if (typeof value === "boolean") return value;
  const text = textOf(value, where);
  if (!/^(?:true|True|TRUE|false|False|FALSE|)$/.test(text))
    throw invalid(`expected true or false as ${where}, got other text`);
  return text.toLowerCase() === "true";
}

function invalid(message: string, cause?: unknown): SigstoreError {
  return new SigstoreError("config-invalid", `certificate authority: ${message}`, { cause });
}
