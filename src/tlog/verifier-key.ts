/**
 * Keys of signed notes as text: verifier keys (C2SP signed-note, "Verifier keys") and the signer keys of golang.org/x/mod/sumdb/note.
 *
 * `<name>+<key ID in hex>+<base64 of signature type and public key>`, and for signers `PRIVATE+KEY+` before and the 32-byte
 * Ed25519 seed instead of the public key. Leaves out: key files, and signer keys of other types, which nobody writes so.
 */
import { importPublicKey, publicKeyFromBytes } from "../crypto/keys.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { serializePkcs8 } from "../crypto/pkcs8.ts";
import { importPrivateKey } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { base64Decode, base64Encode } from "../encoding/base64.ts";
import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { cosignatureVerifier } from "./cosignature.ts";
import { NOTE_SIGNATURE_TYPE, noteSigner, noteVerifier, rawEd25519Key, RSA_TYPE_NAME } from "./note-key.ts";
import { isKeyName } from "./signed-note.ts";
import type { NoteSigner, NoteVerifier } from "./signed-note.ts";
import { treeHeadVerifier } from "./tree-head.ts";

const SIGNER_KEY_START = "PRIVATE+KEY+";
const ED25519_KEY_BYTES = 32;

/** Name, key ID in hex, base64. A name has no plus sign, so the first two divide; base64 may have more. */
const KEY_TEXT = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/;
const MAX_KEY_TEXT_LENGTH = 8192;

interface KeyText {
  readonly name: string;
  readonly keyId: string;
  readonly signatureType: number;
  readonly material: Uint8Array;
}

/**
 * Reads a verifier key of type 0x01 (Ed25519), 0x02 (ECDSA), 0x04 (cosignature/v1), 0x05 (RFC 6962 tree head, with the key as
 * SubjectPublicKeyInfo) or 0xff (RSA of Rekor v2).
 * @throws {SigstoreError} `key-invalid` when it is malformed or its key ID is that of another key, `key-unsupported` for other types
 */
export function parseVerifierKey(text: string): NoteVerifier {
  const key = parseKeyText(text);
  const verifier = verifierOfType(key);
  // "The key name and ID MUST match those used in the signatures."
  if (hexEncode(verifier.keyId) !== key.keyId)
    throw keyError(`the key ID ${hexEncode(verifier.keyId)} of this name and key`, key.keyId);
  return verifier;
}

