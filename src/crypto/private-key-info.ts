/**
 * What every form of a private key comes down to, with the checks that belong to the numbers and not to a form: RFC 5915 §3 and
 * FIPS 186-5 (ECDSA), RFC 8017 §3.2 (RSA), RFC 8410 (Ed25519), FIPS 204 (ML-DSA).
 *
 * Leaves out whether a public key that stands beside the private one belongs to it: private-key.ts compares.
 */
import { DerReader, der } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import type { PrivateNumbers, RsaPrivateOctets } from "../formats/private-numbers.ts";
import type { MlDsaKeyType } from "../formats/spki.ts";
import { LIMITS } from "../limits.ts";
import { bytesFromInteger, integerFromBytes } from "./integers.ts";
import { type EcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";

/**
 * A private key: the scalar of ECDSA (as long as the curve's order), the 32 octets of Ed25519, the seed of ML-DSA (or its expanded key
 * where nobody kept the seed), or RSAPrivateKey DER; and the public key's point, octets or RSAPublicKey DER, where it was given (RSA
 * always gives it). `expanded` is an expanded ML-DSA key that stood beside the seed: the platform holds it to the seed.
 */
export type PrivateKeyInfo =
  | {
      readonly keyType: EcdsaKeyType | "ed25519";
      readonly secret: Uint8Array;
      readonly publicBytes: Uint8Array | undefined;
    }
  | {
      readonly keyType: MlDsaKeyType;
      readonly secret: Uint8Array;
      readonly publicBytes: Uint8Array | undefined;
      readonly expanded?: Uint8Array | undefined;
    }
  | { readonly keyType: "rsa"; readonly secret: Uint8Array; readonly publicBytes: Uint8Array };

/** The numbers of an RSA key of two primes. Where a form leaves out an exponent of the Chinese remainder, it follows from the others. */
export interface RsaPrivateNumbers {
  readonly modulus: bigint;
  readonly publicExponent: bigint;
  readonly privateExponent: bigint;
  readonly prime1: bigint;
  readonly prime2: bigint;
  readonly exponent1?: bigint | undefined;
  readonly exponent2?: bigint | undefined;
  readonly coefficient: bigint;
}

/** Octets of an Ed25519 key and of a seed of ML-DSA. */
export const SEED_BYTES = 32;

/** FIPS 204 table 2: octets of an expanded private key. */
export const ML_DSA_EXPANDED_BYTES: Readonly<Record<MlDsaKeyType, number>> = {
  "ml-dsa-44": 2560,
  "ml-dsa-65": 4032,
  "ml-dsa-87": 4896,
};

/** An ECDSA key whose scalar is a big-endian number of any length. @throws SigstoreError `key-invalid` when out of range */
export function ecdsaKeyInfo(
  keyType: EcdsaKeyType,
  scalarBytes: Uint8Array,
  publicBytes: Uint8Array | undefined,
): PrivateKeyInfo {
  // FIPS 186-5 §6.2: "an integer in the interval [1, n − 1]".
  const { order, coordinateBytes } = NIST_CURVES[keyType];
  const scalar = integerFromBytes(scalarBytes.length <= coordinateBytes + 1 ? scalarBytes : new Uint8Array(0));
  if (scalar === 0n || scalar >= order)
    invalidKey(`a private number of ${keyType} in ${coordinateBytes} octets`, "another");
  return { keyType, secret: bytesFromInteger(scalar, coordinateBytes), publicBytes };
}

/** An Ed25519 key. @throws SigstoreError `key-invalid` */
export function ed25519KeyInfo(secret: Uint8Array, publicBytes: Uint8Array | undefined): PrivateKeyInfo {
  if (secret.length !== SEED_BYTES) invalidKey(`${SEED_BYTES} octets of an Ed25519 key`, `${secret.length}`);
  return { keyType: "ed25519", secret, publicBytes };
}

/** An ML-DSA key from its seed. @throws SigstoreError `key-invalid` */
export function mlDsaKeyInfo(
  keyType: MlDsaKeyType,
  seed: Uint8Array,
  publicBytes: Uint8Array | undefined,
): PrivateKeyInfo {
  if (seed.length !== SEED_BYTES) invalidKey(`a seed of ${SEED_BYTES} octets of ${keyType}`, `${seed.length}`);
  return { keyType, secret: seed, publicBytes };
}

/** A key of the numbers that a format held. @throws SigstoreError `key-invalid`, `key-unsupported` */
export function privateKeyInfoOf(numbers: PrivateNumbers): PrivateKeyInfo {
  if (numbers.keyType === "rsa") return rsaKeyInfoOf(numbers.rsa);
  if (numbers.keyType === "ed25519") return ed25519KeyInfo(numbers.seed, numbers.publicBytes);
  if ("seed" in numbers) return mlDsaKeyInfo(numbers.keyType, numbers.seed, numbers.publicBytes);
  return ecdsaKeyInfo(numbers.keyType, numbers.scalar, numbers.publicBytes);
}

function rsaKeyInfoOf(octets: RsaPrivateOctets): PrivateKeyInfo {
  // Before anything is multiplied: the modulus bounds all other numbers.
  const longest = Math.max(...Object.values(octets).map((number: Uint8Array) => number.length));
  if (longest > LIMITS.rsaModulusBits / 8 + 1) tooManyBits();
  const { exponent1, exponent2 } = octets;
  return rsaKeyInfo({
    modulus: integerFromBytes(octets.modulus),
    publicExponent: integerFromBytes(octets.publicExponent),
    privateExponent: integerFromBytes(octets.privateExponent),
    prime1: integerFromBytes(octets.prime1),
    prime2: integerFromBytes(octets.prime2),
    exponent1: exponent1 === undefined ? undefined : integerFromBytes(exponent1),
    exponent2: exponent2 === undefined ? undefined : integerFromBytes(exponent2),
    coefficient: integerFromBytes(octets.coefficient),
  });
}

function rsaKeyInfo(numbers: RsaPrivateNumbers): PrivateKeyInfo {
  requireConsistent(numbers);
  const { modulus, publicExponent, privateExponent, prime1, prime2, coefficient } = numbers;
  const secret = der.sequence(
    der.integer(0),
    der.integer(modulus),
    der.integer(publicExponent),
    der.integer(privateExponent),
    der.integer(prime1),
    der.integer(prime2),
    der.integer(privateExponent % (prime1 - 1n)),
    der.integer(privateExponent % (prime2 - 1n)),
    der.integer(coefficient),
  );
  return { keyType: "rsa", secret, publicBytes: rsaPublicBytes(numbers) };
}

/** RFC 8017 A.1.2: RSAPrivateKey DER with two primes; `fields` reads what is inside. @throws SigstoreError `key-invalid`, `key-unsupported`, `der-invalid` */
export function readRsaPrivateKey(raw: Uint8Array, fields: DerReader): PrivateKeyInfo {
  const version = fields.smallInteger();
  if (version !== 0) invalidKey("an RSA key of two primes", `version ${version}`);
  const numbers: RsaPrivateNumbers = {
    modulus: fields.integer(),
    publicExponent: fields.integer(),
    privateExponent: fields.integer(),
    prime1: fields.integer(),
    prime2: fields.integer(),
    exponent1: fields.integer(),
    exponent2: fields.integer(),
    coefficient: fields.integer(),
  };
  requireConsistent(numbers);
  return { keyType: "rsa", secret: raw, publicBytes: rsaPublicBytes(numbers) };
}

/** The numbers of a key that was read before. @throws SigstoreError `key-unsupported` for ML-DSA without its seed */
export function privateNumbersOf(info: PrivateKeyInfo): PrivateNumbers {
  switch (info.keyType) {
    case "rsa":
      return { keyType: "rsa", rsa: rsaOctetsOf(info.secret) };
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return { keyType: info.keyType, scalar: info.secret, publicBytes: info.publicBytes };
    case "ed25519":
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      if (info.secret.length === SEED_BYTES)
        return { keyType: info.keyType, seed: info.secret, publicBytes: info.publicBytes };
      throw new SigstoreError("key-unsupported", `expected a key of ${info.keyType} with its seed, got one without`, {
        hint: "write it as PKCS #8, which has a place for the expanded key",
      });
  }
}

function rsaOctetsOf(secret: Uint8Array): RsaPrivateOctets {
  const fields = new DerReader(secret).sequence();
  fields.skip();
  const next = (): Uint8Array => {
    const octets = fields.integerBytes();
    return octets[0] === 0 ? octets.subarray(1) : octets;
  };
  return {
    modulus: next(),
    publicExponent: next(),
    privateExponent: next(),
    prime1: next(),
    prime2: next(),
    exponent1: next(),
    exponent2: next(),
    coefficient: next(),
  };
}

function rsaPublicBytes({ modulus, publicExponent }: RsaPrivateNumbers): Uint8Array {
  return der.sequence(der.integer(modulus), der.integer(publicExponent));
}

function requireConsistent(numbers: RsaPrivateNumbers): void {
  const { modulus, publicExponent, privateExponent, prime1, prime2, coefficient } = numbers;
  if (modulus >= 2n ** BigInt(LIMITS.rsaModulusBits)) tooManyBits();
  // Sizes first: nothing larger than the modulus is worth multiplying.
  const isBounded = [publicExponent, privateExponent, prime1, prime2, coefficient].every(
    (number) => number > 0n && number < modulus,
  );
  const isConsistent =
    isBounded &&
    prime1 > 1n &&
    prime2 > 1n &&
    prime1 * prime2 === modulus &&
    (publicExponent * privateExponent) % (prime1 - 1n) === 1n &&
    (publicExponent * privateExponent) % (prime2 - 1n) === 1n &&
    isExponentOf(prime1, privateExponent, numbers.exponent1) &&
    isExponentOf(prime2, privateExponent, numbers.exponent2) &&
    (coefficient * prime2) % prime1 === 1n;
  if (!isConsistent) invalidKey("the numbers of one RSA key", "numbers that do not belong together");
}

function tooManyBits(): never {
  throw new SigstoreError(
    "key-unsupported",
    `expected an RSA key of at most ${LIMITS.rsaModulusBits} bits, got a larger one`,
  );
}

function isExponentOf(prime: bigint, privateExponent: bigint, exponent: bigint | undefined): boolean {
  return exponent === undefined || exponent === privateExponent % (prime - 1n);
}

/** @throws SigstoreError `key-invalid` */
export function invalidKey(expected: string, got: string): never {
  throw new SigstoreError("key-invalid", `expected ${expected}, got ${got}`);
}
