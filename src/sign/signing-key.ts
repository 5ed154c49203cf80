/**
 * With what a signature is made: a key that a certificate names for ten minutes, or a key that its owner keeps.
 */
import { sha256 } from "../crypto/digest.ts";
import type { Signer } from "../crypto/signer.ts";
import { base64Encode } from "../encoding/base64.ts";
import type { KeyMaterial } from "../formats/bundle/bundle.ts";
import type { Verifier002 } from "../formats/rekor/entry-body.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import type { SignerIdentity } from "./certified-identity.ts";

/** A key in memory and its certificate, which was checked when it came. */
export interface CertifiedKey {
  readonly kind: "certificate";
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** Who will be seen to have signed. */
  readonly identity: SignerIdentity;
}

/** A key that its owner keeps, wherever: verifiers must have it, and find it by the hint. */
export interface ManagedSigningKey {
  readonly kind: "managed";
  readonly signer: Signer;
  readonly hint: string;
}

/** Either kind of key. */
export type SigningKey = CertifiedKey | ManagedSigningKey;

/** A managed key, with the hint that stock signers write: the base64 of the SHA-256 of its SubjectPublicKeyInfo. */
export function managedSigningKey(signer: Signer, hint: string = defaultHint(signer)): ManagedSigningKey {
  return { kind: "managed", signer, hint };
}

function defaultHint(signer: Signer): string {
  return base64Encode(sha256(signer.publicKey.spki));
}

/** The key as a v0.3 bundle names it. */
export function keyMaterialOf(key: SigningKey): KeyMaterial {
  return key.kind === "managed"
    ? { kind: "publicKey", hint: key.hint }
    : { kind: "certificate", form: "certificate", certificates: [key.certificate.raw] };
}

/** The key as a log entry names it. */
export function entryVerifierOf(key: SigningKey): Verifier002 {
  const keyDetails = key.signer.algorithm.name;
  return key.kind === "managed"
    ? { kind: "publicKey", rawBytes: key.signer.publicKey.spki, keyDetails }
    : { kind: "x509Certificate", rawBytes: key.certificate.raw, keyDetails };
}
