/**
 * ML-DSA (FIPS 204) in browsers, by @noble/post-quantum: pure, with an empty context, as Sigstore's registry has it.
 *
 * Answers as Node's OpenSSL does. Leaves out HashML-DSA, contexts, and private keys of which nobody kept the seed.
 */
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

/** A private key, from its seed. */
export class MlDsaPrivateKey implements PlatformPrivateKey {
  readonly publicBytes: Uint8Array;
  readonly #keyType: MlDsaKeyType;
  readonly #expanded: Uint8Array;

  /** @throws SigstoreError `key-invalid` when the expanded key is not the seed's, `algorithm-unsupported` without a seed */
  constructor({ keyType, secret, expanded }: Extract<PrivateKeyInfo, { readonly keyType: MlDsaKeyType }>) {
    // Nothing here can tell whether an expanded key holds together; one that does not makes signatures that fail now and then.
    if (secret.length !== SEED_BYTES) throw withoutSeed(keyType);
    const { publicKey, secretKey } = PARAMETER_SETS[keyType].keygen(secret);
    if (expanded !== undefined && !equalBytes(expanded, secretKey))
      throw new SigstoreError("key-invalid", "expected an ML-DSA private key that belongs together, got another");
    this.publicBytes = publicKey;
    this.#keyType = keyType;
    this.#expanded = secretKey;
  }

  sign(_hash: undefined, message: Uint8Array): Uint8Array {
    return PARAMETER_SETS[this.#keyType].sign(message, this.#expanded);
  }

  rsaPrivateOperation(): never {
    throw new TypeError(`expected an RSA key, got ${this.#keyType}`);
  }
}

function withoutSeed(keyType: MlDsaKeyType): SigstoreError {
  return new SigstoreError(
    "algorithm-unsupported",
    `expected a key of ${keyType} with its seed, got one without, which is not supported in browsers`,
    { hint: "sign with this key on Node" },
  );
}
