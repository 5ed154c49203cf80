/**
 * Verification of one signature with one key: over a message, or over its digest alone.
 *
 * A signature is hostile: whatever is wrong with it, the answer is `false`. ECDSA signatures are strict DER (FIPS 186-5 §6.4.2), RSA
 * signatures as long as the modulus and below it (RFC 8017 §8). Leaves out which key and algorithm may be asked for at all.
 */
import { compareBytes, equalBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import type { RsaPublicKey } from "../formats/spki.ts";
import { isAlgorithmOfKey, type RsaPkcs1v15Scheme, type RsaPssScheme, type SignatureScheme } from "./algorithms.ts";
import { DIGEST_BYTES, digest } from "./digest.ts";
import { parseEcdsaSignature } from "./ecdsa.ts";
import { verifyEd25519phDigest } from "./ed25519.ts";
import { isSmallOrder } from "./edwards25519.ts";
import { PublicKey } from "./keys.ts";
import { isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import { isPssBlock, pkcs1v15Block } from "./rsa.ts";

/**
 * True when `signature` is one by `algorithm` and `key` over `message`; false also when the algorithm is not one of this key.
 *
 * Never throws, whatever the signature is.
 */
export function verifySignature(
  key: PublicKey,
  algorithm: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isAlgorithmOfKey(algorithm, key)) return false;
  switch (algorithm.scheme) {
    case "ecdsa":
    case "ml-dsa":
      return PublicKey.platformKeyOf(key).verify(algorithm.hash, message, signature);
    case "ed25519":
      return hasLargeOrder(signature) && PublicKey.platformKeyOf(key).verify(undefined, message, signature);
    case "ed25519ph":
    case "rsa-pkcs1v15":
    case "rsa-pss":
      return verifyDigestSignature(key, algorithm, digest(algorithm.hash, message), signature);
  }
}

/**
 * As {@link verifySignature}, for services that have other work meanwhile: ECDSA is verified on another thread where the platform has one,
 * which costs the thread that asks a tenth, and the machine a little more. Message and signature must not change meanwhile.
 */
export async function verifySignatureInBackground(
  key: PublicKey,
  algorithm: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const platformKey = PublicKey.platformKeyOf(key);
  if (algorithm.scheme !== "ecdsa" || !isAlgorithmOfKey(algorithm, key) || platformKey.verifyInBackground === undefined)
    return verifySignature(key, algorithm, message, signature);
  return platformKey.verifyInBackground(algorithm.hash, message, signature);
}

/**
 * True when `signature` is one by `algorithm` and `key` over the message whose digest, by the algorithm's hash, is `messageDigest`;
 * false also when the algorithm is not one of this key or the digest not as long as its hash.
 *
 * @throws SigstoreError `artifact-bytes-required` for pure Ed25519 and ML-DSA, which sign the message itself; never for a signature
 */
export function verifyDigestSignature(
  key: PublicKey,
  algorithm: SignatureScheme,
  messageDigest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (algorithm.scheme === "ed25519" || algorithm.scheme === "ml-dsa") {
    throw new SigstoreError(
      "artifact-bytes-required",
      `expected the whole message for a signature by ${algorithm.scheme}, got only a digest of it`,
    );
  }
  if (!isAlgorithmOfKey(algorithm, key) || messageDigest.length !== DIGEST_BYTES[algorithm.hash]) return false;
  switch (algorithm.scheme) {
    case "ecdsa":
      return verifyEcdsa(key, messageDigest, signature);
    case "ed25519ph":
      return hasLargeOrder(signature) && verifyEd25519phDigest(sha512, key.keyBytes, messageDigest, signature);
    case "rsa-pkcs1v15":
    case "rsa-pss":
      return verifyRsa(key, algorithm, messageDigest, signature);
  }
}

function verifyEcdsa(key: PublicKey, messageDigest: Uint8Array, signature: Uint8Array): boolean {
  if (!isEcdsaKeyType(key.keyType)) return false;
  const numbers = parseEcdsaSignature(NIST_CURVES[key.keyType], signature);
  return numbers !== undefined && PublicKey.platformKeyOf(key).verifyEcdsaDigest(messageDigest, numbers);
}

function verifyRsa(
  key: PublicKey,
  algorithm: RsaPkcs1v15Scheme | RsaPssScheme,
  messageDigest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { rsa } = key;
  if (rsa === undefined || !isRepresentative(rsa, signature)) return false;
  const block = PublicKey.platformKeyOf(key).rsaPublicOperation(signature);
  if (algorithm.scheme === "rsa-pss")
    return isPssBlock(algorithm.hash, messageDigest, block, rsa.modulusBits, algorithm.saltBytes);
  // RFC 8017 §8.2.2 step 4: "Compare the encoded message EM and the second encoded message EM'. If they are the same, output 'valid signature'."
  return equalBytes(block, pkcs1v15Block(algorithm.hash, messageDigest, block.length));
}

/**
 * W3C Web Cryptography, Ed25519 verify: "If the point R, encoded in the first half of signature, represents an invalid point or a
 * small-order element on the Elliptic Curve of Ed25519, return false." Only newer platforms see to it.
 */
function hasLargeOrder(signature: Uint8Array): boolean {
  return !isSmallOrder(signature.subarray(0, 32));
}

function sha512(bytes: Uint8Array): Uint8Array {
  return digest("sha512", bytes);
}

/**
 * RFC 8017 §8.2.2 step 1: "If the length of the signature S is not k octets, output 'invalid signature' and stop."
 * RFC 8017 §5.2.2 step 1: "If the signature representative s is not between 0 and n - 1, output 'signature representative out of range'".
 */
function isRepresentative(rsa: RsaPublicKey, signature: Uint8Array): boolean {
  return signature.length === rsa.modulus.length && compareBytes(signature, rsa.modulus) < 0;
}
