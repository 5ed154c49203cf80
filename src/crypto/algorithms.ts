/**
 * Sigstore's registry of signature algorithms (protobuf-specs, sigstore_common.proto `PublicKeyDetails`; architecture-docs,
 * algorithm-registry.md): which key, which scheme, which hash.
 *
 * Names every entry and supports all but the stateful ones and RFC 6979's name for P-256. What certificates and CMS
 * name by object identifiers is in x509-algorithms.ts.
 */
import { SigstoreError } from "../errors.ts";
import type { KeyType, MlDsaKeyType } from "../formats/spki.ts";
import type { HashAlgorithmName } from "./hash-algorithm.ts";
import type { PublicKey } from "./keys.ts";
import type { EcdsaKeyType } from "./nist-curves.ts";

export { algorithmFromX509Oid } from "./x509-algorithms.ts";

/** ECDSA by the curve of the key. */
export interface EcdsaScheme {
  readonly scheme: "ecdsa";
  readonly keyType: EcdsaKeyType;
  readonly hash: HashAlgorithmName;
}

/** RSASSA-PKCS1-v1_5, with keys of `modulusBits` bits where those are named, else of any size. */
export interface RsaPkcs1v15Scheme {
  readonly scheme: "rsa-pkcs1v15";
  readonly keyType: "rsa";
  readonly hash: HashAlgorithmName;
  readonly modulusBits?: number | undefined;
}

/** RSASSA-PSS with MGF1 by the same hash. A signature's salt has `saltBytes` octets where those are named, else any number. */
export interface RsaPssScheme {
  readonly scheme: "rsa-pss";
  readonly keyType: "rsa";
  readonly hash: HashAlgorithmName;
  readonly modulusBits?: number | undefined;
  readonly saltBytes?: number | undefined;
}

/** Pure Ed25519: the message itself is signed. */
export interface Ed25519Scheme {
  readonly scheme: "ed25519";
  readonly keyType: "ed25519";
  readonly hash: undefined;
}

/** Ed25519ph: the SHA-512 digest of the message is signed. */
export interface Ed25519phScheme {
  readonly scheme: "ed25519ph";
  readonly keyType: "ed25519";
  readonly hash: "sha512";
}

/** Pure ML-DSA (FIPS 204 §5.2) with an empty context: the message itself is signed. */
export interface MlDsaScheme {
  readonly scheme: "ml-dsa";
  readonly keyType: MlDsaKeyType;
  readonly hash: undefined;
}

/** How a signature is made over a message that is hashed first. */
export type DigestScheme = EcdsaScheme | RsaPkcs1v15Scheme | RsaPssScheme | Ed25519phScheme;

/** How a signature is made over the message itself, which must be at hand whole. */
export type MessageScheme = Ed25519Scheme | MlDsaScheme;

/** How a signature is made with a key of `keyType`; `hash` is undefined where the message itself is signed, not its digest. */
export type SignatureScheme = DigestScheme | MessageScheme;

/** An entry of the registry. */
export type SignatureAlgorithm = SignatureScheme & {
  /** Name and number in `PublicKeyDetails`. */
  readonly name: SignatureAlgorithmName;
  readonly keyDetails: number;
  /** Name in commands and service settings; undefined for the oldest entries, which have none. */
  readonly cliName: string | undefined;
  /** Bits of the RSA modulus, where the entry names them. */
  readonly modulusBits?: number | undefined;
  /** Not for new signatures. */
  readonly deprecated: boolean;
};

type RegistryEntry = SignatureScheme & Pick<SignatureAlgorithm, "keyDetails" | "cliName" | "deprecated">;

const ED25519 = { keyType: "ed25519", deprecated: false } as const;

