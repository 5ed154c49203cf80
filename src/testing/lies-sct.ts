/**
 * Signed certificate timestamps that are refused (RFC 6962 §3.2; client specification 4.2).
 */
import { serializeLeafIndexExtension, type Sct } from "../formats/sct.ts";
import type { TrustedRootVersion } from "../formats/trusted-root.ts";
import { OID } from "../formats/x509/oids.ts";
import { setExtension } from "./certificate-edits.ts";
import type { CertificateLies } from "./lie-hooks.ts";
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
import { createVirtualSigstore } from "./virtual-sigstore.ts";

const step = "sct";

function lying(lies: CertificateLies): CaseMaker {
  return messageCase({ lies });
}

/** SCTs of two logs, where two are wanted; from v0.2 on the trusted root says that they have one operator. */
function twoLogs(version: TrustedRootVersion): CaseMaker {
  return async (sigstore) => {
    const second = sigstore.factory.ctLog("second");
    const signed = await sigstore.signMessage(ARTIFACT, { ctLogs: [...sigstore.current.ctLogs, second] });
    return caseOf(sigstore, signed, {
      trustedRoot: addTrust(sigstore, { ctlogs: [second.instance] }, version),
      require: { scts: 2 },
    });
  };
}

/** SCTs that were changed after the log signed them. */
function changedSct(change: (sct: Sct) => Partial<Sct>): CaseMaker {
  return lying({ scts: (scts) => scts.map((sct) => ({ ...sct, ...change(sct) })) });
}

/** A certificate that says something else than the CT log saw. */
const otherCertificate: CaseMaker = lying({
  issuedFields: (fields) => ({ ...fields, notAfterMs: fields.notAfterMs + 1000 }),
});

/** An SCT for the same certificate as another issuer would have issued it. */
const otherIssuer: CaseMaker = lying({
  sctRequest: (request) =>
    request.entry.type === "precertificate"
      ? { ...request, entry: { ...request.entry, issuerKeyHash: flipBit(request.entry.issuerKeyHash) } }
      : request,
});

/** Signed certificate timestamps that are refused. */
export const SCT_LIES: readonly LieCase[] = [
  {
    name: "sct-none",
    step,
    expectedCode: "sct-missing",
    describe: "a certificate without SCT",
    make: messageCase({ ctLogs: [] }),
  },
  {
    name: "sct-log-stranger",
    step,
    expectedCode: "sct-log-unknown",
    describe: "an SCT of a CT log that is not in the trusted root",
    make: messageCase(({ factory }) => ({ ctLogs: [factory.ctLog("stranger")] })),
  },
  {
    name: "sct-log-ended",
    step,
    expectedCode: "sct-log-not-valid-then",
    describe: "an SCT a millisecond after the trusted root ceased to trust the log",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "ctlogs", { endMs: sigstore.nowMs - 1 }),
    })),
  },
  {
    name: "sct-log-not-begun",
    step,
    expectedCode: "sct-log-not-valid-then",
    describe: "an SCT a millisecond before the trusted root began to trust the log",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: limitTrust(sigstore, "ctlogs", { startMs: sigstore.nowMs + 1 }),
    })),
  },
  {
    name: "sct-signature-changed",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT whose signature has one bit changed",
    make: changedSct(({ signature }) => ({ signature: flipBit(signature) })),
  },
  {
    name: "sct-time-changed",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT with another time than was signed",
    make: changedSct(({ timestampMs }) => ({ timestampMs: timestampMs + 1n })),
  },
  {
    name: "sct-extensions-changed",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT with extensions that were not signed",
    make: changedSct(() => ({ extensions: serializeLeafIndexExtension(7n) })),
  },
  {
    name: "sct-other-algorithm",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT that calls its ECDSA signature RSA",
    make: changedSct(() => ({ signatureAlgorithm: 1 })),
  },
  {
    name: "sct-of-other-certificate",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT for a certificate with another validity",
    make: otherCertificate,
  },
  {
    name: "sct-of-other-issuer",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT for a certificate of another issuer",
    make: otherIssuer,
  },
  {
    name: "sct-other-key",
    step,
    expectedCode: "sct-signature-invalid",
    describe: "an SCT under a trusted log's ID, signed with another key",
    make: async (sigstore) => {
      const [trusted] = sigstore.current.ctLogs;
      const signed = await sigstore.signMessage(ARTIFACT, {
        ctLogs: [sigstore.factory.ctLog("stranger")],
        lies: { scts: (scts) => scts.map((sct) => ({ ...sct, logId: trusted?.instance.logId ?? sct.logId })) },
      });
      return caseOf(sigstore, signed);
    },
  },
  {
    name: "scts-two-wanted",
    step,
    expectedCode: "sct-threshold",
    describe: "one SCT where two are wanted",
    make: messageCase({}, { require: { scts: 2 } }),
  },
  {
    name: "scts-of-one-log",
    step,
    expectedCode: "sct-threshold",
    describe: "two SCTs of one log where two logs are wanted",
    make: messageCase(({ current: { ctLogs } }) => ({ ctLogs: [...ctLogs, ...ctLogs] }), { require: { scts: 2 } }),
  },
  {
    name: "scts-of-one-operator",
    step,
    expectedCode: "sct-threshold",
    describe: "SCTs of two logs of one operator where two are wanted",
    make: twoLogs("0.2"),
  },
  {
    name: "sct-list-garbage",
    step,
    expectedCode: "sct-invalid",
    describe: "an SCT list that is none",
    make: messageCase({
      ctLogs: [],
      lies: { issuedFields: setExtension({ oid: OID.sctList, critical: false, value: Uint8Array.of(4, 1, 0) }) },
    }),
  },
];

