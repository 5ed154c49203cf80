/**
 * Entries that Rekor puts into its log: kind, version and canonical body, made from what was signed (rekor pkg/types;
 * rekor-tiles; "rekor-v2" client specification).
 *
 * The body is what the leaf hashes, and the key by which duplicates are found. Leaves out: the checks of a submission
 * (services/rekor), and kinds that Sigstore's clients do not write.
 */
import { digest } from "../crypto/digest.ts";
import { canonicalizeJson } from "../encoding/canonical-json.ts";
import { serializePem } from "../encoding/pem.ts";
import { utf8Encode } from "../encoding/text.ts";
import { type DsseEnvelope, preAuthEncoding, serializeDsseEnvelope } from "../formats/dsse.ts";
import type { HashAlgorithmName, NamedDigest } from "../formats/hash-algorithm.ts";
import {
  serializeDsse001,
  serializeDsse002,
  serializeHashedRekord001,
  serializeHashedRekord002,
  serializeIntoto002,
  type Verifier002,
} from "../formats/rekor/entry-body.ts";

/** What a log stores: `body` is canonical JSON. */
export interface LoggedEntry {
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly body: Uint8Array;
}

/** A signature over a digest: of an artifact, or of an envelope's pre-authentication encoding. */
export interface SignedDigest extends NamedDigest {
  readonly signature: Uint8Array;
}

/** hashedrekord 0.0.1 of Rekor v1: a signature over an artifact's digest, the key or certificate as PEM. */
export function hashedRekordV1Entry(signed: SignedDigest, verifier: Verifier002): LoggedEntry {
  const { algorithm, digest: digestBytes, signature } = signed;
  const body = serializeHashedRekord001({
    digestAlgorithm: algorithm,
    digest: digestBytes,
    signature,
    verifierPem: verifierPem(verifier),
  });
  return { kindVersion: { kind: "hashedrekord", version: "0.0.1" }, body };
}

/** hashedrekord 0.0.2 of Rekor v2: the same, the key or certificate as DER with its algorithm. */
export function hashedRekordV2Entry(signed: SignedDigest, verifier: Verifier002): LoggedEntry {
  const { algorithm, digest: digestBytes, signature } = signed;
  const body = serializeHashedRekord002({ digestAlgorithm: algorithm, digest: digestBytes, signature, verifier });
  return { kindVersion: { kind: "hashedrekord", version: "0.0.2" }, body };
}

/**
 * dsse 0.0.1 of Rekor v1. `envelopeText` is the envelope as it was submitted, byte for byte, as its hash is stored; every
 * signature is recorded with the one `verifier`.
 */
export function dsseV1Entry(
  envelope: DsseEnvelope,
  verifier: Verifier002,
  envelopeText: Uint8Array = envelopeTextOf(envelope),
): LoggedEntry {
  const body = serializeDsse001({
    envelopeHash: sha256Of(envelopeText),
    payloadHash: sha256Of(envelope.payload),
    signatures: envelope.signatures.map(({ signature }) => ({ signature, verifierPem: verifierPem(verifier) })),
  });
  return { kindVersion: { kind: "dsse", version: "0.0.1" }, body };
}

/** dsse 0.0.2, which Rekor v2 took until 2026 and which stays in its logs. */
export function dsseV2Entry(envelope: DsseEnvelope, verifier: Verifier002): LoggedEntry {
  const body = serializeDsse002({
    payloadHash: sha256Of(envelope.payload),
    signatures: envelope.signatures.map(({ signature }) => ({ signature, verifier })),
  });
  return { kindVersion: { kind: "dsse", version: "0.0.2" }, body };
}

/** intoto 0.0.2 of Rekor v1: the envelope without its payload, and the hashes of both. */
export function intotoV1Entry(
  envelope: DsseEnvelope,
  verifier: Verifier002,
  envelopeText: Uint8Array = envelopeTextOf(envelope),
): LoggedEntry {
  const body = serializeIntoto002({
    payloadType: envelope.payloadType,
    payload: undefined,
    signatures: envelope.signatures.map(({ signature, keyid }) => ({
      signature,
      keyid,
      verifierPem: verifierPem(verifier),
    })),
    envelopeHash: sha256Of(envelopeText),
    payloadHash: sha256Of(envelope.payload),
  });
  return { kindVersion: { kind: "intoto", version: "0.0.2" }, body };
}

/** How Rekor v2 logs an envelope: its only signature, over the digest of the pre-authentication encoding. @throws TypeError unless there is one */
export function signedDigestOfEnvelope(envelope: DsseEnvelope, algorithm: HashAlgorithmName): SignedDigest {
  const [only, ...others] = envelope.signatures;
  if (only === undefined || others.length > 0)
    throw new TypeError(`expected an envelope with one signature, got ${envelope.signatures.length}`);
  return {
    algorithm,
    digest: digest(algorithm, preAuthEncoding(envelope.payloadType, envelope.payload)),
    signature: only.signature,
  };
}

/** The envelope as our client submits it: RFC 8785 JSON. */
function envelopeTextOf(envelope: DsseEnvelope): Uint8Array {
  return utf8Encode(canonicalizeJson(serializeDsseEnvelope(envelope)));
}

/** Rekor v1 stores keys and certificates as PEM, whatever the submission held. */
function verifierPem(verifier: Verifier002): Uint8Array {
  return utf8Encode(serializePem(verifier.kind === "publicKey" ? "PUBLIC KEY" : "CERTIFICATE", verifier.rawBytes));
}

function sha256Of(bytes: Uint8Array): NamedDigest {
  return { algorithm: "sha256", digest: digest("sha256", bytes) };
}
