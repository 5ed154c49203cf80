/** Key files that other programs wrote, from test/key-samples (its README says which). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { utf8Decode, utf8Encode } from "../src/encoding/text.ts";

/** The password of the encrypted ones. */
export const SAMPLE_PASSWORD: Uint8Array = utf8Encode("hunter2");

/** Forms of the one P-256 key, in the clear. */
export const PLAIN_SAMPLES: readonly string[] = ["pkcs8.pem", "sec1.pem", "sec1-parameters.pem", "openssh.pem"];

/** Encrypted forms of the same key; what needs triple DES is not among them. */
export const ENCRYPTED_SAMPLES: readonly string[] = [
  "pbes2-sha1-aes128.pem",
  "pbes2-sha512-aes192.pem",
  "pbes2-scrypt.pem",
  "old-aes256.pem",
  "openssh-aes256-ctr.pem",
  "openssh-aes256-cbc.pem",
  "openssh-aes256-gcm.pem",
  "openssh-chacha20-poly1305.pem",
  "cosign.key",
];

/** Encrypted by triple DES, which browsers do not have. */
export const TRIPLE_DES_SAMPLES: readonly string[] = ["pbes2-des3.pem", "old-des3.pem"];

/** The octets of a sample. */
export function keySample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, "key-samples", name)));
}

/** The text of a sample. */
export function keySampleText(name: string): string {
  return utf8Decode(keySample(name));
}
