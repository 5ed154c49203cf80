/** Each lie of a service is refused before there is a bundle, and before the next service hears of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generatePrivateKey } from "../crypto/private-key.ts";
import { createSigner } from "../crypto/signer.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError } from "../errors.ts";
import { serializeTimestampResponse } from "../formats/rfc3161.ts";
import { OID } from "../formats/x509/oids.ts";
import { removeExtension } from "../testing/certificate-edits.ts";
import { PERSON, USER_NAME, WORKFLOW_RUN, WORKLOAD } from "../testing/identities.ts";
import {
  virtualCertificateAuthority,
  type VirtualIssuing,
  virtualIdentityProvider,
  type VirtualLogging,
  type VirtualStamping,
  virtualTimestampAuthority,
  virtualTransparencyLog,
} from "../testing/virtual-services.ts";
import { createVirtualSigstore, type VirtualSigstore } from "../testing/virtual-sigstore.ts";
import { loadTrustMaterial } from "../verify/trust.ts";
import { KeylessSession } from "./keyless-session.ts";
import { signMessage } from "./sign.ts";
import { managedSigningKey, type SigningKey } from "./signing-key.ts";

const MINUTE_MS = 60_000;
const ARTIFACT = { kind: "bytes", bytes: utf8Encode("artifact") } as const;

interface LyingServices {
  readonly version?: 1 | 2;
  readonly issuing?: VirtualIssuing;
  readonly stamping?: VirtualStamping;
  readonly logging?: VirtualLogging;
  readonly isManaged?: boolean;
  /** Whom the caller expects. */
  readonly subject?: string;
}

type Lying = LyingServices | ((sigstore: VirtualSigstore) => LyingServices | Promise<LyingServices>);

async function keyFor(
  sigstore: VirtualSigstore,
  { issuing = {}, isManaged, subject }: LyingServices,
): Promise<SigningKey> {
  if (isManaged === true) return managedSigningKey(createSigner(generatePrivateKey("ecdsa-p256")));
  const session = new KeylessSession({
    identityProvider: virtualIdentityProvider(sigstore),
    certificateAuthority: virtualCertificateAuthority(sigstore, issuing),
    trust: loadTrustMaterial(sigstore.trustedRoot),
    now: () => sigstore.nowMs,
    ...(subject !== undefined && { expected: { subject } }),
  });
  return session.key();
}

/** Signs with these services and returns the code of the check by which an answer was refused, and what was asked after it. */
async function refusal(lying: Lying): Promise<{ service: unknown; code: unknown; asked: number[] }> {
  const sigstore = await createVirtualSigstore({ rekorV1Shards: 2 });
  const services = typeof lying === "function" ? await lying(sigstore) : lying;
  const authority = virtualTimestampAuthority(sigstore, services.stamping);
  const log = virtualTransparencyLog(sigstore, services.version ?? 2, services.logging);
  const trust = loadTrustMaterial(sigstore.trustedRoot);
  try {
    const key = await keyFor(sigstore, services);
    await signMessage(ARTIFACT, key, {
      logs: [log],
      timestampAuthorities: [authority],
      trust,
      now: () => sigstore.nowMs,
    });
  } catch (error) {
    assert.ok(isSigstoreError(error, "service-answer-refused"), String(error));
    assert.ok(error.message.includes(String(error.details["address"])), error.message);
    const { service, refusedWith } = error.details;
    return { service, code: refusedWith, asked: [authority.calls, log.calls] };
  }
  return assert.fail("expected a refusal");
}

function suite(name: string, asked: readonly number[], lies: readonly (readonly [string, string, Lying])[]): void {
  describe(`the ${name} lies`, () => {
    for (const [what, code, lying] of lies)
      test(what, async () => assert.deepEqual(await refusal(lying), { service: name, code, asked }));
  });
}

