/**
 * Which instance is meant: the one that the user names by file, by name or by address, else the one that they made their
 * default, else the public one.
 *
 * For a verification home is one file, which most users do not have; where services are is read by signers alone.
 */
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { serializeJson } from "../encoding/json-writer.ts";
import { parseJson } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { formatRfc3339 } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import { readFile } from "../files/read.ts";
import { parseClientTrustConfig } from "../formats/client-trust-config.ts";
import { isObject } from "../formats/proto-json.ts";
import { parseSigningConfig } from "../formats/signing-config.ts";
import type { SigningConfig } from "../formats/signing-config.ts";
import type { Home } from "../home/folder.ts";
import { listInstances, readInstance } from "../home/instances.ts";
import type { TrustedInstance } from "../home/instances.ts";
import { readSettings } from "../home/settings.ts";
import { LIMITS } from "../limits.ts";
import { findInstance, instances } from "../policy/instances/instances.ts";
import type { Instance } from "../policy/instances/instances.ts";
import { loadTrust } from "../verdict/trust.ts";
import type { Trust } from "../verdict/trust.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { fileTrust, namingFile } from "./trust.ts";

/** What the user names; at most one of `instance` and `trustConfig`. */
export interface InstanceChoice {
  /** Name or address of an instance that is built in or trusted. */
  readonly instance?: string | undefined;
  /** A client trust config: trusted root and signing config in one file. */
  readonly trustConfig?: string | undefined;
  readonly trustedRoot?: string | undefined;
  readonly signingConfig?: string | undefined;
  readonly home: Home | undefined;
}

/** An instance to sign with. */
export interface SigningInstance {
  /** What it is called here; for people and for what is remembered of it. */
  readonly name: string;
  readonly trust: Trust;
  readonly signingConfig: SigningConfig;
  /** True for one that this user trusts: others have to be told of it. */
  readonly isOwn: boolean;
  /** Where its pages are, where it has any. */
  readonly address: string | undefined;
  /** PEM, for its services. */
  readonly caCertificates: string | undefined;
  /** The options of `sigstore verify` by which others name it. */
  readonly verifyOptions: readonly string[];
}

/** What a choice comes to before any of it is parsed. */
type Found =
  | { readonly kind: "built-in"; readonly instance: Instance }
  | { readonly kind: "trusted"; readonly instance: TrustedInstance }
  | {
      readonly kind: "trust-config";
      readonly path: string;
      readonly trust: Trust;
      readonly signingConfig: SigningConfig;
    };

/**
 * The trust that the choice names.
 *
 * @throws SigstoreError `instance-unknown`, `home-invalid`, those of reading a file and of its content
 */
export function chooseTrust(choice: InstanceChoice): Trust {
  return choice.trustedRoot === undefined ? trustOf(find(choice)) : fileTrust(choice.trustedRoot);
}

/** The instance that the choice names, to sign with. Errors as `chooseTrust`, and `signing-service-missing` where it tells no services. */
export function chooseSigningInstance(choice: InstanceChoice): SigningInstance {
  const found = find(choice);
  const trust = choice.trustedRoot === undefined ? trustOf(found) : fileTrust(choice.trustedRoot);
  const trusted = found.kind === "trusted" ? found.instance : undefined;
  return {
    name: choice.trustedRoot === undefined ? nameOf(found, trust) : trust.instance,
    trust,
    signingConfig:
      choice.signingConfig === undefined ? signingConfigOf(found) : readSigningConfig(choice.signingConfig),
    isOwn: trusted !== undefined && choice.trustedRoot === undefined,
    address: trusted?.address,
    caCertificates: trusted?.caCertificates,
    verifyOptions: choice.trustedRoot === undefined ? verifyOptionsOf(found) : ["--trusted-root", choice.trustedRoot],
  };
}

function find({ instance, trustConfig, home }: InstanceChoice): Found {
  if (trustConfig !== undefined) return readTrustConfig(trustConfig);
  if (instance !== undefined) return findByWord(instance, home);
  const name = home && readSettings(home).defaultInstance;
  if (name === undefined) return { kind: "built-in", instance: findInstance("public") };
  return findByName(name, home) ?? refuseUnknown(`the instance ${name}, which is your default`, home);
}

