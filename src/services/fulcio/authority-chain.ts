/**
 * The authority's own chain: made at the first start, and checked at every one (fulcio, docs/certificate-specification.md; pkg/ca,
 * VerifyCertChain).
 *
 * The root's key signs once, for the intermediate, and can be taken away afterwards. Leaves out: where keys lie (the instance).
 */
import { intermediateCertificateFields, signRootCertificate } from "../../authority/authority-certificate.ts";
import { issuingAuthority, signCertificate } from "../../authority/issuing-authority.ts";
import { randomSerialNumber, type RandomSource } from "../../authority/serial-number.ts";
import type { Signer } from "../../crypto/signer.ts";
import { SigstoreError } from "../../errors.ts";
import { parseCertificate } from "../../formats/x509/certificate.ts";
import { extendedKeyUsage } from "../../formats/x509/extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { isPathValidAt, pathToAnchor } from "../../verify/authority-path.ts";
import { TrustedAuthority } from "../../verify/trust.ts";
import type { ActiveAuthority } from "./issuance.ts";

/** What a chain is made of. */
export interface AuthorityChainOptions {
  readonly rootSigner: Signer;
  readonly intermediateSigner: Signer;
  /** Stands in both names, `sigstore.dev` in the public instance's. */
  readonly organization: string;
  readonly commonName: string;
  readonly nowMs: number;
  readonly random: RandomSource;
}

const DAY_MS = 86_400_000;
/** The specification asks for some ten years of a root and three of an intermediate. */
const ROOT_LIFETIME_MS = 3650 * DAY_MS;
const INTERMEDIATE_LIFETIME_MS = 1095 * DAY_MS;

/** Makes root and intermediate. A chain is rotated by making an intermediate anew, under the same root or another. */
export async function createAuthorityChain(options: AuthorityChainOptions): Promise<ActiveAuthority> {
  const notBeforeMs = Math.floor(options.nowMs / 1000) * 1000;
  const root = await signRootCertificate(options.rootSigner, {
    serialNumber: randomSerialNumber(options.random),
    subject: subjectOf(options, options.commonName),
    notBeforeMs,
    notAfterMs: notBeforeMs + ROOT_LIFETIME_MS,
  });
  return createIntermediate(root, options);
}

/**
 * Makes an intermediate under a root (DER) that is there, which it does not outlive.
 *
 * @throws TypeError when the key is not the root's
 */
export async function createIntermediate(
  rootDer: Uint8Array,
  options: AuthorityChainOptions,
): Promise<ActiveAuthority> {
  const notBeforeMs = Math.floor(options.nowMs / 1000) * 1000;
  const root = issuingAuthority(rootDer, options.rootSigner);
  const rootEndMs = root.certificate?.notAfterMs ?? Number.POSITIVE_INFINITY;
  const request = {
    serialNumber: randomSerialNumber(options.random),
    spki: options.intermediateSigner.publicKey.spki,
    subject: subjectOf(options, `${options.commonName}-intermediate`),
    notBeforeMs,
    notAfterMs: Math.min(notBeforeMs + INTERMEDIATE_LIFETIME_MS, rootEndMs),
  };
  const fields = intermediateCertificateFields(root, request, "codeSigning");
  const intermediate = await signCertificate(options.rootSigner, fields);
  return { issuing: issuingAuthority(intermediate, options.intermediateSigner), chain: [intermediate, rootDer] };
}

function subjectOf(
  { organization }: Pick<AuthorityChainOptions, "organization">,
  commonName: string,
): { readonly oid: string; readonly value: string }[] {
  return [
    { oid: OID.organizationName, value: organization },
    { oid: OID.commonName, value: commonName },
  ];
}

/**
 * The authority of this chain (DER, issuing certificate first, root last) and key, checked as clients will check it at `nowMs`.
 *
 * @throws SigstoreError `config-invalid`, `certificate-invalid`, `certificate-path-invalid`, `certificate-critical-extension-unknown`
 */
export function openAuthorityChain(chain: readonly Uint8Array[], signer: Signer, nowMs: number): ActiveAuthority {
  const [issuing] = chain;
  if (issuing === undefined) throw invalid("certificate chain must contain at least one certificate");
  const trusted = new TrustedAuthority({
    uri: "",
    operator: "",
    organization: "",
    commonName: "the certificate authority",
    certificates: chain,
    validFor: { startMs: 0, endMs: undefined },
  });
  const [first] = trusted.certificates;
  if (first === undefined) throw invalid("certificate chain must contain at least one certificate");
  const path = pathToAnchor(trusted, first, "codeSigning");
  if (!isPathValidAt(path, nowMs)) throw invalid("expected certificates that are valid now, got an expired one");
  if (chain.length > 1 && extendedKeyUsage(parseCertificate(issuing))?.oids.includes(OID.codeSigning) !== true)
    throw invalid("certificate must have extended key usage code signing set to sign code signing certificates");
  try {
    return { issuing: issuingAuthority(issuing, signer), chain };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw invalid("expected the key of the issuing certificate, got another", cause);
  }
}

function invalid(message: string, cause?: unknown): SigstoreError {
  return new SigstoreError("config-invalid", `certificate authority: ${message}`, { cause });
}
