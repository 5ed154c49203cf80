/**
 * JSON Web Keys (RFC 7517; RFC 7518 §6; RFC 8037 §2; draft-ietf-cose-dilithium for ML-DSA): one key, public or private, read and
 * written; and the public keys of a set, as an OpenID provider has them.
 *
 * In a set, keys of other kinds and keys that are not for signatures are passed over, as RFC 7517 §5 wants. Leaves out: symmetric
 * keys, certificates inside keys (x5c), references to keys (x5u). No error shows any value of a key.
 */
import { base64UrlDecode, base64UrlEncode } from "../encoding/base64.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { der, DerReader } from "../encoding/der.ts";
import { type JsonObject, parseJson } from "../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { PrivateNumbers } from "./private-numbers.ts";
import { isObject } from "./proto-json.ts";
import { isMlDsaKeyType, type KeyType, type MlDsaKeyType, parseSpki, serializeSpki } from "./spki.ts";

/** A public key for signatures. `spki` is DER; `keyId` and `algorithm` are what the set says of it. */
export interface JsonWebKey {
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  readonly keyType: KeyType;
  readonly spki: Uint8Array;
}

/**
 * The usable keys of a set.
 *
 * @throws SigstoreError `json-invalid`, `key-invalid` when it is no key set
 */
export function parseJsonWebKeySet(source: Uint8Array | string): JsonWebKey[] {
  const set = parseJson(source, { maxBytes: LIMITS.serviceAnswerBytes });
  const keys = isObject(set) ? set["keys"] : undefined;
  if (!Array.isArray(keys))
    throw new SigstoreError("key-invalid", "expected a JSON Web Key set with keys, got other JSON");
  const usable: JsonWebKey[] = [];
  for (const key of keys.slice(0, LIMITS.jsonWebKeys)) {
    const parsed = isObject(key) ? readKey(key) : undefined;
    if (parsed !== undefined) usable.push(parsed);
  }
  return usable;
}

