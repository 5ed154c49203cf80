/**
 * The platform port in browsers, portable and synchronous: @noble/curves, @noble/hashes, and integers.
 *
 * RSA signatures are verified by exponentiation with integers (numbers are public, exponents short); Ed25519 by ed25519.ts, which answers
 * as Node's OpenSSL does where @noble/curves is stricter or laxer. Leaves out private keys of RSA: no portable implementation keeps
 * their secrets.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import { isMlDsaKeyType, type SubjectPublicKeyInfo } from "../formats/spki.ts";
import { type EcdsaSignature, parseEcdsaSignature, serializeEcdsaSignature } from "./ecdsa.ts";
import { verifyEd25519 } from "./ed25519.ts";
import type { HashAlgorithmName } from "./hash-algorithm.ts";
import { bytesFromInteger, integerFromBytes, modularPower } from "./integers.ts";
import { type EcdsaKeyType, isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import type { ScryptParameters } from "./password.ts";
import { MlDsaPrivateKey, verifyMlDsa } from "./platform.browser/ml-dsa.ts";
import type { Platform, PlatformPrivateKey, PlatformPublicKey, PrivateKeyKind } from "./platform.ts";
import { type PrivateKeyInfo, SEED_BYTES } from "./private-key-info.ts";

const HASHES = { sha256, sha384, sha512 } as const;
const HMAC_HASHES = { sha1, ...HASHES } as const;
const CURVES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;

/** Any s is a good one: Sigstore's signers do not choose the lower half. The digest is at hand already. */
const VERIFY_DIGEST = { prehash: false, lowS: false, format: "compact" } as const;
/** RFC 6979 nonces with fresh randomness mixed in (§3.6). */
const SIGN_DIGEST = { prehash: false, lowS: false, format: "compact", extraEntropy: true } as const;

/** Browsers, without their asynchronous Web Crypto. */
export const platform: Platform = {
  name: "browser",
  digest: (algorithm, bytes) => HASHES[algorithm](bytes),
  digestInto(algorithm, bytes, target, offset) {
    target.set(HASHES[algorithm](bytes), offset);
  },
  createDigest: (algorithm) => HASHES[algorithm].create(),
  importPublicKey: (key) => new PortablePublicKey(key),
  importPrivateKey,
  generatePrivateKey,
  scrypt: deriveByScrypt,
  pbkdf2: async ({ hash, salt, iterations }, password, length) =>
    pbkdf2Async(HMAC_HASHES[hash], password, salt, { c: iterations, dkLen: length }),
  decryptTripleDes: withoutTripleDes,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

class PortablePublicKey implements PlatformPublicKey {
  readonly #info: SubjectPublicKeyInfo;

  constructor(info: SubjectPublicKeyInfo) {
    this.#info = info;
  }

  verify(hash: HashAlgorithmName | undefined, message: Uint8Array, signature: Uint8Array): boolean {
    const { keyType, keyBytes } = this.#info;
    if (isMlDsaKeyType(keyType)) return verifyMlDsa(keyType, keyBytes, message, signature);
    if (hash === undefined) return verifyEd25519(sha512, keyBytes, message, signature);
    const numbers = parseEcdsaSignature(NIST_CURVES[requireEcdsa(keyType)], signature);
    return numbers !== undefined && this.verifyEcdsaDigest(HASHES[hash](message), numbers);
  }

  verifyEcdsaDigest(digest: Uint8Array, { r, s }: EcdsaSignature): boolean {
    const keyType = requireEcdsa(this.#info.keyType);
    const { coordinateBytes } = NIST_CURVES[keyType];
    const compact = concatBytes(bytesFromInteger(r, coordinateBytes), bytesFromInteger(s, coordinateBytes));
    return CURVES[keyType].verify(compact, digest, this.#info.keyBytes, VERIFY_DIGEST);
  }

  rsaPublicOperation(signature: Uint8Array): Uint8Array {
    const { rsa } = this.#info;
    if (rsa === undefined) throw new TypeError(`expected an RSA key, got ${this.#info.keyType}`);
    const block = modularPower(integerFromBytes(signature), rsa.publicExponent, integerFromBytes(rsa.modulus));
    return bytesFromInteger(block, rsa.modulus.length);
  }
}

class EcdsaPrivateKey implements PlatformPrivateKey {
  readonly publicBytes: Uint8Array;
  readonly #keyType: EcdsaKeyType;
  readonly #secret: Uint8Array;

  constructor(keyType: EcdsaKeyType, secret: Uint8Array) {
    this.publicBytes = CURVES[keyType].getPublicKey(secret, false);
    this.#keyType = keyType;
    this.#secret = secret;
  }

  sign(hash: HashAlgorithmName | undefined, message: Uint8Array): Uint8Array {
    if (hash === undefined) throw new TypeError("expected a hash for a signature by ECDSA, got none");
    return serializeEcdsaSignature(CURVES[this.#keyType].sign(HASHES[hash](message), this.#secret, SIGN_DIGEST));
  }

  rsaPrivateOperation(): never {
    throw new TypeError(`expected an RSA key, got ${this.#keyType}`);
  }
}

class Ed25519PrivateKey implements PlatformPrivateKey {
  readonly publicBytes: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.publicBytes = ed25519.getPublicKey(secret);
    this.#secret = secret;
  }

  sign(_hash: HashAlgorithmName | undefined, message: Uint8Array): Uint8Array {
    return ed25519.sign(message, this.#secret);
  }

  rsaPrivateOperation(): never {
    throw new TypeError("expected an RSA key, got ed25519");
  }
}

function requireEcdsa(keyType: SubjectPublicKeyInfo["keyType"]): EcdsaKeyType {
  if (!isEcdsaKeyType(keyType)) throw new TypeError(`expected an ECDSA key, got ${keyType}`);
  return keyType;
}

function importPrivateKey(info: PrivateKeyInfo): PlatformPrivateKey {
  switch (info.keyType) {
    case "rsa":
      throw withoutRsa();
    case "ed25519":
      return new Ed25519PrivateKey(info.secret);
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return new EcdsaPrivateKey(info.keyType, info.secret);
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return new MlDsaPrivateKey(info);
  }
}

function generatePrivateKey(kind: PrivateKeyKind): PrivateKeyInfo {
  switch (kind) {
    case "ed25519":
      return { keyType: kind, secret: ed25519.utils.randomSecretKey(), publicBytes: undefined };
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return { keyType: kind, secret: CURVES[kind].utils.randomSecretKey(), publicBytes: undefined };
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return { keyType: kind, secret: crypto.getRandomValues(new Uint8Array(SEED_BYTES)), publicBytes: undefined };
    case "rsa-2048":
    case "rsa-3072":
    case "rsa-4096":
      throw withoutRsa();
  }
}

function withoutRsa(): SigstoreError {
  return new SigstoreError(
    "algorithm-unsupported",
    "expected a private key of ECDSA, Ed25519 or ML-DSA, got RSA, which is not supported in browsers",
    {
      hint: "sign with an RSA key on Node",
    },
  );
}

async function deriveByScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  parameters: ScryptParameters,
  length: number,
): Promise<Uint8Array> {
  const { cost, blockSize, parallelization } = parameters;
  return scryptAsync(password, salt, { N: cost, r: blockSize, p: parallelization, dkLen: length });
}

function withoutTripleDes(): never {
  throw new SigstoreError("algorithm-unsupported", "expected a key encrypted by AES, got one encrypted by triple DES", {
    hint: "write it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW",
  });
}
