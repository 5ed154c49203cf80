/**
 * The port to private keys that lie elsewhere and never come here: key services (KMS), PKCS #11 tokens, plugins, clusters.
 *
 * Such a key gives its public key, names the algorithms that it signs by, and signs digests: that is all of it, as in the protocol of
 * Sigstore's KMS plugins. `signerOfExternalKey` makes a Signer of one; external-key.conformance.ts is what each adapter must pass.
 */
import { SigstoreError } from "../errors.ts";
import {
  type DigestScheme,
  type MessageScheme,
  type SignatureAlgorithm,
  isAlgorithmOfKey,
  SIGNATURE_ALGORITHMS,
} from "./algorithms.ts";
import { DIGEST_BYTES, digest } from "./digest.ts";
import type { PublicKey } from "./keys.ts";
import { type PrivateKey, signMessage, signMessageDigest } from "./private-key.ts";
import type { Signer } from "./signer.ts";
import { verifyDigestSignature, verifySignature } from "./verify.ts";

/** An algorithm that signs a digest. */
export type DigestAlgorithm = SignatureAlgorithm & DigestScheme;

/** An algorithm that signs the message itself. */
export type MessageAlgorithm = SignatureAlgorithm & MessageScheme;

/**
 * A private key somewhere else.
 *
 * - `publicKey` and `algorithms` are asked for before the first signature, and stay: a service that rotates its key keeps signing with
 *   the version it began with, or fails.
 * - Any number of calls may run at once, and a call may be repeated; the adapter retries what its own transport lost, within its own time.
 * - A signature is in the form that verifySignature reads: ECDSA as DER, whatever the service answers with.
 * - Errors: SigstoreError when it cannot sign (no access, no connection, timed out, key disabled) with a hint that names the fix, and
 *   without any secret; TypeError for an algorithm that is not among `algorithms`, or a digest of another length.
 */
export interface ExternalKey {
  readonly publicKey: PublicKey;
  /** What it signs by, its own choice first; at least one. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** A signature over the message with this digest, by the algorithm's hash. */
  signDigest(algorithm: DigestAlgorithm, messageDigest: Uint8Array): Promise<Uint8Array>;
  /** A signature over the message; there exactly where one of `algorithms` signs no digest. */
  signMessage?(algorithm: MessageAlgorithm, message: Uint8Array): Promise<Uint8Array>;
}

/**
 * A signer with a key that lies elsewhere. Each signature is verified before it is handed out: a service that signs with another
 * version of its key, or in another form, is noticed at once.
 *
 * @throws TypeError when the key does not name the algorithm, or names none
 */
export function signerOfExternalKey(
  key: ExternalKey,
  algorithm: SignatureAlgorithm | undefined = key.algorithms[0],
): Signer {
  if (algorithm === undefined || !key.algorithms.includes(algorithm))
    throw new TypeError(`expected an algorithm that the key names, got ${algorithm?.name ?? "none"}`);
  const { publicKey } = key;
  if (isMessageAlgorithm(algorithm)) {
    const sign = async (message: Uint8Array): Promise<Uint8Array> => {
      const signature = await key.signMessage?.(algorithm, message);
      if (signature !== undefined && verifySignature(publicKey, algorithm, message, signature)) return signature;
      throw foreignSignature();
    };
    return { publicKey, algorithm, sign };
  }
  const signDigest = async (messageDigest: Uint8Array): Promise<Uint8Array> => {
    requireDigest(algorithm, messageDigest);
    const signature = await key.signDigest(algorithm, messageDigest);
    if (verifyDigestSignature(publicKey, algorithm, messageDigest, signature)) return signature;
    throw foreignSignature();
  };
  return { publicKey, algorithm, signDigest, sign: async (message) => signDigest(digest(algorithm.hash, message)) };
}

/** A key in memory behind the port: for tests, and for stores that hand the key itself out. */
export function externalKeyInMemory(key: PrivateKey): ExternalKey {
  const algorithms = SIGNATURE_ALGORITHMS.filter((one) => !one.deprecated && isAlgorithmOfKey(one, key.publicKey));
  const signing = {
    publicKey: key.publicKey,
    algorithms,
    async signDigest(algorithm: DigestAlgorithm, messageDigest: Uint8Array): Promise<Uint8Array> {
      requireNamed(algorithms, algorithm);
      requireDigest(algorithm, messageDigest);
      return signMessageDigest(key, algorithm, messageDigest);
    },
  };
  if (algorithms.every((one) => !isMessageAlgorithm(one))) return signing;
  return {
    ...signing,
    async signMessage(algorithm, message) {
      requireNamed(algorithms, algorithm);
      return signMessage(key, algorithm, message);
    },
  };
}

/** True for algorithms that sign the message itself. */
export function isMessageAlgorithm(algorithm: SignatureAlgorithm): algorithm is MessageAlgorithm {
  return algorithm.hash === undefined;
}

function requireNamed(algorithms: readonly SignatureAlgorithm[], algorithm: SignatureAlgorithm): void {
  if (!algorithms.includes(algorithm))
    throw new TypeError(`expected one of ${algorithms.map(({ name }) => name).join(", ")}, got ${algorithm.name}`);
}

function requireDigest({ hash }: DigestAlgorithm, { length }: Uint8Array): void {
  if (length !== DIGEST_BYTES[hash]) throw new TypeError(`expected a ${hash} digest, got ${length} bytes`);
}

function foreignSignature(): SigstoreError {
  return new SigstoreError(
    "service-answer-invalid",
    "expected a signature that verifies with the key's public key, got another",
    {
      hint: "the key may have been rotated since its public key was read: name its version",
    },
  );
}
