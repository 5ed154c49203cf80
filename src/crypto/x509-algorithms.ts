/**
 * Signature algorithms as X.509, CMS and timestamps name them: RFC 5758 §3 (ECDSA), RFC 8017 and RFC 4055 (RSA), RFC 8410 (Ed25519),
 * RFC 9881 and RFC 9882 (ML-DSA).
 *
 * Object identifier, parameters and key together say which scheme it is. Leaves out SHA-1 and everything older: those are unknown.
 */
import { DerReader, TAG } from "../encoding/der.ts";
import { isSigstoreError } from "../errors.ts";
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import { mlDsaKeyTypeOf } from "../formats/spki.ts";
import type { SignatureScheme } from "./algorithms.ts";
import type { HashAlgorithmName } from "./hash-algorithm.ts";
import type { PublicKey } from "./keys.ts";
import { isEcdsaKeyType } from "./nist-curves.ts";

interface NamedScheme {
  readonly scheme: "ecdsa" | "rsa-pkcs1v15";
  readonly hash: HashAlgorithmName | undefined;
}

const MGF1 = "1.2.840.113549.1.1.8";
const RSASSA_PSS = "1.2.840.113549.1.1.10";
const ED25519 = "1.3.101.112";
const PSS_DEFAULT_SALT_BYTES = 20;

const HASHES: ReadonlyMap<string, HashAlgorithmName> = new Map([
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

const SCHEMES: ReadonlyMap<string, NamedScheme> = new Map<string, NamedScheme>([
  ["1.2.840.10045.4.3.2", { scheme: "ecdsa", hash: "sha256" }],
  ["1.2.840.10045.4.3.3", { scheme: "ecdsa", hash: "sha384" }],
  ["1.2.840.10045.4.3.4", { scheme: "ecdsa", hash: "sha512" }],
  ["1.2.840.113549.1.1.11", { scheme: "rsa-pkcs1v15", hash: "sha256" }],
  ["1.2.840.113549.1.1.12", { scheme: "rsa-pkcs1v15", hash: "sha384" }],
  ["1.2.840.113549.1.1.13", { scheme: "rsa-pkcs1v15", hash: "sha512" }],
  // RFC 5652 §10.1.2 names only the key here (RFC 3370 §3.2 for RSA); the hash is the signer's digest algorithm.
  ["1.2.840.113549.1.1.1", { scheme: "rsa-pkcs1v15", hash: undefined }],
  ["1.2.840.10045.2.1", { scheme: "ecdsa", hash: undefined }],
]);

/**
 * The scheme that `identifier` names for signatures by `key`, or undefined where it is unknown, malformed or not of this key.
 *
 * `digestAlgorithm` is what a CMS SignerInfo names besides: it stands in where the identifier names no hash, and must agree where it
 * does. A certificate has none, and there an identifier without hash names nothing.
 */
export function algorithmFromX509Oid(
  identifier: AlgorithmIdentifier,
  key: PublicKey,
  digestAlgorithm?: HashAlgorithmName,
): SignatureScheme | undefined {
  if (identifier.oid === ED25519) return ed25519Scheme(identifier, key);
  if (identifier.oid === RSASSA_PSS) return pssScheme(identifier, key, digestAlgorithm);
  const mlDsa = mlDsaKeyTypeOf(identifier.oid);
  // RFC 9881 §2: "The contents of the parameters component for each algorithm MUST be absent."
  if (mlDsa !== undefined)
    return identifier.parameters === undefined && key.keyType === mlDsa
      ? { scheme: "ml-dsa", keyType: mlDsa, hash: undefined }
      : undefined;
  const named = SCHEMES.get(identifier.oid);
  const hash = named?.hash ?? digestAlgorithm;
  if (hash === undefined || (digestAlgorithm !== undefined && digestAlgorithm !== hash)) return undefined;
  if (named?.scheme === "rsa-pkcs1v15" && key.keyType === "rsa") {
    // RFC 4055 §5: "the parameters MUST be NULL. Implementations MUST accept the parameters being absent as well as present."
    return isNullOrAbsent(identifier.parameters) ? { scheme: "rsa-pkcs1v15", keyType: "rsa", hash } : undefined;
  }
  if (named?.scheme === "ecdsa" && isEcdsaKeyType(key.keyType)) {
    // RFC 5758 §3.2: "the encoding MUST omit the parameters field."
    const isEncodedRight = named.hash === undefined || identifier.parameters === undefined;
    return isEncodedRight ? { scheme: "ecdsa", keyType: key.keyType, hash } : undefined;
  }
  return undefined;
}

/** RFC 8410 §3: "For all of the OIDs, the parameters MUST be absent." The scheme has its own hash; RFC 8419 names SHA-512 besides. */
function ed25519Scheme(identifier: AlgorithmIdentifier, key: PublicKey): SignatureScheme | undefined {
  if (identifier.parameters !== undefined || key.keyType !== "ed25519") return undefined;
  return { scheme: "ed25519", keyType: "ed25519", hash: undefined };
}

function isNullOrAbsent(parameters: Uint8Array | undefined): boolean {
  return parameters === undefined || (parameters.length === 2 && parameters[0] === TAG.null);
}

/**
 * RFC 8017 A.2.3 RSASSA-PSS-params: hash, mask generation, salt length, trailer field. As in Go one hash serves both; what is left out
 * stands for SHA-1, and so is unknown.
 */
function pssScheme(
  identifier: AlgorithmIdentifier,
  key: PublicKey,
  digestAlgorithm: HashAlgorithmName | undefined,
): SignatureScheme | undefined {
  if (identifier.parameters === undefined || key.keyType !== "rsa") return undefined;
  try {
    const outer = new DerReader(identifier.parameters);
    const fields = outer.sequence();
    outer.end();
    const hash = hashOf(fields.optionalExplicit(0));
    const maskHash = maskHashOf(fields.optionalExplicit(1));
    const saltBytes = smallIntegerOf(fields.optionalExplicit(2)) ?? PSS_DEFAULT_SALT_BYTES;
    // The trailer field has one value, which is the default and so never encoded (X.690 §11.5): nothing may be left.
    fields.end();
    if (hash === undefined || hash !== maskHash || hash !== (digestAlgorithm ?? hash)) return undefined;
    return { scheme: "rsa-pss", keyType: "rsa", hash, saltBytes };
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

function hashOf(field: DerReader | undefined): HashAlgorithmName | undefined {
  if (field === undefined) return undefined;
  const { oid, parameters } = readAlgorithmIdentifier(field);
  field.end();
  return isNullOrAbsent(parameters) ? HASHES.get(oid) : undefined;
}

function maskHashOf(field: DerReader | undefined): HashAlgorithmName | undefined {
  if (field === undefined) return undefined;
  const { oid, parameters } = readAlgorithmIdentifier(field);
  field.end();
  return oid === MGF1 && parameters !== undefined ? hashOf(new DerReader(parameters)) : undefined;
}

function smallIntegerOf(field: DerReader | undefined): number | undefined {
  const value = field?.smallInteger();
  field?.end();
  return value;
}
