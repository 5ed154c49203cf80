/**
 * AlgorithmIdentifier of what authorities write: signatures, and the digests that CMS (RFC 5754, RFC 8419) and RFC 3161 name.
 */
import { serializeAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import type { HashAlgorithmName } from "../formats/hash-algorithm.ts";
import { OID } from "../formats/x509/oids.ts";

export { signatureAlgorithmIdentifier } from "../crypto/x509-identifiers.ts";

/** RFC 5754 §2: object identifiers of the digests. */
export const DIGEST_OID: Readonly<Record<HashAlgorithmName, string>> = {
  sha256: OID.sha256,
  sha384: OID.sha384,
  sha512: OID.sha512,
};

/** RFC 5754 §2: the AlgorithmIdentifier of a digest, parameters left out as implementations SHOULD. */
export function digestAlgorithmIdentifier(hash: HashAlgorithmName): Uint8Array {
  return serializeAlgorithmIdentifier(DIGEST_OID[hash]);
}
