/**
 * The platform port on Node, over node:crypto (OpenSSL): the only importer of node:crypto in the pure folders.
 *
 * Keys come in the fastest form there is (measured on Node 24 as import plus first verification, µs): a JWK for Ed25519 (110 instead of
 * 180 by SubjectPublicKeyInfo), RSA (31 instead of 131) and P-256 (150 instead of 180); SubjectPublicKeyInfo for P-384 and P-521, where
 * the JWK way multiplies the point by the order once more (770 instead of 1,130). A digest comes as a latin1 string and is written into
 * octets: twice as fast as asking for a Buffer, and a plain Uint8Array.
 */
import {
  constants,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type ECDH,
  generateKeyPairSync,
  hash as hashAtOnce,
  type Hash,
  type JsonWebKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  scrypt,
  sign,
  verify,
} from "node:crypto";
import { base64UrlEncode } from "../encoding/base64.ts";
import type { SubjectPublicKeyInfo } from "../formats/spki.ts";
import { DIGEST_BYTES, type HashAlgorithmName, type StreamingDigest } from "./digest.ts";
import { type EcdsaSignature, type ScalarMultiplication, verifyEcdsaDigest } from "./ecdsa.ts";
import { bytesFromInteger } from "./integers.ts";
import { type EcdsaKeyType, isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import type { ScryptParameters } from "./password.ts";
import { parsePkcs8, type PrivateKeyInfo, serializePrivateKeyInfo } from "./pkcs8.ts";
import type { Platform, PlatformPrivateKey, PlatformPublicKey, PlatformScheme, PrivateKeyKind } from "./platform.ts";
