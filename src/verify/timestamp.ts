/**
 * RFC 3161 timestamps over the signature (client specification 4.3; RFC 3161, section 2.4.2; RFC 5652, section 5.4;
 * RFC 5816).
 *
 * The authority is found by the signer identifier among the leaves of the trusted root; certificates that a timestamp
 * brings along are never trusted. A timestamp of an authority that nobody trusts is left out of account; one of a trusted
 * authority that does not hold refuses the bundle. Revocation lists are not read.
 */
import { algorithmFromX509Oid } from "../crypto/algorithms.ts";
import { digest } from "../crypto/digest.ts";
import type { HashAlgorithmName } from "../crypto/digest.ts";
import { verifySignature } from "../crypto/verify.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { DerReader } from "../encoding/der.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { SignerInfo } from "../formats/cms.ts";
import { parsingAs } from "../formats/parse-error.ts";
import { parseTimestampResponse } from "../formats/rfc3161.ts";
import type { TimestampToken } from "../formats/rfc3161.ts";
import { parseSigningCertificate, parseSigningCertificateV2 } from "../formats/rfc3161/signing-certificate.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { basicConstraints, extendedKeyUsage, keyUsage, subjectKeyIdentifier } from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { verifyWithAnyOf } from "./any-of.ts";
import type { DigestedMessage } from "./artifact.ts";
import { checkCriticalExtensions, isPathValidAt, pathOfTrustedLeaf } from "./authority-path.ts";
import type { CheckLog } from "./checks.ts";
import { timeText } from "./time.ts";
import type { VerifiedTimestamp } from "./time.ts";
import { countOperators, inRange } from "./trust.ts";
import type { TrustedAuthority, TrustedCertificate, TrustMaterial } from "./trust.ts";

/**
 * Verifies every timestamp over the raw signature bytes and returns those of trusted authorities, in the order of the
 * bundle. Throws the code of the first check that a trusted authority's timestamp does not pass.
 */
export function verifyTimestamps(
  timestamps: readonly Uint8Array[],
  signature: DigestedMessage,
  trust: TrustMaterial,
  log: CheckLog,
): readonly VerifiedTimestamp[] {
  const verified: VerifiedTimestamp[] = [];
  for (const der of timestamps) {
    const token = grantedToken(der);
    const signers = findSigners(token, trust);
    if (signers.length === 0) {
      log.skip(unknownAuthority(token));
      continue;
    }
    checkImprint(token, signature);
    checkExtensions(token);
    const timestamp = verifyWithAnyOf(signers, (signer) => verifyBySigner(token, signer));
    verified.push(timestamp);
    log.pass(() => `timestamp over the signature: ${timeText(timestamp)}`);
  }
  return verified;
}

/** How many independent authorities stand behind `timestamps`: two of one authority count once. */
export function countAuthorities(timestamps: readonly VerifiedTimestamp[]): number {
  return countOperators(timestamps.map(({ authority }) => authority));
}

interface Signer {
  readonly authority: TrustedAuthority;
  readonly leaf: TrustedCertificate;
}

/** RFC 3161, section 2.4.2: a token MUST be there when the status is granted (0) or granted with modifications (1). */
function grantedToken(der: Uint8Array): TimestampToken {
  const response = parseTimestampResponse(der);
  if ((response.status === 0 || response.status === 1) && response.token !== undefined) return response.token;
  throw new SigstoreError("timestamp-invalid", `expected a granted timestamp, got status ${response.status}`);
}

function onlySigner(token: TimestampToken): SignerInfo {
  const [signer, ...others] = token.signedData.signerInfos;
  // RFC 3161, section 2.4.2: the token MUST NOT contain any signatures other than that of the authority.
  if (signer === undefined || others.length > 0) {
    throw timestampError("timestamp-invalid", "exactly one signer", `${token.signedData.signerInfos.length}`);
  }
  return signer;
}

