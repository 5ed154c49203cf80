/**
 * Certificates and keys as they show themselves: identity first, then X.509.
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { momentText } from "../../encoding/time.ts";
import { isSigstoreError } from "../../errors.ts";
import { embeddedScts, leafIndexOfSct } from "../../formats/sct.ts";
import type { Sct } from "../../formats/sct.ts";
import { parseSpki } from "../../formats/spki.ts";
import { nameText, parseCertificate } from "../../formats/x509/certificate.ts";
import type { Certificate } from "../../formats/x509/certificate.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "../../formats/x509/extensions.ts";
import type { GeneralName } from "../../formats/x509/extensions.ts";
import { FULCIO_EXTENSIONS, fulcioExtensions } from "../../formats/x509/fulcio-extensions.ts";
import { OID } from "../../formats/x509/oids.ts";
import { hexOrAbsent, viewOrReason } from "./view.ts";
import type { View, ViewValue } from "./view.ts";

/** A certificate in DER. Throws what its parser throws; extensions that cannot be read are shown as such. */
export function certificateView(der: Uint8Array): View {
  const certificate = parseCertificate(der);
  return {
    ...identityView(certificate),
    certificateAuthority: nameText(certificate.issuer),
    name: certificateSummary(der)["name"],
    serialNumberHex: hexEncode(certificate.serialNumber),
    fingerprintHex: hexEncode(sha256(der)),
    notBefore: momentText(certificate.notBeforeMs),
    notAfter: momentText(certificate.notAfterMs),
    publicKey: viewOrReason(() => publicKeyView(certificate.spki)),
    signatureAlgorithm: oidText(certificate.signatureAlgorithm.oid),
    ...extensionViews(certificate),
    scts: viewOrReason(() =>
      hasExtension(certificate, OID.sctList) ? embeddedScts(certificate).map(sctView) : undefined,
    ),
    otherExtensions: otherExtensions(certificate),
  };
}

/** A certificate in DER by its names, range and fingerprint. */
export function certificateSummary(der: Uint8Array): View {
  const { subject, issuer, notBeforeMs, notAfterMs } = parseCertificate(der);
  const name = nameText(subject);
  return {
    name: name === "" ? undefined : name,
    certificateAuthority: nameText(issuer),
    notBefore: momentText(notBeforeMs),
    notAfter: momentText(notAfterMs),
    fingerprintHex: hexEncode(sha256(der)),
  };
}

/** A SubjectPublicKeyInfo in DER. */
export function publicKeyView(der: Uint8Array): View {
  const { keyType, rsa } = parseSpki(der);
  return { keyType, modulusBits: rsa?.modulusBits, fingerprintHex: hexEncode(sha256(der)) };
}

/** One signed certificate timestamp. */
export function sctView(sct: Sct): View {
  return {
    logIdHex: hexEncode(sct.logId),
    time: momentText(Number(sct.timestampMs)),
    leafIndex: viewOrReason(() => leafIndexOfSct(sct)?.toString()),
  };
}

function identityView(certificate: Certificate): View {
  return {
    ...subjectView(certificate),
    issuer: viewOrReason(() => fulcioExtensions(certificate).issuer),
    extensions: viewOrReason(() => fulcioView(certificate)),
  };
}

/** Fulcio certificates have one subject; others are shown with all they have. */
function subjectView(certificate: Certificate): View {
  try {
    const names = subjectAlternativeNames(certificate).map(nameView);
    const [only, ...others] = names;
    if (only === undefined) return {};
    return others.length === 0 ? only : { subjects: names };
  } catch (error) {
    if (isSigstoreError(error)) return { subject: { unreadable: error.message, code: error.code } };
    throw error;
  }
}

function fulcioView(certificate: Certificate): View | undefined {
  const members = Object.entries(fulcioExtensions(certificate)).filter(([name]) => name !== "issuer");
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function nameView(name: GeneralName): View {
  return name.kind === "other"
    ? { subject: hexEncode(name.raw), subjectKind: `tag ${name.tag}` }
    : { subject: name.value, subjectKind: name.kind };
}

const PURPOSES: Readonly<Record<string, string>> = {
  [OID.codeSigning]: "codeSigning",
  [OID.timeStamping]: "timeStamping",
  [OID.anyExtendedKeyUsage]: "any",
};

function extensionViews(certificate: Certificate): View {
  return {
    basicConstraints: viewOrReason(() => {
      const constraints = basicConstraints(certificate);
      return constraints === undefined ? undefined : { ...constraints };
    }),
    keyUsage: viewOrReason(() => {
      const usage = keyUsage(certificate);
      return usage === undefined
        ? undefined
        : Object.entries(usage).flatMap(([purpose, set]) => (set ? [purpose] : []));
    }),
    extendedKeyUsage: viewOrReason(() => extendedKeyUsage(certificate)?.oids.map((oid) => PURPOSES[oid] ?? oid)),
    subjectKeyIdHex: viewOrReason(() => hexOrAbsent(subjectKeyIdentifier(certificate))),
    authorityKeyIdHex: viewOrReason(() => hexOrAbsent(authorityKeyIdentifier(certificate))),
  };
}

const SHOWN_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.subjectAlternativeName,
  OID.basicConstraints,
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.sctList,
  ...FULCIO_EXTENSIONS.map(({ oid }) => oid),
]);

function otherExtensions(certificate: Certificate): ViewValue {
  const others = certificate.extensions.filter(({ oid }) => !SHOWN_EXTENSIONS.has(oid));
  return others.length === 0
    ? undefined
    : others.map(({ oid, critical, value }) => ({ oid, critical, valueHex: hexEncode(value) }));
}

function hasExtension(certificate: Certificate, wanted: string): boolean {
  return certificate.extensions.some(({ oid }) => oid === wanted);
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
  "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
  "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
  "1.2.840.113549.1.1.10": "RSASSA-PSS",
  "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
  "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
  "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
  "1.3.101.112": "Ed25519",
};

/** The name by which people know an algorithm, else its object identifier. */
export function oidText(oid: string): string {
  return ALGORITHMS[oid] ?? oid;
}
