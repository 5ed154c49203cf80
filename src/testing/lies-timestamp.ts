/**
 * Timestamps that are refused (RFC 3161 §2.4.2; client specification 4.3).
 */
import { signedAttributes, type TimestampTokenParts } from "../authority/timestamp.ts";
import { digest } from "../crypto/digest.ts";
import { der } from "../encoding/der.ts";
import { serializeAlgorithmIdentifier } from "../formats/algorithm-identifier.ts";
import { parseSignedData, serializeSignedData, type SignerInfoFields } from "../formats/cms.ts";
import { serializeTimestampResponse, type TstInfoFields } from "../formats/rfc3161.ts";
import { serializeBasicConstraints, serializeExtendedKeyUsage, serializeKeyUsage } from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { removeExtension, setExtension } from "./certificate-edits.ts";
import type { Lie, TimestampLies } from "./lie-hooks.ts";
import type { SigningOptions } from "./signing-options.ts";
import {
  addTrust,
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

const step = "timestamp";

/** When a timestamp is made by default: a second after the certificate was issued. */
const STAMPED_AFTER_MS = 1000;
const DAY_MS = 86_400_000;

/** A timestamp that says something more. */
function withExtension(critical: boolean): Lie<TstInfoFields> {
  return (fields) => ({ ...fields, extensions: [{ oid: "1.3.6.1.4.1.99999.1", critical, value: der.null() }] });
}

function lying(lies: TimestampLies): CaseMaker {
  return messageCase({ rekor: 2, timestamps: 1, lies });
}

/** A timestamp of an authority made for the case, the only one that the trusted root knows. */
function ofAuthority(party: (sigstore: VirtualSigstore) => PartyOptions, options: SigningOptions = {}): CaseMaker {
  return async (sigstore) => {
    const authority = await sigstore.factory.timestampAuthority("special", party(sigstore));
    const signed = await sigstore.signMessage(ARTIFACT, { ...options, timestampAuthorities: [authority] });
    return caseOf(sigstore, signed, {
      trustedRoot: replaceTrust(sigstore, { timestampAuthorities: [authority.instance] }),
    });
  };
}

/** A timestamp of an authority that the trusted root does not know. */
function ofStranger(options: SigningOptions = {}): CaseMaker {
  return messageCase(async (sigstore) => ({
    ...options,
    timestampAuthorities: [await sigstore.factory.timestampAuthority("stranger")],
  }));
}

/** Signed attributes without the one with this object identifier. */
function withoutAttribute(oid: string): CaseMaker {
  return lying({
    timestampParts: (parts) => ({ ...parts, attributes: parts.attributes.filter((one) => one.oid !== oid) }),
  });
}

/** Signed attributes with one value replaced. */
function withAttribute(oid: string, value: Uint8Array): (parts: TimestampTokenParts) => TimestampTokenParts {
  return (parts) => ({ ...parts, attributes: parts.attributes.map((one) => (one.oid === oid ? { oid, value } : one)) });
}

/** A token with its signer twice. */
function signedTwice(token: Uint8Array): Uint8Array {
  const { certificates, content, contentType, signerInfos } = parseSignedData(token);
  const signers = signerInfos.map((signer): SignerInfoFields => ({
    signerId: signer.signerId,
    digestAlgorithm: serializeAlgorithmIdentifier(signer.digestAlgorithm),
    signedAttributes: signer.signedAttributes?.raw ?? new Uint8Array(0),
    signatureAlgorithm: signer.signatureAlgorithm.raw,
    signature: signer.signature,
  }));
  return serializeSignedData({
    contentType,
    certificates,
    ...(content && { content }),
    signerInfos: [...signers, ...signers],
  });
}

/** Attributes that name another certificate of the same authority than the one that signed. */
const otherCertificate: CaseMaker = async (sigstore) => {
  const [named, signing] = [
    await sigstore.factory.timestampAuthority("named"),
    sigstore.current.timestampAuthorities[0],
  ];
  if (signing === undefined) throw new TypeError("expected a virtual Sigstore with a timestamp authority");
  const timestampParts = (parts: TimestampTokenParts): TimestampTokenParts => {
    const value = signedAttributes(named.authority, parts.tstInfo, sigstore.nowMs, "sha256").find(
      ({ oid }) => oid === OID.signingCertificateV2,
    )?.value;
    return value === undefined ? parts : withAttribute(OID.signingCertificateV2, value)(parts);
  };
  return caseOf(
    sigstore,
    await sigstore.signMessage(ARTIFACT, { timestampAuthorities: [signing], lies: { timestampParts } }),
  );
};

/** The trusted root names the authority's leaf, and a root of the same name with another key. */
const otherRoot: CaseMaker = async (sigstore) => {
  const honest = await sigstore.factory.timestampAuthority("special");
  const forger = await sigstore.factory.timestampAuthority("special", { rootKeyLabel: "forged" });
  const [leaf = ARTIFACT] = honest.instance.certificates;
  const [, root = ARTIFACT] = forger.instance.certificates;
  const signed = await sigstore.signMessage(ARTIFACT, { timestampAuthorities: [honest] });
  return caseOf(sigstore, signed, {
    trustedRoot: replaceTrust(sigstore, { timestampAuthorities: [{ ...honest.instance, certificates: [leaf, root] }] }),
  });
};

const codeSigningToo = serializeExtendedKeyUsage({ oids: [OID.timeStamping, OID.codeSigning], critical: true });
const notCritical = serializeExtendedKeyUsage({ oids: [OID.timeStamping], critical: false });

/** Timestamps that are refused. */
export const TIMESTAMP_LIES: readonly LieCase[] = [
  {
    name: "timestamp-stranger",
    step: "time",
    expectedCode: "timestamp-authority-unknown",
    describe: "a timestamp of an authority that is not in the trusted root",
    make: ofStranger(),
  },
  {
    name: "timestamp-stranger-with-chain",
    step: "time",
    expectedCode: "timestamp-authority-unknown",
    describe: "the same, with its whole chain in the timestamp",
    make: ofStranger({ timestampCertificates: "chain" }),
  },
  {
    name: "timestamp-authority-ended",
    step,
    expectedCode: "timestamp-authority-not-valid-then",
    describe: "made a millisecond after the trusted root ceased to trust the authority",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "timestampAuthorities", { endMs: sigstore.nowMs + STAMPED_AFTER_MS - 1 }),
    })),
  },
  {
    name: "timestamp-authority-not-begun",
    step,
    expectedCode: "timestamp-authority-not-valid-then",
    describe: "made a millisecond before the trusted root began to trust the authority",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "timestampAuthorities", { startMs: sigstore.nowMs + STAMPED_AFTER_MS + 1 }),
    })),
  },
  {
    name: "timestamp-signature-changed",
    step,
    expectedCode: "timestamp-signature-invalid",
    describe: "a timestamp whose signature has one bit changed",
    make: lying({ timestampToken: (token) => flipBit(token) }),
  },
  {
    name: "timestamp-digest-of-other",
    step,
    expectedCode: "timestamp-signature-invalid",
    describe: "signed attributes with the digest of another timestamp",
    make: lying({ timestampParts: withAttribute(OID.messageDigest, der.octetString(digest("sha256", ARTIFACT))) }),
  },
  {
    name: "timestamp-other-certificate",
    step,
    expectedCode: "timestamp-signature-invalid",
    describe: "signed attributes that name another certificate",
    make: otherCertificate,
  },
  {
    name: "timestamp-of-artifact",
    step,
    expectedCode: "timestamp-imprint-mismatch",
    describe: "a timestamp over the artifact instead of the signature",
    make: lying({
      timestampRequest: (request) => ({
        ...request,
        messageImprint: { ...request.messageImprint, digest: digest("sha256", ARTIFACT) },
      }),
    }),
  },
  {
    name: "timestamp-forged-root",
    step,
    expectedCode: "certificate-path-invalid",
    describe: "an authority whose certificate the trusted root's root did not sign",
    make: otherRoot,
  },
  {
    name: "timestamp-leaf-expired",
    step,
    expectedCode: "timestamp-chain-invalid",
    describe: "made a second after the authority's certificate expired",
    make: ofAuthority(({ nowMs }) => ({ issuingFields: (fields) => ({ ...fields, notAfterMs: nowMs }) })),
  },
  {
    name: "timestamp-leaf-not-begun",
    step,
    expectedCode: "timestamp-chain-invalid",
    describe: "made a second before the authority's certificate is valid",
    make: ofAuthority(({ nowMs }) => ({
      issuingFields: (fields) => ({ ...fields, notBeforeMs: nowMs + STAMPED_AFTER_MS + 1000 }),
    })),
  },
  {
    name: "timestamp-root-expired",
    step,
    expectedCode: "timestamp-chain-invalid",
    describe: "made a second after the authority's root expired",
    make: ofAuthority(({ nowMs }) => ({ rootFields: (fields) => ({ ...fields, notAfterMs: nowMs }) })),
  },
  {
    name: "timestamp-usage-not-critical",
    step,
    expectedCode: "timestamp-usage-invalid",
    describe: "a certificate for timestamping, not marked critical",
    make: ofAuthority(() => ({ issuingFields: setExtension(notCritical) })),
  },
  {
    name: "timestamp-usage-two",
    step,
    expectedCode: "timestamp-usage-invalid",
    describe: "a certificate for timestamping and code signing",
    make: ofAuthority(() => ({ issuingFields: setExtension(codeSigningToo) })),
  },
  {
    name: "timestamp-usage-missing",
    step,
    expectedCode: "timestamp-usage-invalid",
    describe: "a certificate without extended key usage",
    make: ofAuthority(() => ({ issuingFields: removeExtension(OID.extendedKeyUsage) })),
  },
  {
    name: "timestamp-by-ca",
    step,
    expectedCode: "timestamp-usage-invalid",
    describe: "a timestamp signed with the certificate of a CA",
    make: ofAuthority(() => ({ issuingFields: setExtension(serializeBasicConstraints({ isCa: true })) })),
  },
  {
    name: "timestamp-key-usage-other",
    step,
    expectedCode: "timestamp-usage-invalid",
    describe: "an authority whose certificate is for encryption by its key usage",
    make: ofAuthority(() => ({ issuingFields: setExtension(serializeKeyUsage({ keyEncipherment: true })) })),
  },
  {
    name: "timestamp-extension-not-understood",
    step,
    expectedCode: "timestamp-invalid",
    describe: "a timestamp with a critical extension that nobody understands",
    make: lying({ tstInfo: withExtension(true) }),
  },
  {
    name: "timestamp-critical-extension",
    step,
    expectedCode: "certificate-critical-extension-unknown",
    describe: "an authority whose certificate has a critical extension that nobody understands",
    make: ofAuthority(() => ({
      issuingFields: setExtension({ oid: "1.3.6.1.4.1.99999.1", critical: true, value: der.null() }),
    })),
  },
  {
    name: "timestamp-without-digest",
    step,
    expectedCode: "timestamp-invalid",
    describe: "signed attributes without a message digest",
    make: withoutAttribute(OID.messageDigest),
  },
  {
    name: "timestamp-without-certificate",
    step,
    expectedCode: "timestamp-invalid",
    describe: "signed attributes that name no certificate",
    make: withoutAttribute(OID.signingCertificateV2),
  },
  {
    name: "timestamp-without-content-type",
    step,
    expectedCode: "timestamp-invalid",
    describe: "signed attributes without a content type",
    make: withoutAttribute(OID.contentType),
  },
  {
    name: "timestamp-other-content-type",
    step,
    expectedCode: "timestamp-invalid",
    describe: "signed attributes that speak of other content",
    make: lying({ timestampParts: withAttribute(OID.contentType, der.oid(OID.data)) }),
  },
  {
    name: "timestamp-imprint-sha1",
    step,
    expectedCode: "timestamp-invalid",
    describe: "a timestamp over a SHA-1 digest",
    make: lying({
      timestampRequest: (request) => ({
        ...request,
        messageImprint: { hashAlgorithm: OID.sha1, digest: new Uint8Array(20) },
      }),
    }),
  },
  {
    name: "timestamp-refused",
    step,
    expectedCode: "timestamp-invalid",
    describe: "a response that says no",
    make: lying({ timestamp: () => serializeTimestampResponse({ status: 2, statusText: "no clock" }) }),
  },
  {
    name: "timestamp-two-signers",
    step,
    expectedCode: "timestamp-invalid",
    describe: "a timestamp with two signers, both good",
    make: lying({ timestampToken: signedTwice }),
  },
  {
    name: "timestamp-garbage",
    step,
    expectedCode: "timestamp-invalid",
    describe: "a timestamp that is none",
    make: lying({ timestamp: (response) => response.subarray(1) }),
  },
];