function findSigners(token: TimestampToken, trust: TrustMaterial): readonly Signer[] {
  const { signerId } = onlySigner(token);
  const signers: Signer[] = [];
  for (const authority of trust.timestampAuthorities) {
    for (const leaf of authority.certificates) {
      if (identifies(signerId, leaf)) signers.push({ authority, leaf });
    }
  }
  return signers;
}

function identifies(signerId: SignerInfo["signerId"], { certificate }: TrustedCertificate): boolean {
  if (signerId.kind === "issuerAndSerialNumber") {
    return (
      equalBytes(signerId.issuer, certificate.issuer.raw) && equalBytes(signerId.serialNumber, certificate.serialNumber)
    );
  }
  const keyId = subjectKeyIdentifier(certificate);
  return keyId !== undefined && equalBytes(signerId.id, keyId);
}

function verifyBySigner(token: TimestampToken, { authority, leaf }: Signer): VerifiedTimestamp {
  checkTokenSignature(token, leaf);
  checkTimestampLeaf(leaf);
  const { genTimeMs } = token.tstInfo;
  const path = pathOfTrustedLeaf(authority, leaf, "timeStamping");
  if (!isPathValidAt(path, genTimeMs)) {
    throw timestampError(
      "timestamp-chain-invalid",
      `certificates of ${authority.label} that are valid at the time of the timestamp`,
      momentText(genTimeMs),
    );
  }
  // Client specification 4.3: the time MUST lie in the range that the trusted root gives; both ends belong to it.
  if (!inRange(authority.instance.validFor, genTimeMs)) {
    throw timestampError(
      "timestamp-authority-not-valid-then",
      `a time in which the trusted root trusts ${authority.label}`,
      momentText(genTimeMs),
    );
  }
  return { source: "timestamp-authority", timeMs: genTimeMs, authority };
}

/** RFC 3161, section 2.4.2: the message imprint MUST be the hash of what was stamped; SHA-256, 384 or 512. */
function checkImprint(token: TimestampToken, signature: DigestedMessage): void {
  const { hashAlgorithm, digest: imprint } = token.tstInfo.messageImprint;
  if (!equalBytes(signature.get(hashOf(hashAlgorithm)), imprint)) {
    throw timestampError(
      "timestamp-imprint-mismatch",
      "a timestamp over the signature of this bundle",
      "one over something else",
    );
  }
}

/** RFC 5280, section 4.2, which RFC 3161 follows: a critical extension that is not understood MUST be refused; none is here. */
function checkExtensions({ tstInfo }: TimestampToken): void {
  const critical = tstInfo.extensions.find((extension) => extension.critical);
  if (critical === undefined) return;
  throw timestampError("timestamp-invalid", "a timestamp without critical extensions", critical.oid);
}

function checkTokenSignature(token: TimestampToken, leaf: TrustedCertificate): void {
  const signer = onlySigner(token);
  const attributes = signer.signedAttributes;
  // RFC 5652, section 5.3: signed attributes MUST be present when the content is not plain data.
  if (attributes === undefined) throw timestampError("timestamp-invalid", "signed attributes", "none");
  const hash = hashOf(signer.digestAlgorithm);
  checkContentAttributes(token, attributes.values, hash);
  checkSigningCertificate(attributes.values, leaf.certificate);
  const algorithm = algorithmFromX509Oid(signer.signatureAlgorithm, leaf.key, hash);
  if (algorithm === undefined || !verifySignature(leaf.key, algorithm, attributes.raw, signer.signature)) {
    throw timestampError(
      "timestamp-signature-invalid",
      "a signature of the timestamp authority",
      "one that does not verify with its certificate",
    );
  }
}

/** RFC 5652, section 11.1 and 11.2: content type and digest of the signed attributes MUST match the content. */
function checkContentAttributes(
  token: TimestampToken,
  values: ReadonlyMap<string, Uint8Array>,
  hash: HashAlgorithmName,
): void {
  const contentType = readAttribute(values, OID.contentType, (value) => value.oid());
  if (contentType !== OID.tstInfo || token.signedData.contentType !== OID.tstInfo) {
    throw timestampError("timestamp-invalid", "signed content of type TSTInfo", contentType);
  }
  const messageDigest = readAttribute(values, OID.messageDigest, (value) => value.octetString());
  if (!equalBytes(messageDigest, digest(hash, token.tstInfo.raw))) {
    throw timestampError(
      "timestamp-signature-invalid",
      "signed attributes over this timestamp",
      "the digest of another",
    );
  }
}