function findByWord(word: string, home: Home | undefined): Found {
  if (!word.includes("://")) return findByName(word, home) ?? refuseUnknown(`an instance called ${word}`, home);
  const address = comparable(word);
  const instance = home && listInstances(home).find((one) => comparable(one.address ?? "") === address);
  if (instance !== undefined) return { kind: "trusted", instance };
  throw new SigstoreError("instance-unknown", `expected an instance that you trust, got the address ${word}`, {
    hint: `trust it first, once: sigstore trust use ${word}`,
  });
}

function findByName(name: string, home: Home | undefined): Found | undefined {
  const builtIn = instances.find((one) => one.instance === name);
  if (builtIn !== undefined) return { kind: "built-in", instance: builtIn };
  const instance = home && readInstance(home, name);
  return instance && { kind: "trusted", instance };
}

function refuseUnknown(expected: string, home: Home | undefined): never {
  const known = [
    ...instances.map(({ instance }) => instance),
    ...(home ? listInstances(home) : []).map(({ name }) => name),
  ];
  throw new SigstoreError("instance-unknown", `expected ${expected}, got none such: known are ${known.join(", ")}`, {
    hint: "sigstore trust use ADDRESS trusts an instance and makes it your default; sigstore trust list shows them",
  });
}

/** Addresses with and without a slash at the end are one. */
function comparable(address: string): string {
  return URL.canParse(address) ? new URL(address).href.replace(/\/+$/, "") : address;
}

function trustOf(found: Found): Trust {
  switch (found.kind) {
    case "built-in":
      return loadTrust(found.instance);
    case "trusted":
      return loadTrust(trustSourceOf(found.instance));
    case "trust-config":
      return found.trust;
  }
}

/** The trust in an instance of the user's own. */
function trustSourceOf({ name, address, trustedRoot, addedMs }: TrustedInstance): Parameters<typeof loadTrust>[0] {
  return { trustedRoot, instance: name, source: address ?? "a file", takenOn: formatRfc3339(addedMs) };
}

function readTrustConfig(path: string): Found {
  const bytes = readFile(path, LIMITS.trustFileBytes, "a client trust config");
  return namingFile("client trust config", path, () => {
    const { trustedRoot, signingConfig } = parseClientTrustConfig(bytes);
    const fingerprintHex = hexEncode(sha256(utf8Encode(embeddedTrustedRoot(bytes))));
    const material = loadTrustMaterial(trustedRoot);
    const trust = { material, instance: `custom:${fingerprintHex}`, source: path, fingerprintHex, takenOn: undefined };
    return { kind: "trust-config", path, trust, signingConfig };
  });
}

/** The trusted root inside a client trust config, as compact JSON: what instances serve alone has the same fingerprint. */
export function embeddedTrustedRoot(trustConfig: Uint8Array): string {
  const value = parseJson(trustConfig, { maxBytes: LIMITS.trustFileBytes });
  const member = isObject(value) ? (value["trustedRoot"] ?? value["trusted_root"]) : undefined;
  return serializeJson(member ?? {});
}

function signingConfigOf(found: Found): SigningConfig {
  switch (found.kind) {
    case "built-in": {
      const { signingConfig, title } = found.instance;
      return signingConfig === undefined ? refuseToSign(title) : parseSigningConfig(signingConfig);
    }
    case "trusted": {
      const { signingConfig, name } = found.instance;
      return signingConfig === undefined ? refuseToSign(`the instance ${name}`) : parseSigningConfig(signingConfig);
    }
    case "trust-config":
      return found.signingConfig;
  }
}

function refuseToSign(what: string): never {
  throw new SigstoreError("signing-service-missing", `expected services that sign for ${what}, got no signing config`, {
    hint: "give one with --signing-config FILE, or choose an instance that has one: --instance NAME",
  });
}

function readSigningConfig(path: string): SigningConfig {
  const bytes = readFile(path, LIMITS.trustFileBytes, "a signing config");
  return namingFile("signing config", path, () => parseSigningConfig(bytes));
}

function nameOf(found: Found, trust: Trust): string {
  if (found.kind === "built-in") return found.instance.instance;
  return found.kind === "trusted" ? found.instance.name : trust.instance;
}

function verifyOptionsOf(found: Found): readonly string[] {
  switch (found.kind) {
    case "built-in":
      return found.instance.instance === "public" ? [] : ["--instance", found.instance.instance];
    case "trusted":
      return ["--instance", found.instance.address ?? found.instance.name];
    case "trust-config":
      return ["--trust-config", found.path];
  }
}
