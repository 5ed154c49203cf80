import type { SignatureScheme } from "./algorithms.ts";
/**
 * Signatures of JSON Web Tokens (RFC 7518 §3; RFC 8037 §3.1): which scheme an algorithm's name means, and verification.
 *
 * Asymmetric algorithms alone: `none` and the HMACs are unknown here, so that a public key can never be taken for a secret.
 */
import { DIGEST_BYTES } from "./digest.ts";
import { serializeEcdsaSignature } from "./ecdsa.ts";
import type { PublicKey } from "./keys.ts";
import { isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import { verifySignature } from "./verify.ts";

const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ["RS256", { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha256" }],
  ["RS384", { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha384" }],
  ["RS512", { scheme: "rsa-pkcs1v15", keyType: "rsa", hash: "sha512" }],
  // RFC 7518 §3.5: "The size of the salt value is the same size as the hash function output."
  ["PS256", { scheme: "rsa-pss", keyType: "rsa", hash: "sha256", saltBytes: DIGEST_BYTES.sha256 }],
  ["PS384", { scheme: "rsa-pss", keyType: "rsa", hash: "sha384", saltBytes: DIGEST_BYTES.sha384 }],
  ["PS512", { scheme: "rsa-pss", keyType: "rsa", hash: "sha512", saltBytes: DIGEST_BYTES.sha512 }],
  // RFC 7518 §3.4: each with its own curve.
  ["ES256", { scheme: "ecdsa", keyType: "ecdsa-p256", hash: "sha256" }],
  ["ES384", { scheme: "ecdsa", keyType: "ecdsa-p384", hash: "sha384" }],
  ["ES512", { scheme: "ecdsa", keyType: "ecdsa-p521", hash: "sha512" }],
  ["EdDSA", { scheme: "ed25519", keyType: "ed25519", hash: undefined }],
]);

/** The names of the algorithms that tokens may be signed by. */
export const JWS_ALGORITHMS: readonly string[] = [...SCHEMES.keys()];

/** True when `signature` is one by the algorithm of this name and `key` over `signingInput`; never throws, whatever they are. */
export function verifyJws(
  key: PublicKey,
  algorithmName: string,
  signingInput: Uint8Array,
  signature: Uint8Array,
): boolean {
  const scheme = SCHEMES.get(algorithmName);
  if (scheme === undefined || scheme.keyType !== key.keyType) return false;
  if (!isEcdsaKeyType(key.keyType)) return verifySignature(key, scheme, signingInput, signature);
  // RFC 7518 §3.4: "Concatenate […] R and S […] in that order. (Note that many ECDSA implementations will directly produce this
  // concatenation as their output.)"; ours reads DER.
  if (signature.length !== 2 * NIST_CURVES[key.keyType].coordinateBytes) return false;
  return verifySignature(key, scheme, signingInput, serializeEcdsaSignature(signature));
}
