/**
 * Unguessable texts, and the keys under which they are remembered: their hashes, so that looking one up takes the same time whatever
 * of it was guessed, and what is remembered can be used by nobody.
 */
import type { RandomSource } from "../../authority/serial-number.ts";
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";

const SECRET_BYTES = 32;

/** 256 bits in 43 characters of base64url. */
export function newSecret(random: RandomSource): string {
  return base64UrlEncode(random(SECRET_BYTES));
}

/** Whether `text` has the form of a secret of ours. */
export function isSecretText(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** Under which a secret is remembered. */
export function fingerprintOf(secret: string): string {
  return base64UrlEncode(sha256(utf8Encode(secret.toWellFormed())));
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Uint8Array => sha256(utf8Encode(text.toWellFormed()));
  return isSameOctets(digest(given), digest(expected));
}

/** Whether octets are the same, in a time that depends on their number alone. */
export function isSameOctets(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (const [at, octet] of given.entries()) difference |= octet ^ (expected[at] ?? 0);
  return difference === 0;
}