const CERTIFICATE_LIES: readonly (readonly [string, string, Lying])[] = [
  [
    "a certificate of an authority nobody trusts",
    "certificate-path-invalid",
    async ({ factory }) => ({ issuing: { authority: await factory.certificateAuthority("other") } }),
  ],
  [
    "a certificate signed by another key under the same name",
    "certificate-path-invalid",
    async () => ({
      issuing: { authority: (await createVirtualSigstore({ seed: "other" })).current.certificateAuthority },
    }),
  ],
  [
    "a certificate for another key",
    "certificate-invalid",
    { issuing: { spki: generatePrivateKey("ecdsa-p256").publicKey.spki } },
  ],
  [
    "bytes that are no certificate",
    "certificate-invalid",
    { issuing: { lies: { certificate: () => utf8Encode("no") } } },
  ],
  [
    "a certificate for somebody else",
    "identity-mismatch",
    { issuing: { identity: { ...PERSON, subject: "eve@example.com" } } },
  ],
  [
    "a certificate in another issuer's name",
    "identity-mismatch",
    { issuing: { identity: { ...PERSON, issuer: "https://evil.example.com" } } },
  ],
  [
    "a user name instead of an address",
    "identity-mismatch",
    { issuing: { identity: { ...USER_NAME, issuer: PERSON.issuer } } },
  ],
  [
    "a workload other than the one that is expected",
    "identity-mismatch",
    { subject: "spiffe://example.net/x", issuing: { identity: { ...WORKLOAD, issuer: PERSON.issuer } } },
  ],
  [
    "a certificate without an issuer of tokens",
    "identity-missing",
    {
      issuing: {
        lies: {
          certificateFields: (fields) => removeExtension(`${OID.fulcio}.1`)(removeExtension(`${OID.fulcio}.8`)(fields)),
        },
      },
    },
  ],
  [
    "a certificate that is not for code signing",
    "certificate-usage-invalid",
    { issuing: { lies: { certificateFields: removeExtension(OID.extendedKeyUsage) } } },
  ],
  ["a certificate without an SCT", "sct-missing", { issuing: { lies: { scts: () => [] } } }],
  [
    "an SCT of a log nobody trusts",
    "sct-log-unknown",
    { issuing: { lies: { scts: (scts) => scts.map((sct) => ({ ...sct, logId: new Uint8Array(32) })) } } },
  ],
  [
    "an SCT over something else",
    "sct-signature-invalid",
    { issuing: { lies: { issuedFields: (fields) => ({ ...fields, notAfterMs: fields.notAfterMs + 1000 }) } } },
  ],
];

const TIMESTAMP_LIES: readonly (readonly [string, string, Lying])[] = [
  [
    "a timestamp of an authority nobody trusts",
    "timestamp-authority-unknown",
    async ({ factory }) => ({ stamping: { authority: await factory.timestampAuthority("other") } }),
  ],
  [
    "a timestamp over something else",
    "timestamp-imprint-mismatch",
    {
      stamping: {
        lies: {
          tstInfo: (info) => ({ ...info, messageImprint: { ...info.messageImprint, digest: new Uint8Array(32) } }),
        },
      },
    },
  ],
  [
    "an old timestamp: another nonce",
    "timestamp-invalid",
    { stamping: { lies: { tstInfo: (info) => ({ ...info, nonce: 1n }) } } },
  ],
  [
    "a timestamp without our nonce",
    "timestamp-invalid",
    { stamping: { lies: { tstInfo: (info) => ({ ...info, nonce: undefined }) } } },
  ],
  [
    "a timestamp from before the certificate",
    "certificate-not-valid-then",
    (sigstore) => ({ stamping: { genTimeMs: sigstore.nowMs - 1000 } }),
  ],
  [
    "a timestamp from after the certificate",
    "certificate-not-valid-then",
    (sigstore) => ({ stamping: { genTimeMs: sigstore.nowMs + 11 * MINUTE_MS } }),
  ],
  [
    "a timestamp of yesterday for a managed key",
    "time-too-late",
    (sigstore) => ({ isManaged: true, stamping: { genTimeMs: sigstore.nowMs - 1440 * MINUTE_MS } }),
  ],
  [
    "a refusal in the form of a response",
    "timestamp-invalid",
    { stamping: { lies: { timestamp: () => serializeTimestampResponse({ status: 2 }) } } },
  ],
  [
    "half a response",
    "timestamp-invalid",
    { stamping: { lies: { timestamp: (der) => der.subarray(0, der.length / 2) } } },
  ],
  [
    "a changed response",
    "timestamp-signature-invalid",
    {
      stamping: {
        lies: {
          tstInfo: (info) => info,
          timestampParts: (parts) => ({
            ...parts,
            attributes: parts.attributes.map((one) =>
              one.oid === OID.messageDigest ? { ...one, value: Uint8Array.of(4, 1, 0) } : one,
            ),
          }),
        },
      },
    },
  ],
];

