/**
 * AlgorithmIdentifier of the signatures that authorities make: X.509 (RFC 5758, RFC 4055, RFC 8410), CMS (RFC 5754, RFC 8419),
 * and the digests that CMS and RFC 3161 name.
 *
 * The opposite direction, from identifier to algorithm, is crypto/algorithms.ts. Leaves out: RSASSA-PSS, with which no
 * authority of Sigstore signs certificates or timestamps.
 */
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import { der } from "../encoding/der.ts";
import { serializeAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import type { HashAlgorithmName } from "../formats/hash-algorithm.ts";
import { OID } from "../formats/x509/oids.ts";

/** RFC 5754 §2: object identifiers of the digests. */
export const DIGEST_OID: Readonly<Record<HashAlgorithmName, string>> = {
  sha256: OID.sha256,
  sha384: OID.sha384,
  sha512: OID.sha512,
};

const ECDSA_OID: Readonly<Record<HashAlgorithmName, string>> = {
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
};

const RSA_OID: Readonly<Record<HashAlgorithmName, string>> = {
  sha256: "1.2.840.113549.1.1.11",
  sha384: "1.2.840.113549.1.1.12",
  sha512: "1.2.840.113549.1.1.13",
};

const ED25519_OID = "1.3.101.112";

/** The AlgorithmIdentifier, a whole DER element, of signatures by `algorithm`. @throws TypeError for a scheme no authority signs with */
export function signatureAlgorithmIdentifier(algorithm: SignatureAlgorithm): Uint8Array {
  const { scheme, hash } = algorithm;
  if (scheme === "ed25519") return serializeAlgorithmIdentifier(ED25519_OID);
  // RFC 5758 §3.2: "the encoding MUST omit the parameters field"; RFC 4055 §5: "the parameters field MUST contain NULL".
  if (scheme === "ecdsa" && hash !== undefined) return serializeAlgorithmIdentifier(ECDSA_OID[hash]);
  if (scheme === "rsa-pkcs1v15" && hash !== undefined) return serializeAlgorithmIdentifier(RSA_OID[hash], der.null());
  throw new TypeError(`expected ECDSA, RSA PKCS#1 v1.5 or Ed25519, got ${algorithm.name}`);
}

/** RFC 5754 §2: the AlgorithmIdentifier of a digest, parameters left out as implementations SHOULD. */
export function digestAlgorithmIdentifier(hash: HashAlgorithmName): Uint8Array {
  return serializeAlgorithmIdentifier(DIGEST_OID[hash]);
}
