/**
 * OpenSSH private keys (openssh-portable, PROTOCOL.key): "openssh-key-v1" with one key, its private part maybe encrypted.
 *
 * Reads the container and, once that is decrypted (crypto/openssh-encryption.ts), the private part. Leaves out files with
 * several keys, which nothing writes, and writing.
 */
import { equalBytes } from "../../encoding/bytes.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import type { PrivateNumbers } from "../private-numbers.ts";
import { parseOpenSshPublicKey, readOpenSshCurve, requireKnownName } from "./public-key.ts";
import { SshReader } from "./wire.ts";

/** The container: names of cipher and key derivation, the public key, the private part and the tag behind it. */
export interface OpenSshPrivateKey {
  readonly cipher: string;
  readonly derivation: { readonly salt: Uint8Array; readonly rounds: number } | undefined;
  /** SubjectPublicKeyInfo DER. */
  readonly spki: Uint8Array;
  readonly privatePart: Uint8Array;
  readonly tag: Uint8Array;
}

/** A private key and its comment. */
export interface OpenSshPrivatePart {
  readonly numbers: PrivateNumbers;
  readonly comment: string;
}

const MAGIC = utf8Encode("openssh-key-v1\0");
const WHAT = "an OpenSSH private key";

/**
 * Parses the container.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`, `key-encryption-invalid`, `input-too-large`
 */
export function parseOpenSshPrivateKey(bytes: Uint8Array): OpenSshPrivateKey {
  requireSize(bytes, LIMITS.smallFileBytes, WHAT);
  return parsingAs("key-invalid", WHAT, () => {
    if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) refuse("openssh-key-v1", "another format");
    const fields = new SshReader(bytes.subarray(MAGIC.length), WHAT, "key-invalid");
    const cipher = fields.text();
    const derivation = readDerivation(fields.text(), fields.string(), cipher);
    const count = fields.u32();
    if (count !== 1) refuse("one key", `${count}`);
    const spki = parseOpenSshPublicKey(fields.string());
    const privatePart = fields.string();
    return { cipher, derivation, spki, privatePart, tag: fields.rest() };
  });
}

function readDerivation(name: string, options: Uint8Array, cipher: string): OpenSshPrivateKey["derivation"] {
  // PROTOCOL.key §3: "the cipher 'none' and the KDF 'none' MUST be used with empty passphrases".
  if ((name === "none") !== (cipher === "none")) refuse("a cipher and a key derivation, or neither", "one of them");
  if (name === "none") {
    if (options.length > 0) refuse("no options of no key derivation", "some");
    return undefined;
  }
  if (name !== "bcrypt") {
    throw new SigstoreError(
      "key-encryption-invalid",
      `expected key derivation bcrypt, got ${JSON.stringify(name.slice(0, 64))}`,
    );
  }
  const fields = new SshReader(options, "options of bcrypt", "key-encryption-invalid");
  const [salt, rounds] = [fields.string(), fields.u32()];
  fields.end();
  if (salt.length === 0 || salt.length > 1024 || rounds === 0)
    throw new SigstoreError("key-encryption-invalid", "expected a salt and rounds of bcrypt, got none");
  if (rounds > LIMITS.bcryptRounds)
    throw new SigstoreError(
      "input-too-large",
      `expected at most ${LIMITS.bcryptRounds} rounds of bcrypt, got ${rounds}`,
      { hint: `lower them: ssh-keygen -p -a ${LIMITS.bcryptRounds} -f FILE` },
    );
  return { salt, rounds };
}

/**
 * Parses the decrypted private part, padded to a multiple of `blockBytes`; undefined where its two check numbers differ: then it was
 * decrypted with another password.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`
 */
export function parseOpenSshPrivatePart(bytes: Uint8Array, blockBytes: number): OpenSshPrivatePart | undefined {
  return parsingAs("key-invalid", WHAT, () => {
    const fields = new SshReader(bytes, WHAT, "key-invalid");
    const [check, again] = [fields.u32(), fields.u32()];
    if (check !== again) return undefined;
    const name = fields.text();
    requireKnownName(name);
    const numbers = readNumbers(name, fields);
    const comment = fields.text();
    const padding = fields.rest();
    // PROTOCOL.key §3: "The padding is 1, 2, 3, …": as little as needed.
    if (
      bytes.length % blockBytes !== 0 ||
      padding.length >= blockBytes ||
      padding.some((octet, at) => octet !== at + 1)
    )
      refuse("padding by counting", "another");
    return { numbers, comment };
  });
}

function readNumbers(name: string, fields: SshReader): PrivateNumbers {
  if (name === "ssh-ed25519") {
    const publicBytes = fields.octets(32);
    const both = fields.octets(64);
    // draft-miller-ssh-agent §4.2.3: the private key "consists of the 32-byte private key and the 32-byte public key".
    if (!equalBytes(both.subarray(32), publicBytes)) refuse("an Ed25519 key with its public key twice", "two others");
    return { keyType: "ed25519", seed: both.subarray(0, 32), publicBytes };
  }
  if (name === "ssh-rsa") {
    const [modulus, publicExponent, privateExponent] = [fields.mpint(), fields.mpint(), fields.mpint()];
    const [coefficient, prime1, prime2] = [fields.mpint(), fields.mpint(), fields.mpint()];
    return { keyType: "rsa", rsa: { modulus, publicExponent, privateExponent, prime1, prime2, coefficient } };
  }
  const { keyType, pointBytes } = readOpenSshCurve(name, fields);
  return { keyType, publicBytes: fields.octets(pointBytes), scalar: fields.mpint() };
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("key-invalid", `${WHAT}: expected ${expected}, got ${got}`);
}
