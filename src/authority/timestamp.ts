/**
 * Timestamps (RFC 3161 §2.4; RFC 5652 §5; RFC 5816), as Sigstore's timestamp authority issues them.
 *
 * One signer; signed attributes content type, signing time, message digest and signing certificate; certificates only where
 * asked for. The time is an argument: who calls answers for its clock. Leaves out: which requests are accepted (services/tsa).
 */
import { digest } from "../crypto/digest.ts";
import type { Signer } from "../crypto/signer.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { der } from "../encoding/der.ts";
import { serializeAttributes, serializeSignedData } from "../formats/cms.ts";
import type { HashAlgorithmName } from "../formats/hash-algorithm.ts";
import {
  serializeSigningCertificateV2,
  serializeTimestampResponse,
  serializeTstInfo,
  type TimestampRequest,
  type TstInfoFields,
} from "../formats/rfc3161.ts";
import { type Certificate, parseCertificate } from "../formats/x509/certificate.ts";
import { serializeDirectoryName } from "../formats/x509/general-name.ts";
import { OID } from "../formats/x509/oids.ts";
import { DIGEST_OID, digestAlgorithmIdentifier, signatureAlgorithmIdentifier } from "./algorithm-identifier.ts";

/** Who signs timestamps: key, its certificate, and the DER chain that may go along, that certificate first. */
export interface TimestampingAuthority {
  readonly signer: Signer;
  readonly certificate: Certificate;
  readonly chain: readonly Uint8Array[];
}

/** What a timestamp is signed with besides the request; the service's settings and its clock. */
export interface TimestampIssuance {
  /** 20 random bytes, see `randomSerialNumber`. */
  readonly serialNumber: Uint8Array;
  readonly genTimeMs: number;
  /** How far the clock may be off; left out where absent. The original says one second. */
  readonly accuracyMs?: number;
  /** The policy where the request names none; Sigstore's own by default. */
  readonly defaultPolicy?: string;
  /** What goes along where the request asks for certificates: the authority's own, or the chain. */
  readonly certificates?: "leaf" | "chain";
}

/** What a token holds and says of itself; the signature is over all of `tstInfo` and `attributes`. */
export interface TimestampTokenParts {
  readonly tstInfo: Uint8Array;
  /** Signed attributes: object identifier and the one value, a whole element. */
  readonly attributes: readonly { readonly oid: string; readonly value: Uint8Array }[];
  readonly certificates: readonly Uint8Array[];
}

/**
 * The authority of this chain, its own certificate first, and this key.
 *
 * @throws TypeError when the key is not that of the first certificate
 * @throws SigstoreError `certificate-invalid`
 */
export function timestampingAuthority(chain: readonly Uint8Array[], signer: Signer): TimestampingAuthority {
  const [leaf] = chain;
  if (leaf === undefined) throw new TypeError("expected the certificate of the timestamp authority, got none");
  const certificate = parseCertificate(leaf);
  if (!equalBytes(certificate.spki, signer.publicKey.spki))
    throw new TypeError("expected the key of the authority's certificate, got another");
  return { signer, certificate, chain };
}

/** Answers `request` with a granted response, DER. */
export async function signTimestamp(
  authority: TimestampingAuthority,
  request: TimestampRequest,
  issuance: TimestampIssuance,
): Promise<Uint8Array> {
  const tstInfo = serializeTstInfo(tstInfoFields(authority, request, issuance));
  const token = await signTimestampToken(authority, {
    tstInfo,
    attributes: signedAttributes(authority, tstInfo, issuance.genTimeMs, essHashOf(request)),
    certificates: certificatesFor(authority, request, issuance),
  });
  return serializeTimestampResponse({ status: 0, token });
}

/** What the timestamp says: the request's imprint and nonce, the authority's time, accuracy, policy and name. */
export function tstInfoFields(
  authority: TimestampingAuthority,
  request: TimestampRequest,
  issuance: TimestampIssuance,
): TstInfoFields {
  return {
    policy: request.policy ?? issuance.defaultPolicy ?? OID.sigstoreTimestampPolicy,
    // RFC 3161 §2.4.2: "The messageImprint MUST have the same value as the similar field in TimeStampReq".
    messageImprint: request.messageImprint,
    serialNumber: issuance.serialNumber,
    genTimeMs: issuance.genTimeMs,
    accuracyMs: issuance.accuracyMs,
    // RFC 3161 §2.4.2: "The nonce field MUST be present if it was present in the TimeStampReq. In such a case it MUST equal the value".
    nonce: request.nonce,
    tsaName: serializeDirectoryName(authority.certificate.subject.raw),
  };
}

/**
 * The signed attributes over `tstInfo` (a whole element).
 *
 * RFC 3161 §2.4.2: "The certificate identifier (ESSCertID) of the TSA certificate MUST be included as a signerInfo attribute
 * inside a SigningCertificate attribute"; RFC 5816 makes it the second version.
 */
export function signedAttributes(
  authority: TimestampingAuthority,
  tstInfo: Uint8Array,
  signingTimeMs: number,
  essHash: HashAlgorithmName,
): TimestampTokenParts["attributes"] {
  const { certificate, signer } = authority;
  const certificateId = {
    hashAlgorithm: DIGEST_OID[essHash],
    hash: digest(essHash, certificate.raw),
    issuerSerial: { issuer: certificate.issuer.raw, serialNumber: certificate.serialNumber },
  };
  return [
    { oid: OID.contentType, value: der.oid(OID.tstInfo) },
    { oid: OID.signingTime, value: der.time(signingTimeMs - (signingTimeMs % 1000)) },
    { oid: OID.messageDigest, value: der.octetString(digest(cmsHash(signer), tstInfo)) },
    { oid: OID.signingCertificateV2, value: serializeSigningCertificateV2(certificateId) },
  ];
}

/** Signs a token of exactly these parts: a ContentInfo with SignedData, DER. */
export async function signTimestampToken(
  authority: TimestampingAuthority,
  parts: TimestampTokenParts,
): Promise<Uint8Array> {
  const { certificate, signer } = authority;
  const attributes = serializeAttributes(parts.attributes);
  return serializeSignedData({
    contentType: OID.tstInfo,
    content: parts.tstInfo,
    certificates: parts.certificates,
    signerInfos: [
      {
        signerId: {
          kind: "issuerAndSerialNumber",
          issuer: certificate.issuer.raw,
          serialNumber: certificate.serialNumber,
        },
        digestAlgorithm: digestAlgorithmIdentifier(cmsHash(signer)),
        signedAttributes: attributes,
        signatureAlgorithm: signatureAlgorithmIdentifier(signer.algorithm),
        signature: await signer.sign(attributes),
      },
    ],
  });
}

/** RFC 8419 §3.1: with Ed25519 "the message digest algorithm MUST be SHA-512". */
function cmsHash(signer: Signer): HashAlgorithmName {
  return signer.algorithm.hash ?? "sha512";
}

/** The original names its certificate by the hash that the request was made with. */
export function essHashOf(request: TimestampRequest): HashAlgorithmName {
  const { hashAlgorithm } = request.messageImprint;
  if (hashAlgorithm === OID.sha384) return "sha384";
  return hashAlgorithm === OID.sha512 ? "sha512" : "sha256";
}

/** RFC 3161 §2.4.1: without certReq "the certificates field […] MUST not be present in the response". */
export function certificatesFor(
  authority: TimestampingAuthority,
  request: TimestampRequest,
  issuance: TimestampIssuance,
): readonly Uint8Array[] {
  if (!request.certificatesWanted) return [];
  return issuance.certificates === "chain" ? authority.chain : authority.chain.slice(0, 1);
}
