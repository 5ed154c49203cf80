/**
 * Trusted roots, signing configs and client trust configs as they show themselves.
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { parseTrustedRoot } from "../../formats/trusted-root.ts";
import type { AuthorityInstance, LogInstance, TrustedRoot } from "../../formats/trusted-root.ts";
import { nameText, parseCertificate } from "../../formats/x509/certificate.ts";
import { hexOrAbsent, momentText, rangeView, viewOrReason } from "./view.ts";
import type { View } from "./view.ts";

/** A trusted root in JSON. */
export function trustedRootView(bytes: Uint8Array): View {
  return rootView(parseTrustedRoot(bytes));
}

/** A parsed trusted root. */
export function rootView(root: TrustedRoot): View {
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
    certificates: authority.certificates.map((der) => viewOrReason(() => shortCertificateView(der))),
  };
}

function shortCertificateView(der: Uint8Array): View {
  const { subject, notBeforeMs, notAfterMs } = parseCertificate(der);
  return { name: nameText(subject), notBefore: momentText(notBeforeMs), notAfter: momentText(notAfterMs), fingerprintHex: hexEncode(sha256(der)) };
}

function orAbsent(text: string): string | undefined {
  return text === "" ? undefined : text;
}
