/**
 * The numbers of a private key as formats of keys hold them: big-endian octets, not judged yet.
 *
 * Crypto checks that they belong together (private-key-info.ts). Leaves out how a form writes them.
 */
import type { KeyType, MlDsaKeyType } from "./spki.ts";

/** The numbers of an RSA key; numbers are unsigned. */
export interface RsaPrivateOctets {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  readonly prime1: Uint8Array;
  readonly prime2: Uint8Array;
  readonly exponent1?: Uint8Array;
  readonly exponent2?: Uint8Array;
  readonly coefficient: Uint8Array;
}

/** A private key, and the public key that stood beside it: the uncompressed point, or octets. */
export type PrivateNumbers =
  | {
      readonly keyType: Extract<KeyType, `ecdsa-${string}`>;
      readonly scalar: Uint8Array;
      readonly publicBytes: Uint8Array | undefined;
    }
  | {
      readonly keyType: "ed25519" | MlDsaKeyType;
      readonly seed: Uint8Array;
      readonly publicBytes: Uint8Array | undefined;
    }
  | { readonly keyType: "rsa"; readonly rsa: RsaPrivateOctets };
