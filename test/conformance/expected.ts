/**
 * The code with which each failing case of the public suite must be refused, written down from the cases' READMEs before
 * the first run. Where a case turned out to test something else than its README says, `readme` keeps the code that was
 * written down, `code` is what the case really tests, and `note` says why.
 */
import type { ErrorCode } from "../../src/errors.ts";

/** What a failing case is expected to be refused with. */
export interface Expectation {
  readonly code: ErrorCode;
  readonly readme?: ErrorCode;
  readonly note?: string;
}

export const EXPECTED_REFUSALS: Readonly<Record<string, Expectation>> = {
  "bundle-empty-certificate-chain_fail": { code: "bundle-certificate-missing" },
  "bundle-from-wrong-instance_fail": {
    code: "tlog-log-unknown",
    note: "a staging bundle: its log is the first thing that the public root does not know",
  },
  "bundle-invalid-base64-signature_fail": { code: "bundle-invalid" },
  "bundle-malformed-json_fail": { code: "json-invalid" },
  "bundle-negative-log-index_fail": { code: "bundle-invalid" },
  "bundle-unknown-version_fail": { code: "bundle-version-unsupported" },
  "bundle-with-root-cert_fail": { code: "bundle-root-certificate" },
  "checkpoint-bad-keyhint_fail": { code: "tlog-checkpoint-signature-invalid" },
  "checkpoint-wrong-roothash_fail": { code: "tlog-checkpoint-mismatch" },
  "dsse-invalid-sig_fail": { code: "signature-invalid" },
  "dsse-mismatch-envelope_fail": { code: "tlog-entry-digest-mismatch" },
  "dsse-mismatch-sig_fail": { code: "tlog-entry-signature-mismatch" },
  "inclusion-proof-corrupted-hash_fail": { code: "tlog-proof-invalid" },
  "incorrect-public-key_fail": {
    code: "tlog-promise-invalid",
    note: "the entry's body was changed, which its promise no longer signs",
  },
  "integrated-time-in-future_fail": { code: "tlog-integrated-time-outside-certificate" },
  "intoto-expired-certificate_fail": {
    code: "tlog-integrated-time-outside-certificate",
    readme: "certificate-authority-not-valid-then",
    note: "the certificate is of 2030 and the entry of 2023: the time of signing is outside the certificate before any range of the trusted root matters",
  },
  "intoto-log-entry-mismatch_fail": {
    code: "entry-body-invalid",
    readme: "tlog-entry-digest-mismatch",
    note: "the signature in the entry is encoded in base64 once, where intoto 0.0.2 has it twice: the entry is not well-formed",
  },
  "intoto-missing-inclusion-proof_fail": { code: "bundle-proof-missing" },
  "intoto-set-outside-signing-cert-validity_fail": { code: "tlog-integrated-time-outside-certificate" },
  "intoto-tsa-timestamp-outside-cert-validity_fail": { code: "certificate-not-valid-then" },
  "invalid-checkpoint-signature_fail": { code: "tlog-checkpoint-signature-invalid" },
  "invalid-ct-key_fail": {
    code: "sct-log-unknown",
    readme: "sct-signature-invalid",
    note: "the case has no README; its trusted root lists the CT log under another log ID",
  },
  "invalid-inclusion-proof_fail": {
    code: "bundle-checkpoint-missing",
    readme: "tlog-proof-invalid",
    note: "the proof has no checkpoint, which a v0.2 bundle must have",
  },
  "managed-key-no-key_fail": { code: "key-required" },
  "managed-key-wrong-key_fail": {
    code: "pem-invalid",
    readme: "key-invalid",
    note: "the case's key.pub is no base64: it tests reading keys, not a wrong key",
  },
  "message-digest-mismatch_fail": { code: "artifact-mismatch" },
  "rekor2-checkpoint-missing-log-signature_fail": { code: "note-invalid" },
  "rekor2-checkpoint-missing-origin_fail": { code: "checkpoint-invalid" },
  "rekor2-checkpoint-missing-root-hash_fail": { code: "checkpoint-invalid" },
  "rekor2-checkpoint-missing-size_fail": { code: "checkpoint-invalid" },
  "rekor2-checkpoint-no-matching-signature_fail": { code: "tlog-checkpoint-signature-invalid" },
  "rekor2-dsse-invalid-sig_fail": { code: "signature-invalid" },
  "rekor2-dsse-mismatch-envelope_fail": { code: "tlog-entry-digest-mismatch" },
  "rekor2-dsse-mismatch-sig_fail": { code: "tlog-entry-signature-mismatch" },
  "rekor2-no-inclusion-proof_fail": { code: "bundle-proof-missing" },
  "rekor2-no-timestamp_fail": { code: "time-threshold" },
  "rekor2-timestamp-outside-trust-root-tsa-validity_fail": { code: "timestamp-authority-not-valid-then" },
  "rekor2-timestamp-outside-tsa-cert-validity_fail": { code: "timestamp-chain-invalid" },
  "rekor2-timestamp-payload-mismatch_fail": { code: "timestamp-imprint-mismatch" },
  "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail": { code: "timestamp-authority-unknown" },
  "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail": { code: "timestamp-authority-unknown" },
  "rekor2-timestamp-with-incorrect-time_fail": { code: "certificate-not-valid-then" },
  "set-invalid-signature_fail": { code: "tlog-promise-invalid" },
  "signature-mismatch_fail": { code: "signature-invalid" },
  "trust-root-tlog-missing-validity-start_fail": { code: "trusted-root-invalid" },
  "wrong-hashedrekord-artifact_fail": { code: "tlog-entry-digest-mismatch" },
  "wrong-hashedrekord-cert-and-sig_fail": { code: "tlog-entry-key-mismatch" },
  "wrong-hashedrekord-entry_fail": { code: "tlog-entry-digest-mismatch" },
  "wrong-material_fail": { code: "artifact-mismatch" },
};