/** RFC 7517 §5: "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" values that are not understood by them". */
function readKey(key: JsonObject): JsonWebKey | undefined {
  if (key["use"] !== undefined && key["use"] !== "sig") return undefined;
  try {
    const spki = spkiOf(key);
    if (spki === undefined) return undefined;
    return { keyId: textOf(key, "kid"), algorithm: textOf(key, "alg"), keyType: parseSpki(spki).keyType, spki };
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}

/** The members that make a key a private one (RFC 7518 §6.2.2, §6.3.2; draft-ietf-cose-dilithium §3). */
const PRIVATE_MEMBERS = ["d", "priv", "k", "p", "q", "dp", "dq", "qi"] as const;

/** A curve, and the octets of a coordinate. */
interface JwkCurve {
  readonly keyType: Extract<KeyType, `ecdsa-${string}`>;
  readonly coordinateBytes: number;
}

const CURVES: ReadonlyMap<string, JwkCurve> = new Map([
  ["P-256", { keyType: "ecdsa-p256", coordinateBytes: 32 }],
  ["P-384", { keyType: "ecdsa-p384", coordinateBytes: 48 }],
  ["P-521", { keyType: "ecdsa-p521", coordinateBytes: 66 }],
]);

/** draft-ietf-cose-dilithium §8.1: the names of ML-DSA in "alg". */
const ML_DSA_NAMES: ReadonlyMap<string, MlDsaKeyType> = new Map([
  ["ML-DSA-44", "ml-dsa-44"],
  ["ML-DSA-65", "ml-dsa-65"],
  ["ML-DSA-87", "ml-dsa-87"],
]);

const UNCOMPRESSED = Uint8Array.of(0x04);

/** True when a key holds a secret. */
export function isPrivateJwk(key: JsonObject): boolean {
  return PRIVATE_MEMBERS.some((name) => key[name] !== undefined);
}

/**
 * SubjectPublicKeyInfo of a public key (or of the public part of a private one).
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported` for other kinds, `base64-invalid`
 */
export function parsePublicJwk(key: JsonObject): Uint8Array {
  return parseSpki(spkiOf(key) ?? unsupported(key)).raw;
}

/**
 * The numbers of a private key.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported` for other kinds, `base64-invalid`
 */
export function parsePrivateJwk(key: JsonObject): PrivateNumbers {
  const spki = parsePublicJwk(key);
  const { keyType, keyBytes } = parseSpki(spki);
  if (keyType === "rsa") return rsaNumbers(key);
  if (keyType === "ed25519" || isMlDsaKeyType(keyType))
    return { keyType, seed: requireOctets(key, keyType === "ed25519" ? "d" : "priv"), publicBytes: keyBytes };
  return { keyType, scalar: requireOctets(key, "d"), publicBytes: keyBytes };
}

/** RFC 7518 §6.3.2: of two primes, with all numbers. */
function rsaNumbers(key: JsonObject): PrivateNumbers {
  if (key["oth"] !== undefined)
    throw new SigstoreError("key-unsupported", "expected an RSA key of two primes, got one of more");
  return {
    keyType: "rsa",
    rsa: {
      modulus: requireOctets(key, "n"),
      publicExponent: requireOctets(key, "e"),
      privateExponent: requireOctets(key, "d"),
      prime1: requireOctets(key, "p"),
      prime2: requireOctets(key, "q"),
      exponent1: requireOctets(key, "dp"),
      exponent2: requireOctets(key, "dq"),
      coefficient: requireOctets(key, "qi"),
    },
  };
}

function spkiOf(key: JsonObject): Uint8Array | undefined {
  switch (key["kty"]) {
    case "RSA":
      // RFC 7518 §6.3.1: n and e are "Base64urlUInt-encoded".
      return serializeSpki({
        keyType: "rsa",
        keyBytes: der.sequence(der.integer(octetsOf(key, "n")), der.integer(octetsOf(key, "e"))),
      });
    case "EC": {
      const curve = CURVES.get(textOf(key, "crv") ?? "");
      const [x, y] = [octetsOf(key, "x"), octetsOf(key, "y")];
      // RFC 7518 §6.2.1.2: "The length of this octet string MUST be the full size of a coordinate for the curve".
      if (curve === undefined) return undefined;
      if (x.length !== curve.coordinateBytes || y.length !== x.length)
        throw new SigstoreError(
          "key-invalid",
          `expected two coordinates of ${curve.coordinateBytes} octets, got others`,
        );
      return serializeSpki({ keyType: curve.keyType, keyBytes: concatBytes(UNCOMPRESSED, x, y) });
    }
    case "OKP":
      if (key["crv"] !== "Ed25519") return undefined;
      return serializeSpki({ keyType: "ed25519", keyBytes: octetsOf(key, "x") });
    case "AKP": {
      const keyType = ML_DSA_NAMES.get(textOf(key, "alg") ?? "");
      return keyType === undefined ? undefined : serializeSpki({ keyType, keyBytes: octetsOf(key, "pub") });
    }
    default:
      return undefined;
  }
}

function unsupported(key: JsonObject): never {
  const names = ["kty", "crv", "alg"].flatMap((name) => {
    const value = textOf(key, name);
    return value === undefined ? [] : [`${name} ${JSON.stringify(value.slice(0, 32))}`];
  });
  throw new SigstoreError(
    "key-unsupported",
    `expected a JSON Web Key of EC (P-256, P-384, P-521), RSA, OKP (Ed25519) or AKP (ML-DSA), got ${names.join(", ") || "none"}`,
  );
}

/** A public key, or with `numbers` the private one, as JSON of one line. `spki` is DER. */
export function jwkOf(spki: Uint8Array, numbers?: PrivateNumbers): JsonObject {
  const { keyType, keyBytes, rsa } = parseSpki(spki);
  if (keyType === "rsa") return rsaJwk(keyBytes, rsa, numbers);
  const seed = numbers !== undefined && "seed" in numbers ? base64UrlEncode(numbers.seed) : undefined;
  const octets = base64UrlEncode(keyBytes);
  if (keyType === "ed25519")
    return { kty: "OKP", crv: "Ed25519", x: octets, ...(seed === undefined ? {} : { d: seed }) };
  if (isMlDsaKeyType(keyType)) {
    const alg = nameOf(ML_DSA_NAMES, (candidate) => candidate === keyType);
    return { kty: "AKP", alg, pub: octets, ...(seed === undefined ? {} : { priv: seed }) };
  }
  const crv = nameOf(CURVES, (curve) => curve.keyType === keyType);
  const middle = 1 + (keyBytes.length - 1) / 2;
  const [x, y] = [base64UrlEncode(keyBytes.subarray(1, middle)), base64UrlEncode(keyBytes.subarray(middle))];
  const d = numbers !== undefined && "scalar" in numbers ? { d: base64UrlEncode(numbers.scalar) } : {};
  return { kty: "EC", crv, x, y, ...d };
}

function rsaJwk(
  keyBytes: Uint8Array,
  rsa: ReturnType<typeof parseSpki>["rsa"],
  numbers: PrivateNumbers | undefined,
): JsonObject {
  const fields = new DerReader(keyBytes).sequence();
  fields.skip();
  const [n, e] = [base64UrlEncode(rsa?.modulus ?? keyBytes), base64UrlEncode(fields.integerBytes())];
  if (numbers?.keyType !== "rsa") return { kty: "RSA", n, e };
  const { privateExponent, prime1, prime2, exponent1, exponent2, coefficient } = numbers.rsa;
  const octets = { d: privateExponent, p: prime1, q: prime2, dp: exponent1, dq: exponent2, qi: coefficient };
  const secret = Object.entries(octets).map(([name, value]) => [name, base64UrlEncode(value ?? new Uint8Array(0))]);
  return { kty: "RSA", n, e, ...(Object.fromEntries(secret) as Record<string, string>) };
}

function nameOf<Value>(names: ReadonlyMap<string, Value>, isWanted: (value: Value) => boolean): string {
  for (const [name, value] of names) if (isWanted(value)) return name;
  throw new TypeError("expected a key type with a name, got another");
}

function requireOctets(key: JsonObject, name: string): Uint8Array {
  const octets = octetsOf(key, name);
  if (octets.length > 0) return octets;
  throw new SigstoreError("key-invalid", `expected a private JSON Web Key with ${name}, got one without`);
}

function octetsOf(key: JsonObject, name: string): Uint8Array {
  return base64UrlDecode(textOf(key, name) ?? "");
}

function textOf(key: JsonObject, name: string): string | undefined {
  const value = key[name];
  return typeof value === "string" ? value : undefined;
}
