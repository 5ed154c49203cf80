/**
 * Keys as files: PKCS #8 (in the clear, or under a password), cosign's key file, JSON Web Key; SubjectPublicKeyInfo of public keys.
 *
 * One form each, which OpenSSL, Go and stock cosign read. Leaves out writing to disk.
 */
import { serializeJson } from "../encoding/json-writer.ts";
import { serializePem } from "../encoding/pem.ts";
import { serializeCosignKey } from "../formats/cosign-key.ts";
import type { PasswordDerivation } from "../formats/encrypted-private-key.ts";
import { jwkOf } from "../formats/jwk.ts";
import { sealWithPassword } from "./key-encryption.ts";
import type { PublicKey } from "./keys.ts";
import { sealPbes2 } from "./pbes2.ts";
import { privateNumbersOf } from "./private-key-info.ts";
import { exportPkcs8, PrivateKey } from "./private-key.ts";

/** PEM "PUBLIC KEY" (RFC 7468 §13). */
export function serializePublicKeyPem(key: PublicKey): string {
  return serializePem("PUBLIC KEY", key.spki);
}

/** A public key as JSON Web Key, one line. */
export function serializePublicJwk(key: PublicKey): string {
  return `${serializeJson(jwkOf(key.spki))}\n`;
}

/** PEM "PRIVATE KEY" (RFC 7468 §10): the secret in the clear. */
export function serializePrivateKeyPem(key: PrivateKey): string {
  return serializePem("PRIVATE KEY", exportPkcs8(key));
}

/** PEM "ENCRYPTED PRIVATE KEY" (RFC 7468 §11): PBES2 with AES-256-CBC, the key by PBKDF2 as a rule. */
export async function sealPrivateKeyPem(
  key: PrivateKey,
  password: Uint8Array,
  derivation: PasswordDerivation["name"] = "pbkdf2",
): Promise<string> {
  return serializePem("ENCRYPTED PRIVATE KEY", await sealPbes2(exportPkcs8(key), password, derivation));
}

/** The file `cosign.key`: PEM "ENCRYPTED SIGSTORE PRIVATE KEY". Stock cosign takes the empty password too. */
export async function sealCosignKey(key: PrivateKey, password: Uint8Array): Promise<string> {
  return serializeCosignKey(await sealWithPassword(exportPkcs8(key), password));
}

/**
 * A private key as JSON Web Key, one line: the secret in the clear.
 *
 * @throws SigstoreError `key-unsupported` for ML-DSA of which nobody kept the seed
 */
export function serializePrivateJwk(key: PrivateKey): string {
  return `${serializeJson(jwkOf(key.publicKey.spki, privateNumbersOf(PrivateKey.parts(key).info)))}\n`;
}
