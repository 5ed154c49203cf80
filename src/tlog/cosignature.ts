/**
 * Cosignatures of witnesses, version 1 (C2SP tlog-cosignature, Ed25519, note signature type 0x04).
 *
 * "A v1 cosignature is a statement that, as of the specified time, the consistent tree head with the largest size the cosigner
 * has observed for the log identified by the origin line has the specified root hash." Leaves out: ML-DSA-44 (0x06), and the
 * checks a witness makes before it signs.
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Signer } from "../crypto/signer.ts";
import { verifySignature } from "../crypto/verify.ts";
import { ByteBuilder, ByteReader } from "../encoding/bytes.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { assertKeyName, keyIdOf, namedKeyHash, NOTE_SIGNATURE_TYPE, noteScheme, rawEd25519Key } from "./note-key.ts";
import type { NoteSigner, NoteVerifier } from "./signed-note.ts";
import { isUint64 } from "./uint64.ts";

const ED25519_SIGNATURE_BYTES = 64;

/** A cosignature as it is in the note, without the key ID. */
export interface Cosignature {
  /** Seconds since 1970, UTC, when the witness said so. */
  readonly timeSeconds: bigint;
  /** 64 bytes, Ed25519. */
  readonly signature: Uint8Array;
}

/**
 * Reads a `timestamped_signature`: "u64 timestamp; opaque ed25519_signature[64]".
 * @throws {SigstoreError} `cosignature-invalid` when it is not 72 bytes long
 */
export function parseCosignature(bytes: Uint8Array): Cosignature {
  const reader = new ByteReader(bytes, "cosignature", "cosignature-invalid");
  const timeSeconds = reader.u64();
  const signature = reader.bytes(ED25519_SIGNATURE_BYTES);
  reader.end();
  return { timeSeconds, signature };
}

/** Writes a `timestamped_signature`; {@link parseCosignature} reads it back. */
export function serializeCosignature({ timeSeconds, signature }: Cosignature): Uint8Array {
  if (signature.length !== ED25519_SIGNATURE_BYTES)
    throw new TypeError(`expected a signature of ${ED25519_SIGNATURE_BYTES} bytes, got ${signature.length}`);
  return new ByteBuilder().u64(timeSeconds).bytes(signature).build();
}

/**
 * The bytes that a witness signs: "two newline (U+000A) terminated lines (one header line and one timestamp line) followed by
 * the whole note body of the cosigned checkpoint".
 */
export function cosignatureMessage(timeSeconds: bigint, noteText: string): Uint8Array {
  return utf8Encode(`cosignature/v1\ntime ${timeSeconds}\n${noteText}`);
}

/** The key ID: "SHA-256(<name> || "\n" || 0x04 || 32-byte Ed25519 cosigner public key)[:4]". */
function cosignerKeyId(name: string, key: PublicKey): Uint8Array {
  return keyIdOf(namedKeyHash(name, Uint8Array.of(NOTE_SIGNATURE_TYPE.cosignature), rawEd25519Key(key)));
}

/**
 * A verifier of the cosignatures that witness `name` makes with `key`; of checkpoints only. When it says yes,
 * {@link parseCosignature} tells the time.
 * @throws {TypeError} when `name` is no key name or the key not Ed25519
 */
export function cosignatureVerifier(name: string, key: PublicKey): NoteVerifier {
  assertKeyName(name);
  return {
    name,
    keyId: cosignerKeyId(name, key),
    verify(text, bytes) {
      if (bytes.length !== 8 + ED25519_SIGNATURE_BYTES || !isCheckpoint(text)) return false;
      const { timeSeconds, signature } = parseCosignature(bytes);
      return verifySignature(key, noteScheme(key), cosignatureMessage(timeSeconds, text), signature);
    },
  };
}

function isCheckpoint(text: string): boolean {
  try {
    parseCheckpoint(text);
    return true;
  } catch (error) {
    if (isSigstoreError(error)) return false;
    throw error;
  }
}

/**
 * A signer of cosignatures as witness `name`, at `timeSeconds`. It signs checkpoints only: `checkpoint-invalid` for other texts.
 * Who calls has checked and made durable before that the checkpoint is consistent with the last one signed.
 * @throws {TypeError} when `name` is no key name, the key not Ed25519, or the time not below 2^64
 */
export function cosignatureSigner(name: string, signer: Signer, timeSeconds: bigint): NoteSigner {
  assertKeyName(name);
  if (!isUint64(timeSeconds)) throw new TypeError(`expected a time in seconds below 2^64, got ${timeSeconds}`);
  return {
    name,
    keyId: cosignerKeyId(name, signer.publicKey),
    async sign(text) {
      parseCheckpoint(text);
      return serializeCosignature({ timeSeconds, signature: await signer.sign(cosignatureMessage(timeSeconds, text)) });
    },
  };
}
