/**
 * NaCl's secretbox: authenticated encryption by XSalsa20-Poly1305, tag before ciphertext, as cosign's key files hold it.
 *
 * The cipher is loaded only when something is sealed or opened: most runs never do. Leaves out where the key comes from.
 */
import { platform } from "#platform";

/** Octets of a key, of a nonce, and of the tag at the front of the ciphertext. */
export const SECRET_BOX = { keyBytes: 32, nonceBytes: 24, tagBytes: 16 } as const;

/** What was sealed: the nonce, and tag and ciphertext. */
export interface SecretBox {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Seals `secret` with a key of 32 octets and a fresh random nonce. */
export async function sealSecretBox(key: Uint8Array, secret: Uint8Array): Promise<SecretBox> {
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const nonce = platform.randomBytes(SECRET_BOX.nonceBytes);
  return { nonce, ciphertext: xsalsa20poly1305(key, nonce).encrypt(secret) };
}

/** The secret, or undefined where key, nonce or any octet is another than when it was sealed. */
export async function openSecretBox(
  key: Uint8Array,
  { nonce, ciphertext }: SecretBox,
): Promise<Uint8Array | undefined> {
  if (nonce.length !== SECRET_BOX.nonceBytes || ciphertext.length < SECRET_BOX.tagBytes) return undefined;
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const cipher = xsalsa20poly1305(key, nonce);
  try {
    return cipher.decrypt(ciphertext);
  } catch {
    // The one thing left that can fail is the tag; the cipher says so by an Error without a name of its own.
    return undefined;
  }
}
