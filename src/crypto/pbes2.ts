/**
 * RFC 8018 §6.2 PBES2: PKCS #8 under a password, opened and sealed; what formats/encrypted-private-key.ts reads and writes.
 *
 * Seals by AES-256-CBC, its key by PBKDF2 or scrypt with parameters that every reader in use takes. PBES2 has no tag: a wrong password
 * shows where what comes out is no key.
 */
import { platform } from "#platform";
import {
  ENCRYPTION_BYTES,
  type EncryptedPrivateKey,
  type PasswordDerivation,
  serializeEncryptedPrivateKey,
} from "../formats/encrypted-private-key.ts";
import { decryptCbc, encryptAesCbc } from "./block-cipher.ts";
import { deriveKeyFromPassword } from "./password.ts";
import { wrongPassword } from "./wrong-password.ts";

const SALT_BYTES = 16;
const SEALING = { name: "aes-256-cbc", key: 32, iv: 16 } as const;

/** OWASP Password Storage Cheat Sheet, 2023: PBKDF2-HMAC-SHA256 with 600,000 iterations. */
const PBKDF2_ITERATIONS = 600_000;

/** The largest memory (16 MiB) that OpenSSL allows when it reads such a file, five times over. */
const SCRYPT_PARAMETERS = { cost: 16384, blockSize: 8, parallelization: 5 } as const;

/**
 * The PKCS #8 DER inside EncryptedPrivateKeyInfo DER that was parsed.
 *
 * @throws SigstoreError `password-wrong`, `key-encryption-invalid`, `input-too-large`, `algorithm-unsupported` for triple DES in browsers
 */
export async function openPbes2(sealed: EncryptedPrivateKey, password: Uint8Array): Promise<Uint8Array> {
  const { derivation, encryption, ciphertext } = sealed;
  const key = await deriveKey(derivation, password, ENCRYPTION_BYTES[encryption.name].key);
  const opened = await decryptCbc(encryption.name, key, encryption.iv, ciphertext);
  return opened ?? wrongPassword();
}

/** EncryptedPrivateKeyInfo DER around PKCS #8 DER. */
export async function sealPbes2(
  pkcs8: Uint8Array,
  password: Uint8Array,
  derivationName: PasswordDerivation["name"],
): Promise<Uint8Array> {
  const salt = platform.randomBytes(SALT_BYTES);
  const derivation: PasswordDerivation =
    derivationName === "scrypt"
      ? { name: "scrypt", salt, parameters: SCRYPT_PARAMETERS }
      : { name: "pbkdf2", hash: "sha256", salt, iterations: PBKDF2_ITERATIONS };
  const key = await deriveKey(derivation, password, SEALING.key);
  const iv = platform.randomBytes(SEALING.iv);
  const ciphertext = await encryptAesCbc(key, iv, pkcs8);
  return serializeEncryptedPrivateKey({ derivation, encryption: { name: SEALING.name, iv }, ciphertext });
}

async function deriveKey(derivation: PasswordDerivation, password: Uint8Array, length: number): Promise<Uint8Array> {
  return derivation.name === "pbkdf2"
    ? platform.pbkdf2(derivation, password, length)
    : deriveKeyFromPassword(password, derivation.salt, derivation.parameters, length);
}
