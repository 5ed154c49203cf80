/**
 * Certificate paths inside a trusted root (RFC 5280, section 6, the parts that Sigstore uses).
 *
 * A path runs from the certificate that issued a leaf up to the anchor: the first self-issued certificate, or the last
 * of the list where none is. Links are verified once and kept with the trusted root. Validity in time is judged
 * separately, for each verified time ("hybrid model": every certificate of the path must be valid at that time).
 * Name constraints and policies are not supported: a critical extension of that kind refuses the path.
 */
import { algorithmFromX509Oid } from "../crypto/algorithms.ts";
import { verifySignature } from "../crypto/verify.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import type { TrustedAuthority, TrustedCertificate } from "./trust.ts";

/** What a path is for. */
export type PathPurpose = "codeSigning" | "timeStamping";

/** True when `child` names `issuer` as its issuer, by name and, where both say it, by key identifier. */
export function namesIssuer(child: Certificate, issuer: Certificate): boolean {
  if (!equalBytes(child.issuer.raw, issuer.subject.raw)) return false;
  const wanted = authorityKeyIdentifier(child);
  const offered = wanted === undefined ? undefined : subjectKeyIdentifier(issuer);
  return wanted === undefined || offered === undefined || equalBytes(wanted, offered);
}

/** True when the signature on `child` verifies with the key of `issuer`. */
function isSignedBy(child: Certificate, issuer: TrustedCertificate): boolean {
  const algorithm = algorithmFromX509Oid(child.signatureAlgorithm, issuer.key);
  return algorithm !== undefined && verifySignature(issuer.key, algorithm, child.tbs, child.signature);
}

/**
 * The path from `start`, an issuing certificate of `authority`, to its anchor, `start` first. Links and the fitness of
 * each certificate as an authority for `purpose` are verified once. Throws `certificate-path-invalid`.
 */
export function pathToAnchor(
  authority: TrustedAuthority,
  start: TrustedCertificate,
  purpose: PathPurpose,
): readonly TrustedCertificate[] {
  const known = authority.paths.get(start);
  if (known !== undefined) return known;
  const path: TrustedCertificate[] = [start];
  let current = start;
  while (!isAnchor(authority, current)) {
    const next = findIssuer(authority, current.certificate, path);
    if (next === undefined) {
      throw pathError(`the trusted root to hold every issuer on the path of ${authority.label}`, "a gap");
    }
    path.push(next);
    current = next;
  }
  for (const [below, trusted] of path.entries()) checkAuthorityCertificate(trusted.certificate, below, purpose);
  authority.paths.set(start, path);
  return path;
}

/** The path from `leaf`, an end certificate that the trusted root itself lists, to the anchor, `leaf` first. */
export function pathOfTrustedLeaf(
  authority: TrustedAuthority,
  leaf: TrustedCertificate,
  purpose: PathPurpose,
): readonly TrustedCertificate[] {
  const known = authority.leafPaths.get(leaf);
  if (known !== undefined) return known;
  const issuer = findIssuer(authority, leaf.certificate, [leaf]);
  if (issuer === undefined) {
    throw pathError(`the trusted root to hold the issuer of ${authority.label}`, "none that signed its certificate");
  }
  const path = [leaf, ...pathToAnchor(authority, issuer, purpose)];
  authority.leafPaths.set(leaf, path);
  return path;
}

/** The certificate of `authority` that issued `child`, names and signature checked, none of `exclude`. */
export function findIssuer(
  authority: TrustedAuthority,
  child: Certificate,
  exclude: readonly TrustedCertificate[] = [],
): TrustedCertificate | undefined {
  return authority.certificates.find(
    (candidate) =>
      !exclude.includes(candidate) && namesIssuer(child, candidate.certificate) && isSignedBy(child, candidate),
  );
}

/** True when every certificate of `path` is valid at `timeMs`. */
export function isPathValidAt(path: readonly TrustedCertificate[], timeMs: number): boolean {
  return path.every(({ certificate }) => isValidAt(certificate, timeMs));
}

/** True when `certificate` is valid at `timeMs`; both ends belong to the range (RFC 5280, section 4.1.2.5). */
export function isValidAt(certificate: Certificate, timeMs: number): boolean {
  return timeMs >= certificate.notBeforeMs && timeMs <= certificate.notAfterMs;
}

/** RFC 5280, section 4.2: a certificate with a critical extension that is not understood MUST be rejected. */
export function checkCriticalExtensions(certificate: Certificate): void {
  for (const extension of certificate.extensions) {
    if (!extension.critical || UNDERSTOOD_EXTENSIONS.has(extension.oid)) continue;
    throw new SigstoreError(
      "certificate-critical-extension-unknown",
      `expected only critical extensions that are understood, got ${extension.oid}`,
    );
  }
}

const UNDERSTOOD_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.subjectAlternativeName,
]);

function isAnchor(authority: TrustedAuthority, trusted: TrustedCertificate): boolean {
  const { certificate } = trusted;
  return equalBytes(certificate.subject.raw, certificate.issuer.raw) || trusted === authority.certificates.at(-1);
}

/** RFC 5280, section 6.1.4 (k) to (n): an issuer MUST be a CA, within its path length, allowed to sign certificates. */
function checkAuthorityCertificate(certificate: Certificate, below: number, purpose: PathPurpose): void {
  checkCriticalExtensions(certificate);
  const constraints = basicConstraints(certificate);
  if (constraints?.isCa !== true) throw pathError("an authority certificate marked as a CA", "one that is not");
  if (constraints.pathLength !== undefined && below > constraints.pathLength) {
    throw pathError(`at most ${constraints.pathLength} intermediates below a certificate of the path`, `${below}`);
  }
  if (keyUsage(certificate)?.keyCertSign === false)
    throw pathError("an authority certificate that may sign certificates", "one that may not");
  const usage = extendedKeyUsage(certificate);
  if (usage !== undefined && !usage.oids.includes(OID[purpose]) && !usage.oids.includes(OID.anyExtendedKeyUsage)) {
    throw pathError(`an authority certificate for ${purpose}`, `one for ${usage.oids.join(", ")}`);
  }
}

function pathError(expected: string, got: string): SigstoreError {
  return new SigstoreError("certificate-path-invalid", `expected ${expected}, got ${got}`);
}