const LOG_LIES: readonly (readonly [string, string, Lying])[] = [
  [
    "an entry of a log nobody trusts",
    "tlog-log-unknown",
    ({ factory }) => ({ logging: { log: factory.log(2, "other") } }),
  ],
  [
    "an entry for another signature",
    "tlog-entry-signature-mismatch",
    { logging: { lies: { loggedEntry: (entry) => ({ ...entry, body: changedSignature(entry.body) }) } } },
  ],
  [
    "a kind that is not the body's",
    "tlog-entry-kind-mismatch",
    { logging: { lies: { tlogEntry: (entry) => ({ ...entry, kindVersion: { kind: "dsse", version: "0.0.1" } }) } } },
  ],
  [
    "another index",
    "tlog-proof-index-mismatch",
    { logging: { lies: { tlogEntry: (entry) => ({ ...entry, logIndex: entry.logIndex + 1n }) } } },
  ],
  [
    "a proof that leads elsewhere",
    "tlog-proof-invalid",
    { logging: { lies: { proof: (proof) => ({ ...proof, hashes: proof.hashes.slice(1) }) } } },
  ],
  [
    "a checkpoint of another tree",
    "tlog-checkpoint-mismatch",
    { logging: { lies: { treeHead: (head) => ({ ...head, treeSize: head.treeSize + 1n }) } } },
  ],
  [
    "a checkpoint that another log signed",
    "tlog-checkpoint-signature-invalid",
    ({ factory }) => ({ logging: { lies: { checkpointLog: () => factory.log(2, "other").log } } }),
  ],
  ["no proof", "bundle-proof-missing", { logging: { hasProof: false } }],
  [
    "no checkpoint, in Rekor v1",
    "bundle-checkpoint-missing",
    {
      version: 1,
      logging: {
        lies: {
          tlogEntry: ({ inclusionProof, ...entry }) => ({
            ...entry,
            inclusionProof: inclusionProof && { ...inclusionProof, checkpoint: undefined },
          }),
        },
      },
    },
  ],
  ["no promise, in Rekor v1", "bundle-promise-missing", { version: 1, logging: { hasPromise: false } }],
  [
    "a promise of something else, in Rekor v1",
    "tlog-promise-invalid",
    { version: 1, logging: { lies: { promisedEntry: (entry) => ({ ...entry, logIndex: 0n }) } } },
  ],
  [
    "a time from before the certificate, in Rekor v1",
    "tlog-integrated-time-outside-certificate",
    (sigstore) => ({ version: 1, logging: { integratedTimeMs: sigstore.nowMs - MINUTE_MS } }),
  ],
  [
    "a time of yesterday for a managed key, in Rekor v1",
    "time-too-late",
    (sigstore) => ({ version: 1, isManaged: true, logging: { integratedTimeMs: sigstore.nowMs - 1440 * MINUTE_MS } }),
  ],
];

/** The same body with other signature bytes. */
function changedSignature(body: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(body);
  return utf8Encode(text.replace(/"content":"MEU|"content":"MEQ|"content":"MEY/, (start) => `${start.slice(0, -1)}Z`));
}

suite("certificate authority", [0, 0], CERTIFICATE_LIES);
suite("timestamp authority", [1, 0], TIMESTAMP_LIES);
suite("transparency log", [1, 1], LOG_LIES);

test("what an authority's own settings name may be any workflow, unless one is expected", async () => {
  const sigstore = await createVirtualSigstore();
  const identity = { ...WORKFLOW_RUN, issuer: PERSON.issuer };
  const key = await keyFor(sigstore, { issuing: { identity } });
  assert.equal(key.kind === "certificate" && key.identity.subject, WORKFLOW_RUN.subject);
  assert.ok(await keyFor(sigstore, { issuing: { identity }, subject: WORKFLOW_RUN.subject }));
});

test("services of two instances do not make a bundle: two entries of one log where two logs are asked for", async () => {
  const sigstore = await createVirtualSigstore();
  const log = virtualTransparencyLog(sigstore, 2);
  const context = {
    logs: [log, log],
    timestampAuthorities: [virtualTimestampAuthority(sigstore)],
    trust: loadTrustMaterial(sigstore.trustedRoot),
    requirements: { tlogEntries: 2, scts: 1, signedTimestamps: 0, integratedTimes: 0, times: 1 },
    now: () => sigstore.nowMs,
  };
  await assert.rejects(signMessage(ARTIFACT, await keyFor(sigstore, {}), context), {
    code: "signing-evidence-insufficient",
    message: /in distinct logs, got 1/,
  });
});

test("a service that fails ends the call to the others", async () => {
  const sigstore = await createVirtualSigstore();
  const honest = virtualTransparencyLog(sigstore, 2);
  let wasEnded = false;
  const logs = [
    { ...honest, submitEntry: async () => Promise.reject(new Error("down")) },
    {
      ...honest,
      submitEntry: async (_: unknown, options?: { signal?: AbortSignal | undefined }) =>
        new Promise<never>((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => {
            wasEnded = true;
            reject(new Error("ended"));
          });
        }),
    },
  ];
  const timestampAuthorities = [virtualTimestampAuthority(sigstore)];
  const trust = loadTrustMaterial(sigstore.trustedRoot);
  const key = await keyFor(sigstore, {});
  const controller = new AbortController();
  const context = { logs, timestampAuthorities, trust, now: () => sigstore.nowMs, signal: controller.signal };
  await assert.rejects(signMessage(ARTIFACT, key, context), /down/);
  assert.ok(wasEnded);
});
