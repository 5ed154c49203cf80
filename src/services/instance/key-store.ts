/**
 * The private keys of an instance: one file each, sealed with one key for the whole folder, or in the clear with mode 0600.
 *
 * The folder's key is random and sealed itself (`folder-key.json`), with a key of 32 bytes or a passphrase by scrypt: one derivation
 * opens everything, and another passphrase seals one file anew. What is sealed names the key it is, so that files cannot be
 * exchanged for one another. Leaves out: where the sealing key comes from.
 */
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { openWithPassword, type SealedSecret, sealWithPassword } from "../../crypto/key-encryption.ts";
import {
  exportPkcs8,
  generatePrivateKey,
  importPrivateKey,
  importPrivateKeyPem,
  type PrivateKey,
  type PrivateKeyKind,
} from "../../crypto/private-key.ts";
import { randomBytes } from "../../crypto/random.ts";
import { openSecretBox, sealSecretBox, SECRET_BOX, type SecretBox } from "../../crypto/secret-box.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { concatBytes, equalBytes } from "../../encoding/bytes.ts";
import { parseJson } from "../../encoding/json.ts";
import { serializePem } from "../../encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { type MessageFields, MessageReader, objectFields } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import { API_VERSION } from "../../verdict/result.ts";
import {
  damaged,
  inFolder,
  makePrivateFolder,
  readSmallFile,
  removeDurably,
  requireSmallFile,
  SECRET_MODE,
  writeDurably,
} from "./durable-file.ts";

/** What seals the folder's key. */
export type KeyEncryption =
  /** 32 bytes, from a file or a credential. */
  | { readonly kind: "key"; readonly key: Uint8Array }
  /** In UTF-8. */
  | { readonly kind: "passphrase"; readonly passphrase: Uint8Array };

/** The sealed key of the folder; not there where the keys lie in the clear. */
export const FOLDER_KEY_FILE = "folder-key.json";
const FOLDER_KEY = "SealedFolderKey";
const SEALED_KEY = "SealedKey";

/** The keys in one folder. */
export class KeyStore {
  readonly folder: string;
  readonly #folderKey: Uint8Array | undefined;

  private constructor(folder: string, folderKey: Uint8Array | undefined) {
    this.folder = folder;
    this.#folderKey = folderKey;
  }

  /** Begins a folder of keys, sealed where there is something to seal with. */
  static async create(folder: string, encryption: KeyEncryption | undefined): Promise<KeyStore> {
    makePrivateFolder(folder);
    if (encryption === undefined) return new KeyStore(folder, undefined);
    const folderKey = randomBytes(SECRET_BOX.keyBytes);
    writeDurably(inFolder(folder, FOLDER_KEY_FILE), await sealFolderKey(folderKey, encryption), SECRET_MODE);
    return new KeyStore(folder, folderKey);
  }

  /**
   * Opens a folder of keys.
   *
   * @throws SigstoreError `instance-invalid` for files of others or with other rights, `password-wrong`, `config-invalid` when there is
   *   nothing to open it with
   */
  static async open(folder: string, encryption: KeyEncryption | undefined): Promise<KeyStore> {
    requireOwn(folder);
    const path = inFolder(folder, FOLDER_KEY_FILE);
    const sealed = readSmallFile(path);
    if (sealed === undefined) {
      if (encryption === undefined) return new KeyStore(folder, undefined);
      throw new SigstoreError(
        "config-invalid",
        `expected keys that are encrypted in ${folder}, got keys in the clear`,
        {
          hint: "leave the key out here; sigstore up --key-file FILE encrypts them",
        },
      );
    }
    requireOwn(path);
    if (encryption === undefined)
      throw new SigstoreError("config-invalid", `expected the key or passphrase of ${folder}, got none`, {
        hint: "its keys are encrypted: give --key-file FILE, as at the first start",
      });
    const opened = new KeyStore(folder, await openFolderKey(sealed, encryption, path));
    // What a sealing that was ended has left in the clear; a key that is there in no other way is never thrown away.
    for (const name of namesIn(folder, "pem")) if (opened.has(name)) removeDurably(inFolder(folder, `${name}.pem`));
    return opened;
  }

