/**
 * RFC 5958 §3 EncryptedPrivateKeyInfo ("ENCRYPTED PRIVATE KEY") by PBES2 of RFC 8018 (A.2 PBKDF2, A.4 PBES2, B.2.5 AES-CBC) with
 * scrypt of RFC 7914 §7 besides.
 *
 * Reads and writes which algorithms and which parameters; deriving and decrypting is crypto's (pbes2.ts). Leaves out PBES1 and the
 * schemes of PKCS #12, whose keys are too short, and RC2, RC4, DES; each is refused with the command that lifts the key.
 */
import { DerReader, der } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readAlgorithmIdentifier, serializeAlgorithmIdentifier } from "./algorithm-identifier.ts";
import { parsingAs, requireSize } from "./parse-error.ts";

/** The hash of PBKDF2's HMAC. */
export type Pbkdf2Hash = "sha1" | "sha256" | "sha384" | "sha512";

/** How a password becomes a key. */
export type PasswordDerivation =
  | { readonly name: "pbkdf2"; readonly hash: Pbkdf2Hash; readonly salt: Uint8Array; readonly iterations: number }
  | {
      readonly name: "scrypt";
      readonly salt: Uint8Array;
      readonly parameters: { readonly cost: number; readonly blockSize: number; readonly parallelization: number };
    };

/** What encrypts, by name, with octets of key and initialization vector. */
export type EncryptionName = "aes-128-cbc" | "aes-192-cbc" | "aes-256-cbc" | "des-ede3-cbc";

/** A private key as PKCS #8, encrypted. */
export interface EncryptedPrivateKey {
  readonly derivation: PasswordDerivation;
  readonly encryption: { readonly name: EncryptionName; readonly iv: Uint8Array };
  readonly ciphertext: Uint8Array;
}

/** Octets of key and initialization vector. */
export const ENCRYPTION_BYTES: Readonly<Record<EncryptionName, { readonly key: number; readonly iv: number }>> = {
  "aes-128-cbc": { key: 16, iv: 16 },
  "aes-192-cbc": { key: 24, iv: 16 },
  "aes-256-cbc": { key: 32, iv: 16 },
  "des-ede3-cbc": { key: 24, iv: 8 },
};

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
const HMACS: ReadonlyMap<string, Pbkdf2Hash> = new Map([
  ["1.2.840.113549.2.7", "sha1"],
  ["1.2.840.113549.2.9", "sha256"],
  ["1.2.840.113549.2.10", "sha384"],
  ["1.2.840.113549.2.11", "sha512"],
]);
const ENCRYPTIONS: ReadonlyMap<string, EncryptionName> = new Map([
  ["2.16.840.1.101.3.4.1.2", "aes-128-cbc"],
  ["2.16.840.1.101.3.4.1.22", "aes-192-cbc"],
  ["2.16.840.1.101.3.4.1.42", "aes-256-cbc"],
  ["1.2.840.113549.3.7", "des-ede3-cbc"],
]);
const MOST_SALT_OCTETS = 1024;

/**
 * Parses an EncryptedPrivateKeyInfo.
 *
 * @throws SigstoreError `key-encryption-invalid`, also when encrypted by something else, `input-too-large`
 */
export function parseEncryptedPrivateKey(bytes: Uint8Array): EncryptedPrivateKey {
  requireSize(bytes, LIMITS.smallFileBytes, "an encrypted private key");
  return parsingAs("key-encryption-invalid", "an encrypted private key", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const { oid, parameters } = readAlgorithmIdentifier(fields);
    if (oid !== PBES2) throw foreign("PBES2", oid);
    const ciphertext = fields.octetString();
    fields.end();
    const schemes = sequenceIn(parameters);
    const [derivation, encryption] = [readDerivation(schemes), readEncryption(schemes)];
    schemes.end();
    requireKeyLength(derivation.keyBytes, ENCRYPTION_BYTES[encryption.name].key);
    return { derivation: derivation.derivation, encryption, ciphertext };
  });
}

interface ReadDerivation {
  readonly derivation: PasswordDerivation;
  readonly keyBytes: number | undefined;
}

function readDerivation(schemes: DerReader): ReadDerivation {
  const { oid, parameters } = readAlgorithmIdentifier(schemes);
  if (oid !== PBKDF2 && oid !== SCRYPT) throw foreign("PBKDF2 or scrypt", oid);
  const fields = sequenceIn(parameters);
  const salt = fields.octetString();
  if (salt.length > MOST_SALT_OCTETS) throw refusal(`a salt of at most ${MOST_SALT_OCTETS} octets`, `${salt.length}`);
  const read = oid === PBKDF2 ? readPbkdf2(fields, salt) : readScrypt(fields, salt);
  fields.end();
  return read;
}

