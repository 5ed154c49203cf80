/**
 * Pieces that several kinds of Rekor entry bodies share: the hash of v1 and the verifier of v2 (rekor pkg/types schemas;
 * rekor-tiles rekor/v2/verifier.proto).
 */
import { base64Encode } from "../../encoding/base64.ts";
import { hexDecode, hexEncode } from "../../encoding/hex.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { SigstoreError } from "../../errors.ts";
import { DIGEST_LENGTH } from "../hash-algorithm.ts";
import type { HashAlgorithmName, NamedDigest } from "../hash-algorithm.ts";
import { KEY_DETAILS_NUMBERS } from "../key-details.ts";
import { messageFields, objectFields } from "../proto-json.ts";
import type { MessageReader } from "../proto-json.ts";

/** The key or certificate of a Rekor v2 entry; `keyDetails` is a name of the enum PublicKeyDetails. */
export interface Verifier002 {
  readonly kind: "publicKey" | "x509Certificate";
  /** DER: SubjectPublicKeyInfo or certificate. */
  readonly rawBytes: Uint8Array;
  readonly keyDetails: string;
}

const HASH_001 = objectFields("algorithm", "value");
const VERIFIER_002 = messageFields("publicKey", "x509Certificate", "keyDetails");
const RAW_BYTES = messageFields("rawBytes");

/** The hash `{"algorithm": "sha256", "value": "<hex>"}` of a v1 body, or undefined when the field is absent. */
export function readHash001(owner: MessageReader, name: string): NamedDigest | undefined {
  const hash = owner.message(name, HASH_001);
  if (hash === undefined) return undefined;
  const algorithm = hash.requireString("algorithm");
  if (!isHashAlgorithm(algorithm)) throw hash.refuse("algorithm", "one of sha256, sha384, sha512", algorithm);
  const digest = readHex(hash, "value");
  if (digest.length !== DIGEST_LENGTH[algorithm]) {
    throw hash.error("value", `expected ${DIGEST_LENGTH[algorithm]} bytes of ${algorithm}, got ${digest.length}`);
  }
  return { algorithm, digest };
}

/** The hash of a v1 body that must be there. */
export function requireHash001(owner: MessageReader, name: string): NamedDigest {
  const hash = readHash001(owner, name);
  if (hash === undefined) throw owner.refuse(name, "an object", undefined);
  return hash;
}

/** The verifier of a v2 body. */
export function requireVerifier002(owner: MessageReader, name: string): Verifier002 {
  const verifier = owner.requireMessage(name, VERIFIER_002);
  const kind = verifier.requireOneOf(["publicKey", "x509Certificate"]);
  return {
    kind,
    rawBytes: verifier.requireMessage(kind, RAW_BYTES).requireBytes("rawBytes"),
    keyDetails: verifier.enumeration("keyDetails", KEY_DETAILS_NUMBERS),
  };
}

/** The hash of a v1 body as JSON. */
export function serializeHash001(hash: NamedDigest): JsonObject {
  return { algorithm: hash.algorithm, value: hexEncode(hash.digest) };
}

/** The verifier of a v2 body as JSON. */
export function serializeVerifier002(verifier: Verifier002): JsonObject {
  return { keyDetails: verifier.keyDetails, [verifier.kind]: { rawBytes: base64Encode(verifier.rawBytes) } };
}

function isHashAlgorithm(name: string): name is HashAlgorithmName {
  return Object.hasOwn(DIGEST_LENGTH, name);
}

function readHex(owner: MessageReader, name: string): Uint8Array {
  try {
    return hexDecode(owner.requireString(name));
  } catch (cause) {
    if (!(cause instanceof SigstoreError) || cause.code !== "hex-invalid") throw cause;
    throw owner.error(name, cause.message, cause);
  }
}
