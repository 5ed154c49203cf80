/**
 * Does the log entry speak of this signature? (client specification 4.4; Rekor v2 specification 6.1.4)
 *
 * The canonicalized body must name the same digest, the same verifier and the same signature as the bundle. Rekor v1
 * hashedrekord 0.0.1, dsse 0.0.1 and intoto 0.0.2, Rekor v2 hashedrekord and dsse 0.0.2. intoto 0.0.1 does not record
 * the signature and cannot be held to it.
 */
import { algorithmByName } from "../crypto/algorithms.ts";
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import { digest } from "../crypto/digest.ts";
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { isSerializedPem, parsePem } from "../encoding/pem.ts";
import { utf8Decode } from "../encoding/text.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { parseEntryBody } from "../formats/rekor/entry-body.ts";
import type { EntryBody, Verifier002 } from "../formats/rekor/entry-body.ts";
import type { DigestedMessage } from "./artifact.ts";
import type { CheckLog } from "./checks.ts";
import type { SignedContent } from "./signed-content.ts";
import type { VerifiedTlogEntry } from "./tlog-entry.ts";

/** The bundle's key material as an entry may name it. */
export interface EntryVerifier {
  /** DER certificate, where the bundle has one. */
  readonly certificate: Uint8Array | undefined;
  /** DER SubjectPublicKeyInfo of the signer's key. */
  readonly spki: Uint8Array;
}

/** What an entry is compared with. */
export interface EntryFacts {
  readonly content: SignedContent;
  readonly verifier: EntryVerifier;
  /** The algorithm by which the signature holds. */
  readonly algorithm: SignatureAlgorithm;
}

/** Checks that every entry of `entries` was made for this signature; throws the code of the first difference. */
export function checkEntryBodies(entries: readonly VerifiedTlogEntry[], facts: EntryFacts, log: CheckLog): void {
  for (const { entry } of entries) {
    const body = parseEntryBody(entry.canonicalizedBody);
    checkKind(body, entry.kindVersion);
    checkBody(body, facts);
    log.pass(() => `entry ${entry.logIndex} (${body.kind} ${body.version}) names this signature, key and digest`);
  }
}

function checkKind(body: EntryBody, named: { readonly kind: string; readonly version: string }): void {
  if (body.kind === named.kind && body.version === named.version) return;
  throw new SigstoreError(
    "tlog-entry-kind-mismatch",
    `expected an entry of kind ${named.kind} ${named.version}, got ${body.kind} ${body.version}`,
  );
}

function checkBody(body: EntryBody, facts: EntryFacts): void {
  const { content } = facts;
  switch (body.form) {
    case "hashedrekord-0.0.1":
      checkDigest(body.digestAlgorithm, body.digest, content.message);
      checkPemVerifier(body.verifierPem, facts.verifier);
      checkSignature(body.signature, content);
      return;
    case "hashedrekord-0.0.2":
      checkDigest(body.digestAlgorithm, body.digest, content.message);
      checkVerifier(body.verifier, facts);
      checkSignature(body.signature, content);
      return;
    case "dsse-0.0.1": {
      const signature = onlyOne(body.signatures);
      checkPayload(body.payloadHash, content);
      checkPemVerifier(signature.verifierPem, facts.verifier);
      checkSignature(signature.signature, content);
      return;
    }
    case "dsse-0.0.2": {
      const signature = onlyOne(body.signatures);
      checkPayload(body.payloadHash, content);
      checkVerifier(signature.verifier, facts);
      checkSignature(signature.signature, content);
      return;
    }
    case "intoto-0.0.2": {
      const signature = onlyOne(body.signatures);
      checkPayload(body.payloadHash, content);
      checkPemVerifier(signature.verifierPem, facts.verifier);
      checkSignature(signature.signature, content);
      return;
    }
    case "intoto-0.0.1":
    case "unsupported":
      throw new SigstoreError(
        "tlog-entry-kind-unsupported",
        `expected an entry that records the signature (hashedrekord, dsse, or intoto 0.0.2), got ${body.kind} ${body.version}`,
      );
  }
}

/** Rekor v2 specification 6.1.4: an entry for a bundle has exactly one signature. */
function onlyOne<T>(signatures: readonly T[]): T {
  const [first, ...others] = signatures;
  if (first !== undefined && others.length === 0) return first;
  throw mismatch("tlog-entry-signature-mismatch", "an entry with exactly one signature", `${signatures.length}`);
}

function checkSignature(recorded: Uint8Array, content: SignedContent): void {
  if (equalBytes(recorded, content.signature)) return;
  throw mismatch(
    "tlog-entry-signature-mismatch",
    "an entry for the signature of this bundle",
    "one for another signature",
  );
}

function checkPemVerifier(pem: Uint8Array, verifier: EntryVerifier): void {
  const expected = verifier.certificate ?? verifier.spki;
  const label = verifier.certificate === undefined ? "PUBLIC KEY" : "CERTIFICATE";
  // As every client writes it; other line lengths and text around it take longer to read.
  if (isSerializedPem(pem, label, expected)) return;
  const [block, ...others] = parsePem(utf8Decode(pem));
  if (block?.label === label && others.length === 0 && equalBytes(block.bytes, expected)) return;
  throw keyMismatch(verifier);
}

function checkVerifier(recorded: Verifier002, { verifier, algorithm }: EntryFacts): void {
  const expected = recorded.kind === "x509Certificate" ? verifier.certificate : verifier.spki;
  const isKind = recorded.kind === "x509Certificate" || verifier.certificate === undefined;
  if (expected === undefined || !isKind || !equalBytes(recorded.rawBytes, expected)) throw keyMismatch(verifier);
  // rekor/v2/verifier.proto: key details MUST be those of the key; the hash tells which digest was logged.
  const named = algorithmByName(recorded.keyDetails);
  if (named.keyType !== algorithm.keyType || named.scheme !== algorithm.scheme) {
    throw mismatch("tlog-entry-key-mismatch", `an entry made with ${algorithm.name}`, recorded.keyDetails);
  }
}

function checkDigest(algorithm: HashAlgorithmName, recorded: Uint8Array, message: DigestedMessage): void {
  if (equalBytes(message.get(algorithm), recorded)) return;
  throw mismatch("tlog-entry-digest-mismatch", "an entry for the digest of what was signed", "one for another digest");
}

function checkPayload(
  recorded: { readonly algorithm: HashAlgorithmName; readonly digest: Uint8Array },
  content: SignedContent,
): void {
  if (content.envelope === undefined) {
    throw mismatch(
      "tlog-entry-kind-unsupported",
      "a hashedrekord entry for a message signature",
      "an entry for an envelope",
    );
  }
  if (equalBytes(digest(recorded.algorithm, content.envelope.payload), recorded.digest)) return;
  throw mismatch("tlog-entry-digest-mismatch", "an entry for the payload of this envelope", "one for another payload");
}

function keyMismatch(verifier: EntryVerifier): SigstoreError {
  return mismatch(
    "tlog-entry-key-mismatch",
    `an entry for the ${verifier.certificate === undefined ? "key" : "certificate"} of this bundle`,
    "one for another",
  );
}

function mismatch(code: ErrorCode, expected: string, got: string): SigstoreError {
  return new SigstoreError(code, `expected ${expected}, got ${got}`);
}
