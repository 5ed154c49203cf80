/**
 * A timestamp authority of the virtual Sigstore: root, leaf, and the place both have in a trusted root.
 */
import { timestampCertificateFields } from "../authority/authority-certificate.ts";
import { type IssuingAuthority, signCertificate } from "../authority/issuing-authority.ts";
import { type TimestampingAuthority, timestampingAuthority } from "../authority/timestamp.ts";
import type { AuthorityInstance } from "../formats/trusted-root.ts";
import {
  authorityInstance,
  certificateOf,
  certificateRequest,
  createVirtualRoot,
  type VirtualAuthorityOptions,
} from "./virtual-certificate-authority.ts";
import type { VirtualKeys } from "./virtual-keys.ts";

/** A timestamp authority. */
export interface VirtualTimestampAuthority {
  readonly root: IssuingAuthority;
  readonly authority: TimestampingAuthority;
  readonly instance: AuthorityInstance;
}

/** Makes root and leaf. */
export async function createVirtualTimestampAuthority(
  keys: VirtualKeys,
  options: VirtualAuthorityOptions,
): Promise<VirtualTimestampAuthority> {
  const root = await createVirtualRoot(keys, options);
  const signer = keys.signer(`${options.label} leaf`, options.algorithm);
  const honest = timestampCertificateFields(root, certificateRequest(keys, options, "leaf", signer.publicKey.spki));
  const chain = [await signCertificate(root.signer, options.issuingFields?.(honest) ?? honest), certificateOf(root)];
  return { root, authority: timestampingAuthority(chain, signer), instance: authorityInstance(options, chain) };
}
