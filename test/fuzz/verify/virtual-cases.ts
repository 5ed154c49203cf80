/**
 * Bundles of every kind from virtual Sigstores, the same bytes in every run.
 */
import { serializeTrustedRoot } from "../../../src/formats/trusted-root.ts";
import { USER_NAME, WORKFLOW_RUN, WORKLOAD } from "../../../src/testing/identities.ts";
import type { SignedBundle, SigningOptions } from "../../../src/testing/signing-options.ts";
import { PartyFactory } from "../../../src/testing/virtual-parties.ts";
import type { VirtualParties } from "../../../src/testing/virtual-parties.ts";
import { DEFAULT_OPTIONS } from "../../../src/testing/virtual-sigstore-options.ts";
import type { CompleteOptions, VirtualSigstoreOptions } from "../../../src/testing/virtual-sigstore-options.ts";
import { statementAbout, VirtualSigstore } from "../../../src/testing/virtual-sigstore.ts";
import { DeterministicKeys } from "./deterministic-keys.ts";
import type { FuzzCase } from "./fuzz-case.ts";

const ARTIFACT = new TextEncoder().encode("what was signed, and what is mutated\n");

const OTHER_ARTIFACT = new TextEncoder().encode("something else that the same instance signed\n");

interface Recipe {
  readonly content: "message" | "statement";
  readonly options: SigningOptions;
  readonly sigstore?: VirtualSigstoreOptions;
  readonly rootVersion?: "0.2";
}

const MANAGED = { hint: "the managed key", keyid: "the managed key" };

/** One recipe for each kind of bundle; what is left out is today's default (v0.3, P-256, Rekor v2, a timestamp). */
const RECIPES: Readonly<Record<string, Recipe>> = {
  "message-rekor2": { content: "message", options: {} },
  "message-rekor1": { content: "message", options: { rekor: 1 } },
  "message-rekor1-proof-timestamp": { content: "message", options: { rekor: 1, hasPromise: false, timestamps: 1 } },
  "message-both-logs": { content: "message", options: { rekor: "both", timestamps: 1 } },
  "message-v01": { content: "message", options: { bundleVersion: "0.1", rekor: 1 } },
  "message-v01-proof": {
    content: "message",
    options: { bundleVersion: "0.1", rekor: 1, hasProof: true, laterEntries: 3 },
  },
  "message-v02": { content: "message", options: { bundleVersion: "0.2", rekor: 1, timestamps: 1 } },
  "message-rsa": { content: "message", options: { algorithm: "PKIX_RSA_PKCS1V15_2048_SHA256" } },
  "message-p384": { content: "message", options: { algorithm: "PKIX_ECDSA_P384_SHA_384", rekor: 1 } },
  "message-p521": { content: "message", options: { algorithm: "PKIX_ECDSA_P521_SHA_512" } },
  "message-ed25519ph": { content: "message", options: { algorithm: "PKIX_ED25519_PH" } },
  "message-two-timestamps": {
    content: "message",
    options: { timestamps: 2, timestampCertificates: "chain", timestampHash: "sha512" },
    sigstore: { timestampAuthorities: 2 },
  },
  "message-cosigned": { content: "message", options: { witnesses: 2, laterEntries: 9, identity: USER_NAME } },
  "message-rotated": {
    content: "message",
    options: { identity: WORKFLOW_RUN },
    sigstore: { hasRotatedKeys: true, rekorV2Shards: 2 },
  },
  "message-p384-authorities": {
    content: "message",
    options: { timestampCertificates: "leaf" },
    sigstore: {
      certificateAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
      timestampAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
      hasStaticCtLogs: true,
      ctLogs: 2,
    },
  },
  "message-p256-log-rsa-ctlog": {
    content: "message",
    options: {},
    sigstore: { rekorV2Algorithm: "PKIX_ECDSA_P256_SHA_256", ctLogAlgorithm: "PKIX_RSA_PKCS1V15_2048_SHA256" },
    rootVersion: "0.2",
  },
  "message-rsa-rekor1": {
    content: "message",
    options: { rekor: 1 },
    sigstore: { rekorV1Algorithm: "PKIX_RSA_PKCS1V15_2048_SHA256" },
  },
  "message-managed-key": { content: "message", options: { managedKey: MANAGED, rekor: 1 } },
  "message-managed-key-p384": {
    content: "message",
    options: { managedKey: MANAGED, algorithm: "PKIX_ECDSA_P384_SHA_384" },
  },
  "statement-rekor1": { content: "statement", options: { rekor: 1, identity: WORKFLOW_RUN } },
  "statement-rekor1-intoto": { content: "statement", options: { rekor: 1, entryKind: "intoto" } },
  "statement-rekor2": { content: "statement", options: {} },
  "statement-rekor2-dsse": { content: "statement", options: { entryKind: "dsse" } },
  "statement-v02": { content: "statement", options: { bundleVersion: "0.2", rekor: 1 } },
  "statement-ed25519": { content: "statement", options: { algorithm: "PKIX_ED25519", rekor: 1, timestamps: 1 } },
  "statement-managed-key-unnamed": {
    content: "statement",
    options: { managedKey: { hint: "the managed key" }, rekor: 1 },
  },
  "statement-managed-key": { content: "statement", options: { managedKey: MANAGED, rekor: 1 } },
};

