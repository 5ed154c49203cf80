/**
 * Bundles whose shape is refused before anything in them is verified (client specification 4.1; sigstore_bundle.proto).
 */
import type { JsonObject } from "../encoding/json.ts";
import { BUNDLE_MEDIA_TYPE_V03, type Bundle, type BundleVersion, type TlogEntry } from "../formats/bundle/bundle.ts";
import { LIMITS } from "../limits.ts";
import type { Lie } from "./lie-hooks.ts";
import {
  addTrust,
  ARTIFACT,
  caseOf,
  type CaseMaker,
  type EdgeCase,
  type LieCase,
  messageCase,
} from "./verification-case.ts";
import { createVirtualSigstore, type VirtualSigstore } from "./virtual-sigstore.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";

const step = "bundle";

/** Changes every entry of a bundle. */
function changeEntries(change: (entries: readonly TlogEntry[]) => readonly TlogEntry[]): Lie<Bundle> {
  return (bundle) => ({
    ...bundle,
    material: { ...bundle.material, tlogEntries: change(bundle.material.tlogEntries) },
  });
}

function withCheckpoint(checkpoint: string | undefined): Lie<Bundle> {
  return changeEntries((entries) =>
    entries.map((entry) => ({
      ...entry,
      inclusionProof: entry.inclusionProof && { ...entry.inclusionProof, checkpoint },
    })),
  );
}

/** Replaces the certificates of a bundle by a chain. */
function withChain(choose: (certificates: readonly Uint8Array[]) => readonly Uint8Array[]): Lie<Bundle> {
  return (bundle) => {
    const { key } = bundle.material;
    if (key.kind === "publicKey") throw new TypeError("expected a bundle with a certificate, got one with a key");
    const chain = {
      kind: "certificate",
      form: "x509CertificateChain",
      certificates: choose(key.certificates),
    } as const;
    return { ...bundle, material: { ...bundle.material, key: chain } };
  };
}

/** A bundle whose JSON is changed after it was written. */
function editedCase(edit: (object: JsonObject) => JsonObject): CaseMaker {
  return messageCase({}, (_, { json }) => ({ bundle: JSON.stringify(edit(JSON.parse(json) as JsonObject)) }));
}

function textCase(change: (json: string) => string): CaseMaker {
  return messageCase({}, (_, { json }) => ({ bundle: change(json) }));
}

/** The same artifact, signature and key logged `count` times, at `count` indices of one log. */
function manyEntries(count: number): CaseMaker {
  return messageCase((sigstore) => ({ logs: Array.from({ length: count }, () => sigstore.activeLog(2)) }));
}

/** Timestamps of `count` authorities, all of them trusted. */
function manyTimestamps(count: number): CaseMaker {
  return async (sigstore) => {
    const timestampAuthorities = await makeTimestampAuthorities(sigstore, count);
    const signed = await sigstore.signMessage(ARTIFACT, { timestampAuthorities });
    const trustedRoot = addTrust(sigstore, {
      timestampAuthorities: timestampAuthorities.map(({ instance }) => instance),
    });
    return caseOf(sigstore, signed, { trustedRoot });
  };
}

async function makeTimestampAuthorities(
  sigstore: VirtualSigstore,
  count: number,
): Promise<readonly VirtualTimestampAuthority[]> {
  const made: VirtualTimestampAuthority[] = [];
  for (let index = 0; index < count; index += 1) made.push(await sigstore.factory.timestampAuthority(`many-${index}`));
  return made;
}

function oldBundle(bundleVersion: BundleVersion, bundle: Lie<Bundle>): CaseMaker {
  return messageCase({ bundleVersion, rekor: 1, lies: { bundle } });
}

