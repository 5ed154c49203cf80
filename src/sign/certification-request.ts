/**
 * PKCS #10 certification requests (RFC 2986 §4): the key that is to be certified, signed with itself.
 *
 * Fulcio reads the key and checks the signature, and ignores subject and attributes; so both are empty. A request proves
 * possession of the key without naming a claim of the token, which is where clients and Fulcio disagree (`sub` or `email`).
 */
import type { Signer } from "../crypto/signer.ts";
import { signatureAlgorithmIdentifier } from "../crypto/x509-identifiers.ts";
import { der } from "../encoding/der.ts";

const VERSION_1 = 0;

/** The DER request for the key of `signer`. @throws TypeError for a key whose signatures X.509 does not name (RSASSA-PSS, Ed25519ph) */
export async function createCertificationRequest(signer: Signer): Promise<Uint8Array> {
  const identifier = signatureAlgorithmIdentifier(signer.algorithm);
  const fields = der.sequence(
    der.integer(VERSION_1),
    der.sequence(),
    signer.publicKey.spki,
    der.implicit(0, new Uint8Array(0), true),
  );
  return der.sequence(fields, identifier, der.bitString(await signer.sign(fields)));
}
