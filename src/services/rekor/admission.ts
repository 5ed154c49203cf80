/**
 * What Rekor v2 lets into its log (rekor-tiles, pkg/types/hashedrekord, pkg/verifier): a signature that holds over the digest, by
 * an algorithm of its set that is one of the key's.
 *
 * Of a certificate only the key counts: who issued it, when, and whether it was valid is a verifier's question. Pure Ed25519 signs
 * no digest and is refused, RSA-PSS too. Leaves out: who may propose.
 */
import { hashedRekordV2Entry, type LoggedEntry } from "../../authority/entry.ts";
import { algorithmByName, isAlgorithmOfKey, type SignatureAlgorithm } from "../../crypto/algorithms.ts";
import { DIGEST_BYTES, type HashAlgorithmName } from "../../crypto/digest.ts";
import { importPublicKey, type PublicKey } from "../../crypto/keys.ts";
import { verifyDigestSignature } from "../../crypto/verify.ts";
import { SigstoreError } from "../../errors.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import type { Proposal, ProposedVerifier } from "./proposal.ts";

/** "client-signing-algorithms" of the original, all of them: names of PublicKeyDetails. */
export const REKOR_ALGORITHMS = [
  "PKIX_RSA_PKCS1V15_2048_SHA256",
  "PKIX_RSA_PKCS1V15_3072_SHA256",
  "PKIX_RSA_PKCS1V15_4096_SHA256",
  "PKIX_ECDSA_P256_SHA_256",
  "PKIX_ECDSA_P384_SHA_384",
  "PKIX_ECDSA_P521_SHA_512",
  "PKIX_ED25519_PH",
] as const;

/**
 * The entry of a proposal whose signature holds; `allowed` are names of PublicKeyDetails.
 * @throws SigstoreError `entry-body-invalid` for what is missing, `algorithm-unsupported`, `key-invalid`, `key-unsupported`,
 * `certificate-invalid`, `input-too-large`, `signature-invalid`
 */
export function admitProposal(proposal: Proposal, allowed: ReadonlySet<string>): LoggedEntry {
  const digest = present(proposal.digest, "digest");
  const signature = present(proposal.signature, "signature.content");
  const { verifier } = proposal;
  if (verifier === undefined) throw missing("signature.verifier");
  const rawBytes = present(verifier.rawBytes, `signature.verifier.${verifier.kind}.rawBytes`);
  const algorithm = admittedAlgorithm(verifier.keyDetails, allowed);
  const key = keyOf(verifier.kind, rawBytes);
  if (!isAlgorithmOfKey(algorithm, key)) throw foreignKey(algorithm, key);
  if (digest.length !== DIGEST_BYTES[algorithm.hash])
    throw new SigstoreError(
      "entry-body-invalid",
      `expected a digest of ${DIGEST_BYTES[algorithm.hash]} bytes for ${algorithm.name}, got ${digest.length}`,
    );
  if (!verifyDigestSignature(key, algorithm, digest, signature))
    throw new SigstoreError("signature-invalid", "expected a signature over the digest by the key, got another", {
      hint: "the digest is that of the artifact, or of the envelope's pre-authentication encoding, by the hash of the key details",
    });
  const signed = { algorithm: algorithm.hash, digest, signature };
  return hashedRekordV2Entry(signed, { kind: verifier.kind, rawBytes, keyDetails: algorithm.name });
}

function admittedAlgorithm(
  name: string,
  allowed: ReadonlySet<string>,
): SignatureAlgorithm & { readonly hash: HashAlgorithmName } {
  if (allowed.has(name)) {
    const algorithm = algorithmByName(name);
    const { hash } = algorithm;
    if (hash !== undefined) return { ...algorithm, hash } as SignatureAlgorithm & { readonly hash: HashAlgorithmName };
  }
  throw new SigstoreError("algorithm-unsupported", `expected key details that this log takes, got ${name}`, {
    hint: `it takes ${[...allowed].join(", ")}`,
  });
}

function keyOf(kind: ProposedVerifier["kind"], rawBytes: Uint8Array): PublicKey {
  return importPublicKey(kind === "publicKey" ? rawBytes : parseCertificate(rawBytes).spki);
}

function foreignKey({ name }: SignatureAlgorithm, { keyType, modulusBits }: PublicKey): SigstoreError {
  const got = modulusBits === undefined ? keyType : `${keyType} of ${modulusBits} bits`;
  return new SigstoreError("key-invalid", `expected a key for ${name}, got ${got}`, {
    hint: "keyDetails must name the algorithm of the key that is sent",
  });
}

function present(bytes: Uint8Array | undefined, name: string): Uint8Array {
  if (bytes === undefined || bytes.length === 0) throw missing(name);
  return bytes;
}

function missing(name: string): SigstoreError {
  return new SigstoreError("entry-body-invalid", `hashedRekordRequestV002.${name}: expected a value, got nothing`);
}
