/**
 * Sound bundles of somebody whom the question does not trust, and trusted roots that cannot be used (client specification 4.2;
 * sigstore_trustroot.proto).
 */
import type { JsonObject } from "../encoding/json.ts";
import { serializeSubjectAlternativeNames } from "../formats/x509/extensions.ts";
import { OID } from "../formats/x509/oids.ts";
import { removeExtension, setExtension } from "./certificate-edits.ts";
import { PERSON, USER_NAME, WORKFLOW_RUN, WORKLOAD, type SigningIdentity } from "./identities.ts";
import { type CaseMaker, type EdgeCase, type LieCase, messageCase, type TrustedIdentity } from "./verification-case.ts";

/** A bundle of `signer`, judged with trust in these. */
function trusting(signer: SigningIdentity, ...identities: readonly TrustedIdentity[]): CaseMaker {
  return messageCase({ identity: signer }, { identities });
}

function only({ issuer, subject }: SigningIdentity, more: Partial<TrustedIdentity> = {}): TrustedIdentity {
  return { issuer, subject, ...more };
}

/** A trusted root that was changed after it was written. */
function withTrustedRoot(change: (root: JsonObject) => JsonObject): CaseMaker {
  return messageCase({}, (sigstore) => ({
    trustedRoot: JSON.stringify(change(JSON.parse(sigstore.trustedRootJson) as JsonObject)),
  }));
}

interface LogJson {
  readonly publicKey: {
    readonly rawBytes: string;
    readonly keyDetails: string;
    readonly validFor: { readonly start?: string; readonly end?: string };
  };
}

/** Every log of the transparency log list changed. */
function changeLogs(change: (log: LogJson) => LogJson): CaseMaker {
  return withTrustedRoot((root) => ({
    ...root,
    tlogs: (root["tlogs"] as unknown as LogJson[]).map(change) as unknown as JsonObject[],
  }));
}

/** A log whose key nobody here can use. */
const LOG_TO_COME: JsonObject = {
  baseUrl: "https://log2030.sigstore.test",
  hashAlgorithm: "SHA2_256",
  publicKey: { rawBytes: "AAAA", keyDetails: "ML_DSA_65", validFor: { start: "2026-01-01T00:00:00Z" } },
  logId: { keyId: `${"A".repeat(43)}=` },
};

const ISSUER_V1 = `${OID.fulcio}.1`;
const ISSUER_V2 = `${OID.fulcio}.8`;

/** Whom the policy does not trust. */
export const POLICY_LIES: readonly LieCase[] = [
  {
    name: "subject-untrusted",
    step: "policy",
    expectedCode: "identity-mismatch",
    describe: "another person of the same issuer",
    make: trusting(PERSON, only(PERSON, { subject: "other@example.com" })),
  },
  {
    name: "issuer-untrusted",
    step: "policy",
    expectedCode: "identity-mismatch",
    describe: "the same address, vouched for by another issuer",
    make: trusting(PERSON, only(PERSON, { issuer: "https://accounts.example.net" })),
  },
  {
    name: "subject-in-other-case",
    step: "policy",
    expectedCode: "identity-mismatch",
    describe: "the same address in capitals",
    make: trusting(PERSON, only(PERSON, { subject: "DEV@example.com" })),
  },
  {
    name: "subject-longer",
    step: "policy",
    expectedCode: "identity-mismatch",
    describe: "a subject that begins with the trusted one",
    make: trusting(WORKFLOW_RUN, only(WORKFLOW_RUN, { subject: WORKFLOW_RUN.subject.slice(0, -1) })),
  },
  {
    name: "identities-crossed",
    step: "policy",
    expectedCode: "identity-mismatch",
    describe: "issuer of one trusted identity and subject of another",
    make: trusting(PERSON, only(PERSON, { issuer: WORKLOAD.issuer }), only(WORKLOAD, { issuer: PERSON.issuer })),
  },
  {
    name: "extension-other",
    step: "policy",
    expectedCode: "identity-extension-mismatch",
    describe: "the right workflow from another commit",
    make: trusting(WORKFLOW_RUN, only(WORKFLOW_RUN, { extensions: { sourceRepositoryDigest: "0".repeat(40) } })),
  },
  {
    name: "extension-missing",
    step: "policy",
    expectedCode: "identity-extension-mismatch",
    describe: "a person, where a source repository is wanted",
    make: trusting(PERSON, only(PERSON, { extensions: { sourceRepositoryUri: "https://github.com/example/project" } })),
  },
  {
    name: "instance-other",
    step: "policy",
    expectedCode: "instance-mismatch",
    describe: "the right identity, trusted in another instance",
    make: trusting(PERSON, only(PERSON, { instance: "public" })),
  },
  {
    name: "identity-no-subject",
    step: "policy",
    expectedCode: "identity-missing",
    describe: "a certificate without subject alternative name",
    make: messageCase({ lies: { certificateFields: removeExtension(OID.subjectAlternativeName) } }),
  },
  {
    name: "identity-other-name",
    step: "policy",
    expectedCode: "identity-missing",
    describe: "the right text in a name of another kind than Fulcio's user names",
    make: messageCase({
      lies: {
        certificateFields: setExtension(
          serializeSubjectAlternativeNames([
            { kind: "otherName", oid: "1.3.6.1.4.1.311.20.2.3", value: PERSON.subject },
          ]),
        ),
      },
    }),
  },
  {
    name: "identity-two-subjects",
    step: "policy",
    expectedCode: "identity-missing",
    describe: "a certificate with two subject alternative names, the trusted one first",
    make: messageCase({
      lies: {
        certificateFields: setExtension(
          serializeSubjectAlternativeNames([
            { kind: "email", value: PERSON.subject },
            { kind: "email", value: "other@example.com" },
          ]),
        ),
      },
    }),
  },
  {
    name: "identity-no-issuer",
    step: "policy",
    expectedCode: "identity-missing",
    describe: "a certificate that does not say who vouched",
    make: messageCase({
      lies: { certificateFields: (fields) => removeExtension(ISSUER_V1)(removeExtension(ISSUER_V2)(fields)) },
    }),
  },
  {
    name: "profile-of-others",
    step: "policy",
    expectedCode: "profile-mismatch",
    describe: "a certificate of ours under GitHub's profile, which asks for less",
    make: messageCase({ rekor: "none", ctLogs: [], timestamps: 1 }, { profile: "github" }),
  },
];

