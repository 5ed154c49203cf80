/**
 * Ed25519 and Ed25519ph (RFC 8032 §5.1): verification in integers, for what the platform does not do itself.
 *
 * That is Ed25519ph everywhere (Node has none) and pure Ed25519 in browsers. Both answer as OpenSSL and Go do, so that a verdict does not
 * depend on the platform: the cofactorless equation of §5.1.7, R compared as octets, S below L. Keys and R of small order are refused
 * (keys.ts and verify.ts), as Web Crypto wants it and newer releases of Node 24 do: under such a key anybody signs anything. Contexts
 * are empty, as Sigstore uses them.
 */
import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { combineWithBase, decodePoint, EDWARDS_ORDER, encodePoint, negatePoint } from "./edwards25519.ts";
import { integerFromLittleEndian } from "./integers.ts";

/** RFC 8032 §2: dom2(1, "") as Ed25519ph puts it before everything it hashes: the text, the flag, the length of no context. */
export const ED25519PH_DOMAIN: Uint8Array = concatBytes(
  utf8Encode("SigEd25519 no Ed25519 collisions"),
  Uint8Array.of(1, 0),
);

const PURE_DOMAIN = new Uint8Array(0);
const SIGNATURE_BYTES = 64;

/** SHA-512, which the scheme hashes by. */
export type Sha512 = (bytes: Uint8Array) => Uint8Array;

/** True when `signature` is one by pure Ed25519 over `message`; `publicKey` is 32 octets. */
export function verifyEd25519(
  sha512: Sha512,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyInDomain(sha512, PURE_DOMAIN, publicKey, message, signature);
}

/** True when `signature` is one by Ed25519ph over the message with this SHA-512 digest; `publicKey` is 32 octets. */
export function verifyEd25519phDigest(
  sha512: Sha512,
  publicKey: Uint8Array,
  messageDigest: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyInDomain(sha512, ED25519PH_DOMAIN, publicKey, messageDigest, signature);
}

/** RFC 8032 §5.1.7, for both: what is signed is the message or its digest. */
function verifyInDomain(
  sha512: Sha512,
  domain: Uint8Array,
  publicKey: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const R = signature.subarray(0, 32);
  const S = integerFromLittleEndian(signature.subarray(32));
  // "Decode the second half as an integer S, in the range 0 <= s < L. … If any of the decodings fail (including S being out of range),
  // the signature is invalid."
  if (S >= EDWARDS_ORDER) return false;
  const A = decodePoint(publicKey);
  if (A === undefined) return false;
  const k = integerFromLittleEndian(sha512(concatBytes(domain, R, publicKey, signed))) % EDWARDS_ORDER;
  // "… it's sufficient, but not required, to instead check [S]B = R + [k]A'."
  return equalBytes(encodePoint(combineWithBase(S, k, negatePoint(A))), R);
}
