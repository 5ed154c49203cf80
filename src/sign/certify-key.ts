/**
 * From a token to a certified key: a new key in memory, its certificate, and every check that a verifier would make of it
 * (client specification 2.1.4 and 4.2; fulcio.md 1).
 *
 * Times are left to later: what proves when something was signed does not exist yet.
 */
import { generatePrivateKey } from "../crypto/private-key.ts";
import type { PrivateKeyKind } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import type { Signer } from "../crypto/signer.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { momentText } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { IdentityToken } from "../formats/identity-token.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import type { Certificate } from "../formats/x509/certificate.ts";
import { verifyCertificatePath } from "../verify/certificate-path.ts";
import { CheckLog } from "../verify/checks.ts";
import type { Requirements } from "../verify/requirements.ts";
import { countCtLogs, verifyScts } from "../verify/sct.ts";
import type { TrustMaterial } from "../verify/trust.ts";
import { createCertificationRequest } from "./certification-request.ts";
import { checkCertifiedIdentity } from "./certified-identity.ts";
import type { ExpectedIdentity, SignerIdentity } from "./certified-identity.ts";
import type { CertificateAuthority } from "./ports.ts";
import { holdToAnswer } from "./service-answer.ts";
import type { CertifiedKey } from "./signing-key.ts";

/** Keys for one certificate. Ed25519 is not among them: Fulcio takes it pure and logs take it prehashed; nor ML-DSA, which no
 * public service takes yet. */
export type EphemeralKeyKind = Exclude<PrivateKeyKind, "ed25519" | `ml-dsa-${string}`>;

/** What a key is certified with. */
export interface Certification {
  readonly certificateAuthority: CertificateAuthority;
  readonly trust: TrustMaterial;
  readonly requirements: Requirements;
  /** For whom the token must have been made. */
  readonly audience: string;
  readonly expected: ExpectedIdentity;
  readonly keyKind: EphemeralKeyKind;
  readonly nowMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a key and has it certified for the subject of `token`.
 *
 * @throws SigstoreError `identity-token-expired`, `identity-token-invalid` for another audience, `service-answer-refused` for a
 * certificate that no verifier would accept, and the errors of the certificate authority's adapter
 */
export async function certifyKey(token: IdentityToken, certification: Certification): Promise<CertifiedKey> {
  checkToken(token, certification);
  const signer = createSigner(generatePrivateKey(certification.keyKind));
  const { certificateAuthority, signal } = certification;
  const certificationRequest = await createCertificationRequest(signer);
  const chain = await certificateAuthority.requestCertificate({ token, certificationRequest }, { signal });
  const asked = { service: "certificate authority", address: certificateAuthority.address };
  return holdToAnswer(asked, "a certificate", () => {
    const certificate = parseLeaf(chain);
    const identity = checkCertificate(certificate, signer, token, certification);
    return { kind: "certificate", signer, certificate, identity };
  });
}

/** What would be refused is not sent: the certificate authority tells no reasons. */
function checkToken(token: IdentityToken, { nowMs, audience }: Certification): void {
  if (nowMs >= token.expiresMs) {
    throw new SigstoreError(
      "identity-token-expired",
      `expected an identity token that is good at ${momentText(nowMs)}, got one that ended at ${momentText(token.expiresMs)}`,
      { hint: "log in again, or have the CI system make a new token; check the clock of this machine" },
    );
  }
  if (token.audiences.includes(audience)) return;
  throw new SigstoreError(
    "identity-token-invalid",
    `expected an identity token for the audience ${audience}, got one for ${token.audiences.join(", ") || "nobody"}`,
    { hint: `ask for a token with the audience ${audience}` },
  );
}

function parseLeaf([leaf]: readonly Uint8Array[]): Certificate {
  if (leaf === undefined) throw new SigstoreError("certificate-invalid", "expected a certificate, got an empty chain");
  return parseCertificate(leaf);
}

function checkCertificate(
  certificate: Certificate,
  signer: Signer,
  token: IdentityToken,
  { trust, requirements, expected }: Certification,
): SignerIdentity {
  if (!equalBytes(certificate.spki, signer.publicKey.spki))
    throw new SigstoreError("certificate-invalid", "expected a certificate for our key, got one for another key");
  const log = new CheckLog();
  const verified = verifyCertificatePath(certificate, trust, [], log);
  log.enter("sct");
  checkSctCount(countCtLogs(verifyScts(verified, trust, log)), requirements.scts, log);
  return checkCertifiedIdentity(certificate, token, expected);
}

function checkSctCount(found: number, required: number, log: CheckLog): void {
  if (found >= required) return;
  const skipped = log.checks.find(({ step, outcome }) => step === "sct" && outcome === "skipped");
  if (skipped?.code !== undefined) throw new SigstoreError(skipped.code, skipped.summary);
  throw new SigstoreError(
    found === 0 ? "sct-missing" : "sct-threshold",
    `expected ${required} or more signed certificate timestamps in the certificate, got ${found}`,
  );
}
