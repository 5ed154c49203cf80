/**
 * ML-DSA (FIPS 204) in browsers, by @noble/post-quantum: pure, with an empty context, as Sigstore's registry has it.
 *
 * Answers as Node's OpenSSL does. Leaves out HashML-DSA and contexts.
 */
import { shake256 } from "@noble/hashes/sha3.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { equalBytes } from "../../encoding/bytes.ts";
import { SigstoreError } from "../../errors.ts";
import type { MlDsaKeyType } from "../../formats/spki.ts";
import type { PlatformPrivateKey } from "../platform.ts";
import { type PrivateKeyInfo, SEED_BYTES } from "../private-key-info.ts";

const PARAMETER_SETS = { "ml-dsa-44": ml_dsa44, "ml-dsa-65": ml_dsa65, "ml-dsa-87": ml_dsa87 } as const;

/** True when the signature holds; `publicKey` is as long as it must be. */
export function verifyMlDsa(
  keyType: MlDsaKeyType,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scheme = PARAMETER_SETS[keyType];
  return signature.length === scheme.lengths.signature && scheme.verify(signature, message, publicKey);
}

/** A private key, from its seed where that is known. */
export class MlDsaPrivateKey implements PlatformPrivateKey {
  readonly publicBytes: Uint8Array;
  readonly #keyType: MlDsaKeyType;
  readonly #expanded: Uint8Array;

  /** @throws SigstoreError `key-invalid` when the expanded key is none, or not the seed's */
  constructor({ keyType, secret, expanded }: Extract<PrivateKeyInfo, { readonly keyType: MlDsaKeyType }>) {
    this.#keyType = keyType;
    const scheme = PARAMETER_SETS[keyType];
    if (secret.length === SEED_BYTES) {
      const pair = scheme.keygen(secret);
      if (expanded !== undefined && !equalBytes(expanded, pair.secretKey)) throw notTogether();
      [this.publicBytes, this.#expanded] = [pair.publicKey, pair.secretKey];
      return;
    }
    this.#expanded = secret;
    this.publicBytes = publicKeyOf(keyType, secret);
    requireWhole(this, keyType, secret);
  }

  sign(_hash: undefined, message: Uint8Array): Uint8Array {
    return PARAMETER_SETS[this.#keyType].sign(message, this.#expanded);
  }

  rsaPrivateOperation(): never {
    throw new TypeError(`expected an RSA key, got ${this.#keyType}`);
  }
}

function publicKeyOf(keyType: MlDsaKeyType, expanded: Uint8Array): Uint8Array {
  try {
    return PARAMETER_SETS[keyType].getPublicKey(expanded);
  } catch (cause) {
    // The library refuses what no key expands to by errors of its own.
    throw notTogether(cause);
  }
}

/** An expanded key says some things twice: the hash of its public key, and t0, without which its signatures do not hold. */
function requireWhole(key: MlDsaPrivateKey, keyType: MlDsaKeyType, expanded: Uint8Array): void {
  // FIPS 204 §7.2, skEncode: ρ and K of 32 octets each, then tr = H(pk, 64).
  const tr = expanded.subarray(64, 128);
  if (!equalBytes(shake256(key.publicBytes, { dkLen: 64 }), tr)) throw notTogether();
  if (!verifyMlDsa(keyType, key.publicBytes, tr, key.sign(undefined, tr))) throw notTogether();
}

function notTogether(cause?: unknown): SigstoreError {
  return new SigstoreError("key-invalid", "expected an ML-DSA private key that belongs together, got another", { cause });
}
