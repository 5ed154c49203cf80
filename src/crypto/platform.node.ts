/**
 * The platform port on Node, over node:crypto (OpenSSL): the only importer of node:crypto in the pure folders.
 *
 * A public key comes as SubjectPublicKeyInfo that has been parsed strictly, and goes in as PEM: of an object with bytes Node 24 first asks,
 * by two exceptions, whether it is a key already (P-256: 15 µs as PEM; as DER, JWK or raw 45, and 110 under a deep stack). A digest comes as a "binary" string (one character an octet) and is written into octets: twice as fast as
 * asking for a Buffer, and a plain Uint8Array. An ECDSA signature over a digest is decided by key agreement (ecdsa.ts).
 */
import {
  constants,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type ECDH,
  generateKeyPairSync,
  hash as hashAtOnce,
  type Hash,
  type KeyObject,
  pbkdf2,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  scrypt,
  sign,
  verify,
} from "node:crypto";
import { base64UrlDecode } from "../encoding/base64.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { serializePem } from "../encoding/pem.ts";
import { SigstoreError } from "../errors.ts";
import { isMlDsaKeyType, type KeyType, parseSpki, type SubjectPublicKeyInfo } from "../formats/spki.ts";
import { type EcdsaSignature, type ScalarMultiplication, verifyEcdsaDigest } from "./ecdsa.ts";
import { DIGEST_BYTES, type HashAlgorithmName, type StreamingDigest } from "./hash-algorithm.ts";
import { type EcdsaKeyType, isEcdsaKeyType, NIST_CURVES } from "./nist-curves.ts";
import type { ScryptParameters } from "./password.ts";
import { parsePkcs8, type PrivateKeyInfo, serializeEcPrivateKey, serializePkcs8 } from "./pkcs8.ts";
import type { Pbkdf2, Platform, PlatformPrivateKey, PlatformPublicKey, PrivateKeyKind } from "./platform.ts";

const CURVE_NAMES: Readonly<Record<EcdsaKeyType, string>> = {
  "ecdsa-p256": "prime256v1",
  "ecdsa-p384": "secp384r1",
  "ecdsa-p521": "secp521r1",
};

/** Node on OpenSSL. */
export const platform: Platform = {
  name: "node",
  digest: (algorithm, bytes) => octetsOf(hashAtOnce(algorithm, bytes, "binary"), DIGEST_BYTES[algorithm]),
  digestInto(algorithm, bytes, target, offset) {
    writeOctets(hashAtOnce(algorithm, bytes, "binary"), DIGEST_BYTES[algorithm], target, offset);
  },
  createDigest: (algorithm) => new NodeDigest(algorithm),
  importPublicKey: (key) => new NodePublicKey(key),
  importPrivateKey: (key) => new NodePrivateKey(key),
  generatePrivateKey: (kind) => parsePkcs8(generatePkcs8(kind)),
  scrypt: deriveByScrypt,
  pbkdf2: deriveByPbkdf2,
  decryptTripleDes,
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
};

/** The octets that the characters of a "binary" string stand for. */
function octetsOf(text: string, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  writeOctets(text, length, octets, 0);
  return octets;
}

function writeOctets(text: string, length: number, target: Uint8Array, offset: number): void {
  for (let index = 0; index < length; index++) target[offset + index] = text.charCodeAt(index);
}

class NodeDigest implements StreamingDigest {
  readonly #hash: Hash;
  readonly #length: number;

  constructor(algorithm: HashAlgorithmName) {
    this.#hash = createHash(algorithm);
    this.#length = DIGEST_BYTES[algorithm];
  }

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    return this;
  }

  digest(): Uint8Array {
    return octetsOf(this.#hash.digest("binary"), this.#length);
  }
}

class NodePublicKey implements PlatformPublicKey {
  readonly #info: SubjectPublicKeyInfo;
  #keyObject: KeyObject | undefined;

  constructor(info: SubjectPublicKeyInfo) {
    this.#info = info;
    // Only here may it turn out that OpenSSL has no such algorithm (before 3.5).
    if (isMlDsaKeyType(info.keyType)) this.#keyObject = mlDsaKey(() => this.#native(), "algorithm-unsupported");
  }

  verify(hash: HashAlgorithmName | undefined, message: Uint8Array, signature: Uint8Array): boolean {
    return verify(hash, message, this.#native(), signature);
  }

  verifyInBackground(
    hash: HashAlgorithmName | undefined,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      verify(hash, message, this.#native(), signature, (error, isValid) => {
        if (error === null) resolve(isValid);
        else reject(error);
      });
    });
  }

  verifyEcdsaDigest(digest: Uint8Array, signature: EcdsaSignature): boolean {
    const { keyType, keyBytes } = this.#info;
    if (!isEcdsaKeyType(keyType)) throw new TypeError(`expected an ECDSA key, got ${keyType}`);
    return verifyEcdsaDigest(NIST_CURVES[keyType], scalarMultiplication(keyType), keyBytes, digest, signature);
  }

  rsaPublicOperation(signature: Uint8Array): Uint8Array {
    const key = { key: this.#native(), padding: constants.RSA_NO_PADDING };
    return withoutStackTraces(() => publicDecrypt(key, signature));
  }

  #native(): KeyObject {
    this.#keyObject ??= createPublicKey(serializePem("PUBLIC KEY", this.#info.raw));
    return this.#keyObject;
  }
}

/**
 * Of an object with a key and a padding too Node asks by an exception whether it is a key, and where in the program that was takes longer to
 * write down than a verification.
 */
