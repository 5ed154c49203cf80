import type { CertificateFields } from "../authority/issuing-authority.ts";
/**
 * Signing certificates that are refused: path, validity, usage (client specification 4.2; RFC 5280 §6, "hybrid model").
 */
import { der } from "../encoding/der.ts";
import { parseSpki } from "../formats/spki.ts";
import { serializeBasicConstraints, serializeExtendedKeyUsage, serializeKeyUsage } from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { removeExtension, setExtension } from "./certificate-edits.ts";
import type { Lie } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import {
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  flipBit,
  type LieCase,
  limitTrust,
  messageCase,
  replaceTrust,
} from "./verification-case.ts";
import type { PartyOptions } from "./virtual-parties.ts";
import type { VirtualSigstore } from "./virtual-sigstore.ts";

const step = "certificate";

const SECOND_MS = 1000;
const STAMPED_AFTER_MS = SECOND_MS;
const LIFETIME_MS = 600_000;

/** A certificate that says something else, of which CT logs know. */
function saying(certificateFields: Lie<CertificateFields>): CaseMaker {
  return messageCase({ lies: { certificateFields } });
}

/** A certificate of an authority made for the case, the only one that the trusted root knows. */
function ofAuthority(party: (sigstore: VirtualSigstore) => PartyOptions): CaseMaker {
  return async (sigstore) => {
    const certificateAuthority = await sigstore.factory.certificateAuthority("special", party(sigstore));
    const signed = await sigstore.signMessage(ARTIFACT, { certificateAuthority });
    return caseOf(sigstore, signed, {
      trustedRoot: replaceTrust(sigstore, { certificateAuthorities: [certificateAuthority.instance] }),
    });
  };
}

function issuingFields(change: Lie<CertificateFields>): CaseMaker {
  return ofAuthority(() => ({ issuingFields: change }));
}

/** A certificate by an authority that calls itself as the trusted one, with another key. */
async function forgedAuthority(sigstore: VirtualSigstore): Promise<SigningOptions> {
  const { certificateAuthority } = sigstore.current;
  const signer = sigstore.keys.signer("forger", "PKIX_ECDSA_P256_SHA_256");
  return Promise.resolve({
    certificateAuthority: { ...certificateAuthority, issuer: { ...certificateAuthority.issuer, signer } },
  });
}

/** The trusted root has the intermediate, and a root of the same name that did not sign it. */
const forgedRoot: CaseMaker = async (sigstore) => {
  const honest = await sigstore.factory.certificateAuthority("special");
  const forger = await sigstore.factory.certificateAuthority("special", { rootKeyLabel: "forged" });
  const [intermediate = ARTIFACT] = honest.chain;
  const [, root = ARTIFACT] = forger.chain;
  const signed = await sigstore.signMessage(ARTIFACT, { certificateAuthority: honest });
  return caseOf(sigstore, signed, {
    trustedRoot: replaceTrust(sigstore, {
      certificateAuthorities: [{ ...honest.instance, certificates: [intermediate, root] }],
    }),
  });
};

