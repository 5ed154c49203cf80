/**
 * Signatures over a digest alone that no platform makes: ECDSA (FIPS 186-5 §6.4.1, nonce by RFC 6979 with fresh randomness) and
 * Ed25519ph (RFC 8032 §5.1), by @noble/curves on both platforms.
 *
 * Loaded when first needed: on Node most runs never do. Leaves out verification.
 */
import { eddsa } from "@noble/curves/abstract/edwards.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../encoding/bytes.ts";
import { serializeEcdsaSignature } from "./ecdsa.ts";
import { ED25519PH_DOMAIN } from "./ed25519.ts";
import type { EcdsaKeyType } from "./nist-curves.ts";

const CURVES = { "ecdsa-p256": p256, "ecdsa-p384": p384, "ecdsa-p521": p521 } as const;

/** Ed25519ph as @noble/curves makes it, but for the hash of the message: that is at hand. */
const ed25519phOfDigest = eddsa(ed25519.Point, sha512, {
  adjustScalarBytes: clamp,
  domain: (data: Uint8Array) => concatBytes(ED25519PH_DOMAIN, data),
  prehash: (digest: Uint8Array) => digest,
});

/** DER signature by ECDSA over a digest; `secret` is the scalar. */
export function signEcdsaDigest(keyType: EcdsaKeyType, secret: Uint8Array, digest: Uint8Array): Uint8Array {
  const options = { prehash: false, lowS: false, format: "compact", extraEntropy: true } as const;
  return serializeEcdsaSignature(CURVES[keyType].sign(digest, secret, options));
}

/** Signature by Ed25519ph over a SHA-512 digest; `secret` is the 32 octets of the key. */
export function signEd25519phDigest(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  return ed25519phOfDigest.sign(digest, secret);
}

/** RFC 8032 §5.1.5 step 2: the lowest three bits and the highest are cleared, the second highest is set. */
function clamp(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] ?? 0) & 0xf8;
  bytes[31] = ((bytes[31] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
