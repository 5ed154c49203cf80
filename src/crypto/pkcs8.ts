import { equalBytes } from "../encoding/bytes.ts";
/**
 * Private keys as bytes: PKCS #8 (RFC 5958 OneAsymmetricKey) around ECPrivateKey (RFC 5915), CurvePrivateKey (RFC 8410 §7) or
 * RSAPrivateKey (RFC 8017 A.1.2); the bare ECPrivateKey and RSAPrivateKey that PEM files hold.
 *
 * Reads strictly, writes one form. Leaves out encrypted PKCS #8, RSA keys of more than two primes, and whether a public key that stands
 * beside the private one belongs to it: private-key.ts compares.
 */
import { contextConstructed, contextPrimitive, DerReader, der } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import { parsingAs, requireSize } from "../formats/parse-error.ts";
import { type KeyType, serializeSpki } from "../formats/spki.ts";
import { LIMITS } from "../limits.ts";
import { integerFromBytes } from "./integers.ts";
import { type EcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";

/**
 * A private key: the scalar of ECDSA (as long as the curve's order), the 32 octets of Ed25519, or RSAPrivateKey DER; and the public key's
 * point, 32 octets or RSAPublicKey DER, where it was given (RSA always gives it).
 */
export type PrivateKeyInfo =
  | {
      readonly keyType: EcdsaKeyType | "ed25519";
      readonly secret: Uint8Array;
      readonly publicBytes: Uint8Array | undefined;
    }
  | { readonly keyType: "rsa"; readonly secret: Uint8Array; readonly publicBytes: Uint8Array };

const ECDSA_KEY_TYPES = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const;
const ED25519_SECRET_BYTES = 32;

/**
 * Parses PKCS #8 DER.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`, `input-too-large`
 */
export function parsePkcs8(bytes: Uint8Array): PrivateKeyInfo {
  return parsingKey(bytes, (fields) => {
    const version = fields.smallInteger();
    if (version > 1) invalid("version 0 or 1 of a private key", `${version}`);
    const keyType = keyTypeOf(fields.rawAny());
    const inner = fields.octetString();
    // Attributes say nothing that we ask.
    fields.optional(contextConstructed(0));
    // RFC 5958 §2: "If publicKey is present, then version is set to v2(1) else version is set to v1(0)."
    const publicBytes = version === 1 ? octetsOfBitString(fields.element(contextPrimitive(1)).content) : undefined;
    return keyInside(keyType, inner, publicBytes);
  });
}

/** Parses a bare ECPrivateKey that names its curve ("EC PRIVATE KEY"). Errors as `parsePkcs8`. */
export function parseEcPrivateKey(bytes: Uint8Array): PrivateKeyInfo {
  return parsingKey(bytes, (fields) => readEcPrivateKey(fields, undefined));
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
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      // The curve already stands in the algorithm identifier outside.
      return ecPrivateKey(key.secret, new Uint8Array(0), key.publicBytes);
  }
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
  for (const keyType of [...ECDSA_KEY_TYPES, "ed25519", "rsa"] as const) {
    if (equalBytes(identifier, algorithmIdentifier(keyType))) return keyType;
  }
  const oid = new DerReader(identifier).sequence().oid();
  throw new SigstoreError(
    "key-unsupported",
    `expected a private key of ECDSA (P-256, P-384, P-521), RSA or Ed25519, got one of algorithm ${oid}`,
  );
}

function keyInside(keyType: KeyType, inner: Uint8Array, publicBytes: Uint8Array | undefined): PrivateKeyInfo {
  const reader = new DerReader(inner);
  if (keyType === "ed25519") {
    const secret = reader.octetString();
    reader.end();
    if (secret.length !== ED25519_SECRET_BYTES) invalid("32 octets of an Ed25519 key", `${secret.length}`);
    return { keyType, secret, publicBytes };
  }
  const fields = reader.sequence();
  reader.end();
  const key = keyType === "rsa" ? readRsaPrivateKey(inner, fields) : readEcPrivateKey(fields, keyType);
  fields.end();
  return key.keyType === "rsa" ? key : { ...key, publicBytes: key.publicBytes ?? publicBytes };
}

