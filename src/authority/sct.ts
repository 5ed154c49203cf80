/**
 * Signed certificate timestamps (RFC 6962 §3.2; C2SP static-ct-api for the leaf index).
 *
 * An SCT is an acknowledgement: who calls has made the entry and its time durable before, and hands out the same SCT for
 * the same entry ever after. Leaves out: sequencing, duplicates, accepted roots (services/ctlog).
 */
import { sha256 } from "../crypto/digest.ts";
import type { Signer } from "../crypto/signer.ts";
import { type Sct, type SctEntry, sctSignatureInput } from "../formats/sct.ts";

/** What an SCT acknowledges. `extensions` are CT extensions in TLS encoding: empty, or `serializeLeafIndexExtension`. */
export interface SctRequest {
  readonly entry: SctEntry;
  readonly timestampMs: bigint;
  readonly extensions: Uint8Array;
}

/** RFC 5246 §7.4.1.4.1: numbers of the algorithms that RFC 6962 §2.1.4 allows. */
const TLS_SHA256 = 4;
const TLS_SIGNATURE = { rsa: 1, ecdsa: 3 } as const;

/**
 * Signs an SCT with the log's key.
 *
 * RFC 6962 §2.1.4: "A log MUST use a single signature algorithm", ECDSA with P-256 or RSA of at least 2048 bits, with SHA-256.
 * @throws TypeError for another key
 */
export async function signSct(signer: Signer, request: SctRequest): Promise<Sct> {
  const signatureAlgorithm = tlsSignatureAlgorithm(signer);
  return {
    version: 0,
    logId: ctLogId(signer.publicKey.spki),
    timestampMs: request.timestampMs,
    extensions: request.extensions,
    hashAlgorithm: TLS_SHA256,
    signatureAlgorithm,
    signature: await signer.sign(sctSignatureInput(request)),
  };
}

function tlsSignatureAlgorithm({ algorithm }: Signer): number {
  if (algorithm.hash === "sha256" && algorithm.keyType === "ecdsa-p256") return TLS_SIGNATURE.ecdsa;
  if (algorithm.hash === "sha256" && algorithm.scheme === "rsa-pkcs1v15") return TLS_SIGNATURE.rsa;
  throw new TypeError(`expected ECDSA P-256 or RSA PKCS#1 v1.5 with SHA-256, got ${algorithm.name}`);
}

/** RFC 6962 §3.2: "LogID … the SHA-256 hash of the log's public key, calculated over the DER encoding of the key represented as SubjectPublicKeyInfo." */
export function ctLogId(spki: Uint8Array): Uint8Array {
  return sha256(spki);
}
