/**
 * Keys that sign the text of a note as it is (C2SP signed-note, types 0x01 and 0x02; Rekor v2's RSA form of type 0xff).
 *
 * Types that sign more than the text are in cosignature.ts and tree-head.ts. Leaves out: ML-DSA-44 (0x06).
 */
import type { SignatureScheme } from "../crypto/algorithms.ts";
import { sha256 } from "../crypto/digest.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { verifySignature } from "../crypto/verify.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import { isKeyName } from "./signed-note.ts";
import type { NoteSigner, NoteVerifier } from "./signed-note.ts";

/** "The following are the assigned signature type identifier bytes"; those that are spoken here. */
export const NOTE_SIGNATURE_TYPE = {
  ed25519: 0x01,
  ecdsa: 0x02,
  cosignature: 0x04,
  treeHead: 0x05,
  unassigned: 0xff,
} as const;

/** What follows 0xff for the RSA keys of Rekor v2: the longer identifier that C2SP signed-note asks for. */
export const RSA_TYPE_NAME = "PKIX-RSA-PKCS#1v1.5";

const KEY_ID_BYTES = 4;
const NEWLINE = Uint8Array.of(0x0a);

/**
 * "key ID = SHA-256(key name || 0x0A || signature type || public key)[:4]": the whole hash, of which a key ID is the beginning.
 * @param material the signature type with what belongs to it, and the public key
 */
export function namedKeyHash(name: string, ...material: Uint8Array[]): Uint8Array {
  assertKeyName(name);
  return sha256(concatBytes(utf8Encode(name), NEWLINE, ...material));
}

/** The key ID that a key hash begins with. */
export function keyIdOf(keyHash: Uint8Array): Uint8Array {
  return keyHash.slice(0, KEY_ID_BYTES);
}

/**
 * The hash that identifies a log's key: the key ID of its checkpoints begins it, and Rekor v2's log ID is the whole (32 bytes).
 *
 * Ed25519 and RSA hash the name too; "the key ID for [ECDSA] signatures is the truncated SHA-256 hash of the DER encoded public
 * key in SPKI format", which is also the log ID of Rekor v1 and of certificate transparency logs.
 * @throws {SigstoreError} `key-unsupported` for ML-DSA
 */
export function logKeyHash(name: string, key: PublicKey): Uint8Array {
  switch (key.keyType) {
    case "ed25519":
      return namedKeyHash(name, Uint8Array.of(NOTE_SIGNATURE_TYPE.ed25519), rawEd25519Key(key));
    case "rsa":
      return namedKeyHash(name, Uint8Array.of(NOTE_SIGNATURE_TYPE.unassigned), utf8Encode(RSA_TYPE_NAME), key.spki);
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return sha256(key.spki);
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      throw withoutNotes(key);
  }
}

/** C2SP signed-note gives ML-DSA to witnesses alone. */
function withoutNotes({ keyType }: PublicKey): SigstoreError {
  return new SigstoreError("key-unsupported", `expected a log key of Ed25519, ECDSA or RSA, got one of ${keyType}`);
}

/**
 * The 32 bytes of an Ed25519 key.
 * @throws {TypeError} when it is another key
 */
export function rawEd25519Key(key: PublicKey): Uint8Array {
  if (key.keyType !== "ed25519") throw new TypeError(`expected an Ed25519 key, got ${key.keyType}`);
  return key.keyBytes;
}

/**
 * How notes are signed with `key` unless something else is said. Type 0x02 hashes with SHA-256 on every curve, "as implemented
 * by github.com/transparency-dev/witness".
 */
export function noteScheme(key: PublicKey): SignatureScheme {
  const { keyType } = key;
  switch (keyType) {
    case "ed25519":
      return { scheme: "ed25519", keyType, hash: undefined };
    case "rsa":
      return { scheme: "rsa-pkcs1v15", keyType, hash: "sha256" };
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return { scheme: "ecdsa", keyType, hash: "sha256" };
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      throw withoutNotes(key);
  }
}

/**
 * A verifier of notes that `name` signs with `key`. A log whose trusted root names another algorithm than {@link noteScheme}, as
 * Rekor v2 may with P-384, needs it as `scheme`.
 * @throws {TypeError} when `name` is no key name
 */
export function noteVerifier(name: string, key: PublicKey, scheme: SignatureScheme = noteScheme(key)): NoteVerifier {
  assertKeyName(name);
  const keyId = keyIdOf(logKeyHash(name, key));
  return { name, keyId, verify: (text, signature) => verifySignature(key, scheme, utf8Encode(text), signature) };
}

/**
 * A signer of notes as `name`, with the algorithm of `signer`; who knows the key by its verifier key alone expects {@link noteScheme}.
 * @throws {TypeError} when `name` is no key name, or for Ed25519ph and RSA-PSS, which notes do not know
 */
export function noteSigner(name: string, signer: Signer): NoteSigner {
  const { scheme } = signer.algorithm;
  if (scheme !== "ed25519" && scheme !== "ecdsa" && scheme !== "rsa-pkcs1v15")
    throw new TypeError(`expected a signer of Ed25519, ECDSA or RSA PKCS#1 v1.5, got ${scheme}`);
  assertKeyName(name);
  return { name, keyId: keyIdOf(logKeyHash(name, signer.publicKey)), sign: (text) => signer.sign(utf8Encode(text)) };
}

/** @throws {TypeError} when `name` is no key name */
export function assertKeyName(name: string): void {
  if (!isKeyName(name))
    throw new TypeError(`expected a key name without spaces and plus signs, got ${JSON.stringify(name)}`);
}