/** Signed certificate timestamps that are accepted at the edge. */
export const SCT_EDGES: readonly EdgeCase[] = [
  {
    name: "sct-log-ends-then",
    check: "sct-log-not-valid-then",
    describe: "an SCT in the last millisecond in which the log is trusted",
    make: messageCase({}, (sigstore) => ({ trustedRoot: limitTrust(sigstore, "ctlogs", { endMs: sigstore.nowMs }) })),
  },
  {
    name: "sct-log-begins-then",
    check: "sct-log-not-valid-then",
    describe: "an SCT in the first millisecond in which the log is trusted",
    make: messageCase({}, (sigstore) => ({ trustedRoot: limitTrust(sigstore, "ctlogs", { startMs: sigstore.nowMs }) })),
  },
  {
    name: "sct-log-listed-twice",
    check: "sct-log-not-valid-then",
    describe: "a CT log that the trusted root lists with an old range and with the current one",
    make: messageCase({}, (sigstore) => ({
      trustedRoot: replaceTrust(sigstore, {
        ctlogs: sigstore.trustedRoot.ctlogs.flatMap((log) => [{ ...log, validFor: { startMs: 0, endMs: 1000 } }, log]),
      }),
    })),
  },
  {
    name: "sct-stranger-beside-known",
    check: "sct-log-unknown",
    describe: "an SCT of an unknown log before one of a known log",
    make: messageCase(({ factory, current }) => ({ ctLogs: [factory.ctLog("stranger"), ...current.ctLogs] })),
  },
  {
    name: "sct-with-leaf-index",
    check: "sct-signature-invalid",
    describe: "an SCT with the leaf index among its extensions, as static-ct-api logs give it",
    make: async () => messageCase()(await createVirtualSigstore({ seed: "static", hasStaticCtLogs: true })),
  },
  {
    name: "sct-by-rsa",
    check: "sct-signature-invalid",
    describe: "an SCT of a log with an RSA key",
    make: async () =>
      messageCase()(await createVirtualSigstore({ seed: "rsa", ctLogAlgorithm: "PKIX_RSA_PKCS1V15_2048_SHA256" })),
  },
  {
    name: "scts-two-of-two",
    check: "sct-threshold",
    describe: "SCTs of two logs where two are wanted",
    make: twoLogs("0.1"),
  },
];
