/**
 * The ciphers of OpenSSH's private keys (openssh-portable, PROTOCOL.key and PROTOCOL.chacha20poly1305; RFC 4344, RFC 5647).
 *
 * AES in CTR, CBC and GCM mode and ChaCha20-Poly1305, by @noble/ciphers, loaded when first needed. Leaves out triple DES, which
 * ssh-keygen writes for nobody unasked.
 */
import { concatBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import type { OpenSshPrivateKey } from "../formats/openssh/private-key.ts";
import { bcryptPbkdf } from "./bcrypt-pbkdf.ts";
import { wrongPassword } from "./wrong-password.ts";

/** Octets of key, initialization vector, tag and block of one cipher, and how it decrypts; undefined where the tag is another. */
interface OpenSshCipher {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly tagBytes: number;
  readonly blockBytes: number;
  readonly decrypt: (key: Uint8Array, iv: Uint8Array, sealed: Uint8Array) => Promise<Uint8Array | undefined>;
}

const CIPHERS: ReadonlyMap<string, OpenSshCipher> = new Map([
  ...[128, 192, 256].flatMap((bits) => [
    [`aes${bits}-ctr`, aes(bits, "ctr")] as const,
    [`aes${bits}-cbc`, aes(bits, "cbc")] as const,
  ]),
  ["aes128-gcm@openssh.com", aesGcm(128)],
  ["aes256-gcm@openssh.com", aesGcm(256)],
  [
    "chacha20-poly1305@openssh.com",
    { keyBytes: 64, ivBytes: 0, tagBytes: 16, blockBytes: 8, decrypt: decryptChaChaPoly },
  ],
]);

/** The unencrypted form is padded to this. */
const PLAIN_BLOCK_BYTES = 8;

function aes(bits: number, mode: "ctr" | "cbc"): OpenSshCipher {
  const decrypt = async (key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> => {
    const ciphers = await import("@noble/ciphers/aes.js");
    return mode === "ctr"
      ? ciphers.ctr(key, iv).decrypt(sealed)
      : ciphers.cbc(key, iv, { disablePadding: true }).decrypt(sealed);
  };
  return { keyBytes: bits / 8, ivBytes: 16, tagBytes: 0, blockBytes: 16, decrypt };
}

function aesGcm(bits: number): OpenSshCipher {
  const decrypt = async (key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined> => {
    const { gcm } = await import("@noble/ciphers/aes.js");
    return undefinedWhereRefused(() => gcm(key, iv).decrypt(sealed));
  };
  return { keyBytes: bits / 8, ivBytes: 12, tagBytes: 16, blockBytes: 16, decrypt };
}

/** PROTOCOL.chacha20poly1305 with sequence number 0; the second half of the key, for lengths of packets, is not used here. */
async function decryptChaChaPoly(
  key: Uint8Array,
  _iv: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array | undefined> {
  const [{ chacha20orig }, { poly1305 }] = await Promise.all([
    import("@noble/ciphers/chacha.js"),
    import("@noble/ciphers/_poly1305.js"),
  ]);
  const mainKey = key.subarray(0, 32);
  const nonce = new Uint8Array(8);
  const oneTimeKey = chacha20orig(mainKey, nonce, new Uint8Array(32));
  const ciphertext = sealed.subarray(0, sealed.length - 16);
  const tag = poly1305(ciphertext, oneTimeKey);
  const difference = tag.reduce((sum, octet, at) => sum | (octet ^ (sealed[ciphertext.length + at] ?? 0)), 0);
  return difference === 0 ? chacha20orig(mainKey, nonce, ciphertext, undefined, 1) : undefined;
}

function undefinedWhereRefused(decrypt: () => Uint8Array): Uint8Array | undefined {
  try {
    return decrypt();
  } catch {
    // The one thing left that can fail is the tag; the cipher says so by an Error without a name of its own.
    return undefined;
  }
}

/** The private part, and the block size that it is padded to. */
export interface DecryptedPart {
  readonly bytes: Uint8Array;
  readonly blockBytes: number;
}

/** The private part of a key that is not encrypted. @throws SigstoreError `key-invalid` when something follows it */
export function plainPart({ privatePart, tag }: OpenSshPrivateKey): DecryptedPart {
  if (tag.length > 0) throw new SigstoreError("key-invalid", "expected the end of an OpenSSH key, got more octets");
  return { bytes: privatePart, blockBytes: PLAIN_BLOCK_BYTES };
}

/**
 * The private part of an encrypted key.
 *
 * @throws SigstoreError `password-wrong`, `key-encryption-invalid` for other ciphers and malformed keys
 */
export async function openOpenSshPart(sealed: OpenSshPrivateKey, password: Uint8Array): Promise<DecryptedPart> {
  const cipher = CIPHERS.get(sealed.cipher);
  if (cipher === undefined || sealed.derivation === undefined)
    throw refusal([...CIPHERS.keys()].join(", "), JSON.stringify(sealed.cipher.slice(0, 64)));
  const { keyBytes, ivBytes, tagBytes, blockBytes } = cipher;
  if (sealed.tag.length !== tagBytes) throw refusal(`a tag of ${tagBytes} octets`, `${sealed.tag.length}`);
  if (sealed.privatePart.length === 0 || sealed.privatePart.length % blockBytes !== 0)
    throw refusal(`whole blocks of ${blockBytes} octets`, `${sealed.privatePart.length} octets`);
  // bcrypt_pbkdf takes no empty password, and ssh-keygen none for an encrypted key.
  if (password.length === 0) return wrongPassword();
  const { salt, rounds } = sealed.derivation;
  const material = bcryptPbkdf(password, salt, rounds, keyBytes + ivBytes);
  const sealedOctets = concatBytes(sealed.privatePart, sealed.tag);
  const bytes = await cipher.decrypt(material.subarray(0, keyBytes), material.subarray(keyBytes), sealedOctets);
  return { bytes: bytes ?? wrongPassword(), blockBytes };
}

function refusal(expected: string, got: string): SigstoreError {
  return new SigstoreError("key-encryption-invalid", `expected an OpenSSH key with ${expected}, got ${got}`, {
    hint: "write it anew: ssh-keygen -p -Z aes256-ctr -f FILE",
  });
}