/** Makes all cases. */
export async function virtualCases(): Promise<readonly FuzzCase[]> {
  const cases: FuzzCase[] = [];
  for (const [name, recipe] of Object.entries(RECIPES)) cases.push(await makeCase(name, recipe));
  return cases;
}

async function makeCase(name: string, { content, options, sigstore: choices, rootVersion }: Recipe): Promise<FuzzCase> {
  const sigstore = await makeVirtualSigstore({ seed: `fuzz ${name}`, ...choices });
  const sign = (artifact: Uint8Array, more: SigningOptions = {}): Promise<SignedBundle> =>
    content === "message"
      ? sigstore.signMessage(artifact, { ...options, ...more })
      : sigstore.signStatement(statementAbout(artifact), { ...options, ...more });
  const signed = await sign(ARTIFACT);
  const donors = [await sign(OTHER_ARTIFACT), await sign(OTHER_ARTIFACT, { identity: WORKLOAD })];
  return {
    name,
    bundle: signed.json,
    trustedRoot:
      rootVersion === undefined ? sigstore.trustedRootJson : serializeTrustedRoot(sigstore.trustedRoot, rootVersion),
    artifact: ARTIFACT,
    signer: signerOf(signed),
    nowMs: sigstore.nowMs,
    donors: donors.map(({ json }) => json),
  };
}

function signerOf({ identity, publicKey }: SignedBundle): FuzzCase["signer"] {
  return identity === undefined
    ? { kind: "key", spki: publicKey }
    : { kind: "identity", issuer: identity.issuer, subject: identity.subject };
}

/** As `createVirtualSigstore`, with deterministic keys. */
export async function makeVirtualSigstore(choices: VirtualSigstoreOptions): Promise<VirtualSigstore> {
  const options: CompleteOptions = { ...DEFAULT_OPTIONS, ...choices };
  const keys = new DeterministicKeys(options.seed);
  const factory = new PartyFactory(options, keys);
  const current = await makeParties(factory, options, "");
  const retired = options.hasRotatedKeys ? await makeParties(factory, options, "old-") : undefined;
  return new VirtualSigstore(options, keys, factory, current, retired);
}

async function makeParties(factory: PartyFactory, options: CompleteOptions, prefix: string): Promise<VirtualParties> {
  const numbered = (name: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${name}${index === 0 ? "" : `-${index + 1}`}`);
  const timestampAuthorities = [];
  for (const label of numbered("timestamp", options.timestampAuthorities))
    timestampAuthorities.push(await factory.timestampAuthority(label));
  return {
    certificateAuthority: await factory.certificateAuthority(`${prefix}fulcio`),
    ctLogs: numbered("ctfe", options.ctLogs).map((label) => factory.ctLog(label)),
    rekorV1: numbered("rekor", options.rekorV1Shards).map((label) =>
      factory.log(1, label, { treeId: 7n, firstIndex: 0n }),
    ),
    rekorV2: numbered("log2026", options.rekorV2Shards).map((label) => factory.log(2, label)),
    timestampAuthorities,
  };
}