  /**
   * Seals a folder of keys that lie in the clear; the process that holds the instance alone may do it.
   *
   * Sealed files are written beside those in the clear, then the folder's key, which is the switch, and then the others go: who is
   * ended in between finds the keys in one way or the other.
   */
  static async seal(folder: string, encryption: KeyEncryption): Promise<KeyStore> {
    const plain = await KeyStore.open(folder, undefined);
    const folderKey = randomBytes(SECRET_BOX.keyBytes);
    const sealed = new KeyStore(folder, folderKey);
    const names = namesIn(folder, "pem");
    // Sealed keys whose folder key is gone: another one would open none of them.
    if (names.length === 0) throw damaged(inFolder(folder, FOLDER_KEY_FILE), "the key of sealed keys", "none");
    for (const name of names) await sealed.keep(name, await plain.load(name));
    writeDurably(inFolder(folder, FOLDER_KEY_FILE), await sealFolderKey(folderKey, encryption), SECRET_MODE);
    for (const name of namesIn(folder, "pem")) plain.remove(name);
    return sealed;
  }

  /** True for a folder whose keys are sealed. */
  static isSealed(folder: string): boolean {
    return existsSync(inFolder(folder, FOLDER_KEY_FILE));
  }

  /** False: the keys lie there in the clear. */
  get isEncrypted(): boolean {
    return this.#folderKey !== undefined;
  }

