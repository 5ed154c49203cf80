/**
 * Private keys: made, imported from PKCS #8, SEC 1 and PKCS #1 (DER or PEM), exported, made from a seed for tests; and what they sign.
 *
 * Leaves out where keys lie and how they are encrypted there. A secret stays in memory until it is collected: JavaScript cannot wipe it.
 */
import { platform } from "#platform";
import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { parsePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import type { KeyType } from "../formats/spki.ts";
import type { DigestScheme, SignatureScheme } from "./algorithms.ts";
import { digest } from "./digest.ts";
import { bytesFromInteger, integerFromBytes } from "./integers.ts";
import { type PublicKey, publicKeyFromBytes } from "./keys.ts";
import { isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import { parseEcPrivateKey, parsePkcs8, parseRsaPrivateKey, type PrivateKeyInfo, serializePkcs8 } from "./pkcs8.ts";
import type { PlatformPrivateKey, PrivateKeyKind } from "./platform.ts";
import { pkcs1v15Block, pssBlock } from "./rsa.ts";

export type { PrivateKeyKind } from "./platform.ts";

/** A private key and the public key that belongs to it. Its secret leaves it only through `exportPkcs8`. */
export class PrivateKey {
  readonly keyType: KeyType;
  readonly publicKey: PublicKey;
  readonly #info: PrivateKeyInfo;
  readonly #platformKey: PlatformPrivateKey;

  /** Use `importPrivateKey` or `generatePrivateKey`. @throws SigstoreError as `importPrivateKey` */
  constructor(info: PrivateKeyInfo) {
    this.keyType = info.keyType;
    this.#platformKey = platform.importPrivateKey(info);
    this.publicKey = publicKeyFromBytes(info.keyType, this.#platformKey.publicBytes);
    // RFC 5915 §3 and RFC 5958 §2 let the public key stand beside the private one; it must be the one that belongs to it.
    if (info.publicBytes !== undefined && !equalBytes(info.publicBytes, this.#platformKey.publicBytes)) {
      throw new SigstoreError("key-invalid", "expected a private key with its own public key, got one with another");
    }
    const { keyType, secret } = info;
    // An expanded key beside the seed was held to it by the platform, and says nothing more.
    this.#info = { keyType, secret, publicBytes: this.#platformKey.publicBytes };
  }

  /** For the modules beside this one: the secret, and the platform's form of the key. */
  static parts(key: PrivateKey): { readonly info: PrivateKeyInfo; readonly platformKey: PlatformPrivateKey } {
    return { info: key.#info, platformKey: key.#platformKey };
  }
}

/**
 * A new private key. RSA takes seconds, in this thread.
 *
 * @throws SigstoreError `algorithm-unsupported` for RSA in browsers
 */
export function generatePrivateKey(kind: PrivateKeyKind): PrivateKey {
  return new PrivateKey(platform.generatePrivateKey(kind));
}

/**
 * The private key of PKCS #8 DER: ECDSA on P-256, P-384 or P-521, RSA of 2048 to 4096 bits, Ed25519, or ML-DSA.
 *
 * @throws SigstoreError `key-invalid`, `key-unsupported`, `input-too-large`, `algorithm-unsupported` for RSA in browsers
 */
export function importPrivateKey(pkcs8: Uint8Array): PrivateKey {
  // A copy: the caller may wipe or reuse its own octets.
  return new PrivateKey(parsePkcs8(new Uint8Array(pkcs8)));
}

/**
 * The private key of the one PEM block in `text`: PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY.
 *
 * @throws SigstoreError as `importPrivateKey`, and `pem-invalid`
 */
export function importPrivateKeyPem(text: string): PrivateKey {
  const blocks = parsePem(text);
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1) {
    throw new SigstoreError("pem-invalid", `expected one PEM block with a private key, got ${blocks.length}`);
  }
  switch (block.label) {
    case "PRIVATE KEY":
      return importPrivateKey(block.bytes);
    case "EC PRIVATE KEY":
      return new PrivateKey(parseEcPrivateKey(block.bytes));
    case "RSA PRIVATE KEY":
      return new PrivateKey(parseRsaPrivateKey(block.bytes));
    default:
      throw new SigstoreError(
        "key-unsupported",
        `expected a PEM block PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY, got ${block.label}`,
      );
  }
}

/** PKCS #8 DER of a key: its secret, in the clear. */
export function exportPkcs8(key: PrivateKey): Uint8Array {
  return serializePkcs8(PrivateKey.parts(key).info);
}

/**
 * The same private key for the same seed, on every platform: for tests and examples, never for a real identity. Of RSA there is none.
 */
export function privateKeyFromSeed(keyType: Exclude<KeyType, "rsa">, seed: Uint8Array): PrivateKey {
  const expand = (index: number): Uint8Array =>
    digest("sha512", concatBytes(utf8Encode(`sigstore-ts test key ${keyType} ${index}\n`), seed));
  if (!isEcdsaKeyType(keyType))
    return new PrivateKey({ keyType, secret: expand(0).subarray(0, 32), publicBytes: undefined });
  const { order, coordinateBytes } = NIST_CURVES[keyType];
  // FIPS 186-5 A.2.1: more random bits than the order has, reduced to 1 … n − 1.
  const scalar = (integerFromBytes(concatBytes(expand(0), expand(1))) % (order - 1n)) + 1n;
  return new PrivateKey({ keyType, secret: bytesFromInteger(scalar, coordinateBytes), publicBytes: undefined });
}

/** A signature over `message` by a scheme of the key. */
export async function signMessage(key: PrivateKey, scheme: SignatureScheme, message: Uint8Array): Promise<Uint8Array> {
  switch (scheme.scheme) {
    case "ecdsa":
    case "ed25519":
    case "ml-dsa":
      return PrivateKey.parts(key).platformKey.sign(scheme.hash, message);
    case "ed25519ph":
    case "rsa-pkcs1v15":
    case "rsa-pss":
      return signMessageDigest(key, scheme, digest(scheme.hash, message));
  }
}

/** A signature over the message with this digest, by a scheme of the key; pure Ed25519 and ML-DSA sign no digest. */
export async function signMessageDigest(
  key: PrivateKey,
  scheme: DigestScheme,
  messageDigest: Uint8Array,
): Promise<Uint8Array> {
  const { info, platformKey } = PrivateKey.parts(key);
  if (info.keyType !== "rsa") {
    const { signEcdsaDigest, signEd25519phDigest } = await import("./curve-signing.ts");
    if (isEcdsaKeyType(info.keyType)) return signEcdsaDigest(info.keyType, info.secret, messageDigest);
    if (info.keyType === "ed25519") return signEd25519phDigest(info.secret, messageDigest);
    throw new TypeError(`expected a key that signs digests, got one of ${info.keyType}`);
  }
  const { modulusBits = 0 } = key.publicKey;
  const block =
    scheme.scheme === "rsa-pss"
      ? pssBlock(scheme.hash, messageDigest, platform.randomBytes(messageDigest.length), modulusBits)
      : pkcs1v15Block(scheme.hash, messageDigest, Math.ceil(modulusBits / 8));
  return platformKey.rsaPrivateOperation(block);
}
