/**
 * bcrypt_pbkdf (OpenBSD, libutil), by which OpenSSH makes the key of an encrypted private key of a password: PBKDF2's frame around
 * bcrypt over SHA-512.
 *
 * In this thread: some 20 ms a round, whose number formats/openssh/private-key.ts bounds. Leaves out bcrypt as a hash of passwords.
 */
import { concatBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { Blowfish } from "./blowfish.ts";
import { digest } from "./digest.ts";

const HASH_BYTES = 32;
const EXPANSIONS = 64;
const MAGIC = utf8Encode("OxychromaticBlowfishSwatDynamite");

/** `length` octets of a password that is not empty, a salt and at least one round. */
export function bcryptPbkdf(password: Uint8Array, salt: Uint8Array, rounds: number, length: number): Uint8Array {
  const blocks = Math.ceil(length / HASH_BYTES);
  const perBlock = Math.ceil(length / blocks);
  const passwordWords = wordsOf(digest("sha512", password));
  const key = new Uint8Array(length);
  for (let block = 0; block < blocks; block++) {
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, block + 1);
    let part = bcryptHash(passwordWords, digest("sha512", concatBytes(salt, count)));
    const sum = part.slice();
    for (let round = 1; round < rounds; round++) {
      part = bcryptHash(passwordWords, digest("sha512", part));
      for (let index = 0; index < HASH_BYTES; index++) sum[index] = (sum[index] ?? 0) ^ (part[index] ?? 0);
    }
    // Unlike in PBKDF2 the blocks' octets are interleaved, so that each is needed for any part of the key.
    for (let index = 0; index < perBlock && index * blocks + block < length; index++)
      key[index * blocks + block] = sum[index] ?? 0;
  }
  return key;
}

function bcryptHash(password: Uint32Array, saltBytes: Uint8Array): Uint8Array {
  const salt = wordsOf(saltBytes);
  const cipher = new Blowfish();
  cipher.expand(password, salt);
  for (let index = 0; index < EXPANSIONS; index++) {
    cipher.expand(salt, undefined);
    cipher.expand(password, undefined);
  }
  const words = wordsOf(MAGIC);
  for (let index = 0; index < EXPANSIONS; index++) cipher.encrypt(words);
  const hash = new Uint8Array(HASH_BYTES);
  const view = new DataView(hash.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return hash;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index));
}