function withoutStackTraces<Value>(run: () => Value): Value {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Multiplication by elliptic curve Diffie-Hellman; all numbers are public, so the state may stay. */
class NodeScalarMultiplication implements ScalarMultiplication {
  readonly #agreement: ECDH;

  constructor(curveName: string) {
    this.#agreement = createECDH(curveName);
  }

  base(scalar: Uint8Array): Uint8Array {
    this.#agreement.setPrivateKey(scalar);
    return this.#agreement.getPublicKey();
  }

  shared(scalar: Uint8Array, point: Uint8Array): Uint8Array {
    this.#agreement.setPrivateKey(scalar);
    return this.#agreement.computeSecret(point);
  }
}

const multiplications = new Map<EcdsaKeyType, ScalarMultiplication>();

function scalarMultiplication(keyType: EcdsaKeyType): ScalarMultiplication {
  let multiplication = multiplications.get(keyType);
  if (multiplication === undefined) {
    multiplication = new NodeScalarMultiplication(CURVE_NAMES[keyType]);
    multiplications.set(keyType, multiplication);
  }
  return multiplication;
}

class NodePrivateKey implements PlatformPrivateKey {
  readonly publicBytes: Uint8Array;
  readonly #key: KeyObject;

  constructor(info: PrivateKeyInfo) {
    const create = (): KeyObject => createPrivateKey({ ...privateKeyDer(info), format: "der" });
    this.#key = isMlDsaKeyType(info.keyType) ? mlDsaKey(create, "key-invalid") : create();
    this.publicBytes = info.keyType === "rsa" ? info.publicBytes : publicBytesOf(info.keyType, this.#key);
  }

  sign(hash: HashAlgorithmName | undefined, message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(hash, message, this.#key));
  }

  rsaPrivateOperation(block: Uint8Array): Uint8Array {
    return new Uint8Array(privateEncrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, block));
  }
}

/** Of ML-DSA OpenSSL alone can say whether a key is one: what it does not take becomes an error of ours. */
function mlDsaKey(create: () => KeyObject, code: "algorithm-unsupported" | "key-invalid"): KeyObject {
  try {
    return create();
  } catch (cause) {
    const expected = code === "key-invalid" ? "an ML-DSA private key that belongs together" : "a platform with ML-DSA";
    throw new SigstoreError(code, `expected ${expected}, got another`, {
      cause,
      hint: "ML-DSA needs Node 24 with its own OpenSSL, 3.5 or later",
    });
  }
}

/** The DER that OpenSSL reads fastest; it works out the public key where none is given, and believes one that is. */
function privateKeyDer(info: PrivateKeyInfo): { readonly key: Buffer; readonly type: "sec1" | "pkcs1" | "pkcs8" } {
  switch (info.keyType) {
    case "rsa":
      return { key: Buffer.from(info.secret), type: "pkcs1" };
    case "ed25519":
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return { key: Buffer.from(serializePkcs8(info)), type: "pkcs8" };
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return { key: Buffer.from(serializeEcPrivateKey(info.keyType, info.secret, undefined)), type: "sec1" };
  }
}

function publicBytesOf(keyType: Exclude<KeyType, "rsa">, key: KeyObject): Uint8Array {
  if (isMlDsaKeyType(keyType))
    return parseSpki(new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }))).keyBytes;
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  if (keyType === "ed25519") return base64UrlDecode(x);
  return concatBytes(Uint8Array.of(0x04), base64UrlDecode(x), base64UrlDecode(y));
}

function generatePkcs8(kind: PrivateKeyKind): Uint8Array {
  const privateKeyEncoding = { format: "der", type: "pkcs8" } as const;
  const publicKeyEncoding = { format: "der", type: "spki" } as const;
  switch (kind) {
    case "ed25519":
      return generateKeyPairSync("ed25519", { privateKeyEncoding, publicKeyEncoding }).privateKey;
    case "ml-dsa-44":
    case "ml-dsa-65":
    case "ml-dsa-87":
      return generateKeyPairSync(kind, { privateKeyEncoding, publicKeyEncoding }).privateKey;
    case "ecdsa-p256":
    case "ecdsa-p384":
    case "ecdsa-p521":
      return generateKeyPairSync("ec", { namedCurve: CURVE_NAMES[kind], privateKeyEncoding, publicKeyEncoding })
        .privateKey;
    case "rsa-2048":
    case "rsa-3072":
    case "rsa-4096":
      return generateKeyPairSync("rsa", { modulusLength: Number(kind.slice(4)), privateKeyEncoding, publicKeyEncoding })
        .privateKey;
  }
}

/** In Node's thread pool. OpenSSL counts its working memory exactly; a little more than 128·N·r is allowed. */
async function deriveByScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  parameters: ScryptParameters,
  length: number,
): Promise<Uint8Array> {
  const { cost, blockSize, parallelization } = parameters;
  const maxmem = 128 * blockSize * (cost + parallelization + 2) + 1024;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(password, salt, length, { cost, blockSize, parallelization, maxmem }, (error, key) => {
    if (error === null) resolve(new Uint8Array(key));
    else reject(error);
  });
  return promise;
}

/** In Node's thread pool too. */
async function deriveByPbkdf2(
  { hash, salt, iterations }: Pbkdf2,
  password: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  pbkdf2(password, salt, iterations, length, hash, (error, key) => {
    if (error === null) resolve(new Uint8Array(key));
    else reject(error);
  });
  return promise;
}

function decryptTripleDes(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("des-ede3-cbc", key, iv).setAutoPadding(false);
  return concatBytes(decipher.update(ciphertext), decipher.final());
}