function verifierOfType({ name, signatureType, material }: KeyText): NoteVerifier {
  switch (signatureType) {
    case NOTE_SIGNATURE_TYPE.ed25519:
      return noteVerifier(name, importEd25519Key(material));
    case NOTE_SIGNATURE_TYPE.ecdsa:
      return noteVerifier(name, importKeyOf(material, ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"]));
    case NOTE_SIGNATURE_TYPE.cosignature:
      return cosignatureVerifier(name, importEd25519Key(material));
    case NOTE_SIGNATURE_TYPE.treeHead:
      return treeHeadVerifier(name, importKeyOf(material, ["ecdsa-p256", "rsa"]));
    case NOTE_SIGNATURE_TYPE.unassigned:
      return noteVerifier(name, importKeyOf(withoutRsaTypeName(material), ["rsa"]));
    default:
      throw new SigstoreError(
        "key-unsupported",
        `expected a verifier key of type 1, 2, 4, 5 or 255 (RSA), got type ${signatureType}`,
      );
  }
}

function importEd25519Key(material: Uint8Array): PublicKey {
  if (material.length !== ED25519_KEY_BYTES)
    throw keyError(`an Ed25519 key of ${ED25519_KEY_BYTES} bytes`, `${material.length}`);
  return publicKeyFromBytes("ed25519", material);
}

function importKeyOf(spki: Uint8Array, keyTypes: readonly PublicKey["keyType"][]): PublicKey {
  const key = importPublicKey(spki);
  if (!keyTypes.includes(key.keyType)) throw keyError(`a key of type ${keyTypes.join(", ")}`, key.keyType);
  return key;
}

function withoutRsaTypeName(material: Uint8Array): Uint8Array {
  const typeName = utf8Encode(RSA_TYPE_NAME);
  if (!equalBytes(material.subarray(0, typeName.length), typeName)) {
    throw new SigstoreError("key-unsupported", `expected ${RSA_TYPE_NAME} after the type 255, got another name`);
  }
  return material.subarray(typeName.length);
}

/** Never shows the text: it may be a signer key. */
function parseKeyText(text: string): KeyText {
  const match = text.length > MAX_KEY_TEXT_LENGTH ? null : KEY_TEXT.exec(text);
  if (match === null) throw keyError("<name>+<key ID in hex>+<base64>", "another form");
  const [, name = "", keyId = "", encoded = ""] = match;
  if (!isKeyName(name)) throw keyError("a key name without spaces and plus signs", "another one");
  const bytes = decodeMaterial(encoded);
  const [signatureType] = bytes;
  if (signatureType === undefined) throw keyError("a signature type and a key", "nothing");
  return { name, keyId, signatureType, material: bytes.subarray(1) };
}

function decodeMaterial(encoded: string): Uint8Array {
  try {
    return base64Decode(encoded);
  } catch (cause) {
    throw new SigstoreError("key-invalid", "expected a key in base64, got something else", { cause });
  }
}

/**
 * Writes the verifier key of `key` as `name`: type 0x01 or 0x02, by the key's kind; 0xff for RSA.
 * @throws {TypeError} when `name` is no key name
 */
export function serializeVerifierKey(name: string, key: PublicKey): string {
  return serializeKeyText(name, noteVerifier(name, key).keyId, verifierMaterial(key));
}

function verifierMaterial(key: PublicKey): Uint8Array {
  switch (key.keyType) {
    case "ed25519":
      return concatBytes(Uint8Array.of(NOTE_SIGNATURE_TYPE.ed25519), rawEd25519Key(key));
    case "rsa":
      return concatBytes(Uint8Array.of(NOTE_SIGNATURE_TYPE.unassigned), utf8Encode(RSA_TYPE_NAME), key.spki);
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return concatBytes(Uint8Array.of(NOTE_SIGNATURE_TYPE.ecdsa), key.spki);
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      throw new SigstoreError("key-unsupported", `expected a key of Ed25519, ECDSA or RSA, got one of ${key.keyType}`);
  }
}

/**
 * Writes the verifier key of witness `name` (type 0x04).
 * @throws {TypeError} when `name` is no key name or the key not Ed25519
 */
export function serializeCosignerKey(name: string, key: PublicKey): string {
  const material = concatBytes(Uint8Array.of(NOTE_SIGNATURE_TYPE.cosignature), rawEd25519Key(key));
  return serializeKeyText(name, cosignatureVerifier(name, key).keyId, material);
}

function serializeKeyText(name: string, keyId: Uint8Array, material: Uint8Array): string {
  return `${name}+${hexEncode(keyId)}+${base64Encode(material)}`;
}

/**
 * Reads a signer key, `PRIVATE+KEY+<name>+<key ID>+<base64 of 0x01 and seed>`. No error shows any of it.
 * @throws {SigstoreError} `key-invalid` when it is malformed or its key ID is that of another key, `key-unsupported` for other types
 */
export function parseSignerKey(text: string): NoteSigner {
  if (!text.startsWith(SIGNER_KEY_START)) throw keyError(`a signer key ${SIGNER_KEY_START}…`, "another form");
  const { name, keyId, signatureType, material } = parseKeyText(text.slice(SIGNER_KEY_START.length));
  if (signatureType !== NOTE_SIGNATURE_TYPE.ed25519)
    throw new SigstoreError("key-unsupported", `expected a signer key of type 1 (Ed25519), got type ${signatureType}`);
  if (material.length !== ED25519_KEY_BYTES)
    throw keyError(`an Ed25519 seed of ${ED25519_KEY_BYTES} bytes`, `${material.length}`);
  const privateKey = importPrivateKey(serializePkcs8({ keyType: "ed25519", secret: material, publicBytes: undefined }));
  const signer = noteSigner(name, createSigner(privateKey));
  if (hexEncode(signer.keyId) !== keyId)
    throw keyError(`the key ID ${hexEncode(signer.keyId)} of this name and key`, keyId);
  return signer;
}

function keyError(expected: string, got: string): SigstoreError {
  return new SigstoreError("key-invalid", `expected ${expected}, got ${got}`);
}