function readPbkdf2(fields: DerReader, salt: Uint8Array): ReadDerivation {
  const iterations = fields.smallInteger();
  if (iterations === 0) throw refusal("at least one iteration of PBKDF2", "0");
  if (iterations > LIMITS.pbkdf2Iterations) {
    throw new SigstoreError(
      "input-too-large",
      `expected at most ${LIMITS.pbkdf2Iterations} iterations of PBKDF2, got ${iterations}`,
    );
  }
  const keyBytes = fields.peekTag() === 0x02 ? fields.smallInteger() : undefined;
  // RFC 8018 A.2: "prf AlgorithmIdentifier {{PBKDF2-PRFs}} DEFAULT algid-hmacWithSHA1".
  const prf = fields.done ? undefined : readAlgorithmIdentifier(fields);
  const hash = prf === undefined ? "sha1" : HMACS.get(prf.oid);
  if (hash === undefined) throw foreign("HMAC with SHA-1, SHA-256, SHA-384 or SHA-512", prf?.oid ?? "");
  return { derivation: { name: "pbkdf2", hash, salt, iterations }, keyBytes };
}

function readScrypt(fields: DerReader, salt: Uint8Array): ReadDerivation {
  const [cost, blockSize, parallelization] = [fields.smallInteger(), fields.smallInteger(), fields.smallInteger()];
  const keyBytes = fields.done ? undefined : fields.smallInteger();
  return { derivation: { name: "scrypt", salt, parameters: { cost, blockSize, parallelization } }, keyBytes };
}

function readEncryption(schemes: DerReader): EncryptedPrivateKey["encryption"] {
  const { oid, parameters } = readAlgorithmIdentifier(schemes);
  const name = ENCRYPTIONS.get(oid);
  if (name === undefined) throw foreign("AES-128, AES-192 or AES-256 in CBC mode", oid);
  if (parameters === undefined) throw refusal("an initialization vector", "none");
  const reader = new DerReader(parameters);
  const iv = reader.octetString();
  reader.end();
  if (iv.length !== ENCRYPTION_BYTES[name].iv)
    throw refusal(`an initialization vector of ${ENCRYPTION_BYTES[name].iv} octets`, `${iv.length}`);
  return { name, iv };
}

function requireKeyLength(named: number | undefined, needed: number): void {
  if (named !== undefined && named !== needed) throw refusal(`a key of ${needed} octets`, `${named}`);
}

function sequenceIn(parameters: Uint8Array | undefined): DerReader {
  if (parameters === undefined) throw refusal("parameters of an encryption", "none");
  const outer = new DerReader(parameters);
  const fields = outer.sequence();
  outer.end();
  return fields;
}

function foreign(expected: string, oid: string): SigstoreError {
  return new SigstoreError("key-encryption-invalid", `expected a key encrypted by ${expected}, got ${oid}`, {
    hint: "write it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW",
  });
}

function refusal(expected: string, got: string): SigstoreError {
  return new SigstoreError("key-encryption-invalid", `expected ${expected}, got ${got}`);
}

/** EncryptedPrivateKeyInfo DER; what RFC 8018 makes a default (HMAC with SHA-1) is left out, as DER wants it. */
export function serializeEncryptedPrivateKey({ derivation, encryption, ciphertext }: EncryptedPrivateKey): Uint8Array {
  const schemes = der.sequence(
    serializeDerivation(derivation),
    serializeAlgorithmIdentifier(oidOf(ENCRYPTIONS, encryption.name), der.octetString(encryption.iv)),
  );
  return der.sequence(serializeAlgorithmIdentifier(PBES2, schemes), der.octetString(ciphertext));
}

function serializeDerivation(derivation: PasswordDerivation): Uint8Array {
  const salt = der.octetString(derivation.salt);
  if (derivation.name === "scrypt") {
    const { cost, blockSize, parallelization } = derivation.parameters;
    const numbers = [cost, blockSize, parallelization].map((value) => der.integer(value));
    return serializeAlgorithmIdentifier(SCRYPT, der.sequence(salt, ...numbers));
  }
  const { hash, iterations } = derivation;
  const prf = hash === "sha1" ? [] : [serializeAlgorithmIdentifier(oidOf(HMACS, hash), der.null())];
  return serializeAlgorithmIdentifier(PBKDF2, der.sequence(salt, der.integer(iterations), ...prf));
}

function oidOf<Name extends string>(names: ReadonlyMap<string, Name>, name: Name): string {
  for (const [oid, candidate] of names) if (candidate === name) return oid;
  throw new TypeError(`expected a known algorithm, got ${name}`);
}