/** Timestamps that are accepted at the edge. */
export const TIMESTAMP_EDGES: readonly EdgeCase[] = [
  {
    name: "timestamp-extension",
    check: "timestamp-invalid",
    describe: "a timestamp with an extension that nobody needs to understand",
    make: lying({ tstInfo: withExtension(false) }),
  },
  {
    name: "timestamp-key-usage-content-commitment",
    check: "timestamp-usage-invalid",
    describe: "an authority whose certificate is for content commitment alone, as RFC 5280 has it of timestamping",
    make: ofAuthority(() => ({ issuingFields: setExtension(serializeKeyUsage({ contentCommitment: true })) })),
  },
  {
    name: "timestamp-stranger-beside-known",
    check: "timestamp-authority-unknown",
    describe: "a timestamp of an unknown authority beside one of a known",
    make: messageCase(async ({ factory, current }) => ({
      timestampAuthorities: [await factory.timestampAuthority("stranger"), ...current.timestampAuthorities],
    })),
  },
  {
    name: "timestamp-authority-ends-then",
    check: "timestamp-authority-not-valid-then",
    describe: "made in the last moment in which the authority is trusted",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "timestampAuthorities", { endMs: sigstore.nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "timestamp-authority-begins-then",
    check: "timestamp-authority-not-valid-then",
    describe: "made in the first moment in which the authority is trusted",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "timestampAuthorities", { startMs: sigstore.nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "timestamp-authority-listed-twice",
    check: "timestamp-authority-not-valid-then",
    describe: "an authority that the trusted root lists with an old range and with the current one",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: addTrust(sigstore, {
        timestampAuthorities: sigstore.trustedRoot.timestampAuthorities.map((one) => ({
          ...one,
          validFor: { startMs: 0, endMs: 1000 },
        })),
      }),
    })),
  },
  {
    name: "timestamp-leaf-expires-then",
    check: "timestamp-chain-invalid",
    describe: "made in the last second of the authority's certificate",
    make: ofAuthority(({ nowMs }) => ({
      issuingFields: (fields) => ({ ...fields, notAfterMs: nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "timestamp-leaf-begins-then",
    check: "timestamp-chain-invalid",
    describe: "made in the first second of the authority's certificate",
    make: ofAuthority(({ nowMs }) => ({
      issuingFields: (fields) => ({ ...fields, notBeforeMs: nowMs + STAMPED_AFTER_MS }),
    })),
  },
  {
    name: "timestamp-chain-expired-now",
    check: "timestamp-chain-invalid",
    describe: "judged when the authority's certificates have long expired",
    make: ofAuthority(({ nowMs }) => ({
      certificatesValidFor: { startMs: nowMs - DAY_MS, endMs: nowMs + STAMPED_AFTER_MS },
    })),
  },
  {
    name: "timestamp-with-leaf",
    check: "timestamp-authority-unknown",
    describe: "a timestamp that brings the authority's certificate along",
    make: messageCase({ timestampCertificates: "leaf" }),
  },
  {
    name: "timestamp-with-chain",
    check: "timestamp-authority-unknown",
    describe: "a timestamp that brings the whole chain along",
    make: messageCase({ timestampCertificates: "chain" }),
  },
  {
    name: "timestamp-with-foreign-certificate",
    check: "timestamp-authority-unknown",
    describe: "a timestamp with a certificate beside it that has nothing to do with it",
    make: messageCase(async (sigstore) => {
      const { chain } = await sigstore.factory.certificateAuthority("unrelated");
      return {
        timestampCertificates: "leaf",
        lies: { timestampParts: (parts) => ({ ...parts, certificates: [...chain, ...parts.certificates] }) },
      };
    }),
  },
  {
    name: "timestamp-sha384",
    check: "timestamp-imprint-mismatch",
    describe: "a timestamp over a SHA-384 digest of the signature",
    make: messageCase({ timestampHash: "sha384" }),
  },
  {
    name: "timestamp-sha512",
    check: "timestamp-imprint-mismatch",
    describe: "a timestamp over a SHA-512 digest of the signature",
    make: messageCase({ timestampHash: "sha512" }),
  },
];
