/**
 * Signing certificates that are refused for who issued them (client specification 4.2; RFC 5280 §6, "hybrid model").
 */
import { intermediateCertificateFields } from "../authority/authority-certificate.ts";
import { type CertificateFields, issuingAuthority, signCertificate } from "../authority/issuing-authority.ts";
import { randomSerialNumber } from "../authority/serial-number.ts";
import { der } from "../encoding/der.ts";
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

const STAMPED_AFTER_MS = 1000;
const LIFETIME_MS = 600_000;

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

/** A certificate below two intermediates; the upper one allows `pathLength` of them below itself. */
function belowTwoIntermediates(pathLength: number): CaseMaker {
  return async (sigstore) => {
    const upper = await sigstore.factory.certificateAuthority("special", {
      issuingFields: setExtension(serializeBasicConstraints({ isCa: true, pathLength })),
    });
    const signer = sigstore.keys.signer("lower intermediate", "PKIX_ECDSA_P256_SHA_256");
    const fields = intermediateCertificateFields(
      upper.issuer,
      {
        serialNumber: randomSerialNumber(sigstore.keys.random),
        spki: signer.publicKey.spki,
        subject: [{ oid: OID.commonName, value: "lower intermediate" }],
        notBeforeMs: sigstore.nowMs,
        notAfterMs: sigstore.nowMs + LIFETIME_MS,
      },
      "codeSigning",
    );
    const certificate = await signCertificate(upper.issuer.signer, fields);
    const certificates = [certificate, ...upper.chain];
    const signed = await sigstore.signMessage(ARTIFACT, {
      certificateAuthority: { ...upper, issuer: issuingAuthority(certificate, signer) },
    });
    const trustedRoot = replaceTrust(sigstore, { certificateAuthorities: [{ ...upper.instance, certificates }] });
    return caseOf(sigstore, signed, { trustedRoot });
  };
}

/** A leaf below a leaf: somebody issues with a certificate that is for signing code. */
const issuedByLeaf: CaseMaker = issuingFields((fields) => ({
  ...fields,
  extensions: fields.extensions
    .filter(({ oid }) => oid !== OID.basicConstraints)
    .map((one) => (one.oid === OID.keyUsage ? serializeKeyUsage({ digitalSignature: true }) : one)),
}));

/** Paths that are refused. */
export const PATH_LIES: readonly LieCase[] = [
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
    name: "path-too-long-below-intermediate",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "an intermediate below one that allows none",
    make: belowTwoIntermediates(0),
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
    name: "issuer-critical-extension",
    step,
    expectedCode: "certificate-critical-extension-unknown",
    describe: "an intermediate with name constraints, which nobody here understands",
    make: issuingFields(setExtension({ oid: OID.nameConstraints, critical: true, value: der.sequence() })),
  },
];

/** Paths that are accepted at the edge. */
export const PATH_EDGES: readonly EdgeCase[] = [
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
    name: "path-of-two-intermediates",
    check: "certificate-path-invalid",
    describe: "an intermediate below one that allows exactly one",
    make: belowTwoIntermediates(1),
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
    name: "leaf-without-key-identifier",
    check: "certificate-path-invalid",
    describe: "a certificate without key identifiers, as newer Fulcios issue",
    make: messageCase({
      lies: {
        certificateFields: (fields) =>
          removeExtension(OID.subjectKeyIdentifier)(removeExtension(OID.authorityKeyIdentifier)(fields)),
      },
    }),
  },
];
