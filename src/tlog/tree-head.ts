/**
 * Signed tree heads of certificate transparency logs as note signatures (RFC 6962, section 3.5; C2SP static-ct-api,
 * "Checkpoints", note signature type 0x05).
 *
 * The signature covers time, size and root hash, not the origin, which the key ID alone binds. Leaves out: `get-sth`, whose
 * answer holds the same signature in JSON.
 */
import { sha256 } from "../crypto/digest.ts";
import type { PublicKey } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { verifySignature } from "../crypto/verify.ts";
import { ByteBuilder, ByteReader } from "../encoding/bytes.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { assertKeyName, keyIdOf, namedKeyHash, NOTE_SIGNATURE_TYPE, noteScheme } from "./note-key.ts";
import type { NoteSigner, NoteVerifier } from "./signed-note.ts";
import { isUint64 } from "./uint64.ts";

/** RFC 5246, section 7.4.1.4.1: the numbers of a digitally-signed value's algorithms. */
const TLS_HASH_SHA256 = 4;
const TLS_SIGNATURE_RSA = 1;
const TLS_SIGNATURE_ECDSA = 3;

const VERSION_V1 = 0;
const SIGNATURE_TYPE_TREE_HASH = 1;

/** A tree head's signature as it is in the note, without the key ID: `RFC6962NoteSignature`. */
export interface TreeHeadSignature {
  /** Milliseconds since 1970, UTC, when the log said so. */
  readonly timestampMs: bigint;
  /** 1 for RSA, 3 for ECDSA; the hash is always SHA-256. */
  readonly signatureAlgorithm: number;
  readonly signature: Uint8Array;
}

/**
 * Reads an `RFC6962NoteSignature`: "uint64 timestamp; TreeHeadSignature signature".
 * @throws {SigstoreError} `note-invalid`
 */
export function parseTreeHeadSignature(bytes: Uint8Array): TreeHeadSignature {
  const reader = new ByteReader(bytes, "tree head signature", "note-invalid");
  const timestampMs = reader.u64();
  const hash = reader.u8();
  const signatureAlgorithm = reader.u8();
  const signature = reader.vector16();
  reader.end();
  if (hash !== TLS_HASH_SHA256)
    throw new SigstoreError("note-invalid", `expected a tree head signature with SHA-256 (4), got hash ${hash}`);
  return { timestampMs, signatureAlgorithm, signature };
}

/** Writes an `RFC6962NoteSignature`; {@link parseTreeHeadSignature} reads it back. */
export function serializeTreeHeadSignature({
  timestampMs,
  signatureAlgorithm,
  signature,
}: TreeHeadSignature): Uint8Array {
  return new ByteBuilder().u64(timestampMs).u8(TLS_HASH_SHA256).u8(signatureAlgorithm).vector16(signature).build();
}

/** The bytes that a log signs: RFC 6962's `TreeHeadSignature` of version v1. */
export function treeHeadMessage(
  timestampMs: bigint,
  checkpoint: Pick<Checkpoint, "treeSize" | "rootHash">,
): Uint8Array {
  const builder = new ByteBuilder().u8(VERSION_V1).u8(SIGNATURE_TYPE_TREE_HASH);
  return builder.u64(timestampMs).u64(checkpoint.treeSize).bytes(checkpoint.rootHash).build();
}

/** "the key name, a newline character (0x0A), the signature type identifier byte 0x05, and the 32-byte RFC 6962 LogID" */
function treeHeadKeyId(name: string, key: PublicKey): Uint8Array {
  return keyIdOf(namedKeyHash(name, Uint8Array.of(NOTE_SIGNATURE_TYPE.treeHead), sha256(key.spki)));
}

/**
 * A verifier of the tree heads that the log `name` signs with `key`; when it says yes, {@link parseTreeHeadSignature} tells
 * the time.
 * @throws {TypeError} when `name` is no key name, or the key neither P-256 nor RSA
 */
export function treeHeadVerifier(name: string, key: PublicKey): NoteVerifier {
  assertKeyName(name);
  const expectedAlgorithm = tlsSignatureAlgorithm(key);
  return {
    name,
    keyId: treeHeadKeyId(name, key),
    verify(text, bytes) {
      try {
        const checkpoint = parseTreeHead(text, name);
        const { timestampMs, signatureAlgorithm, signature } = parseTreeHeadSignature(bytes);
        if (signatureAlgorithm !== expectedAlgorithm) return false;
        return verifySignature(key, noteScheme(key), treeHeadMessage(timestampMs, checkpoint), signature);
      } catch (error) {
        if (isSigstoreError(error)) return false;
        throw error;
      }
    },
  };
}

/** RFC 6962, section 2.1.4: "A log MUST use either elliptic curve signatures using the NIST P-256 curve or RSA signatures". */
function tlsSignatureAlgorithm(key: PublicKey): number {
  if (key.keyType === "ecdsa-p256") return TLS_SIGNATURE_ECDSA;
  if (key.keyType === "rsa") return TLS_SIGNATURE_RSA;
  throw new TypeError(`expected a P-256 or RSA key of a certificate transparency log, got ${key.keyType}`);
}

function parseTreeHead(text: string, name: string): Checkpoint {
  const checkpoint = parseCheckpoint(text);
  // "The key name of the signature line MUST match the checkpoint origin line."
  if (checkpoint.origin !== name)
    throw new SigstoreError("checkpoint-invalid", `expected the origin ${name}, got ${checkpoint.origin}`);
  // "A checkpoint signed with this algorithm MUST NOT include any extension lines."
  if (checkpoint.extensions.length > 0)
    throw new SigstoreError(
      "checkpoint-invalid",
      `expected a tree head without extension lines, got ${checkpoint.extensions.length}`,
    );
  return checkpoint;
}

/**
 * A signer of tree heads as log `name`, at `timestampMs`; `checkpoint-invalid` for texts that are not a tree head of that log.
 * @throws {TypeError} when `name` is no key name, the key neither P-256 nor RSA, or the time not below 2^64
 */
export function treeHeadSigner(name: string, signer: Signer, timestampMs: bigint): NoteSigner {
  assertKeyName(name);
  if (!isUint64(timestampMs)) throw new TypeError(`expected a time in milliseconds below 2^64, got ${timestampMs}`);
  const signatureAlgorithm = tlsSignatureAlgorithm(signer.publicKey);
  if (signer.algorithm.scheme !== noteScheme(signer.publicKey).scheme)
    throw new TypeError(`expected a signer of ECDSA or RSA PKCS#1 v1.5, got ${signer.algorithm.scheme}`);
  return {
    name,
    keyId: treeHeadKeyId(name, signer.publicKey),
    async sign(text) {
      const signature = await signer.sign(treeHeadMessage(timestampMs, parseTreeHead(text, name)));
      return serializeTreeHeadSignature({ timestampMs, signatureAlgorithm, signature });
    },
  };
}
