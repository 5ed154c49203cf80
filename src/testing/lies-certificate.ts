/**
 * Signing certificates that are refused for what they say: usage, and validity at the time of signing (client specification
 * 4.2; Fulcio certificate specification).
 */
import type { CertificateFields } from "../authority/issuing-authority.ts";
import { der } from "../encoding/der.ts";
import { parseSpki } from "../formats/spki.ts";
import { serializeBasicConstraints, serializeExtendedKeyUsage, serializeKeyUsage } from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { removeExtension, setExtension } from "./certificate-edits.ts";
import type { Lie } from "./lie-hooks.ts";
import { type CaseMaker, type EdgeCase, type LieCase, messageCase } from "./verification-case.ts";

const step = "certificate";

const SECOND_MS = 1000;
const LIFETIME_MS = 600_000;

/** A certificate that says something else, of which CT logs know. */
function saying(certificateFields: Lie<CertificateFields>): CaseMaker {
  return messageCase({ lies: { certificateFields } });
}

/** Signed so long after the certificate was issued. */
function signedAfter(ms: number): CaseMaker {
  return messageCase(({ nowMs }) => ({ timestampMs: nowMs + ms }));
}

function integratedAfter(ms: number): CaseMaker {
  return messageCase(({ nowMs }) => ({ rekor: 1, integratedTimeMs: nowMs + ms }));
}

/** The log says a time that no promise signs; a timestamp proves another. */
function unpromisedTime(version: 1 | 2, ms: number): CaseMaker {
  return messageCase(({ nowMs }) => ({
    rekor: version,
    hasPromise: false,
    lies: { tlogEntry: (entry) => ({ ...entry, integratedTimeSeconds: BigInt(nowMs + ms) / 1000n }) },
  }));
}

/** The same point said to be on secp256k1, which the registry does not have. */
function spkiOnOtherCurve(spki: Uint8Array): Uint8Array {
  return der.sequence(
    der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.10")),
    der.bitString(parseSpki(spki).keyBytes),
  );
}

const criticalExtension = setExtension({ oid: "1.3.6.1.4.1.99999.1", critical: true, value: der.null() });

/** Signing certificates that are refused. */
export const CERTIFICATE_LIES: readonly LieCase[] = [
  {
    name: "signed-after-expiry",
    step,
    expectedCode: "certificate-not-valid-then",
    describe: "a timestamp a millisecond after the certificate expired",
    make: signedAfter(LIFETIME_MS + 1),
  },
  {
    name: "signed-before-issue",
    step,
    expectedCode: "certificate-not-valid-then",
    describe: "a timestamp a millisecond before the certificate is valid",
    make: signedAfter(-1),
  },
  {
    name: "one-time-of-two-outside",
    step,
    expectedCode: "certificate-not-valid-then",
    describe: "a promised time within the certificate's validity, and a timestamp outside",
    make: messageCase(({ nowMs }) => ({ rekor: 1, timestamps: 1, timestampMs: nowMs + LIFETIME_MS + SECOND_MS })),
  },
  {
    name: "integrated-after-expiry",
    step,
    expectedCode: "tlog-integrated-time-outside-certificate",
    describe: "promised a second after the certificate expired",
    make: integratedAfter(LIFETIME_MS + SECOND_MS),
  },
  {
    name: "integrated-before-issue",
    step,
    expectedCode: "tlog-integrated-time-outside-certificate",
    describe: "promised a second before the certificate is valid",
    make: integratedAfter(-SECOND_MS),
  },
  {
    name: "integrated-outside-unpromised",
    step,
    expectedCode: "tlog-integrated-time-outside-certificate",
    describe: "an integrated time outside the certificate's validity that no promise signs",
    make: unpromisedTime(1, LIFETIME_MS + SECOND_MS),
  },
  {
    name: "leaf-for-timestamps",
    step,
    expectedCode: "certificate-usage-invalid",
    describe: "a certificate for timestamping",
    make: saying(setExtension(serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: false }))),
  },
  {
    name: "leaf-without-purpose",
    step,
    expectedCode: "certificate-usage-invalid",
    describe: "a certificate without extended key usage",
    make: saying(removeExtension(OID.extendedKeyUsage)),
  },
  {
    name: "leaf-without-key-usage",
    step,
    expectedCode: "certificate-usage-invalid",
    describe: "a certificate without key usage",
    make: saying(removeExtension(OID.keyUsage)),
  },
  {
    name: "leaf-for-encryption",
    step,
    expectedCode: "certificate-usage-invalid",
    describe: "a certificate whose key may encrypt and not sign",
    make: saying(setExtension(serializeKeyUsage({ keyEncipherment: true }))),
  },
  {
    name: "leaf-is-ca",
    step,
    expectedCode: "certificate-usage-invalid",
    describe: "a certificate of a CA",
    make: saying(setExtension(serializeBasicConstraints({ isCa: true }))),
  },
  {
    name: "leaf-critical-extension",
    step,
    expectedCode: "certificate-critical-extension-unknown",
    describe: "a critical extension that nobody understands",
    make: saying(criticalExtension),
  },
  {
    name: "leaf-precertificate",
    step,
    expectedCode: "certificate-critical-extension-unknown",
    describe: "a precertificate, poison and all, in the place of a certificate",
    make: messageCase({ lies: { issuedFields: setExtension({ oid: OID.poison, critical: true, value: der.null() }) } }),
  },
  {
    name: "leaf-key-unsupported",
    step: "sct",
    expectedCode: "key-unsupported",
    describe: "a certificate for a key on another curve",
    make: saying((fields) => ({ ...fields, spki: spkiOnOtherCurve(fields.spki) })),
  },
];

/** Signing certificates that are accepted at the edge. */
export const CERTIFICATE_EDGES: readonly EdgeCase[] = [
  {
    name: "signed-at-issue",
    check: "certificate-not-valid-then",
    describe: "a timestamp in the certificate's first second",
    make: signedAfter(0),
  },
  {
    name: "signed-at-expiry",
    check: "certificate-not-valid-then",
    describe: "a timestamp in the certificate's last second",
    make: signedAfter(LIFETIME_MS),
  },
  {
    name: "integrated-at-issue",
    check: "tlog-integrated-time-outside-certificate",
    describe: "promised in the certificate's first second",
    make: integratedAfter(0),
  },
  {
    name: "integrated-at-expiry",
    check: "tlog-integrated-time-outside-certificate",
    describe: "promised in the certificate's last second",
    make: integratedAfter(LIFETIME_MS),
  },
  {
    name: "integrated-unpromised-inside",
    check: "tlog-integrated-time-outside-certificate",
    describe: "an integrated time within the certificate's validity that no promise signs",
    make: unpromisedTime(1, LIFETIME_MS),
  },
  {
    name: "leaf-two-purposes",
    check: "certificate-usage-invalid",
    describe: "a certificate for code signing and something else",
    make: saying(
      setExtension(serializeExtendedKeyUsage({ oids: [OID.codeSigning, "1.3.6.1.5.5.7.3.4"], critical: false })),
    ),
  },
  {
    name: "leaf-not-ca",
    check: "certificate-usage-invalid",
    describe: "a certificate that says it is no CA, as old Fulcios issued",
    make: saying(setExtension(serializeBasicConstraints({ isCa: false }))),
  },
  {
    name: "leaf-extension-not-critical",
    check: "certificate-critical-extension-unknown",
    describe: "an extension that nobody understands, not critical",
    make: saying(setExtension({ oid: "1.3.6.1.4.1.99999.1", critical: false, value: der.null() })),
  },
];
