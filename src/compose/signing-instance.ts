/**
 * Which instance made a bundle, of those that are built in or trusted, by what the bundle names: its log, or the authority of
 * its certificate.
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
import type { Home } from "../home/folder.ts";
import { listInstances } from "../home/instances.ts";
import { instances } from "../policy/instances/instances.ts";

/** An instance that a bundle names. */
export interface GuessedInstance {
  readonly instance: string;
  /** For people. */
  readonly title: string;
}

/** The instance whose log or certificate authority `bundle` names, where there is one: built in, or trusted in `home`. */
export function guessInstance(bundle: Bundle, home?: Home): GuessedInstance | undefined {
  const issuerKey = issuerKeyIdentifier(bundle);
  return [...instances, ...trustedInstances(home)].find(({ trustedRoot }) => {
    const root = parseTrustedRoot(trustedRoot);
    return hasLogOf(root, bundle) || (issuerKey !== undefined && hasAuthority(root, issuerKey));
  });
}

/** Broken files of the user's own are told where they are needed; here they only spoil a guess. */
function trustedInstances(home: Home | undefined): readonly (GuessedInstance & { readonly trustedRoot: string })[] {
  try {
    const trusted = home === undefined ? [] : listInstances(home);
    return trusted.map(({ name, trustedRoot }) => ({ instance: name, title: `your instance ${name}`, trustedRoot }));
  } catch (error) {
    if (isSigstoreError(error)) return [];
    throw error;
  }
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