  /** True when the folder has a key of this name. */
  has(name: string): boolean {
    return existsSync(this.#path(name));
  }

  /** Makes a key and keeps it durably. */
  async create(name: string, kind: PrivateKeyKind): Promise<PrivateKey> {
    const key = generatePrivateKey(kind);
    await this.keep(name, key);
    return key;
  }

  /** Keeps a key durably. */
  async keep(name: string, key: PrivateKey): Promise<void> {
    const path = this.#path(name);
    const pkcs8 = exportPkcs8(key);
    if (this.#folderKey === undefined) writeDurably(path, serializePem("PRIVATE KEY", pkcs8), SECRET_MODE);
    else {
      const box = await sealSecretBox(this.#folderKey, concatBytes(nameMark(name), pkcs8));
      writeDurably(path, json({ kind: SEALED_KEY, ...boxToJson(box) }), SECRET_MODE);
    }
  }

  /** The key of this name. @throws SigstoreError `instance-invalid` */
  async load(name: string): Promise<PrivateKey> {
    const path = this.#path(name);
    const bytes = requireSmallFile(path);
    requireOwn(path);
    try {
      if (this.#folderKey === undefined) return importPrivateKeyPem(utf8Decode(bytes));
      return importPrivateKey(await openNamed(name, readBox(bytes, SEALED_KEY), this.#folderKey));
    } catch (cause) {
      if (!isSigstoreError(cause)) throw cause;
      throw damaged(path, `the private key ${name}`, cause.message, cause);
    }
  }

  /** Forgets the key of this name for good. */
  remove(name: string): void {
    removeDurably(this.#path(name));
  }

  #path(name: string): string {
    return inFolder(this.folder, `${name}.${this.isEncrypted ? "json" : "pem"}`);
  }
}

function namesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(`.${ending}`))
    .map((file) => file.slice(0, -ending.length - 1));
}

/** What others can read or write is no secret: refused as ssh does, with the command that mends it. */
export function requireOwn(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const rights = stats.mode & 0o777;
  if ((rights & 0o077) === 0) return;
  const wanted = stats.isDirectory() ? "700" : "600";
  throw new SigstoreError(
    "instance-invalid",
    `${path}: expected rights ${wanted}, got ${rights.toString(8).padStart(3, "0")}: others can reach it`,
    { hint: `if nobody else has read it, mend it with: chmod ${wanted} ${path}`, details: { path } },
  );
}

/** Stands before each sealed key. */
function nameMark(name: string): Uint8Array {
  return utf8Encode(`sigstore-ts instance key\n${name}\n`);
}

async function openNamed(name: string, box: SecretBox, folderKey: Uint8Array): Promise<Uint8Array> {
  const opened = await openSecretBox(folderKey, box);
  const mark = nameMark(name);
  if (opened === undefined || !equalBytes(opened.subarray(0, mark.length), mark))
    throw new SigstoreError("key-encryption-invalid", `expected a key sealed as ${name}, got something else`);
  return opened.subarray(mark.length);
}

async function sealFolderKey(folderKey: Uint8Array, encryption: KeyEncryption): Promise<string> {
  if (encryption.kind === "key")
    return json({ kind: FOLDER_KEY, method: "key", ...boxToJson(await sealSecretBox(encryption.key, folderKey)) });
  const sealed = await sealWithPassword(folderKey, encryption.passphrase);
  const { parameters, salt } = sealed;
  return json({
    kind: FOLDER_KEY,
    method: "passphrase",
    scrypt: { ...parameters, salt: base64Encode(salt) },
    ...boxToJson(sealed),
  });
}

async function openFolderKey(bytes: Uint8Array, encryption: KeyEncryption, path: string): Promise<Uint8Array> {
  const sealed = readSealedFolderKey(bytes, path);
  const method = sealed.salt === undefined ? "key" : "passphrase";
  if (method !== encryption.kind)
    throw new SigstoreError("config-invalid", `expected a ${method} for ${path}, got a ${encryption.kind}`, {
      hint: "give with --key-file what you gave at the first start",
    });
  if (encryption.kind === "passphrase" && sealed.salt !== undefined)
    return openWithPassword({ ...sealed, salt: sealed.salt, parameters: sealed.parameters }, encryption.passphrase);
  const opened = encryption.kind === "key" ? await openSecretBox(encryption.key, sealed) : undefined;
  if (opened !== undefined) return opened;
  throw new SigstoreError("password-wrong", `expected the key that ${path} was sealed with, got another`, {
    hint: "give the key file of the first start; if it is that one, the folder was changed",
  });
}

const BOX_FIELDS = ["apiVersion", "kind", "nonce", "ciphertext"] as const;
const FOLDER_KEY_FIELDS = objectFields(...BOX_FIELDS, "method", "scrypt");
const SEALED_KEY_FIELDS = objectFields(...BOX_FIELDS);
const SCRYPT_FIELDS = objectFields("cost", "blockSize", "parallelization", "salt");

type SealedFolderKey = Omit<SealedSecret, "salt"> & { readonly salt: Uint8Array | undefined };

function readSealedFolderKey(bytes: Uint8Array, path: string): SealedFolderKey {
  try {
    const message = readSealed(bytes, FOLDER_KEY, FOLDER_KEY_FIELDS);
    const scrypt = message.message("scrypt", SCRYPT_FIELDS);
    return {
      ...boxOf(message),
      parameters: {
        cost: scrypt?.uint32("cost") ?? 0,
        blockSize: scrypt?.uint32("blockSize") ?? 0,
        parallelization: scrypt?.uint32("parallelization") ?? 0,
      },
      salt: scrypt?.requireBytes("salt"),
    };
  } catch (cause) {
    if (!isSigstoreError(cause)) throw cause;
    throw damaged(path, "the sealed key of the folder", cause.message, cause);
  }
}

function readBox(bytes: Uint8Array, kind: string): SecretBox {
  return boxOf(readSealed(bytes, kind, SEALED_KEY_FIELDS));
}

function readSealed(bytes: Uint8Array, kind: string, fields: MessageFields): MessageReader {
  const value = parseJson(bytes, { maxBytes: LIMITS.smallFileBytes });
  const message = MessageReader.root(value, fields, "key-encryption-invalid", kind);
  const got = message.string("kind");
  if (got !== kind) throw message.refuse("kind", kind, got);
  return message;
}

function boxOf(message: MessageReader): SecretBox {
  return { nonce: message.requireBytes("nonce"), ciphertext: message.requireBytes("ciphertext") };
}

function boxToJson({ nonce, ciphertext }: SecretBox): Readonly<Record<string, string>> {
  return { nonce: base64Encode(nonce), ciphertext: base64Encode(ciphertext) };
}

function json(value: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ apiVersion: API_VERSION, ...value }, null, 2)}\n`;
}
