/**
 * The instances that the user trusts, each in a file of its own: the trusted root byte for byte as it was looked at, its
 * fingerprint, and where signatures are to be had.
 *
 * The fingerprint is computed again at each reading: what is used is what the user agreed to. Leaves out the built-in
 * instances, whose names are taken.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../crypto/digest.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { formatRfc3339, parseRfc3339 } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import { objectFields } from "../formats/proto-json.ts";
import { readDocument, removeDocument, writeDocument } from "./document.ts";
import type { DocumentType } from "./document.ts";
import type { Home } from "./folder.ts";

/** An instance that the user trusts. */
export interface TrustedInstance {
  /** What this user calls it. */
  readonly name: string;
  /** Where it answers; undefined for one that came as a file. */
  readonly address: string | undefined;
  /** SHA-256 of the trusted root. */
  readonly fingerprintHex: string;
  /** When the user said so, milliseconds since 1970. */
  readonly addedMs: number;
  /** JSON, as the instance serves it. */
  readonly trustedRoot: string;
  /** JSON; undefined for an instance that is only verified against. */
  readonly signingConfig: string | undefined;
  /** PEM of the certificate authorities with which its services prove themselves; undefined where the platform's do. */
  readonly caCertificates: string | undefined;
}

const TYPE: DocumentType = {
  kind: "TrustedInstance",
  what: "the trusted instance",
  fields: objectFields(..."kind name address fingerprint added trustedRoot signingConfig caCertificates".split(" ")),
  remedy: "remove the file, and trust the instance again: sigstore trust use ADDRESS",
};

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?$/;
const ENDING = ".json";

/** True for what an instance may be called: letters, digits, dots and hyphens, as in a DNS name. */
export function isInstanceName(name: string): boolean {
  return NAME.test(name) && !name.includes("..");
}

/** The instance called `name`, or undefined. @throws SigstoreError `home-invalid` */
export function readInstance(home: Home, name: string): TrustedInstance | undefined {
  if (!isInstanceName(name)) return undefined;
  return readDocument(pathOf(home, name), TYPE, (message) => {
    const trustedRoot = message.requireString("trustedRoot");
    const fingerprintHex = message.requireString("fingerprint");
    const found = hexEncode(sha256(utf8Encode(trustedRoot)));
    if (found !== fingerprintHex)
      throw message.error("trustedRoot", `expected the fingerprint ${fingerprintHex}, got ${found}`);
    const optional = (field: string): string | undefined => message.string(field) || undefined;
    return {
      name,
      address: optional("address"),
      fingerprintHex,
      addedMs: parseRfc3339(message.requireString("added")),
      trustedRoot,
      signingConfig: optional("signingConfig"),
      caCertificates: optional("caCertificates"),
    };
  });
}

/** All trusted instances, by name. @throws SigstoreError `home-invalid` */
export function listInstances(home: Home): readonly TrustedInstance[] {
  return instanceNames(home).flatMap((name) => readInstance(home, name) ?? []);
}

/** Keeps `instance` under its name, in place of one that is called the same. @throws SigstoreError `file-unwritable` */
export function writeInstance(home: Home, instance: TrustedInstance): void {
  if (!isInstanceName(instance.name)) throw new TypeError("expected the name of an instance, got another text");
  const { name, address, fingerprintHex, addedMs, trustedRoot, signingConfig, caCertificates } = instance;
  writeDocument(pathOf(home, name), TYPE, {
    name,
    address,
    fingerprint: fingerprintHex,
    added: formatRfc3339(addedMs),
    signingConfig,
    caCertificates,
    trustedRoot,
  });
}

/** Forgets the instance called `name`; true where there was one. @throws SigstoreError `file-unwritable` */
export function removeInstance(home: Home, name: string): boolean {
  return isInstanceName(name) && removeDocument(pathOf(home, name), TYPE);
}

function pathOf({ configuration }: Home, name: string): string {
  return join(configuration, "instances", `${name}${ENDING}`);
}

function instanceNames({ configuration }: Home): readonly string[] {
  const folder = join(configuration, "instances");
  try {
    const names = readdirSync(folder).filter((file) => file.endsWith(ENDING));
    return names
      .map((file) => file.slice(0, -ENDING.length))
      .filter(isInstanceName)
      .toSorted();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT") return [];
    throw new SigstoreError("home-invalid", `the trusted instances at ${folder}: expected a folder, got ${code}`, {
      hint: "let your user read it, or set SIGSTORE_HOME to another folder",
      details: { path: folder },
      cause: error,
    });
  }
}