/** Bundles that are refused for their shape. */
export const BUNDLE_LIES: readonly LieCase[] = [
  {
    name: "v0.1-without-promise",
    step,
    expectedCode: "bundle-promise-missing",
    describe: "a v0.1 bundle whose entry has a proof and no promise",
    make: messageCase({ bundleVersion: "0.1", rekor: 1, hasPromise: false, hasProof: true }),
  },
  {
    name: "v0.2-without-proof",
    step,
    expectedCode: "bundle-proof-missing",
    describe: "a v0.2 bundle whose entry has a promise and no proof",
    make: messageCase({ bundleVersion: "0.2", rekor: 1, hasProof: false }),
  },
  {
    name: "v0.3-without-proof",
    step,
    expectedCode: "bundle-proof-missing",
    describe: "a v0.3 bundle whose entry has a promise and no proof",
    make: messageCase({ rekor: 1, hasProof: false }),
  },
  {
    name: "rekor2-without-proof",
    step,
    expectedCode: "bundle-proof-missing",
    describe: "an entry of Rekor v2 without a proof",
    make: messageCase({ rekor: 2, hasProof: false }),
  },
  {
    name: "proof-without-checkpoint",
    step,
    expectedCode: "bundle-checkpoint-missing",
    describe: "a v0.3 bundle whose proof has no checkpoint",
    make: messageCase({ lies: { bundle: withCheckpoint(undefined) } }),
  },
  {
    name: "proof-with-empty-checkpoint",
    step,
    expectedCode: "bundle-checkpoint-missing",
    describe: "a v0.3 bundle whose checkpoint is empty",
    make: messageCase({ lies: { bundle: withCheckpoint("") } }),
  },
  {
    name: "chain-empty",
    step,
    expectedCode: "bundle-certificate-missing",
    describe: "a v0.2 bundle with an empty certificate chain",
    make: oldBundle(
      "0.2",
      withChain(() => []),
    ),
  },
  {
    name: "v0.3-with-chain",
    step,
    expectedCode: "bundle-certificate-chain-forbidden",
    describe: "a v0.3 bundle with a chain instead of a single certificate",
    make: messageCase({ lies: { bundle: withChain((certificates) => certificates) } }),
  },
  {
    name: "root-in-chain",
    step,
    expectedCode: "bundle-root-certificate",
    describe: "a v0.2 bundle that brings its root along",
    make: async (sigstore) => {
      const { chain } = sigstore.current.certificateAuthority;
      const signed = await sigstore.signMessage(ARTIFACT, {
        bundleVersion: "0.2",
        rekor: 1,
        lies: { bundle: withChain(([leaf = ARTIFACT]) => [leaf, ...chain]) },
      });
      return caseOf(sigstore, signed);
    },
  },
  {
    name: "entries-33",
    step,
    expectedCode: "bundle-too-many-entries",
    describe: "33 entries, each of them good",
    make: manyEntries(LIMITS.tlogEntries + 1),
  },
  {
    name: "timestamps-33",
    step,
    expectedCode: "bundle-too-many-timestamps",
    describe: "33 timestamps, each of another authority and good",
    make: manyTimestamps(LIMITS.timestamps + 1),
  },
  {
    name: "entry-twice",
    step,
    expectedCode: "tlog-entry-duplicate",
    describe: "the same entry twice",
    make: messageCase({ lies: { bundle: changeEntries((entries) => [...entries, ...entries]) } }),
  },
  {
    name: "leaf-garbage",
    step,
    expectedCode: "certificate-invalid",
    describe: "a certificate that is none",
    make: messageCase({ lies: { certificate: (certificate) => certificate.subarray(0, -1) } }),
  },
  {
    name: "media-type-unknown",
    step,
    expectedCode: "bundle-version-unsupported",
    describe: "a bundle of a version to come",
    make: editedCase((object) => ({ ...object, mediaType: "application/vnd.dev.sigstore.bundle.v0.4+json" })),
  },
  {
    name: "field-unknown",
    step,
    expectedCode: "bundle-invalid",
    describe: "a field that no bundle has",
    make: editedCase((object) => ({ ...object, comment: "trust me" })),
  },
  {
    name: "content-missing",
    step,
    expectedCode: "bundle-invalid",
    describe: "neither a message signature nor an envelope",
    make: editedCase(({ messageSignature, ...others }) => (messageSignature === undefined ? {} : others)),
  },
  {
    name: "contents-two",
    step,
    expectedCode: "bundle-invalid",
    describe: "a message signature and an envelope",
    make: editedCase((object) => ({
      ...object,
      dsseEnvelope: { payload: "e30=", payloadType: "application/vnd.in-toto+json", signatures: [{ sig: "AAAA" }] },
    })),
  },
  {
    name: "log-index-negative",
    step,
    expectedCode: "bundle-invalid",
    describe: "a negative log index",
    make: textCase((json) => json.replace(/"logIndex":"\d+"/, '"logIndex":"-1"')),
  },
  {
    name: "signature-not-base64",
    step,
    expectedCode: "bundle-invalid",
    describe: "a signature that is not base64",
    make: textCase((json) => json.replace(/"signature":"..../, '"signature":"!!!!')),
  },
  {
    name: "json-member-twice",
    step,
    expectedCode: "json-invalid",
    describe: "a member twice, of which parsers may see either",
    make: textCase((json) => json.replace("{", `{"mediaType":"${BUNDLE_MEDIA_TYPE_V03}",`)),
  },
  {
    name: "json-truncated",
    step,
    expectedCode: "json-invalid",
    describe: "half a bundle",
    make: textCase((json) => json.slice(0, json.length / 2)),
  },
  { name: "file-empty", step, expectedCode: "input-empty", describe: "an empty file", make: textCase(() => "") },
];

/** Bundles that are accepted at the edge of their shape. */
export const BUNDLE_EDGES: readonly EdgeCase[] = [
  {
    name: "v0.1-promise-alone",
    check: "bundle-promise-missing",
    describe: "a v0.1 bundle with a promise and no proof",
    make: messageCase({ bundleVersion: "0.1", rekor: 1 }),
  },
  {
    name: "v0.1-proof-without-checkpoint",
    check: "bundle-checkpoint-missing",
    describe: "a v0.1 bundle with a promise, and a proof that nobody signed",
    make: messageCase({ bundleVersion: "0.1", rekor: 1, hasProof: true, lies: { bundle: withCheckpoint(undefined) } }),
  },
  {
    name: "v0.3-proof-alone",
    check: "bundle-proof-missing",
    describe: "a v0.3 bundle with a proof and a timestamp, without a promise",
    make: messageCase({ rekor: 1, hasPromise: false, timestamps: 1 }),
  },
  {
    name: "v0.2-leaf-alone",
    check: "bundle-certificate-missing",
    describe: "a v0.2 bundle whose chain is the leaf alone",
    make: oldBundle(
      "0.2",
      withChain((certificates) => certificates.slice(0, 1)),
    ),
  },
  {
    name: "v0.2-with-intermediate",
    check: "bundle-root-certificate",
    describe: "a v0.2 bundle with the intermediate, without the root",
    make: messageCase({ bundleVersion: "0.2", rekor: 1 }),
  },
  {
    name: "v0.3-old-media-type",
    check: "bundle-version-unsupported",
    describe: "v0.3 under its first media type",
    make: messageCase({ mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.3" }),
  },
  {
    name: "entries-32",
    check: "bundle-too-many-entries",
    describe: "32 entries",
    make: manyEntries(LIMITS.tlogEntries),
  },
  {
    name: "timestamps-32",
    check: "bundle-too-many-timestamps",
    describe: "32 timestamps",
    make: manyTimestamps(LIMITS.timestamps),
  },
  {
    name: "one-log-two-indices",
    check: "tlog-entry-duplicate",
    describe: "the same body at two indices of one log",
    make: manyEntries(2),
  },
  {
    name: "two-logs-one-index",
    check: "tlog-entry-duplicate",
    describe: "the same index in two logs",
    make: async () => messageCase({ rekor: "both" })(await createVirtualSigstore({ seed: "two logs, one index" })),
  },
];
