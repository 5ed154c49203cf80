/**
 * Private keys as bytes: PKCS #8 (RFC 5958 OneAsymmetricKey) around ECPrivateKey (RFC 5915), CurvePrivateKey (RFC 8410 §7),
 * ML-DSA-PrivateKey (RFC 9881 §6) or RSAPrivateKey (RFC 8017 A.1.2); the bare ECPrivateKey and RSAPrivateKey that PEM files hold.
 *
 * Reads strictly, writes one form. Leaves out encrypted PKCS #8 (pbes2.ts), RSA keys of more than two primes, and whether a public key
 * that stands beside the private one belongs to it: private-key.ts compares.
 */
import { equalBytes } from "../encoding/bytes.ts";
import { contextConstructed, contextPrimitive, DerReader, der, TAG } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import { parsingAs, requireSize } from "../formats/parse-error.ts";
import { isMlDsaKeyType, type KeyType, type MlDsaKeyType, serializeSpki } from "../formats/spki.ts";
import { LIMITS } from "../limits.ts";
import { type EcdsaKeyType, isEcdsaKeyType, isOnCurve, NIST_CURVES } from "./nist-curves.ts";
import {
  ecdsaKeyInfo,
  ed25519KeyInfo,
  invalidKey,
  ML_DSA_EXPANDED_BYTES,
  mlDsaKeyInfo,
  type PrivateKeyInfo,
  readRsaPrivateKey,
  SEED_BYTES,
} from "./private-key-info.ts";

export type { PrivateKeyInfo } from "./private-key-info.ts";

const ECDSA_KEY_TYPES = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const;
const ML_DSA_KEY_TYPES = ["ml-dsa-44", "ml-dsa-65", "ml-dsa-87"] as const;

/**
 * Parses PKCS #8 DER.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`, `input-too-large`
 */
export function parsePkcs8(bytes: Uint8Array): PrivateKeyInfo {
  return parsingKey(bytes, (fields) => {
    const version = fields.smallInteger();
    if (version > 1) invalidKey("version 0 or 1 of a private key", `${version}`);
    const keyType = keyTypeOf(fields.rawAny());
    const inner = fields.octetString();
    // Attributes say nothing that we ask.
    fields.optional(contextConstructed(0));
    // RFC 5958 §2: "If publicKey is present, then version is set to v2(1) else version is set to v1(0)."
    const publicBytes = version === 1 ? octetsOfBitString(fields.element(contextPrimitive(1)).content) : undefined;
    return keyInside(keyType, inner, publicBytes);
  });
}

/**
 * Parses a bare ECPrivateKey ("EC PRIVATE KEY"). Errors as `parsePkcs8`.
 *
 * The curve is named inside, or by `parameters` (what "EC PARAMETERS" holds), or, without either, it is the one of this size that the
 * public key inside lies on.
 */
export function parseEcPrivateKey(bytes: Uint8Array, parameters?: Uint8Array): PrivateKeyInfo {
  const expected = parameters === undefined ? undefined : curveNamed(parameters, undefined);
  return parsingKey(bytes, (fields) => readEcPrivateKey(fields, expected));
}

/** Parses a bare RSAPrivateKey ("RSA PRIVATE KEY"). Errors as `parsePkcs8`. */
export function parseRsaPrivateKey(bytes: Uint8Array): PrivateKeyInfo {
  return parsingKey(bytes, (fields) => readRsaPrivateKey(bytes, fields));
}

/** PKCS #8 DER of a key, with its public key inside where the form has a place for it (ECDSA). */
export function serializePkcs8(key: PrivateKeyInfo): Uint8Array {
  return der.sequence(der.integer(0), algorithmIdentifier(key.keyType), der.octetString(innerKey(key)));
}

/** ECPrivateKey DER with its curve, and its public key where that is known. */
export function serializeEcPrivateKey(
  keyType: EcdsaKeyType,
  secret: Uint8Array,
  publicBytes: Uint8Array | undefined,
): Uint8Array {
  return ecPrivateKey(secret, der.explicit(0, curveOid(keyType)), publicBytes);
}

function innerKey(key: PrivateKeyInfo): Uint8Array {
  switch (key.keyType) {
    case "rsa":
      return key.secret;
    case "ed25519":
      return der.octetString(key.secret);
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return innerMlDsaKey(key.secret, key.expanded);
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      // The curve already stands in the algorithm identifier outside.
      return ecPrivateKey(key.secret, new Uint8Array(0), key.publicBytes);
  }
}

/** RFC 9881 §6: "seed [0] OCTET STRING" where it is known: "the RECOMMENDED format". */
function innerMlDsaKey(secret: Uint8Array, expanded: Uint8Array | undefined): Uint8Array {
  if (secret.length !== SEED_BYTES) return der.octetString(secret);
  if (expanded === undefined) return der.implicit(0, secret, false);
  return der.sequence(der.octetString(secret), der.octetString(expanded));
}

function ecPrivateKey(secret: Uint8Array, curve: Uint8Array, publicBytes: Uint8Array | undefined): Uint8Array {
  const publicKey = publicBytes === undefined ? new Uint8Array(0) : der.explicit(1, der.bitString(publicBytes));
  return der.sequence(der.integer(1), der.octetString(secret), curve, publicKey);
}

function parsingKey(bytes: Uint8Array, read: (fields: DerReader) => PrivateKeyInfo): PrivateKeyInfo {
  requireSize(bytes, LIMITS.smallFileBytes, "a private key");
  return parsingAs("key-invalid", "a private key", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const key = read(fields);
    fields.end();
    return key;
  });
}

