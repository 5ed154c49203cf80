/**
 * Bundles signed with a key that its owner keeps, and keys that are refused (client specification 4.1).
 */
import {
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  type LieCase,
  messageCase,
  statementCase,
} from "./verification-case.ts";
import type { VirtualSigstore } from "./virtual-sigstore.ts";

/** When a timestamp is made by default: a second after the signature. */
const STAMPED_AFTER_MS = 1000;

/** A bundle signed with a key, judged with this range of the key; without times when `timestamps` is 0. */
function keyRange(
  timestamps: 0 | 1,
  range: (sigstore: VirtualSigstore) => { readonly startMs: number; readonly endMs: number | undefined },
): CaseMaker {
  return messageCase({ managedKey: { hint: "release" }, timestamps }, (sigstore, { publicKey }) => ({
    key: { spki: publicKey, validFor: range(sigstore) },
  }));
}

/** Keys that are refused. */
export const KEY_LIES: readonly LieCase[] = [
  {
    name: "key-not-given",
    step: "bundle",
    expectedCode: "key-required",
    describe: "a bundle signed with a key, judged without one",
    make: async (sigstore) => {
      const { key, ...question } = caseOf(
        sigstore,
        await sigstore.signMessage(ARTIFACT, { managedKey: { hint: "release" } }),
      );
      return key === undefined ? question : { ...question, identities: [] };
    },
  },
  {
    name: "key-for-certificate",
    step: "bundle",
    expectedCode: "key-unexpected",
    describe: "a bundle with a certificate, judged with a key",
    make: messageCase({}, (_, { publicKey }) => ({ key: { spki: publicKey }, identities: [] })),
  },
  {
    name: "key-other",
    step: "signature",
    expectedCode: "signature-invalid",
    describe: "a bundle signed with another key than the one given",
    make: messageCase({ managedKey: { hint: "release" } }, (sigstore) => ({
      key: { spki: sigstore.keys.signer("other", "PKIX_ECDSA_P256_SHA_256").publicKey.spki },
    })),
  },
  {
    name: "key-id-other",
    step: "bundle",
    expectedCode: "key-hint-mismatch",
    describe: "an envelope whose key id is not the bundle's hint",
    make: statementCase({ managedKey: { hint: "release", keyid: "nightly" } }),
  },
  {
    name: "key-ended",
    step: "key",
    expectedCode: "key-not-valid-then",
    describe: "signed a millisecond after the key ceased to be trusted",
    make: keyRange(1, ({ nowMs }) => ({ startMs: 0, endMs: nowMs + STAMPED_AFTER_MS - 1 })),
  },
  {
    name: "key-not-begun",
    step: "key",
    expectedCode: "key-not-valid-then",
    describe: "signed a millisecond before the key began to be trusted",
    make: keyRange(1, ({ nowMs }) => ({ startMs: nowMs + STAMPED_AFTER_MS + 1, endMs: undefined })),
  },
  {
    name: "key-ended-no-time",
    step: "key",
    expectedCode: "key-not-valid-then",
    describe: "no proved time, judged a millisecond after the key ceased to be trusted",
    make: keyRange(0, ({ nowMs }) => ({ startMs: 0, endMs: nowMs - 1 })),
  },
  {
    name: "key-time-wanted",
    step: "time",
    expectedCode: "time-threshold",
    describe: "a key without a proved time, where the caller wants one",
    make: messageCase({ managedKey: { hint: "release" }, timestamps: 0 }, { require: { times: 1 } }),
  },
  {
    name: "key-sct-wanted",
    step: "key",
    expectedCode: "sct-threshold",
    describe: "a key, which has no SCTs, where the caller wants one",
    make: messageCase({ managedKey: { hint: "release" } }, { require: { scts: 1 } }),
  },
];

/** Keys that are accepted at the edge. */
export const KEY_EDGES: readonly EdgeCase[] = [
  {
    name: "key-message",
    check: "key-required",
    describe: "a message signed with a key",
    make: messageCase({ managedKey: { hint: "release" } }),
  },
  {
    name: "key-statement",
    check: "key-hint-mismatch",
    describe: "a statement signed with a key, key id and hint the same",
    make: statementCase({ managedKey: { hint: "release", keyid: "release" } }),
  },
  {
    name: "key-without-id",
    check: "key-hint-mismatch",
    describe: "a statement signed with a key, without key id",
    make: statementCase({ managedKey: { hint: "release" } }),
  },
  {
    name: "key-without-hint",
    check: "key-hint-mismatch",
    describe: "a statement signed with a key, with key id and without hint",
    make: statementCase({ managedKey: { hint: "", keyid: "release" } }),
  },
  {
    name: "key-id-beside-certificate",
    check: "key-hint-mismatch",
    describe: "an envelope with a key id in a bundle with a certificate, where it says nothing",
    make: statementCase({
      lies: {
        envelope: (envelope) => ({
          ...envelope,
          signatures: envelope.signatures.map((one) => ({ ...one, keyid: "anything" })),
        }),
      },
    }),
  },
  {
    name: "key-without-time",
    check: "time-threshold",
    describe: "a key needs no proved time",
    make: messageCase({ managedKey: { hint: "release" }, timestamps: 0 }),
  },
  {
    name: "key-with-time-wanted",
    check: "time-threshold",
    describe: "a key with one proved time, where the caller wants one",
    make: messageCase({ managedKey: { hint: "release" }, timestamps: 1 }, { require: { times: 1 } }),
  },
  {
    name: "key-ends-then",
    check: "key-not-valid-then",
    describe: "signed in the last moment in which the key is trusted",
    make: keyRange(1, ({ nowMs }) => ({ startMs: 0, endMs: nowMs + STAMPED_AFTER_MS })),
  },
  {
    name: "key-begins-then",
    check: "key-not-valid-then",
    describe: "signed in the first moment in which the key is trusted",
    make: keyRange(1, ({ nowMs }) => ({ startMs: nowMs + STAMPED_AFTER_MS, endMs: undefined })),
  },
];
