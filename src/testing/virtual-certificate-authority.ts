/**
 * A certificate authority of the virtual Sigstore: root and intermediate, and the place both have in a trusted root.
 */
import {
  type AuthorityCertificateRequest,
  intermediateCertificateFields,
  rootCertificateFields,
} from "../authority/authority-certificate.ts";
import {
  type CertificateFields,
  type IssuingAuthority,
  issuingAuthority,
  signCertificate,
} from "../authority/issuing-authority.ts";
import { randomSerialNumber } from "../authority/serial-number.ts";
import type { SignatureAlgorithmName } from "../crypto/algorithms.ts";
import type { AuthorityInstance, ValidityRange } from "../formats/trusted-root.ts";
import { OID } from "../formats/x509/oids.ts";
import type { Lie } from "./lie-hooks.ts";
import type { VirtualKeys } from "./virtual-keys.ts";

/** How a virtual authority is made; times in milliseconds, whole seconds. */
export interface VirtualAuthorityOptions {
  /** Names keys and certificates: another label is another authority. */
  readonly label: string;
  readonly uri: string;
  readonly algorithm: SignatureAlgorithmName;
  readonly organization: string;
  /** How long its certificates are valid, and how long the trusted root trusts them. */
  readonly certificatesValidFor: { readonly startMs: number; readonly endMs: number };
  readonly validFor: ValidityRange;
  /** Another key for the root, under the same name. */
  readonly rootKeyLabel?: string;
  /** Falsify a certificate before it is signed. */
  readonly rootFields?: Lie<CertificateFields>;
  readonly issuingFields?: Lie<CertificateFields>;
}

/** A certificate authority that issues from its intermediate. */
export interface VirtualCertificateAuthority {
  readonly root: IssuingAuthority;
  readonly issuer: IssuingAuthority;
  /** DER: intermediate, root. */
  readonly chain: readonly Uint8Array[];
  readonly instance: AuthorityInstance;
}

/** Makes root and intermediate for code signing. */
export async function createVirtualCertificateAuthority(
  keys: VirtualKeys,
  options: VirtualAuthorityOptions,
): Promise<VirtualCertificateAuthority> {
  const root = await createVirtualRoot(keys, options);
  const signer = keys.signer(`${options.label} intermediate`, options.algorithm);
  const honest = intermediateCertificateFields(
    root,
    certificateRequest(keys, options, "intermediate", signer.publicKey.spki),
    "codeSigning",
  );
  const intermediate = await signCertificate(root.signer, options.issuingFields?.(honest) ?? honest);
  const chain = [intermediate, certificateOf(root)];
  return { root, issuer: issuingAuthority(intermediate, signer), chain, instance: authorityInstance(options, chain) };
}

/** Makes a self-signed root. */
export async function createVirtualRoot(
  keys: VirtualKeys,
  options: VirtualAuthorityOptions,
): Promise<IssuingAuthority> {
  const signer = keys.signer(`${options.rootKeyLabel ?? options.label} root`, options.algorithm);
  const honest = rootCertificateFields(certificateRequest(keys, options, "root", signer.publicKey.spki));
  return issuingAuthority(await signCertificate(signer, options.rootFields?.(honest) ?? honest), signer);
}

/** What an authority asks for its own certificate: named by its organization, and by its label with the certificate's role. */
export function certificateRequest(
  keys: VirtualKeys,
  options: VirtualAuthorityOptions,
  role: string,
  spki: Uint8Array,
): AuthorityCertificateRequest {
  return {
    serialNumber: randomSerialNumber(keys.random),
    spki,
    subject: [
      { oid: OID.organizationName, value: options.organization },
      { oid: OID.commonName, value: `${options.label} ${role}` },
    ],
    notBeforeMs: options.certificatesValidFor.startMs,
    notAfterMs: options.certificatesValidFor.endMs,
  };
}

/** The DER certificate of an authority that has one. */
export function certificateOf(authority: IssuingAuthority): Uint8Array {
  if (authority.certificate === undefined)
    throw new TypeError("expected an authority with a certificate, got one that is still to be made");
  return authority.certificate.raw;
}

/** The authority as an entry of a trusted root with this chain. */
export function authorityInstance(
  options: VirtualAuthorityOptions,
  certificates: readonly Uint8Array[],
): AuthorityInstance {
  return {
    uri: options.uri,
    operator: options.organization,
    organization: options.organization,
    commonName: options.label,
    certificates,
    validFor: options.validFor,
  };
}
