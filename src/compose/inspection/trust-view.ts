/**
 * Trusted roots, signing configs and client trust configs as they show themselves.
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { parseClientTrustConfig } from "../../formats/client-trust-config.ts";
import { parseSigningConfig } from "../../formats/signing-config.ts";
import type { ServiceEndpoint, SigningConfig } from "../../formats/signing-config.ts";
import { parseTrustedRoot } from "../../formats/trusted-root.ts";
import type { AuthorityInstance, LogInstance, TrustedRoot } from "../../formats/trusted-root.ts";
import { certificateSummary } from "./certificate-view.ts";
import { hexOrAbsent, rangeView, viewOrReason } from "./view.ts";
import type { View } from "./view.ts";

/** A trusted root in JSON. */
export function trustedRootView(bytes: Uint8Array): View {
  return rootView(parseTrustedRoot(bytes));
}

/** A signing config in JSON. */
export function signingConfigView(bytes: Uint8Array): View {
  return configView(parseSigningConfig(bytes));
}

/** A client trust config in JSON. */
export function clientTrustConfigView(bytes: Uint8Array): View {
  const { mediaType, trustedRoot, signingConfig } = parseClientTrustConfig(bytes);
  return { mediaType, trustedRoot: rootView(trustedRoot), signingConfig: configView(signingConfig) };
}

function configView(config: SigningConfig): View {
  return {
    mediaType: config.mediaType,
    certificateAuthorities: config.certificateAuthorities.map(endpointView),
    identityProviders: config.identityProviders.map(endpointView),
    tlogs: config.tlogs.map(endpointView),
    tlogSelection: config.tlogSelection === undefined ? undefined : { ...config.tlogSelection },
    timestampAuthorities: config.timestampAuthorities.map(endpointView),
    timestampSelection: config.timestampSelection === undefined ? undefined : { ...config.timestampSelection },
  };
}

function endpointView({ url, majorApiVersion, validFor, operator }: ServiceEndpoint): View {
  return {
    url,
    majorApiVersion,
    operator: orAbsent(operator),
    validFor: validFor === undefined ? undefined : rangeView(validFor),
  };
}

function rootView(root: TrustedRoot): View {
  return {
    mediaType: root.mediaType,
    tlogs: root.tlogs.map(logView),
    ctlogs: root.ctlogs.map(logView),
    certificateAuthorities: root.certificateAuthorities.map(authorityView),
    timestampAuthorities: root.timestampAuthorities.map(authorityView),
  };
}

function logView(log: LogInstance): View {
  return {
    log: log.baseUrl,
    operator: orAbsent(log.operator),
    logIdHex: hexEncode(log.logId),
    checkpointKeyIdHex: hexOrAbsent(log.checkpointKeyId),
    keyDetails: log.keyDetails,
    fingerprintHex: hexEncode(sha256(log.publicKey)),
    validFor: rangeView(log.validFor),
  };
}

function authorityView(authority: AuthorityInstance): View {
  return {
    uri: orAbsent(authority.uri),
    operator: orAbsent(authority.operator),
    organization: orAbsent(authority.organization),
    commonName: orAbsent(authority.commonName),
    validFor: rangeView(authority.validFor),
    certificates: authority.certificates.map((der) => viewOrReason(() => certificateSummary(der))),
  };
}

function orAbsent(text: string): string | undefined {
  return text === "" ? undefined : text;
}
