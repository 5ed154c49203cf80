/**
 * Sealing a secret with a password: scrypt (RFC 7914) for the key, NaCl's secretbox for the rest, as cosign's key files do it.
 *
 * Leaves out the JSON and PEM around it, which formats know.
 */
import { platform } from "#platform";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { deriveKeyFromPassword, SCRYPT_PARAMETERS, type ScryptParameters } from "./password.ts";
import { openSecretBox, SECRET_BOX, sealSecretBox, type SecretBox } from "./secret-box.ts";
import { wrongPassword } from "./wrong-password.ts";

const SALT_BYTES = 32;

/** A sealed secret, and how its key comes from the password. */
export interface SealedSecret extends SecretBox {
  readonly parameters: ScryptParameters;
  readonly salt: Uint8Array;
}

/**
 * Seals `secret` with a password (in UTF-8, or any octets; the empty one is a password too), a fresh salt and nonce.
 *
 * @throws SigstoreError as `deriveKeyFromPassword`
 */
export async function sealWithPassword(
  secret: Uint8Array,
  password: Uint8Array,
  parameters: ScryptParameters = SCRYPT_PARAMETERS,
): Promise<SealedSecret> {
  const salt = platform.randomBytes(SALT_BYTES);
  const key = await deriveKeyFromPassword(password, salt, parameters, SECRET_BOX.keyBytes);
  return { parameters, salt, ...(await sealSecretBox(key, secret)) };
}

/**
 * The secret that was sealed.
 *
 * @throws SigstoreError `password-wrong` when the password or any octet is another, `key-encryption-invalid` when it was not sealed
 *   like this, `input-too-large`
 */
export async function openWithPassword(sealed: SealedSecret, password: Uint8Array): Promise<Uint8Array> {
  checkForm(sealed);
  const key = await deriveKeyFromPassword(password, sealed.salt, sealed.parameters, SECRET_BOX.keyBytes);
  return (await openSecretBox(key, sealed)) ?? wrongPassword();
}

function checkForm({ nonce, ciphertext }: SealedSecret): void {
  if (nonce.length !== SECRET_BOX.nonceBytes) {
    throw new SigstoreError(
      "key-encryption-invalid",
      `expected a nonce of ${SECRET_BOX.nonceBytes} bytes, got ${nonce.length}`,
    );
  }
  if (ciphertext.length < SECRET_BOX.tagBytes) {
    throw new SigstoreError(
      "key-encryption-invalid",
      `expected a ciphertext of at least ${SECRET_BOX.tagBytes} bytes, got ${ciphertext.length}`,
    );
  }
  if (ciphertext.length > LIMITS.smallFileBytes) {
    throw new SigstoreError(
      "input-too-large",
      `expected a ciphertext of at most ${LIMITS.smallFileBytes} bytes, got ${ciphertext.length}`,
    );
  }
}
