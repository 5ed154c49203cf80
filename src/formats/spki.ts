/**
 * RFC 5280 §4.1.2.7 SubjectPublicKeyInfo with RFC 5480 (ECDSA), RFC 8410 (Ed25519), RFC 8017 (RSA), RFC 9881 (ML-DSA): which key is it?
 *
 * Reads and writes the key types of Sigstore's algorithm registry, exactly one form each. Leaves out: compressed points,
 * explicit curve parameters, RSA keys bound to PSS, and whether a point lies on its curve (crypto's, natively).
 */
import { DerReader, der, TAG } from "../encoding/der.ts";
import { parsePem } from "../encoding/pem.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readAlgorithmIdentifier, serializeAlgorithmIdentifier } from "./algorithm-identifier.ts";
import { parsingAs, requireSize } from "./parse-error.ts";
import { parseCertificate } from "./x509/certificate.ts";

/** The kinds of keys that the algorithm registry names. */
export type KeyType = "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "rsa" | "ed25519" | MlDsaKeyType;

/** The parameter sets of FIPS 204. */
export type MlDsaKeyType = "ml-dsa-44" | "ml-dsa-65" | "ml-dsa-87";

/** The numbers of an RSA key; `modulus` is big-endian without leading zeros. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly publicExponent: bigint;
  readonly modulusBits: number;
}

/** A public key: the whole structure, its type, and inside it the uncompressed point, the key of Ed25519 or ML-DSA, or RSAPublicKey DER. */
export interface SubjectPublicKeyInfo {
  readonly raw: Uint8Array;
  readonly keyType: KeyType;
  readonly keyBytes: Uint8Array;
  readonly rsa?: RsaPublicKey;
}

const EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const ED25519 = "1.3.101.112";

/** The curves: their object identifier and the octets of an uncompressed point. */
const CURVES: Readonly<
  Record<"ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521", { readonly oid: string; readonly pointBytes: number }>
> = {
  "ecdsa-p256": { oid: "1.2.840.10045.3.1.7", pointBytes: 65 },
  "ecdsa-p384": { oid: "1.3.132.0.34", pointBytes: 97 },
  "ecdsa-p521": { oid: "1.3.132.0.35", pointBytes: 133 },
};

/** RFC 9881 §2: the object identifiers of ML-DSA, of keys and signatures alike. */
export const ML_DSA_OIDS: Readonly<Record<MlDsaKeyType, string>> = {
  "ml-dsa-44": "2.16.840.1.101.3.4.3.17",
  "ml-dsa-65": "2.16.840.1.101.3.4.3.18",
  "ml-dsa-87": "2.16.840.1.101.3.4.3.19",
};

/** FIPS 204 table 2: octets of a public key. */
const ML_DSA_KEY_BYTES: Readonly<Record<MlDsaKeyType, number>> = {
  "ml-dsa-44": 1312,
  "ml-dsa-65": 1952,
  "ml-dsa-87": 2592,
};

/** SEC 1 §2.3.3: first octet of an uncompressed point. */
const UNCOMPRESSED = 0x04;

/**
 * Parses a SubjectPublicKeyInfo.
 *
 * @throws SigstoreError `key-invalid` when malformed, `key-unsupported` when of another kind, `input-too-large`
 */
export function parseSpki(bytes: Uint8Array): SubjectPublicKeyInfo {
  requireSize(bytes, LIMITS.smallFileBytes, "a public key");
  return parsingAs("key-invalid", "a SubjectPublicKeyInfo", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const algorithm = readAlgorithmIdentifier(fields);
    const key = fields.bitString();
    fields.end();
    if (key.unusedBits !== 0) invalid("a key of whole octets", "unused bits");
    return keyOf(bytes, algorithm.oid, algorithm.parameters, key.bytes);
  });
}

function keyOf(
  raw: Uint8Array,
  oid: string,
  parameters: Uint8Array | undefined,
  keyBytes: Uint8Array,
): SubjectPublicKeyInfo {
  switch (oid) {
    case EC_PUBLIC_KEY:
      return { raw, keyType: curveOf(parameters, keyBytes), keyBytes };
    case RSA_ENCRYPTION:
      // RFC 3279 2.3.1: "The parameters field MUST have ASN.1 type NULL for this algorithm identifier."
      if (parameters === undefined || parameters[0] !== TAG.null || parameters.length !== 2)
        invalid("NULL parameters of an RSA key", "others");
      return { raw, keyType: "rsa", keyBytes, rsa: readRsaPublicKey(keyBytes) };
    case ED25519:
      // RFC 8410 3: "For all of the OIDs, the parameters MUST be absent."
      if (parameters !== undefined) invalid("an Ed25519 key without parameters", "parameters");
      if (keyBytes.length !== 32) invalid("32 octets of an Ed25519 key", `${keyBytes.length}`);
      return { raw, keyType: "ed25519", keyBytes };
    default:
      return mlDsaKeyOf(raw, oid, parameters, keyBytes);
  }
}

function mlDsaKeyOf(
  raw: Uint8Array,
  oid: string,
  parameters: Uint8Array | undefined,
  keyBytes: Uint8Array,
): SubjectPublicKeyInfo {
  const keyType = mlDsaKeyTypeOf(oid);
  if (keyType === undefined)
    throw new SigstoreError(
      "key-unsupported",
      `expected an ECDSA, RSA, Ed25519 or ML-DSA key, got one of algorithm ${oid}`,
    );
  // RFC 9881 §2: "The contents of the parameters component for each algorithm MUST be absent."
  if (parameters !== undefined) invalid("an ML-DSA key without parameters", "parameters");
  if (keyBytes.length !== ML_DSA_KEY_BYTES[keyType])
    invalid(`${ML_DSA_KEY_BYTES[keyType]} octets of a key of ${keyType}`, `${keyBytes.length}`);
  return { raw, keyType, keyBytes };
}

