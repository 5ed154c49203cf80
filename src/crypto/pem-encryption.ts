/**
 * Encrypted PEM of old (RFC 1421 §4.6.1 as OpenSSL uses it; EVP_BytesToKey): `Proc-Type: 4,ENCRYPTED` and `DEK-Info`, for
 * "RSA PRIVATE KEY" and "EC PRIVATE KEY".
 *
 * Its key is one MD5 of password and salt: read, because such keys are about, and never written. Single DES, RC2 and the rest are
 * refused with the command that lifts the key.
 */
import { concatBytes } from "../encoding/bytes.ts";
import { hexDecode } from "../encoding/hex.ts";
import type { PemBlockWithHeaders } from "../encoding/pem.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { ENCRYPTION_BYTES, type EncryptionName } from "../formats/encrypted-private-key.ts";
import { decryptCbc } from "./block-cipher.ts";
import { wrongPassword } from "./wrong-password.ts";

/** OpenSSL's names of ciphers, in capitals. */
const CIPHERS: ReadonlyMap<string, EncryptionName> = new Map([
  ["AES-128-CBC", "aes-128-cbc"],
  ["AES-192-CBC", "aes-192-cbc"],
  ["AES-256-CBC", "aes-256-cbc"],
  ["DES-EDE3-CBC", "des-ede3-cbc"],
]);

/** RFC 1421 §4.6.1.1; PEM_BytesToKey takes the first eight octets of the initialization vector as salt. */
const PROC_TYPE = "4,ENCRYPTED";
const SALT_BYTES = 8;

/** How a block is encrypted. */
export interface PemEncryption {
  readonly name: EncryptionName;
  readonly iv: Uint8Array;
}

/**
 * How a block is encrypted; undefined when it is not.
 *
 * @throws SigstoreError `key-encryption-invalid` when its headers are malformed or name another cipher
 */
export function pemEncryptionOf({ headers }: PemBlockWithHeaders): PemEncryption | undefined {
  if (headers.length === 0) return undefined;
  const [procType, dekInfo] = headers;
  if (headers.length !== 2 || procType?.name !== "Proc-Type" || dekInfo?.name !== "DEK-Info")
    throw refusal("the headers Proc-Type and DEK-Info", headers.map(({ name }) => name).join(", "));
  if (procType.value.replaceAll(" ", "") !== PROC_TYPE) throw refusal(`Proc-Type ${PROC_TYPE}`, procType.value);
  const [cipher = "", iv = "", ...rest] = dekInfo.value.split(",");
  const name = CIPHERS.get(cipher.toUpperCase());
  if (name === undefined || rest.length > 0) throw refusal([...CIPHERS.keys()].join(" or "), cipher);
  return { name, iv: readIv(iv, ENCRYPTION_BYTES[name].iv) };
}

function readIv(text: string, length: number): Uint8Array {
  try {
    const iv = hexDecode(text.trim().toLowerCase());
    if (iv.length === length) return iv;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
  }
  throw refusal(`an initialization vector of ${length} octets in hex`, "another text");
}

function refusal(expected: string, got: string): SigstoreError {
  return new SigstoreError("key-encryption-invalid", `expected ${expected}, got ${JSON.stringify(got.slice(0, 64))}`, {
    hint: "write it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW",
  });
}

/** The DER inside an encrypted block. @throws SigstoreError `password-wrong`, `algorithm-unsupported` for triple DES in browsers */
export async function openPemBlock(
  bytes: Uint8Array,
  { name, iv }: PemEncryption,
  password: Uint8Array,
): Promise<Uint8Array> {
  const key = await bytesToKey(password, iv.subarray(0, SALT_BYTES), ENCRYPTION_BYTES[name].key);
  return (await decryptCbc(name, key, iv, bytes)) ?? wrongPassword();
}

/** EVP_BytesToKey(3) with MD5 and one iteration: each digest is over the one before, the password and the salt. */
async function bytesToKey(password: Uint8Array, salt: Uint8Array, length: number): Promise<Uint8Array> {
  const { md5 } = await import("@noble/hashes/legacy.js");
  let last = new Uint8Array(0);
  let key = new Uint8Array(0);
  while (key.length < length) {
    last = Uint8Array.from(md5(concatBytes(last, password, salt)));
    key = Uint8Array.from(concatBytes(key, last));
  }
  return key.subarray(0, length);
}