const REGISTRY = {
  PKIX_ECDSA_P256_SHA_256: ecdsa("ecdsa-p256", "sha256", 5, "ecdsa-sha2-256-nistp256"),
  PKIX_ECDSA_P384_SHA_384: ecdsa("ecdsa-p384", "sha384", 12, "ecdsa-sha2-384-nistp384"),
  PKIX_ECDSA_P521_SHA_512: ecdsa("ecdsa-p521", "sha512", 13, "ecdsa-sha2-512-nistp521"),
  PKIX_RSA_PKCS1V15_2048_SHA256: rsa("rsa-pkcs1v15", 2048, 9, "rsa-sign-pkcs1-2048-sha256"),
  PKIX_RSA_PKCS1V15_3072_SHA256: rsa("rsa-pkcs1v15", 3072, 10, "rsa-sign-pkcs1-3072-sha256"),
  PKIX_RSA_PKCS1V15_4096_SHA256: rsa("rsa-pkcs1v15", 4096, 11, "rsa-sign-pkcs1-4096-sha256"),
  PKIX_RSA_PSS_2048_SHA256: rsa("rsa-pss", 2048, 16, "rsa-sign-pss-2048-sha256"),
  PKIX_RSA_PSS_3072_SHA256: rsa("rsa-pss", 3072, 17, "rsa-sign-pss-3072-sha256"),
  PKIX_RSA_PSS_4096_SHA256: rsa("rsa-pss", 4096, 18, "rsa-sign-pss-4096-sha256"),
  PKIX_ED25519: { ...ED25519, scheme: "ed25519", hash: undefined, keyDetails: 7, cliName: "ed25519" },
  PKIX_ED25519_PH: { ...ED25519, scheme: "ed25519ph", hash: "sha512", keyDetails: 8, cliName: "ed25519-ph" },
  // algorithm-registry.md: "Experimental; Pure variant."
  ML_DSA_44: mlDsa("ml-dsa-44", 23),
  ML_DSA_65: mlDsa("ml-dsa-65", 21),
  ML_DSA_87: mlDsa("ml-dsa-87", 22),
  // sigstore_common.proto: "These algorithms are deprecated and should not be used, but they were/are being used by most Sigstore
  // clients implementations."
  PKIX_ECDSA_P384_SHA_256: deprecated(ecdsa("ecdsa-p384", "sha256", 19, "ecdsa-sha2-256-nistp384")),
  PKIX_ECDSA_P521_SHA_256: deprecated(ecdsa("ecdsa-p521", "sha256", 20, "ecdsa-sha2-256-nistp521")),
  // Of any size; the first two have their key as RSAPublicKey (PKCS #1) instead of SubjectPublicKeyInfo.
  PKCS1_RSA_PKCS1V5: deprecated(rsa("rsa-pkcs1v15", undefined, 1, undefined)),
  PKCS1_RSA_PSS: deprecated(rsa("rsa-pss", undefined, 2, undefined)),
  PKIX_RSA_PKCS1V5: deprecated(rsa("rsa-pkcs1v15", undefined, 3, undefined)),
  PKIX_RSA_PSS: deprecated(rsa("rsa-pss", undefined, 4, undefined)),
} as const;

function ecdsa(keyType: EcdsaKeyType, hash: HashAlgorithmName, keyDetails: number, cliName: string): RegistryEntry {
  return { scheme: "ecdsa", keyType, hash, keyDetails, cliName, deprecated: false };
}

function rsa(
  scheme: "rsa-pkcs1v15" | "rsa-pss",
  modulusBits: number | undefined,
  keyDetails: number,
  cliName: string | undefined,
): RegistryEntry {
  return { scheme, keyType: "rsa", hash: "sha256", modulusBits, keyDetails, cliName, deprecated: false };
}

function mlDsa(keyType: MlDsaKeyType, keyDetails: number): RegistryEntry {
  return { scheme: "ml-dsa", keyType, hash: undefined, keyDetails, cliName: keyType, deprecated: false };
}

function deprecated(entry: RegistryEntry): RegistryEntry {
  return { ...entry, deprecated: true };
}

/** The names in `PublicKeyDetails` of what is supported here. */
export type SignatureAlgorithmName = keyof typeof REGISTRY;

/** Entries that are known by name and not supported, and why. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ["PKIX_ECDSA_P256_HMAC_SHA_256", "the same signatures are named PKIX_ECDSA_P256_SHA_256 today"],
  ["LMS_SHA256", "keys of one-time signatures are not supported"],
  ["LMOTS_SHA256", "keys of one-time signatures are not supported"],
]);

const UNSUPPORTED_NUMBERS: ReadonlyMap<number, string> = new Map([
  [6, "PKIX_ECDSA_P256_HMAC_SHA_256"],
  [14, "LMS_SHA256"],
  [15, "LMOTS_SHA256"],
]);

const BY_NAME: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  (Object.keys(REGISTRY) as SignatureAlgorithmName[]).map((name) => [name, { name, ...REGISTRY[name] }]),
);

/** Every supported algorithm, in the registry's order. */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = [...BY_NAME.values()];

/** sigstore-go writes RSA-PSS 4096 with a slip of the pen, and ML-DSA without its hyphen, and takes no other. */
const CLI_ALIASES: ReadonlyMap<string, string> = new Map([
  ["rsa-sign-pss-4092-sha256", "rsa-sign-pss-4096-sha256"],
  ["mldsa-44", "ml-dsa-44"],
  ["mldsa-65", "ml-dsa-65"],
  ["mldsa-87", "ml-dsa-87"],
]);

