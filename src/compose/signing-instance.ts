/**
 * Which of the built-in instances made a bundle, by what the bundle names: its log, or the authority of its certificate.
 *
 * A guess for advice. Nothing is verified, and a bundle can name what it likes.
 */
import { equalBytes } from "../encoding/bytes.ts";
import { isSigstoreError } from "../errors.ts";
import type { Bundle } from "../formats/bundle/bundle.ts";
import { parseTrustedRoot } from "../formats/trusted-root.ts";
import type { TrustedRoot } from "../formats/trusted-root.ts";
import { parseCertificate } from "../formats/x509/certificate.ts";
import { authorityKeyIdentifier, subjectKeyIdentifier } from "../formats/x509/extensions.ts";
import { instances } from "../policy/instances/instances.ts";
import type { Instance } from "../policy/instances/instances.ts";

/** The built-in instance whose log or certificate authority `bundle` names, where there is one. */
export function guessInstance(bundle: Bundle): Instance | undefined {
  const issuerKey = issuerKeyIdentifier(bundle);
  return instances.find(({ trustedRoot }) => {
    const root = parseTrustedRoot(trustedRoot);
    return hasLogOf(root, bundle) || (issuerKey !== undefined && hasAuthority(root, issuerKey));
  });
}

function hasLogOf({ tlogs }: TrustedRoot, { material }: Bundle): boolean {
  return material.tlogEntries.some((entry) => tlogs.some(({ logId }) => equalBytes(logId, entry.logId)));
}

/** Names do not do: the authorities of the public instance and of staging are called the same. */
function hasAuthority({ certificateAuthorities }: TrustedRoot, issuerKey: Uint8Array): boolean {
  const certificates = certificateAuthorities.flatMap((authority) => authority.certificates);
  return certificates.some((der) => {
    const identifier = subjectKeyIdentifier(parseCertificate(der));
    return identifier !== undefined && equalBytes(identifier, issuerKey);
  });
}

function issuerKeyIdentifier({ material }: Bundle): Uint8Array | undefined {
  const leaf = material.key.kind === "certificate" ? material.key.certificates[0] : undefined;
  try {
    return leaf === undefined ? undefined : authorityKeyIdentifier(parseCertificate(leaf));
  } catch (error) {
    if (isSigstoreError(error)) return undefined;
    throw error;
  }
}