/**
 * RFC 3161, section 2.4.2: the signing certificate attribute MUST be there. Its first certificate MUST be the one that
 * signed (RFC 2634, section 5.4), so that another certificate for the same key cannot take its place.
 */
function checkSigningCertificate(values: ReadonlyMap<string, Uint8Array>, leaf: Certificate): void {
  const version2 = values.get(OID.signingCertificateV2);
  // SHA-1, which version 1 knows alone, cannot tell certificates apart; the signer identifier has named the leaf already.
  if (version2 === undefined) {
    parseSigningCertificate(attributeValue(values, OID.signingCertificate));
    return;
  }
  const [first] = parseSigningCertificateV2(version2);
  if (first !== undefined && equalBytes(first.hash, digest(hashOf(first.hashAlgorithm), leaf.raw))) return;
  throw timestampError(
    "timestamp-signature-invalid",
    "a timestamp signed with the trusted certificate",
    "another certificate for the same key",
  );
}

function readAttribute<Value>(
  values: ReadonlyMap<string, Uint8Array>,
  oid: string,
  read: (value: DerReader) => Value,
): Value {
  return parsingAs("timestamp-invalid", `the signed attribute ${oid}`, () =>
    read(new DerReader(attributeValue(values, oid))),
  );
}

function attributeValue(values: ReadonlyMap<string, Uint8Array>, oid: string): Uint8Array {
  const value = values.get(oid);
  if (value === undefined)
    throw timestampError("timestamp-invalid", `the signed attribute ${oid} in the timestamp`, "none");
  return value;
}

/** RFC 3161, section 2.3: the certificate MUST have timeStamping as its only extended key usage, and it is critical. */
function checkTimestampLeaf({ certificate }: TrustedCertificate): void {
  checkCriticalExtensions(certificate);
  const usage = extendedKeyUsage(certificate);
  if (usage === undefined || !usage.critical || usage.oids.length !== 1 || usage.oids[0] !== OID.timeStamping) {
    throw timestampError(
      "timestamp-usage-invalid",
      "a certificate for timestamping alone, marked critical",
      usage?.oids.join(", ") ?? "no extended key usage",
    );
  }
  if (basicConstraints(certificate)?.isCa === true) {
    throw timestampError("timestamp-usage-invalid", "a certificate that is no CA", "a CA");
  }
  // RFC 5280, section 4.2.1.3: where the key usage is given, signing anything but certificates takes one of these.
  const allowed = keyUsage(certificate);
  if (allowed?.digitalSignature === false && !allowed.contentCommitment) {
    throw timestampError("timestamp-usage-invalid", "a certificate that may sign timestamps", "one that may not");
  }
}

function hashOf(oid: string): HashAlgorithmName {
  const name = HASHES.get(oid);
  if (name !== undefined) return name;
  throw timestampError("timestamp-invalid", "a digest by SHA-256, SHA-384 or SHA-512", `algorithm ${oid}`);
}

const HASHES: ReadonlyMap<string, HashAlgorithmName> = new Map([
  [OID.sha256, "sha256"],
  [OID.sha384, "sha384"],
  [OID.sha512, "sha512"],
]);

function unknownAuthority(token: TimestampToken): SigstoreError {
  return new SigstoreError(
    "timestamp-authority-unknown",
    `expected a timestamp of an authority in the trusted root, got one of another authority (at ${momentText(token.tstInfo.genTimeMs)})`,
    { hint: "verify with the trusted root of the instance that made the bundle" },
  );
}

function timestampError(code: ErrorCode, expected: string, got: string): SigstoreError {
  return new SigstoreError(code, `expected ${expected}, got ${got}`);
}
