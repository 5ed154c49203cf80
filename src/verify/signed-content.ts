/**
 * What the signature in a bundle covers, and whether it holds (client specification 4.5 and 4.6; DSSE v1.0.2).
 */
import { compatibleAlgorithms } from "../crypto/algorithms.ts";
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import type { PublicKey } from "../crypto/keys.ts";
import { verifyDigestSignature, verifySignature } from "../crypto/verify.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { hexEncode } from "../encoding/hex.ts";
import { SigstoreError } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { preAuthEncoding } from "../formats/dsse.ts";
import type { DsseEnvelope } from "../formats/dsse.ts";
import { IN_TOTO_PAYLOAD_TYPE } from "../formats/in-toto.ts";
import { DigestedMessage } from "./artifact.ts";
import type { CheckLog } from "./checks.ts";

/** The signature of a bundle and the bytes under it: the artifact, or the encoding of a DSSE envelope. */
export interface SignedContent {
  readonly signature: Uint8Array;
  /** What was signed: the artifact itself, or the pre-authentication encoding of the envelope. */
  readonly message: DigestedMessage;
  /** The envelope, where the bundle carries one. */
  readonly envelope: DsseEnvelope | undefined;
}

/** The signed content of `bundle`; for a message signature the message is `artifact`. */
export function signedContent(bundle: Bundle, artifact: DigestedMessage): SignedContent {
  const { content } = bundle;
  if (content.kind === "messageSignature") {
    return { signature: content.signature, message: artifact, envelope: undefined };
  }
  const { envelope } = content;
  const signature = onlySignature(bundle, envelope);
  // Client specification 4.6: the payload type MUST be one that is understood; here that is in-toto.
  if (envelope.payloadType !== IN_TOTO_PAYLOAD_TYPE) {
    throw new SigstoreError(
      "dsse-payload-type-unsupported",
      `expected a payload of type ${IN_TOTO_PAYLOAD_TYPE}, got ${envelope.payloadType}`,
    );
  }
  const encoded = preAuthEncoding(envelope.payloadType, envelope.payload);
  return { signature, message: new DigestedMessage(encoded), envelope };
}

/** sigstore_bundle.proto: DSSE envelopes in a bundle MUST contain exactly one signature. */
function onlySignature(bundle: Bundle, envelope: DsseEnvelope): Uint8Array {
  const [first, ...others] = envelope.signatures;
  if (first === undefined || others.length > 0) {
    throw new SigstoreError(
      "dsse-signature-count",
      `expected exactly one signature in the DSSE envelope, got ${envelope.signatures.length}`,
    );
  }
  const { key } = bundle.material;
  // sigstore_bundle.proto: where key id and hint are both given they MUST be the same.
  if (key.kind === "publicKey" && key.hint !== "" && first.keyid !== "" && first.keyid !== key.hint) {
    throw new SigstoreError(
      "key-hint-mismatch",
      `expected the key id of the envelope to be the hint ${key.hint}, got ${first.keyid}`,
    );
  }
  return first.signature;
}

/**
 * sigstore_common.proto: the message digest in a bundle is only a hint, and MUST NOT be trusted. It must not contradict
 * the artifact either; by an algorithm whose digest is not at hand it cannot be compared.
 */
export function checkMessageDigest(bundle: Bundle, artifact: DigestedMessage, log: CheckLog): void {
  if (bundle.content.kind !== "messageSignature" || bundle.content.messageDigest === undefined) return;
  const { algorithm, digest } = bundle.content.messageDigest;
  const actual = artifact.find(algorithm);
  if (actual === undefined) {
    log.skip(
      new SigstoreError(
        "artifact-digest-required",
        `expected the ${algorithm} digest of the artifact to compare with the bundle's hint, got none`,
      ),
    );
    return;
  }
  if (!equalBytes(actual, digest)) {
    throw new SigstoreError(
      "artifact-mismatch",
      `expected an artifact with the ${algorithm} digest ${hexEncode(digest)}, got one with ${hexEncode(actual)}`,
      {
        hint: "the bundle belongs to another file, or the file was changed after it was signed",
      },
    );
  }
  log.pass(() => `artifact digest by ${algorithm} is that of the bundle`);
}

/** Verifies the signature with `key` and returns the algorithm by which it holds; throws `signature-invalid`. */
export function verifyContentSignature(content: SignedContent, key: PublicKey, log: CheckLog): SignatureAlgorithm {
  let undecided: SigstoreError | undefined;
  for (const algorithm of compatibleAlgorithms(key, content.envelope === undefined ? "message" : "dsse")) {
    const answer = verifyBy(algorithm, content, key);
    if (answer === true) {
      log.pass(
        () =>
          `signature by ${algorithm.name} over the ${content.envelope === undefined ? "artifact" : "DSSE envelope"}`,
      );
      return algorithm;
    }
    if (answer !== false) undecided ??= answer;
  }
  throw (
    undecided ??
    new SigstoreError(
      "signature-invalid",
      "expected a signature that verifies with the signer's key, got one that does not",
      {
        hint:
          content.envelope === undefined
            ? "the file or the signature was changed after signing"
            : "the statement or its signature was changed after signing",
      },
    )
  );
}

/** True or false, or the reason why `algorithm` cannot be decided with what is at hand. */
function verifyBy(algorithm: SignatureAlgorithm, content: SignedContent, key: PublicKey): boolean | SigstoreError {
  const { message, signature } = content;
  if (message.bytes !== undefined) return verifySignature(key, algorithm, message.bytes, signature);
  if (algorithm.hash === undefined) {
    return new SigstoreError(
      "artifact-bytes-required",
      `expected the whole artifact for a signature by ${algorithm.name}, got only digests of it`,
      {
        hint: "give the file itself",
      },
    );
  }
  const digest = message.find(algorithm.hash);
  if (digest === undefined) {
    return new SigstoreError(
      "artifact-digest-required",
      `expected the ${algorithm.hash} digest of the artifact for a signature by ${algorithm.name}, got ${Object.keys(message.known).join(", ") || "none"}`,
      {
        hint: "give the file itself, or this digest of it",
      },
    );
  }
  return verifyDigestSignature(key, algorithm, digest, signature);
}
