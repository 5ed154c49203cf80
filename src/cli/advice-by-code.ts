/**
 * What to do about a refusal, by its code alone, in terms of this command.
 */
import type { ErrorCode } from "../errors.ts";

type Advice = Partial<Readonly<Record<ErrorCode, string>>>;

const OTHER_ROOT =
  "name the instance that signed: --instance NAME or --trusted-root FILE; it is trusted once with sigstore trust use ADDRESS";
const NOT_GENUINE = "the evidence was changed or forged: do not use the file, and fetch it and its bundle again";
const BROKEN_TOOL = "the tool that made the bundle is at fault: ask the signer to sign again with a current client";
const OTHER_RANGE = "the trusted root may be older or newer than the signature: verify with a current one";

/** Better than what the library says, because it names options. */
export const ADVICE: Advice = {
  "bundle-ambiguous": "say which one counts with --bundle FILE, or remove the other",
  "key-required": "give the signer's public key with --key FILE",
  "key-unexpected": "leave --key out, and name the signer with --identity and --issuer",
  "profile-mismatch": "leave --profile out, or give that instance's --trusted-root",
  "artifact-bytes-required": "this key signs the bytes themselves: give the file instead of a digest",
  "artifact-digest-required": "give the file itself, or the digest that was signed",
  "tlog-log-unknown": OTHER_ROOT,
  "timestamp-authority-unknown": OTHER_ROOT,
  "certificate-path-invalid": OTHER_ROOT,
  "sct-log-unknown": OTHER_ROOT,
};

/** Where the library says nothing. */
export const OTHERWISE: Advice = {
  "input-empty": "was the download cut off?",
  "json-invalid": "the bundle is damaged: fetch it again",
  "bundle-invalid": "is it the right file, and whole? a bundle's name usually ends in .sigstore.json",
  "bundle-certificate-missing": BROKEN_TOOL,
  "bundle-certificate-chain-forbidden": BROKEN_TOOL,
  "bundle-checkpoint-missing": BROKEN_TOOL,
  "bundle-promise-missing": BROKEN_TOOL,
  "bundle-too-many-entries": BROKEN_TOOL,
  "bundle-too-many-timestamps": BROKEN_TOOL,
  "dsse-signature-count": BROKEN_TOOL,
  "identity-missing": BROKEN_TOOL,
  "tlog-entry-duplicate": BROKEN_TOOL,
  "key-hint-mismatch": BROKEN_TOOL,
  "statement-invalid": BROKEN_TOOL,
  "dsse-invalid": BROKEN_TOOL,
  "der-invalid": BROKEN_TOOL,
  "certificate-invalid": NOT_GENUINE,
  "checkpoint-invalid": NOT_GENUINE,
  "entry-body-invalid": NOT_GENUINE,
  "note-invalid": NOT_GENUINE,
  "sct-invalid": NOT_GENUINE,
  "sct-signature-invalid": NOT_GENUINE,
  "timestamp-chain-invalid": NOT_GENUINE,
  "timestamp-imprint-mismatch": NOT_GENUINE,
  "timestamp-invalid": NOT_GENUINE,
  "timestamp-signature-invalid": NOT_GENUINE,
  "timestamp-usage-invalid": NOT_GENUINE,
  "tlog-checkpoint-mismatch": NOT_GENUINE,
  "tlog-checkpoint-origin-mismatch": NOT_GENUINE,
  "tlog-checkpoint-signature-invalid": NOT_GENUINE,
  "tlog-entry-digest-mismatch": NOT_GENUINE,
  "tlog-entry-key-mismatch": NOT_GENUINE,
  "tlog-entry-kind-mismatch": NOT_GENUINE,
  "tlog-entry-signature-mismatch": NOT_GENUINE,
  "tlog-promise-invalid": NOT_GENUINE,
  "tlog-proof-index-mismatch": NOT_GENUINE,
  "tlog-proof-invalid": NOT_GENUINE,
  "certificate-usage-invalid": NOT_GENUINE,
  "certificate-not-valid-then": "it was not signed while its certificate was valid: the signer must sign again",
  "tlog-integrated-time-outside-certificate":
    "it was not logged while its certificate was valid: the signer must sign again",
  "certificate-authority-not-valid-then": OTHER_RANGE,
  "sct-log-not-valid-then": OTHER_RANGE,
  "timestamp-authority-not-valid-then": OTHER_RANGE,
  "tlog-log-not-valid-then": OTHER_RANGE,
  "sct-missing": "an instance without a certificate transparency log cannot be verified yet",
  "time-threshold": "nothing in the bundle proves when it was signed: ask the signer for one with a timestamp",
  "timestamp-threshold": "no timestamp in the bundle counts: ask the signer for one with a timestamp",
  "tlog-threshold": "no entry in the bundle proves that it was logged: ask the signer to sign with a transparency log",
  "integrated-time-threshold": "no log promises a time in the bundle: ask the signer for a log that does",
  "sct-threshold": "the certificate was not logged as often as is asked for",
  "key-not-valid-then": "the key was not trusted when it was used: ask the signer for the one that was",
  "key-unsupported": "this version knows no such keys: ask the signer to sign with ECDSA, Ed25519 or RSA",
  "algorithm-unsupported": "this version knows no such algorithm: a newer one may",
  "certificate-critical-extension-unknown": "a newer version of this program may know it",
  "tlog-entry-kind-unsupported": "a newer version of this program may know it, or sign again with a current client",
  "statement-too-many-subjects": "ask the signer for a statement about fewer files",
  "identity-extension-mismatch": "the right signer, but for something else than was asked for",
  "instance-mismatch": "give the trusted root of the instance that the identity belongs to",
  "dsse-payload-type-unsupported": "this version verifies in-toto statements",
};
