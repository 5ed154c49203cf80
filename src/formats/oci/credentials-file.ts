/**
 * Files in which Docker, podman and Kubernetes keep credentials of registries (docker/cli config.json; containers-auth.json(5);
 * Kubernetes secrets of type kubernetes.io/dockerconfigjson).
 *
 * Other programs write them, so unknown fields are passed over. What is found says how it was named, for errors; values are
 * never shown. Leaves out the oldest form (.dockercfg) and running credential helpers, which is for who may start programs.
 */
import { base64Decode } from "../../encoding/base64.ts";
import { parseJson } from "../../encoding/json.ts";
import type { JsonObject, JsonValue } from "../../encoding/json.ts";
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { isObject } from "../proto-json.ts";
import { DOCKER_HUB } from "./image-reference.ts";

/** What a file says of one registry. */
export type StoredCredential =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "identity-token"; readonly identityToken: string }
  | { readonly kind: "registry-token"; readonly registryToken: string }
  /** Ask the program `docker-credential-<helper>` for `serverAddress`. */
  | { readonly kind: "helper"; readonly helper: string; readonly serverAddress: string };

/** A file that was read. */
export interface CredentialsFile {
  /** Where it lies, for errors. */
  readonly path: string;
  readonly auths: ReadonlyMap<string, JsonObject>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string | undefined;
}

/** Docker's own name for its registry in these files. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
/** A helper is a program of that name on the path: it must not be a path itself. */
const HELPER = /^[\w.-]{1,64}$/;

/** The file at `path`, which is only named in errors. @throws SigstoreError `registry-credentials-invalid` */
export function parseCredentialsFile(bytes: Uint8Array, path: string): CredentialsFile {
  const object = readObject(path, () => parseJson(bytes, { maxBytes: LIMITS.smallFileBytes }));
  const secret = object["data"];
  const inner = isObject(secret) ? secret[".dockerconfigjson"] : undefined;
  if (typeof inner === "string") return parseCredentialsFile(readBase64(path, inner), path);
  const auths = objectsIn(object["auths"]);
  const helpers = isObject(object["credHelpers"]) ? textsIn(object["credHelpers"]) : [];
  const store = object["credsStore"];
  return {
    path,
    auths: new Map(auths),
    helpers: new Map(helpers),
    store: typeof store === "string" && store !== "" ? store : undefined,
  };
}

/**
 * What the file says for a repository, or undefined: a helper of that registry, an entry (the longest that names it), the store.
 *
 * @throws SigstoreError `registry-credentials-invalid` for an entry that names the registry and cannot be read
 */
export function findStoredCredential(
  file: CredentialsFile,
  registry: string,
  repository: string,
): StoredCredential | undefined {
  const keys = keysOf(registry, repository);
  const helper = keys.map((key) => file.helpers.get(key)).find((found) => found !== undefined);
  if (helper !== undefined && helper !== "") return helperOf(file, helper, registry);
  for (const key of keys) {
    const entry = file.auths.get(key);
    const found = entry === undefined ? undefined : readEntry(file, key, entry);
    if (found !== undefined) return found;
  }
  return file.store === undefined ? undefined : helperOf(file, file.store, registry);
}

/** containers-auth.json(5): "a namespace or repository within a registry", the most specific first; and Docker's forms of a host. */
function keysOf(registry: string, repository: string): readonly string[] {
  const components = repository === "" ? [] : repository.split("/");
  const within = components.map(
    (_, index) => `${registry}/${components.slice(0, components.length - index).join("/")}`,
  );
  const hosts = registry === DOCKER_HUB ? [DOCKER_HUB_KEY, "docker.io", registry, "registry-1.docker.io"] : [registry];
  const forms = hosts.flatMap((host) =>
    host.startsWith("https:")
      ? [host]
      : [host, `https://${host}`, `https://${host}/`, `https://${host}/v1/`, `https://${host}/v2/`, `http://${host}`],
  );
  return [...within, ...forms];
}

function readEntry(file: CredentialsFile, key: string, entry: JsonObject): StoredCredential | undefined {
  const text = (name: string): string | undefined => {
    const value = entry[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const registryToken = text("registrytoken");
  if (registryToken !== undefined) return { kind: "registry-token", registryToken };
  const identityToken = text("identitytoken");
  if (identityToken !== undefined) return { kind: "identity-token", identityToken };
  const auth = text("auth");
  if (auth !== undefined) return splitAuth(file, key, auth);
  const [username, password] = [text("username"), text("password")];
  // An empty entry stands where a store keeps the credential.
  return username === undefined || password === undefined ? undefined : { kind: "password", username, password };
}

/** base64 of `user:password`; the password may have colons in it, and some writers end it in NUL. */
function splitAuth(file: CredentialsFile, key: string, auth: string): StoredCredential {
  const text = readText(file.path, key, auth).replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon <= 0) throw invalid(file.path, `a user and a password in the entry of ${key}`, "something else");
  const [username, password] = [text.slice(0, colon), text.slice(colon + 1)];
  // What azure's tools write: a token where the user is a placeholder.
  if (username === "<token>") return { kind: "identity-token", identityToken: password };
  return { kind: "password", username, password };
}

function helperOf({ path }: CredentialsFile, helper: string, registry: string): StoredCredential {
  if (!HELPER.test(helper)) throw invalid(path, "the name of a credential helper", "something else");
  return { kind: "helper", helper, serverAddress: registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry };
}

function readText(path: string, key: string, auth: string): string {
  try {
    return utf8Decode(base64Decode(auth));
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    // Not the error below: it may show some of the password.
    throw invalid(path, `base64 in the entry of ${key}`, "something else");
  }
}

function readBase64(path: string, text: string): Uint8Array {
  try {
    return base64Decode(text);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw invalid(path, "base64 in data of the secret", "something else");
  }
}

function readObject(path: string, read: () => JsonValue): JsonObject {
  try {
    const value = read();
    if (isObject(value)) return value;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
  }
  throw invalid(path, "a JSON object with credentials of registries", "something else");
}

function objectsIn(value: JsonValue | undefined): readonly [string, JsonObject][] {
  return isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    : [];
}

function textsIn(object: JsonObject): readonly [string, string][] {
  return Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}

function invalid(path: string, expected: string, got: string): SigstoreError {
  return new SigstoreError("registry-credentials-invalid", `${path}: expected ${expected}, got ${got}`, {
    hint: "log in to the registry again, or name another file in REGISTRY_AUTH_FILE",
    details: { path },
  });
}
