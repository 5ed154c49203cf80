/**
 * Cipher block chaining with padding by length (RFC 8018 §6.1.1, step 4), as files of encrypted keys use it.
 *
 * AES by @noble/ciphers, loaded when first needed; triple DES by the platform. No mode here says whether the password was right: what
 * comes out must be read as a key.
 */
import { platform } from "#platform";
import type { EncryptionName } from "../formats/encrypted-private-key.ts";

const BLOCK_BYTES: Readonly<Record<EncryptionName, number>> = {
  "aes-128-cbc": 16,
  "aes-192-cbc": 16,
  "aes-256-cbc": 16,
  "des-ede3-cbc": 8,
};

/** What was encrypted, without its padding; undefined where that is wrong: another key, or changed octets. */
export async function decryptCbc(
  name: EncryptionName,
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (ciphertext.length === 0 || ciphertext.length % BLOCK_BYTES[name] !== 0) return undefined;
  const padded =
    name === "des-ede3-cbc"
      ? platform.decryptTripleDes(key, iv, ciphertext)
      : (await aesCbc(key, iv)).decrypt(ciphertext);
  return withoutPadding(padded, BLOCK_BYTES[name]);
}

/** Encrypts with padding, by AES. */
export async function encryptAesCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  const count = 16 - (plaintext.length % 16);
  const padded = new Uint8Array(plaintext.length + count).fill(count);
  padded.set(plaintext);
  return (await aesCbc(key, iv)).encrypt(padded);
}

async function aesCbc(
  key: Uint8Array,
  iv: Uint8Array,
): Promise<{ encrypt(bytes: Uint8Array): Uint8Array; decrypt(bytes: Uint8Array): Uint8Array }> {
  const { cbc } = await import("@noble/ciphers/aes.js");
  return cbc(key, iv, { disablePadding: true });
}

/** RFC 8018 §6.1.1: the padding is n octets of value n, from one to a whole block. */
function withoutPadding(padded: Uint8Array, blockBytes: number): Uint8Array | undefined {
  const count = padded[padded.length - 1] ?? 0;
  if (count === 0 || count > blockBytes) return undefined;
  const start = padded.length - count;
  return padded.subarray(start).every((octet) => octet === count) ? padded.subarray(0, start) : undefined;
}