/** Trusted roots that cannot be used. */
export const TRUSTED_ROOT_LIES: readonly LieCase[] = [
  {
    name: "root-log-without-start",
    step: "bundle",
    expectedCode: "trusted-root-invalid",
    describe: "a log without the start of its validity, which must not pass for always",
    make: changeLogs((log) => ({ ...log, publicKey: { ...log.publicKey, validFor: {} } })),
  },
  {
    name: "root-log-without-range",
    step: "bundle",
    expectedCode: "trusted-root-invalid",
    describe: "a log without validity",
    make: changeLogs(({ publicKey: { keyDetails, rawBytes } }) => ({ publicKey: { keyDetails, rawBytes } }) as LogJson),
  },
  {
    name: "root-version-unknown",
    step: "bundle",
    expectedCode: "trusted-root-version-unsupported",
    describe: "a trusted root of a version to come",
    make: withTrustedRoot((root) => ({ ...root, mediaType: "application/vnd.dev.sigstore.trustedroot.v0.9+json" })),
  },
  {
    name: "root-field-unknown",
    step: "bundle",
    expectedCode: "trusted-root-invalid",
    describe: "a trusted root with a field that none has",
    make: withTrustedRoot((root) => ({ ...root, comment: "trust me" })),
  },
  {
    name: "root-log-key-of-other-kind",
    step: "tlog-entry",
    expectedCode: "trusted-root-invalid",
    describe: "a log whose key is not of the algorithm that the trusted root names",
    make: changeLogs((log) => ({ ...log, publicKey: { ...log.publicKey, keyDetails: "PKIX_ECDSA_P384_SHA_384" } })),
  },
  {
    name: "root-empty",
    step: "tlog-entry",
    expectedCode: "tlog-log-unknown",
    describe: "a trusted root with nothing in it asks for as much as any other",
    make: withTrustedRoot(({ mediaType }) => ({ mediaType: mediaType ?? "" })),
  },
  {
    name: "root-without-logs",
    step: "tlog-entry",
    expectedCode: "tlog-log-unknown",
    describe: "a trusted root without transparency logs does not lower what is asked",
    make: withTrustedRoot((root) => ({ ...root, tlogs: [] })),
  },
  {
    name: "root-without-ct-logs",
    step: "sct",
    expectedCode: "sct-log-unknown",
    describe: "a trusted root without CT logs does not lower what is asked",
    make: withTrustedRoot((root) => ({ ...root, ctlogs: [] })),
  },
  {
    name: "root-without-ct-logs-nor-sct",
    step: "sct",
    expectedCode: "sct-missing",
    describe: "no CT log in the trusted root and no SCT in the certificate: still not enough",
    make: messageCase({ ctLogs: [] }, (sigstore) => ({
      trustedRoot: JSON.stringify({ ...(JSON.parse(sigstore.trustedRootJson) as JsonObject), ctlogs: [] }),
    })),
  },
];

/** Identities that are trusted, of every kind. */
export const POLICY_EDGES: readonly EdgeCase[] = [
  {
    name: "identity-email",
    check: "identity-mismatch",
    describe: "a person by e-mail address",
    make: trusting(PERSON, only(PERSON)),
  },
  {
    name: "identity-uri",
    check: "identity-mismatch",
    describe: "a workflow by URI",
    make: trusting(WORKFLOW_RUN, only(WORKFLOW_RUN)),
  },
  {
    name: "identity-user-name",
    check: "identity-mismatch",
    describe: "a user name in an otherName",
    make: trusting(USER_NAME, only(USER_NAME)),
  },
  {
    name: "identity-spiffe",
    check: "identity-mismatch",
    describe: "a workload by SPIFFE ID",
    make: trusting(WORKLOAD, only(WORKLOAD)),
  },
  {
    name: "identity-one-of-three",
    check: "identity-mismatch",
    describe: "the last of three trusted identities",
    make: trusting(WORKLOAD, only(PERSON), only(USER_NAME), only(WORKLOAD)),
  },
  {
    name: "identity-all-extensions",
    check: "identity-extension-mismatch",
    describe: "a workflow with every extension named",
    make: trusting(WORKFLOW_RUN, only(WORKFLOW_RUN, { extensions: { ...WORKFLOW_RUN.extensions } })),
  },
  {
    name: "identity-issuer-v1",
    check: "identity-missing",
    describe: "an old certificate that names its issuer in the first extension alone",
    make: messageCase({ lies: { certificateFields: removeExtension(ISSUER_V2) } }),
  },
  {
    name: "root-with-log-to-come",
    check: "algorithm-unsupported",
    describe: "a trusted root with one more log, of an algorithm that we do not know and this bundle does not need",
    make: withTrustedRoot((root) => ({ ...root, tlogs: [LOG_TO_COME, ...(root["tlogs"] as JsonObject[])] })),
  },
];
