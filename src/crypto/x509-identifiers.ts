/**
 * AlgorithmIdentifier of the signatures that we make in X.509: RFC 5758 (ECDSA), RFC 4055 (RSA), RFC 8410 (Ed25519), RFC 9881 (ML-DSA).
 *
 * The opposite direction, from identifier to algorithm, is x509-algorithms.ts. Leaves out: RSASSA-PSS, with which neither
 * authorities of Sigstore sign nor certificate requests are signed.
 */
import { der } from "../encoding/der.ts";
import { serializeAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import { ML_DSA_OIDS } from "../formats/spki.ts";
import type { SignatureScheme } from "./algorithms.ts";
import type { HashAlgorithmName } from "./hash-algorithm.ts";

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

/** The AlgorithmIdentifier, a whole DER element, of signatures by `algorithm`. @throws TypeError for RSASSA-PSS and Ed25519ph */
export function signatureAlgorithmIdentifier(algorithm: SignatureScheme): Uint8Array {
  const { scheme, hash } = algorithm;
  if (scheme === "ed25519") return serializeAlgorithmIdentifier(ED25519_OID);
  if (scheme === "ml-dsa") return serializeAlgorithmIdentifier(ML_DSA_OIDS[algorithm.keyType]);
  // RFC 5758 §3.2: "the encoding MUST omit the parameters field"; RFC 4055 §5: "the parameters field MUST contain NULL".
  if (scheme === "ecdsa") return serializeAlgorithmIdentifier(ECDSA_OID[hash]);
  if (scheme === "rsa-pkcs1v15") return serializeAlgorithmIdentifier(RSA_OID[hash], der.null());
  throw new TypeError(`expected ECDSA, RSA PKCS#1 v1.5, Ed25519 or ML-DSA, got ${scheme}`);
}