/** The parameter set of ML-DSA with this object identifier. */
export function mlDsaKeyTypeOf(oid: string): MlDsaKeyType | undefined {
  return (["ml-dsa-44", "ml-dsa-65", "ml-dsa-87"] as const).find((keyType) => ML_DSA_OIDS[keyType] === oid);
}

/** True for the parameter sets of ML-DSA. */
export function isMlDsaKeyType(keyType: KeyType): keyType is MlDsaKeyType {
  return Object.hasOwn(ML_DSA_OIDS, keyType);
}

function curveOf(parameters: Uint8Array | undefined, point: Uint8Array): keyof typeof CURVES {
  if (parameters === undefined) invalid("a named curve", "none");
  const curveOid = new DerReader(parameters).oid();
  for (const keyType of ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521"] as const) {
    const { oid, pointBytes } = CURVES[keyType];
    if (oid !== curveOid) continue;
    if (point.length !== pointBytes || point[0] !== UNCOMPRESSED)
      invalid(`an uncompressed point of ${pointBytes} octets`, "another form");
    return keyType;
  }
  throw new SigstoreError("key-unsupported", `expected curve P-256, P-384 or P-521, got ${curveOid}`);
}

/** RFC 8017 A.1.1: RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }. */
function readRsaPublicKey(bytes: Uint8Array): RsaPublicKey {
  const outer = new DerReader(bytes);
  const fields = outer.sequence();
  outer.end();
  const encoded = fields.integerBytes();
  const publicExponent = fields.integer();
  fields.end();
  const modulus = encoded[0] === 0 ? encoded.subarray(1) : encoded;
  const isOdd = ((modulus[modulus.length - 1] ?? 0) & 1) === 1;
  if (((encoded[0] ?? 0) & 0x80) !== 0 || !isOdd) invalid("a positive odd modulus", "another number");
  // RFC 8017 3.1: the exponent is an integer between 3 and n - 1 and prime to an even number, hence odd; no one uses large ones.
  if (publicExponent < 3n || publicExponent >= 1n << 32n || (publicExponent & 1n) === 0n)
    invalid("an odd public exponent of 3 to 2^32", "another number");
  return { modulus, publicExponent, modulusBits: 8 * (modulus.length - 1) + 32 - Math.clz32(modulus[0] ?? 0) };
}

function invalid(expected: string, got: string): never {
  throw new SigstoreError("key-invalid", `expected ${expected}, got ${got}`);
}

/**
 * SubjectPublicKeyInfo around a PKCS#1 RSAPublicKey, which is checked.
 *
 * @throws SigstoreError `key-invalid`
 */
export function spkiFromPkcs1(pkcs1: Uint8Array): Uint8Array {
  parsingAs("key-invalid", "an RSAPublicKey", () => readRsaPublicKey(pkcs1));
  return serializeSpki({ keyType: "rsa", keyBytes: pkcs1 });
}

/** SubjectPublicKeyInfo of a key: the uncompressed point, the octets of an Ed25519 or ML-DSA key, or RSAPublicKey DER. */
export function serializeSpki(key: { readonly keyType: KeyType; readonly keyBytes: Uint8Array }): Uint8Array {
  return der.sequence(spkiAlgorithm(key.keyType), der.bitString(key.keyBytes));
}

function spkiAlgorithm(keyType: KeyType): Uint8Array {
  if (keyType === "rsa") return serializeAlgorithmIdentifier(RSA_ENCRYPTION, der.null());
  if (keyType === "ed25519") return serializeAlgorithmIdentifier(ED25519);
  if (isMlDsaKeyType(keyType)) return serializeAlgorithmIdentifier(ML_DSA_OIDS[keyType]);
  return serializeAlgorithmIdentifier(EC_PUBLIC_KEY, der.oid(CURVES[keyType].oid));
}

/**
 * SubjectPublicKeyInfo DER of the one PEM block in `text`: PUBLIC KEY, RSA PUBLIC KEY, or the key of a CERTIFICATE.
 *
 * @throws SigstoreError `pem-invalid`, `key-invalid`, `key-unsupported`, `certificate-invalid`
 * @example
 * ```ts
 * import { parsePublicKeyPem } from "sigstore-ts";
 * const pem = `-----BEGIN PUBLIC KEY-----
 * MCowBQYDK2VwAyEAuAM9EzyUAOnQsY/Y+Jq1UrnSRavnfO8tjb0+wsZAeKU=
 * -----END PUBLIC KEY-----`;
 * console.log(parsePublicKeyPem(pem).length); // 44
 * ```
 */
export function parsePublicKeyPem(text: string): Uint8Array {
  const blocks = parsePem(text);
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1) {
    throw new SigstoreError("pem-invalid", `expected one PEM block with a public key, got ${blocks.length}`);
  }
  switch (block.label) {
    case "PUBLIC KEY":
      return parseSpki(block.bytes).raw;
    case "RSA PUBLIC KEY":
      return spkiFromPkcs1(block.bytes);
    case "CERTIFICATE":
      return parseSpki(parseCertificate(block.bytes).spki).raw;
    default:
      throw new SigstoreError(
        "key-invalid",
        `expected a PEM block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE, got ${block.label}`,
      );
  }
}
