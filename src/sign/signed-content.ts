/**
 * The signature itself: over a message, or over the pre-authentication encoding of a statement (DSSE v1.0.2).
 */
import type { Signer } from "../crypto/signer.ts";
import { hexDecode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import type { BundleContent } from "../formats/bundle/bundle.ts";
import { preAuthEncoding } from "../formats/dsse.ts";
import type { DsseEnvelope } from "../formats/dsse.ts";
import { IN_TOTO_PAYLOAD_TYPE, parseStatement } from "../formats/in-toto.ts";
import { DigestedMessage } from "../verify/artifact.ts";
import type { SignedContent } from "../verify/signed-content.ts";
import type { SigningKey } from "./signing-key.ts";

/** What was signed, as the bundle holds it, as its evidence speaks of it, and the artifact by which a verifier finds it. */
export interface SignedArtifactContent {
  readonly content: BundleContent;
  readonly signed: SignedContent;
  readonly artifact: DigestedMessage;
}

/**
 * Signs `artifact` as it is.
 *
 * @throws SigstoreError `artifact-bytes-required` or `artifact-digest-required` where the key's algorithm needs what is not at hand
 */
export async function signArtifactContent(artifact: DigestedMessage, key: SigningKey): Promise<SignedArtifactContent> {
  const { signer } = key;
  const algorithm = signer.algorithm.hash ?? "sha256";
  const messageDigest = { algorithm, digest: artifact.get(algorithm) };
  const signature = await signDigested(artifact, signer);
  return {
    content: { kind: "messageSignature", messageDigest, signature },
    signed: { signature, message: artifact, envelope: undefined },
    artifact,
  };
}

/** The message itself where it is at hand: platforms sign that natively, and a digest alone only by portable curves. */
async function signDigested(message: DigestedMessage, signer: Signer): Promise<Uint8Array> {
  const { hash } = signer.algorithm;
  if (message.bytes !== undefined) return signer.sign(message.bytes);
  if (hash !== undefined && signer.signDigest !== undefined) return signer.signDigest(message.get(hash));
  throw new SigstoreError(
    "artifact-bytes-required",
    `expected the whole artifact for a signature by ${signer.algorithm.name}, got only digests of it`,
    { hint: "give the file itself" },
  );
}

/** Signs a statement, as it stands in `payload`. @throws SigstoreError `statement-invalid` */
export async function signStatementContent(payload: Uint8Array, key: SigningKey): Promise<SignedArtifactContent> {
  const artifact = subjectOf(payload);
  const encoded = preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, payload);
  const signature = await key.signer.sign(encoded);
  // sigstore_bundle.proto: where hint and key id are both given they MUST be the same.
  const keyid = key.kind === "managed" ? key.hint : "";
  const envelope: DsseEnvelope = { payload, payloadType: IN_TOTO_PAYLOAD_TYPE, signatures: [{ signature, keyid }] };
  return {
    content: { kind: "dsseEnvelope", envelope },
    signed: { signature, message: new DigestedMessage(encoded), envelope },
    artifact,
  };
}

const COMPARABLE = ["sha256", "sha384", "sha512"] as const;

/** The first subject by which a verifier can find the statement: one with a digest that verifiers compute. */
function subjectOf(payload: Uint8Array): DigestedMessage {
  for (const { digests } of parseStatement(payload).subjects) {
    const known = COMPARABLE.flatMap((algorithm) => {
      const digest = digests.get(algorithm);
      return digest === undefined ? [] : [[algorithm, hexDecode(digest)] as const];
    });
    if (known.length > 0) return new DigestedMessage(undefined, Object.fromEntries(known));
  }
  throw new SigstoreError(
    "statement-invalid",
    "expected a subject with a digest by SHA-256, SHA-384 or SHA-512, got none",
    { hint: "verifiers find the artifact of a statement by one of these digests" },
  );
}
