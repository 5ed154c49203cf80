/**
 * An issuer in a chain of certificates, and whether it has signed what names it (RFC 5280 §6.1.3).
 */
import { algorithmFromX509Oid } from "../../crypto/algorithms.ts";
import { importPublicKey, type PublicKey } from "../../crypto/keys.ts";
import { verifySignature, verifySignatureInBackground } from "../../crypto/verify.ts";
import type { Certificate } from "../../formats/x509/certificate.ts";

/** A certificate with its key, which is imported once. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly key: PublicKey;
}

/** The issuer of this certificate. @throws SigstoreError `key-invalid`, `key-unsupported` */
export function issuerOf(certificate: Certificate): Issuer {
  return { certificate, key: importPublicKey(certificate.spki) };
}

/** True when the signature on `child` verifies with the issuer's key. */
export function isSignedBy(child: Certificate, issuer: Issuer): boolean {
  const algorithm = algorithmFromX509Oid(child.signatureAlgorithm, issuer.key);
  return algorithm !== undefined && verifySignature(issuer.key, algorithm, child.tbs, child.signature);
}

/** The same, verified on another thread where there is one. */
export async function isSignedByInBackground(child: Certificate, issuer: Issuer): Promise<boolean> {
  const algorithm = algorithmFromX509Oid(child.signatureAlgorithm, issuer.key);
  if (algorithm === undefined) return false;
  return verifySignatureInBackground(issuer.key, algorithm, child.tbs, child.signature);
}
