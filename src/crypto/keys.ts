/**
 * Public keys: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), read strictly, checked once, and ready to verify.
 *
 * Leaves out whether the octets of an Ed25519 key decode (where they do not, no signature verifies), and what a key is trusted for.
 */
import { platform } from "#platform";
import { SigstoreError } from "../errors.ts";
import {
  type KeyType,
  parseSpki,
  type RsaPublicKey,
  serializeSpki,
  type SubjectPublicKeyInfo,
} from "../formats/spki.ts";
import { LIMITS } from "../limits.ts";
import { sha256 } from "./digest.ts";
import { isSmallOrder } from "./edwards25519.ts";
import { isEcdsaKeyType, isOnCurve, NIST_CURVES } from "./nist-curves.ts";
import type { PlatformPublicKey } from "./platform.ts";

export type { KeyType } from "../formats/spki.ts";

/** FIPS 186-5 §5.1: 2048 bits and more; below, a signature proves too little. */
const RSA_MINIMUM_BITS = 2048;

/** A key that `importPublicKey` has checked. What the platform makes of it is made at the first verification and kept. */
export class PublicKey {
  readonly keyType: KeyType;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The uncompressed point, the octets of Ed25519 or ML-DSA, or RSAPublicKey DER. */
  readonly keyBytes: Uint8Array;
  /** Bits of the modulus, of RSA keys. */
  readonly modulusBits?: number;
  /** The numbers of an RSA key. */
  readonly rsa: RsaPublicKey | undefined;
  readonly #platformKey: PlatformPublicKey;

  /** Use `importPublicKey`: this does not check. */
  constructor(info: SubjectPublicKeyInfo) {
    this.keyType = info.keyType;
    this.spki = info.raw;
    this.keyBytes = info.keyBytes;
    if (info.rsa !== undefined) this.modulusBits = info.rsa.modulusBits;
    this.rsa = info.rsa;
    this.#platformKey = platform.importPublicKey(info);
  }

  /** What the platform verifies with, for the modules beside this one. */
  static platformKeyOf(key: PublicKey): PlatformPublicKey {
    return key.#platformKey;
  }
}

/**
 * The public key of a DER SubjectPublicKeyInfo: ECDSA on P-256, P-384 or P-521, RSA of 2048 to 4096 bits, Ed25519, or ML-DSA.
 *
 * @throws SigstoreError `key-invalid` when malformed, or its point is not on the curve or of small order, `key-unsupported`, `input-too-large`
 */
export function importPublicKey(spki: Uint8Array): PublicKey {
  // A copy, so that what is checked now is what the platform reads later.
  const info = parseSpki(new Uint8Array(spki));
  checkNumbers(info);
  return new PublicKey(info);
}

/** The public key with these octets: the uncompressed point, the octets of Ed25519 or ML-DSA, or RSAPublicKey DER. Errors as above. */
export function publicKeyFromBytes(keyType: KeyType, keyBytes: Uint8Array): PublicKey {
  return importPublicKey(serializeSpki({ keyType, keyBytes }));
}

/** SHA-256 of the SubjectPublicKeyInfo: what logs are known by (RFC 6962 §3.2). */
export function keyIdentifier(key: PublicKey): Uint8Array {
  return sha256(key.spki);
}

function checkNumbers(info: SubjectPublicKeyInfo): void {
  if (isEcdsaKeyType(info.keyType) && !isOnCurve(NIST_CURVES[info.keyType], info.keyBytes)) {
    // SEC 1 §3.2.2.1: a public key that is not on its curve is no public key.
    throw new SigstoreError(
      "key-invalid",
      `expected a point on the curve of ${info.keyType}, got one that is not on it`,
    );
  }
  if (info.keyType === "ed25519" && isSmallOrder(info.keyBytes)) {
    throw new SigstoreError(
      "key-invalid",
      "expected an Ed25519 key of large order, got one under which anybody can sign",
    );
  }
  if (info.rsa === undefined) return;
  const { modulusBits } = info.rsa;
  if (modulusBits < RSA_MINIMUM_BITS || modulusBits > LIMITS.rsaModulusBits) {
    throw new SigstoreError(
      "key-unsupported",
      `expected an RSA key of ${RSA_MINIMUM_BITS} to ${LIMITS.rsaModulusBits} bits, got ${modulusBits}`,
    );
  }
}
