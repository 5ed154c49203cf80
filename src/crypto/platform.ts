/**
 * The port to what the platform brings: hashing, native keys, randomness, scrypt.
 *
 * Two files implement it, platform.node.ts (the only importer of node:crypto) and platform.browser.ts (portable); the package's
 * `imports` condition chooses (`#platform`). Everything is synchronous but scrypt and PBKDF2, and gives the same answers on both, save that
 * browsers have no RSA private keys, no ML-DSA private keys without their seed, and no triple DES. The paddings of RSA and Ed25519ph are not asked of it: rsa.ts and ed25519.ts serve both alike.
 * Callers have checked what they hand over: keys, lengths of digests, ranges. @noble is loaded at the start in browsers alone; on Node
 * only curve-signing.ts and secret-box.ts use it, imported when first called: evaluating its curves takes some 10 ms.
 */
import type { PasswordDerivation } from "../formats/encrypted-private-key.ts";
import type { MlDsaKeyType, SubjectPublicKeyInfo } from "../formats/spki.ts";
import type { EcdsaSignature } from "./ecdsa.ts";
import type { HashAlgorithmName, StreamingDigest } from "./hash-algorithm.ts";
import type { ScryptParameters } from "./password.ts";
import type { PrivateKeyInfo } from "./pkcs8.ts";

/** Kinds of private keys that can be generated. */
export type PrivateKeyKind =
  | "ecdsa-p256"
  | "ecdsa-p384"
  | "ecdsa-p521"
  | "ed25519"
  | MlDsaKeyType
  | "rsa-2048"
  | "rsa-3072"
  | "rsa-4096";

/** Parameters of PBKDF2. */
export type Pbkdf2 = Extract<PasswordDerivation, { readonly name: "pbkdf2" }>;

/** A public key as the platform holds it. Making one is cheap; the costly part waits for the first verification. */
export interface PlatformPublicKey {
  /** True when `signature`, any octets, holds over `message`; for ECDSA with a hash, for pure Ed25519 and ML-DSA without. */
  verify(hash: HashAlgorithmName | undefined, message: Uint8Array, signature: Uint8Array): boolean;
  /** The same on another thread, where the platform has one for it. */
  verifyInBackground?(
    hash: HashAlgorithmName | undefined,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  /** True when the signature holds over `digest`; for ECDSA keys. */
  verifyEcdsaDigest(digest: Uint8Array, signature: EcdsaSignature): boolean;
  /** RFC 8017 §5.2.2 RSAVP1 on octets as many as the modulus has and below it; for RSA keys. */
  rsaPublicOperation(signature: Uint8Array): Uint8Array;
}

/** A private key as the platform holds it. */
export interface PlatformPrivateKey {
  /** The public key's point, octets of Ed25519 or ML-DSA, or RSAPublicKey DER. */
  readonly publicBytes: Uint8Array;
  /** A signature over `message`: by ECDSA with a hash, as DER; by pure Ed25519 and ML-DSA without. */
  sign(hash: HashAlgorithmName | undefined, message: Uint8Array): Uint8Array;
  /** RFC 8017 §5.2.1 RSASP1 on octets as many as the modulus has and below it; for RSA keys. */
  rsaPrivateOperation(block: Uint8Array): Uint8Array;
}

/** What src/crypto asks of the platform. */
export interface Platform {
  readonly name: "node" | "browser";
  /** The digest of `bytes`, as a plain Uint8Array of its own. */
  digest(algorithm: HashAlgorithmName, bytes: Uint8Array): Uint8Array;
  /** The same written into `target` from `offset` on; `target` may lie in `bytes`. */
  digestInto(algorithm: HashAlgorithmName, bytes: Uint8Array, target: Uint8Array, offset: number): void;
  /** The digest of a stream. */
  createDigest(algorithm: HashAlgorithmName): StreamingDigest;
  /** Takes a key that src/crypto/keys.ts has checked. @throws SigstoreError `algorithm-unsupported` for ML-DSA on an OpenSSL without it */
  importPublicKey(key: SubjectPublicKeyInfo): PlatformPublicKey;
  /**
   * Takes a key that src/crypto/private-key-info.ts has checked. @throws SigstoreError `algorithm-unsupported` for RSA, and ML-DSA without
   * its seed, in browsers; `key-invalid` for an expanded ML-DSA key that is none, or not the seed's
   */
  importPrivateKey(key: PrivateKeyInfo): PlatformPrivateKey;
  /** A new key. @throws SigstoreError `algorithm-unsupported` for RSA in browsers */
  generatePrivateKey(kind: PrivateKeyKind): PrivateKeyInfo;
  /** RFC 7914 scrypt with parameters that src/crypto/password.ts has checked; does not block on Node. */
  scrypt(password: Uint8Array, salt: Uint8Array, parameters: ScryptParameters, length: number): Promise<Uint8Array>;
  /** RFC 8018 §5.2 PBKDF2 with parameters that formats/encrypted-private-key.ts has bounded; does not block on Node. */
  pbkdf2(derivation: Pbkdf2, password: Uint8Array, length: number): Promise<Uint8Array>;
  /**
   * What triple DES in CBC mode encrypted, its padding with it; `key` is 24 octets, `iv` 8, the ciphertext whole blocks. For keys of
   * long ago. @throws SigstoreError `algorithm-unsupported` in browsers
   */
  decryptTripleDes(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** Unpredictable octets. */
  randomBytes(length: number): Uint8Array;
}
