/**
 * Key files on the disk: read within bounds, opened with a password where they need one, written whole and readable to nobody else.
 */
import { realpathSync } from "node:fs";
import type { PublicKey } from "../crypto/keys.ts";
import type { PrivateKey } from "../crypto/private-key.ts";
import { parsePrivateKeyFile, type PrivateKeyFile } from "../crypto/read-private-key.ts";
import { type PublicKeyFile, readPublicKeyFile } from "../crypto/read-public-key.ts";
import {
  sealCosignKey,
  sealPrivateKeyPem,
  serializePrivateJwk,
  serializePrivateKeyPem,
  serializePublicKeyPem,
} from "../crypto/write-keys.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { isPresent } from "../files/beside.ts";
import { readDescriptor, readFile, withDescriptor } from "../files/read.ts";
import { existsError, writeWhole } from "../files/write.ts";
import { LIMITS } from "../limits.ts";
import { usageError } from "./options/parse.ts";
import type { GivenPassword } from "./options/password.ts";
import { printable } from "./terminal.ts";
import type { World } from "./world.ts";

const KEY = "a key";
const OUT = "--out FILE";
const MOST_TRIES = 3;

/** Forms that are written. */
export type WrittenForm = "cosign" | "pkcs8" | "jwk";

/** A key file, private or public. */
export type AnyKeyFile =
  | { readonly role: "private"; readonly file: PrivateKeyFile }
  | { readonly role: "public"; readonly file: PublicKeyFile };

/** The octets of a key file; `-` is standard input. @throws SigstoreError `file-…` */
export function readKeyOctets(path: string, world: World): Uint8Array {
  if (path !== "-") return readFile(path, LIMITS.smallFileBytes, KEY);
  const name = "standard input";
  const read = (descriptor: number): Uint8Array => readDescriptor(descriptor, LIMITS.smallFileBytes, KEY, name);
  return withDescriptor(world.inputDescriptor, name, KEY, read);
}

/** A key file of either role. @throws SigstoreError as the doors of crypto */
export function parseAnyKey(octets: Uint8Array): AnyKeyFile {
  try {
    return { role: "private", file: parsePrivateKeyFile(octets) };
  } catch (error) {
    // What says that it is private is a damaged private key; the rest may be a public one.
    if (!isSigstoreError(error, "key-invalid") || /PRIVATE KEY-----/.test(Buffer.from(octets).toString("latin1")))
      throw error;
    return { role: "public", file: readPublicKeyFile(octets) };
  }
}

/**
 * The private key of a file; whoever types the password may try three times.
 *
 * @throws SigstoreError as `readPrivateKey`, and what `ask` throws
 */
export async function openPrivateKey(
  file: PrivateKeyFile,
  world: World,
  ask: () => Promise<GivenPassword>,
): Promise<PrivateKey> {
  for (let tries = 1; ; tries += 1) {
    let given: GivenPassword | undefined;
    try {
      return await file.open(async () => (given = await ask()).password);
    } catch (error) {
      if (!isSigstoreError(error, "password-wrong") || given?.isTyped !== true || tries === MOST_TRIES)
        throw withTries(error, tries);
      world.writeTalk(`that is not its password; ${MOST_TRIES - tries} more to try\n`);
    }
  }
}

function withTries(error: unknown, tries: number): unknown {
  if (!isSigstoreError(error, "password-wrong") || tries === 1) return error;
  return new SigstoreError(error.code, `${error.message}, ${tries} times`, {
    hint: error.hint ?? "",
    details: { tries },
    cause: error,
  });
}

/** The public key's file beside a private key's. */
export function publicPathOf(path: string): string {
  return `${path.replace(/\.(?:key|pem|jwk)$/, "")}.pub`;
}

/** Refuses paths where something lies, before any work or question. @throws SigstoreError `file-exists` */
export function requireFree(paths: readonly string[], replaces: boolean): void {
  const taken = paths.find((path) => isPresent(path));
  if (taken !== undefined && !replaces) throw existsError(taken, KEY, { code: "file-exists", elsewhere: OUT });
}

/** A private key as text. `password` is undefined for one in the clear. */
export async function privateKeyText(
  key: PrivateKey,
  form: WrittenForm,
  password: Uint8Array | undefined,
): Promise<string> {
  if (password === undefined) return form === "jwk" ? serializePrivateJwk(key) : serializePrivateKeyPem(key);
  if (form === "cosign") return sealCosignKey(key, password);
  if (password.length === 0)
    throw usageError("expected a password, got an empty one", "cosign's form alone takes it; or write --unencrypted");
  return sealPrivateKeyPem(key, password);
}

/** Writes both halves: the private one for its owner alone. @throws SigstoreError `file-exists`, `file-unwritable` */
export async function writeKeyPair(
  path: string,
  privateText: string,
  publicKey: PublicKey,
  replaces: boolean,
): Promise<void> {
  await writePrivateKey(path, privateText, replaces);
  const options = { replaces, what: "a public key", exists: { code: "file-exists", elsewhere: OUT } } as const;
  await writeWhole(publicPathOf(path), serializePublicKeyPem(publicKey), options);
}

/** Writes a private key whole, or not at all. @throws SigstoreError `file-exists`, `file-unwritable` */
export async function writePrivateKey(path: string, text: string, replaces: boolean): Promise<void> {
  const exists = { code: "file-exists", elsewhere: OUT } as const;
  await writeWhole(path, text, { replaces, what: "a private key", mode: 0o600, exists });
}

/** The file itself, where a link leads to it: replacing the link would leave the old key in its place. */
export function fileBehind(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new SigstoreError("file-not-found", `expected a key at ${printable(path)}, got no such file`, { cause });
  }
}
