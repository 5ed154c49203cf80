/**
 * JSON Web Key sets (RFC 7517 §5; RFC 7518 §6; RFC 8037 §2): the public keys of an OpenID provider as SubjectPublicKeyInfo.
 *
 * Keys of other kinds, and keys that are not for signatures, are passed over, as RFC 7517 §5 wants. Leaves out: private and
 * symmetric keys, certificates inside keys (x5c), references to keys (x5u).
 */
import { base64UrlDecode } from "../encoding/base64.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { der } from "../encoding/der.ts";
import { type JsonObject, parseJson } from "../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isObject } from "./proto-json.ts";
import { type KeyType, parseSpki, serializeSpki } from "./spki.ts";

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

const CURVES: ReadonlyMap<string, { readonly keyType: KeyType; readonly coordinateBytes: number }> = new Map([
  ["P-256", { keyType: "ecdsa-p256", coordinateBytes: 32 }],
  ["P-384", { keyType: "ecdsa-p384", coordinateBytes: 48 }],
  ["P-521", { keyType: "ecdsa-p521", coordinateBytes: 66 }],
]);

const UNCOMPRESSED = Uint8Array.of(0x04);

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
      if (curve === undefined || x.length !== curve.coordinateBytes || y.length !== x.length) return undefined;
      return serializeSpki({ keyType: curve.keyType, keyBytes: concatBytes(UNCOMPRESSED, x, y) });
    }
    case "OKP":
      if (key["crv"] !== "Ed25519") return undefined;
      return serializeSpki({ keyType: "ed25519", keyBytes: octetsOf(key, "x") });
    default:
      return undefined;
  }
}

function octetsOf(key: JsonObject, name: string): Uint8Array {
  return base64UrlDecode(textOf(key, name) ?? "");
}

function textOf(key: JsonObject, name: string): string | undefined {
  const value = key[name];
  return typeof value === "string" ? value : undefined;
}
