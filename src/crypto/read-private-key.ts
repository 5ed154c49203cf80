/**
 * One door for private keys: whatever form a file has, its key; with a password where the form is encrypted.
 *
 * PKCS #8 plain and encrypted, PKCS #1, SEC 1, OpenSSL's old encrypted PEM, OpenSSH, JSON Web Key, cosign's file. The password is asked
 * for only when the file needs one, once; trying again is the caller's. Leaves out where the file and the password come from.
 */
import { equalBytes } from "../encoding/bytes.ts";
import type { PemBlockWithHeaders } from "../encoding/pem.ts";
import { SigstoreError } from "../errors.ts";
import { COSIGN_KEY_LABEL, OLD_COSIGN_KEY_LABEL, parseCosignKey } from "../formats/cosign-key.ts";
import { parseEncryptedPrivateKey } from "../formats/encrypted-private-key.ts";
import { FOREIGN_DER } from "../formats/foreign-keys.ts";
import { isPrivateJwk, parsePrivateJwk } from "../formats/jwk.ts";
import { type DerKeyKind, type KeyFile, parseKeyFile, unsupported } from "../formats/key-file.ts";
import { parseOpenSshPrivateKey, parseOpenSshPrivatePart } from "../formats/openssh/private-key.ts";
import { openWithPassword } from "./key-encryption.ts";
import { importPublicKey, type PublicKey } from "./keys.ts";
import { type DecryptedPart, openOpenSshPart, plainPart } from "./openssh-encryption.ts";
import { openPbes2 } from "./pbes2.ts";
import { openPemBlock, pemEncryptionOf } from "./pem-encryption.ts";
import { parseEcPrivateKey, parsePkcs8, parseRsaPrivateKey, type PrivateKeyInfo } from "./pkcs8.ts";
import { privateKeyInfoOf } from "./private-key-info.ts";
import { PrivateKey } from "./private-key.ts";
import { parsingDecrypted, wrongPassword } from "./wrong-password.ts";

/** Forms of private keys. */
export type PrivateKeyForm = "pkcs8" | "pkcs1" | "sec1" | "openssh" | "jwk" | "cosign";

/** Asked for the password of a key that needs one; undefined means that there is none. */
export type AskPassword = () => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** What can be said of a key without its password. */
export interface PrivateKeyFile {
  readonly form: PrivateKeyForm;
  readonly isEncrypted: boolean;
  /** The public key, where the file shows it although it is encrypted (OpenSSH). */
  readonly publicKey: PublicKey | undefined;
  /** The key. @throws SigstoreError as `readPrivateKey` */
  open(password?: AskPassword): Promise<PrivateKey>;
}

/** How a form is opened: without a password, or with one. */
type Opening =
  | { readonly isEncrypted: false; readonly read: () => PrivateKeyInfo }
  | { readonly isEncrypted: true; readonly decrypt: (password: Uint8Array) => Promise<PrivateKeyInfo> };

/**
 * The private key of a file.
 *
 * @throws SigstoreError `password-required` when the file is encrypted and no password is to be had, `password-wrong`, `key-invalid`,
 *   `key-unsupported`, `key-encryption-invalid`, `input-unrecognized`, `input-empty`, `input-too-large`, `pem-invalid`, `json-invalid`,
 *   `algorithm-unsupported` for RSA in browsers; each says what the file is and what to do
 */
export async function readPrivateKey(
  bytes: Uint8Array,
  { password }: { readonly password?: AskPassword | undefined } = {},
): Promise<PrivateKey> {
  return parsePrivateKeyFile(bytes).open(password);
}

/** What a file says of its private key without a password. @throws SigstoreError as `readPrivateKey`, but those about passwords */
export function parsePrivateKeyFile(bytes: Uint8Array): PrivateKeyFile {
  // A copy: the caller may wipe or reuse its own octets.
  const file = parseKeyFile(new Uint8Array(bytes));
  switch (file.notation) {
    case "pem":
      return fromPem(file.blocks);
    case "der":
      return keyFile(formOfDer(file.kind), openingOfDer(file.kind, file.bytes));
    case "jwk":
      return fromJwk(file);
    case "openssh-lines":
      throw notPrivate("a public key of OpenSSH", "give the file without .pub");
    case "minisign":
      throw notPrivate(
        "a key of minisign",
        "its public key verifies; its secret key is for minisign alone: sigstore key new makes another",
      );
  }
}

function keyFile(form: PrivateKeyForm, opening: Opening, publicKey?: PublicKey): PrivateKeyFile {
  return {
    form,
    isEncrypted: opening.isEncrypted,
    publicKey,
    open: async (password) => {
      const key = new PrivateKey(opening.isEncrypted ? await decryptedKey(opening, password) : opening.read());
      if (publicKey !== undefined && !equalBytes(key.publicKey.spki, publicKey.spki))
        throw new SigstoreError("key-invalid", "expected a private key with its own public key, got one with another");
      return key;
    },
  };
}

async function decryptedKey(
  { decrypt }: Extract<Opening, { readonly isEncrypted: true }>,
  password: AskPassword | undefined,
): Promise<PrivateKeyInfo> {
  const secret = await password?.();
  if (secret === undefined) throw passwordRequired();
  return decrypt(secret);
}

function passwordRequired(): SigstoreError {
  return new SigstoreError(
    "password-required",
    "expected a password for the private key, which is encrypted, got none",
  );
}