/** The algorithm identifier that a key of this type has, in SubjectPublicKeyInfo and in PKCS #8 alike: one exact form each. */
function algorithmIdentifier(keyType: KeyType): Uint8Array {
  return new DerReader(serializeSpki({ keyType, keyBytes: new Uint8Array(0) })).sequence().rawAny();
}

function curveOid(keyType: EcdsaKeyType): Uint8Array {
  const fields = new DerReader(algorithmIdentifier(keyType)).sequence();
  fields.rawAny();
  return fields.rawAny();
}

function keyTypeOf(identifier: Uint8Array): KeyType {
  for (const keyType of [...ECDSA_KEY_TYPES, "ed25519", "rsa", ...ML_DSA_KEY_TYPES] as const) {
    if (equalBytes(identifier, algorithmIdentifier(keyType))) return keyType;
  }
  const oid = new DerReader(identifier).sequence().oid();
  throw new SigstoreError(
    "key-unsupported",
    `expected a private key of ECDSA (P-256, P-384, P-521), RSA, Ed25519 or ML-DSA, got one of algorithm ${oid}`,
  );
}

function keyInside(keyType: KeyType, inner: Uint8Array, publicBytes: Uint8Array | undefined): PrivateKeyInfo {
  const reader = new DerReader(inner);
  const key = readInside(keyType, inner, reader);
  reader.end();
  return key.keyType === "rsa" ? key : { ...key, publicBytes: key.publicBytes ?? publicBytes };
}

function readInside(keyType: KeyType, inner: Uint8Array, reader: DerReader): PrivateKeyInfo {
  if (keyType === "ed25519") return ed25519KeyInfo(reader.octetString(), undefined);
  if (isMlDsaKeyType(keyType)) return readMlDsaPrivateKey(keyType, reader);
  const fields = reader.sequence();
  const key = isEcdsaKeyType(keyType) ? readEcPrivateKey(fields, keyType) : readRsaPrivateKey(inner, fields);
  fields.end();
  return key;
}

/** RFC 9881 §6: CHOICE of a seed, an expanded key, or both. */
function readMlDsaPrivateKey(keyType: MlDsaKeyType, reader: DerReader): PrivateKeyInfo {
  const seed = reader.optional(contextPrimitive(0));
  if (seed !== undefined) return mlDsaKeyInfo(keyType, seed.content, undefined);
  if (reader.peekTag() === TAG.octetString)
    return { keyType, secret: expandedKey(keyType, reader.octetString()), publicBytes: undefined };
  const both = reader.sequence();
  const key = mlDsaKeyInfo(keyType, both.octetString(), undefined);
  const expanded = expandedKey(keyType, both.octetString());
  both.end();
  return { keyType, secret: key.secret, publicBytes: undefined, expanded };
}

function expandedKey(keyType: MlDsaKeyType, bytes: Uint8Array): Uint8Array {
  const length = ML_DSA_EXPANDED_BYTES[keyType];
  return bytes.length === length ? bytes : invalidKey(`${length} octets of a key of ${keyType}`, `${bytes.length}`);
}

/** RFC 5915 §3: ECPrivateKey, of a curve that is known from outside or named inside. */
function readEcPrivateKey(fields: DerReader, expected: EcdsaKeyType | undefined): PrivateKeyInfo {
  const version = fields.smallInteger();
  if (version !== 1) invalidKey("version 1 of an ECPrivateKey", `${version}`);
  const secret = fields.octetString();
  const parameters = fields.optionalExplicit(0);
  const named = parameters === undefined ? expected : curveNamed(parameters.rawAny(), expected);
  parameters?.end();
  const publicKey = fields.optionalExplicit(1);
  const publicBytes = publicKey?.bitString().bytes;
  publicKey?.end();
  const keyType = named ?? curveOfPoint(publicBytes);
  // RFC 5915 §3: "privateKey is the private key. It is an octet string of length ceiling (log2(n)/8)".
  const { coordinateBytes } = NIST_CURVES[keyType];
  if (secret.length !== coordinateBytes)
    invalidKey(`a private number of ${keyType} in ${coordinateBytes} octets`, "another");
  return ecdsaKeyInfo(keyType, secret, publicBytes);
}

function curveOfPoint(point: Uint8Array | undefined): EcdsaKeyType {
  const found = ECDSA_KEY_TYPES.find((keyType) => {
    const curve = NIST_CURVES[keyType];
    return point?.length === 1 + 2 * curve.coordinateBytes && point[0] === 0x04 && isOnCurve(curve, point);
  });
  return found ?? invalidKey("an ECPrivateKey that names its curve", "none");
}

function curveNamed(oid: Uint8Array, expected: EcdsaKeyType | undefined): EcdsaKeyType {
  const keyType = ECDSA_KEY_TYPES.find((candidate) => equalBytes(oid, curveOid(candidate)));
  if (keyType === undefined)
    throw new SigstoreError("key-unsupported", "expected a private key on P-256, P-384 or P-521, got another curve", {
      hint: "no Sigstore client verifies with other curves: make a key on one of these",
    });
  if (expected !== undefined && keyType !== expected)
    invalidKey(`a private key of ${expected} throughout`, `${keyType} inside`);
  return keyType;
}

/** RFC 5958 §2: publicKey [1] IMPLICIT BIT STRING, whose first octet counts unused bits. */
function octetsOfBitString(content: Uint8Array): Uint8Array {
  if (content[0] !== 0) invalidKey("a public key of whole octets", "unused bits");
  return content.subarray(1);
}