/** RFC 5915 §3: ECPrivateKey, of a curve that is known from outside or named inside. */
function readEcPrivateKey(fields: DerReader, expected: EcdsaKeyType | undefined): PrivateKeyInfo {
  const version = fields.smallInteger();
  if (version !== 1) invalid("version 1 of an ECPrivateKey", `${version}`);
  const secret = fields.octetString();
  const parameters = fields.optionalExplicit(0);
  const keyType = parameters === undefined ? expected : curveNamed(parameters.rawAny(), expected);
  parameters?.end();
  if (keyType === undefined) return invalid("an ECPrivateKey that names its curve", "none");
  const publicKey = fields.optionalExplicit(1);
  const publicBytes = publicKey?.bitString().bytes;
  publicKey?.end();
  // RFC 5915 §3: "privateKey is the private key. It is an octet string of length ceiling (log2(n)/8)"; FIPS 186-5 §6.2: 1 to n − 1.
  const { order, coordinateBytes } = NIST_CURVES[keyType];
  const scalar = integerFromBytes(secret.length === coordinateBytes ? secret : new Uint8Array(0));
  if (scalar === 0n || scalar >= order)
    invalid(`a private number of ${keyType} in ${coordinateBytes} octets`, "another");
  return { keyType, secret, publicBytes };
}

function curveNamed(oid: Uint8Array, expected: EcdsaKeyType | undefined): EcdsaKeyType {
  const keyType = ECDSA_KEY_TYPES.find((candidate) => equalBytes(oid, curveOid(candidate)));
  if (keyType === undefined)
    throw new SigstoreError("key-unsupported", "expected a private key on P-256, P-384 or P-521, got another curve");
  if (expected !== undefined && keyType !== expected)
    invalid(`a private key of ${expected} throughout`, `${keyType} inside`);
  return keyType;
}

/** RFC 8017 A.1.2: RSAPrivateKey with two primes, whose numbers belong together. */
function readRsaPrivateKey(raw: Uint8Array, fields: DerReader): PrivateKeyInfo {
  const version = fields.smallInteger();
  if (version !== 0) invalid("an RSA key of two primes", `version ${version}`);
  const [modulus, publicExponent, privateExponent] = [fields.integer(), fields.integer(), fields.integer()];
  if (modulus >= 2n ** BigInt(LIMITS.rsaModulusBits)) {
    throw new SigstoreError(
      "key-unsupported",
      `expected an RSA key of at most ${LIMITS.rsaModulusBits} bits, got a larger one`,
    );
  }
  const [p, q] = [fields.integer(), fields.integer()];
  const [exponentP, exponentQ, coefficient] = [fields.integer(), fields.integer(), fields.integer()];
  const isConsistent =
    p > 1n &&
    q > 1n &&
    p * q === modulus &&
    (publicExponent * privateExponent) % (p - 1n) === 1n &&
    (publicExponent * privateExponent) % (q - 1n) === 1n &&
    exponentP === privateExponent % (p - 1n) &&
    exponentQ === privateExponent % (q - 1n) &&
    (coefficient * q) % p === 1n;
  if (!isConsistent) invalid("the numbers of one RSA key", "numbers that do not belong together");
  return { keyType: "rsa", secret: raw, publicBytes: der.sequence(der.integer(modulus), der.integer(publicExponent)) };
}

/** RFC 5958 §2: publicKey [1] IMPLICIT BIT STRING, whose first octet counts unused bits. */
function octetsOfBitString(content: Uint8Array): Uint8Array {
  if (content[0] !== 0) invalid("a public key of whole octets", "unused bits");
  return content.subarray(1);
}

function invalid(expected: string, got: string): never {
  throw new SigstoreError("key-invalid", `expected ${expected}, got ${got}`);
}