function fromPem(blocks: readonly PemBlockWithHeaders[]): PrivateKeyFile {
  // OpenSSL writes the curve first, and certificates may stand beside their key.
  const keys = blocks.filter(({ label }) => label !== "EC PARAMETERS" && label !== "CERTIFICATE");
  const [block] = keys;
  if (block === undefined || keys.length !== 1) throw notOneKey(blocks, keys);
  const encryption = pemEncryptionOf(block);
  // Only these two are ever encrypted so; the others have an encryption of their own, or none.
  if (encryption !== undefined && block.label !== "RSA PRIVATE KEY" && block.label !== "EC PRIVATE KEY")
    throw new SigstoreError("key-encryption-invalid", `expected a PEM block ${block.label} without headers, got some`);
  const parameters = blocks.find(({ label }) => label === "EC PARAMETERS")?.bytes;
  switch (block.label) {
    case COSIGN_KEY_LABEL:
    case OLD_COSIGN_KEY_LABEL:
      return keyFile("cosign", openingOfCosign(block.bytes));
    case "OPENSSH PRIVATE KEY":
      return fromOpenSsh(block.bytes);
  }
  const kind = PEM_KINDS.get(block.label);
  if (kind === undefined) throw notPrivate(`a PEM block ${block.label}`, "give the private key");
  if (encryption === undefined) return keyFile(formOfDer(kind), openingOfDer(kind, block.bytes, parameters));
  return keyFile(formOfDer(kind), {
    isEncrypted: true,
    decrypt: async (password) => {
      const opened = await openPemBlock(block.bytes, encryption, password);
      return parsingDecrypted(() => plainKeyOf(kind, opened, parameters));
    },
  });
}

const PEM_KINDS: ReadonlyMap<string, DerKeyKind> = new Map([
  ["PRIVATE KEY", "pkcs8"],
  ["ENCRYPTED PRIVATE KEY", "encrypted-pkcs8"],
  ["EC PRIVATE KEY", "sec1"],
  ["RSA PRIVATE KEY", "pkcs1-private"],
]);

function notOneKey(blocks: readonly PemBlockWithHeaders[], keys: readonly PemBlockWithHeaders[]): SigstoreError {
  const labels = blocks.map(({ label }) => label).join(", ");
  if (keys.length === 0) return notPrivate(`a PEM block ${labels}`, "give the private key");
  return new SigstoreError("key-invalid", `expected one private key, got ${keys.length} (${labels})`, {
    hint: "give a file with the one key",
  });
}

function formOfDer(kind: DerKeyKind): PrivateKeyForm {
  if (kind === "sec1") return "sec1";
  return kind === "pkcs1-private" ? "pkcs1" : "pkcs8";
}

function openingOfDer(kind: DerKeyKind, bytes: Uint8Array, parameters?: Uint8Array): Opening {
  switch (kind) {
    case "pkcs8":
    case "sec1":
    case "pkcs1-private":
      return { isEncrypted: false, read: () => plainKeyOf(kind, bytes, parameters) };
    case "encrypted-pkcs8": {
      const sealed = parseEncryptedPrivateKey(bytes);
      const decrypt = async (password: Uint8Array): Promise<PrivateKeyInfo> => {
        const pkcs8 = await openPbes2(sealed, password);
        return parsingDecrypted(() => parsePkcs8(pkcs8));
      };
      return { isEncrypted: true, decrypt };
    }
    case "certification-request":
    case "pkcs12":
      throw unsupported(...FOREIGN_DER[kind]);
    case "certificate":
      throw notPrivate("a certificate", "give the private key that belongs to it");
    case "spki":
    case "pkcs1-public":
      throw notPrivate("a public key", "give the private key: signing needs it");
  }
}

function plainKeyOf(kind: DerKeyKind, bytes: Uint8Array, parameters: Uint8Array | undefined): PrivateKeyInfo {
  if (kind === "sec1") return parseEcPrivateKey(bytes, parameters);
  return kind === "pkcs1-private" ? parseRsaPrivateKey(bytes) : parsePkcs8(bytes);
}

function openingOfCosign(json: Uint8Array): Opening {
  const sealed = parseCosignKey(json);
  return { isEncrypted: true, decrypt: async (password) => parsePkcs8(await openWithPassword(sealed, password)) };
}

function fromOpenSsh(bytes: Uint8Array): PrivateKeyFile {
  const sealed = parseOpenSshPrivateKey(bytes);
  const opening: Opening =
    sealed.derivation === undefined
      ? { isEncrypted: false, read: () => openSshKeyOf(plainPart(sealed), damaged) }
      : {
          isEncrypted: true,
          decrypt: async (password) => openSshKeyOf(await openOpenSshPart(sealed, password), wrongPassword),
        };
  return keyFile("openssh", opening, importPublicKey(sealed.spki));
}

function openSshKeyOf({ bytes, blockBytes }: DecryptedPart, refuse: () => never): PrivateKeyInfo {
  const part = parseOpenSshPrivatePart(bytes, blockBytes) ?? refuse();
  return privateKeyInfoOf(part.numbers);
}

function damaged(): never {
  throw new SigstoreError("key-invalid", "expected an OpenSSH private key with its check number twice, got two others");
}

function fromJwk({ keys }: Extract<KeyFile, { readonly notation: "jwk" }>): PrivateKeyFile {
  const [key] = keys;
  if (key === undefined || keys.length !== 1)
    throw new SigstoreError("key-invalid", `expected one JSON Web Key, got a set of ${keys.length}`, {
      hint: "give a file with the one key",
    });
  if (!isPrivateJwk(key)) throw notPrivate("a public JSON Web Key", "give the private key: signing needs it");
  return keyFile("jwk", { isEncrypted: false, read: () => privateKeyInfoOf(parsePrivateJwk(key)) });
}

function notPrivate(got: string, hint: string): SigstoreError {
  return new SigstoreError("key-invalid", `expected a private key, got ${got}`, { hint });
}