/** A leaf below a leaf: somebody issues with a certificate that is for signing code. */
const issuedByLeaf: CaseMaker = issuingFields((fields) => ({
  ...fields,
  extensions: fields.extensions
    .filter(({ oid }) => oid !== OID.basicConstraints)
    .map((one) => (one.oid === OID.keyUsage ? serializeKeyUsage({ digitalSignature: true }) : one)),
}));

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
    name: "certificate-of-stranger",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a certificate of an authority that is not in the trusted root",
    make: messageCase(async ({ factory }) => ({
      certificateAuthority: await factory.certificateAuthority("stranger"),
    })),
  },
  {
    name: "certificate-of-stranger-with-chain",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "the same in a v0.2 bundle that brings the stranger's intermediate along",
    make: messageCase(async ({ factory }) => ({
      bundleVersion: "0.2",
      rekor: 1,
      certificateAuthority: await factory.certificateAuthority("stranger"),
    })),
  },
  {
    name: "certificate-forged",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a certificate signed with another key under the authority's name",
    make: messageCase(forgedAuthority),
  },
  {
    name: "certificate-signature-changed",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a certificate whose signature has one bit changed",
    make: messageCase({ lies: { certificate: (certificate) => flipBit(certificate) } }),
  },
  {
    name: "root-forged",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "an intermediate that the trusted root's root did not sign",
    make: forgedRoot,
  },
  {
    name: "root-missing",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a chain of the trusted root whose last certificate issued nothing below",
    make: async (sigstore) => {
      const one = await sigstore.factory.certificateAuthority("special");
      const other = await sigstore.factory.certificateAuthority("unrelated");
      const certificates = [...one.chain.slice(0, 1), ...other.chain.slice(1)];
      return caseOf(sigstore, await sigstore.signMessage(ARTIFACT, { certificateAuthority: one }), {
        trustedRoot: replaceTrust(sigstore, { certificateAuthorities: [{ ...one.instance, certificates }] }),
      });
    },
  },
  {
    name: "issuer-no-ca",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a certificate issued with a leaf certificate",
    make: issuedByLeaf,
  },
  {
    name: "issuer-may-not-sign",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "an intermediate whose key usage does not allow signing certificates",
    make: issuingFields(setExtension(serializeKeyUsage({ crlSign: true }))),
  },
  {
    name: "issuer-other-purpose",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "an intermediate for timestamping alone",
    make: issuingFields(setExtension(serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: false }))),
  },
  {
    name: "path-too-long",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "a root that allows no intermediate, above one",
    make: ofAuthority(() => ({ rootFields: setExtension(serializeBasicConstraints({ isCa: true, pathLength: 0 })) })),
  },
  {
    name: "issuer-expired",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "signed a second after the intermediate expired",
    make: ofAuthority(({ nowMs }) => ({ issuingFields: (fields) => ({ ...fields, notAfterMs: nowMs }) })),
  },
  {
    name: "root-expired",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "signed a second after the root expired",
    make: ofAuthority(({ nowMs }) => ({ rootFields: (fields) => ({ ...fields, notAfterMs: nowMs }) })),
  },
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
    name: "authority-ended",
    step,
    expectedCode: "certificate-authority-not-valid-then",
    describe: "signed a millisecond after the trusted root ceased to trust the authority",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "certificateAuthorities", { endMs: sigstore.nowMs + STAMPED_AFTER_MS - 1 }),
    })),
  },
  {
    name: "authority-not-begun",
    step,
    expectedCode: "certificate-authority-not-valid-then",
    describe: "signed a millisecond before the trusted root began to trust the authority",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "certificateAuthorities", { startMs: sigstore.nowMs + STAMPED_AFTER_MS + 1 }),
    })),
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
  {
    name: "issuer-critical-extension",
    step,
    expectedCode: "certificate-critical-extension-unknown",
    describe: "an intermediate with name constraints, which nobody here understands",
    make: issuingFields(setExtension({ oid: OID.nameConstraints, critical: true, value: der.sequence() })),
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
    name: "authority-ends-then",
    check: "certificate-authority-not-valid-then",
    describe: "signed in the last moment in which the authority is trusted",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "certificateAuthorities", { endMs: sigstore.nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "authority-begins-then",
    check: "certificate-authority-not-valid-then",
    describe: "signed in the first moment in which the authority is trusted",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "certificateAuthorities", { startMs: sigstore.nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "issuer-expires-then",
    check: "certificate-path-invalid",
    describe: "signed in the last second of intermediate and root",
    make: ofAuthority(({ nowMs }) => ({
      certificatesValidFor: { startMs: nowMs - LIFETIME_MS, endMs: nowMs + STAMPED_AFTER_MS },
    })),
  },
  {
    name: "issuer-begins-then",
    check: "certificate-path-invalid",
    describe: "signed in the first second of intermediate and root",
    make: ofAuthority(({ nowMs }) => ({
      certificatesValidFor: { startMs: nowMs + STAMPED_AFTER_MS, endMs: nowMs + LIFETIME_MS },
    })),
  },
  {
    name: "path-length-exact",
    check: "certificate-path-invalid",
    describe: "a root that allows exactly one intermediate",
    make: ofAuthority(() => ({ rootFields: setExtension(serializeBasicConstraints({ isCa: true, pathLength: 1 })) })),
  },
  {
    name: "issuer-any-purpose",
    check: "certificate-path-invalid",
    describe: "an intermediate without extended key usage",
    make: issuingFields(removeExtension(OID.extendedKeyUsage)),
  },
  {
    name: "anchor-is-intermediate",
    check: "certificate-path-invalid",
    describe: "a trusted root that holds the intermediate alone",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: replaceTrust(sigstore, {
        certificateAuthorities: sigstore.trustedRoot.certificateAuthorities.map((one) => ({
          ...one,
          certificates: one.certificates.slice(0, 1),
        })),
      }),
    })),
  },
  {
    name: "authority-among-strangers",
    check: "certificate-path-invalid",
    describe: "a trusted root with two more authorities, one of the same name with another key",
    make: async (sigstore) => {
      const more = [
        await sigstore.factory.certificateAuthority("fulcio", { rootKeyLabel: "other" }),
        await sigstore.factory.certificateAuthority("unrelated"),
      ];
      const trustedRoot = replaceTrust(sigstore, {
        certificateAuthorities: [
          ...more.map(({ instance }) => instance),
          sigstore.current.certificateAuthority.instance,
        ],
      });
      return caseOf(sigstore, await sigstore.signMessage(ARTIFACT), { trustedRoot });
    },
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
  {
    name: "leaf-without-key-identifier",
    check: "certificate-path-invalid",
    describe: "a certificate without key identifiers, as newer Fulcios issue",
    make: saying((fields) =>
      removeExtension(OID.subjectKeyIdentifier)(removeExtension(OID.authorityKeyIdentifier)(fields)),
    ),
  },
];