/**
 * The algorithm of this name in `PublicKeyDetails`, such as `PKIX_ECDSA_P256_SHA_256`.
 *
 * @throws SigstoreError `algorithm-unsupported`
 */
export function algorithmByName(name: string): SignatureAlgorithm {
  const algorithm = BY_NAME.get(name);
  if (algorithm !== undefined) return algorithm;
  const hint = UNSUPPORTED.get(name);
  throw new SigstoreError(
    "algorithm-unsupported",
    `expected a supported signature algorithm, got ${JSON.stringify(name.slice(0, 64))}`,
    hint === undefined ? {} : { hint },
  );
}

/** The algorithm of this number in `PublicKeyDetails`. @throws SigstoreError `algorithm-unsupported` */
export function algorithmByKeyDetails(keyDetails: number): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS.find((candidate) => candidate.keyDetails === keyDetails);
  return algorithm ?? algorithmByName(UNSUPPORTED_NUMBERS.get(keyDetails) ?? `${keyDetails}`);
}

/** The algorithm of this name in commands, such as `ecdsa-sha2-256-nistp256`. @throws SigstoreError `algorithm-unsupported` */
export function algorithmByCliName(cliName: string): SignatureAlgorithm {
  const name = CLI_ALIASES.get(cliName) ?? cliName;
  const algorithm = SIGNATURE_ALGORITHMS.find((candidate) => candidate.cliName === name);
  return algorithm ?? algorithmByName(cliName.toUpperCase().replaceAll("-", "_"));
}

/** True when a key of this type and size makes signatures by `algorithm`. */
export function isAlgorithmOfKey(algorithm: SignatureScheme, key: PublicKey): boolean {
  if (algorithm.keyType !== key.keyType) return false;
  return algorithm.keyType !== "rsa" || (algorithm.modulusBits ?? key.modulusBits) === key.modulusBits;
}

/**
 * The algorithm that a key signs by when nobody says otherwise, as sigstore-go chooses it: each curve with the hash of its own
 * size, RSA by PKCS #1 v1.5, Ed25519 and ML-DSA pure. An RSA key whose size the registry does not name gets the old entry without a size.
 */
export function defaultAlgorithm(key: PublicKey): SignatureAlgorithm {
  const [algorithm] = compatibleAlgorithms(key, "dsse");
  if (algorithm === undefined) throw new Error(`no algorithm is known for keys of type ${key.keyType}`);
  return algorithm;
}

/**
 * The algorithms that a verifier tries, in this order, when evidence names only the key.
 *
 * P-384 and P-521: their own hash, then SHA-256, because most clients used it for every curve. Ed25519: prehashed then pure for
 * messages, the other way round for DSSE envelopes; both are in use for both. RSA: PKCS #1 v1.5 only, as every other verifier.
 */
export function compatibleAlgorithms(key: PublicKey, use: "message" | "dsse"): readonly SignatureAlgorithm[] {
  const algorithms = COMPATIBLE[key.keyType][use];
  if (key.keyType !== "rsa") return algorithms;
  return algorithms.filter((candidate) => isAlgorithmOfKey(candidate, key)).slice(0, 1);
}

function named(...names: readonly SignatureAlgorithmName[]): readonly SignatureAlgorithm[] {
  return names.map(algorithmByName);
}

function forBoth(
  ...names: readonly SignatureAlgorithmName[]
): Record<"message" | "dsse", readonly SignatureAlgorithm[]> {
  return { message: named(...names), dsse: named(...names) };
}

const COMPATIBLE: Readonly<Record<KeyType, Record<"message" | "dsse", readonly SignatureAlgorithm[]>>> = {
  "ecdsa-p256": forBoth("PKIX_ECDSA_P256_SHA_256"),
  "ecdsa-p384": forBoth("PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P384_SHA_256"),
  "ecdsa-p521": forBoth("PKIX_ECDSA_P521_SHA_512", "PKIX_ECDSA_P521_SHA_256"),
  ed25519: { message: named("PKIX_ED25519_PH", "PKIX_ED25519"), dsse: named("PKIX_ED25519", "PKIX_ED25519_PH") },
  rsa: forBoth(
    "PKIX_RSA_PKCS1V15_2048_SHA256",
    "PKIX_RSA_PKCS1V15_3072_SHA256",
    "PKIX_RSA_PKCS1V15_4096_SHA256",
    "PKIX_RSA_PKCS1V5",
  ),
  "ml-dsa-44": forBoth("ML_DSA_44"),
  "ml-dsa-65": forBoth("ML_DSA_65"),
  "ml-dsa-87": forBoth("ML_DSA_87"),
};
