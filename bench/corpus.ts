/**
 * The bundles that are verified: every one with a leaf key, artifact and log entry of its own, like those of a GitHub
 * workflow that signs with the public instance (P-384 authorities, two generations of everything in the trusted root).
 */
import { WORKFLOW_RUN } from "../src/testing/identities.ts";
import { seededBytes } from "../src/testing/seed.ts";
import type { SigningOptions } from "../src/testing/signing-options.ts";
import { createVirtualSigstore } from "../src/testing/virtual-sigstore.ts";
import type { VirtualSigstore } from "../src/testing/virtual-sigstore.ts";
import { crowdedLog } from "./crowded-log.ts";
import { provenanceOf } from "./provenance.ts";

/** Bundles of one kind. */
export const CORPUS_SIZE = 1024;

/** Octets of an artifact; hashing more would measure SHA-256. */
const ARTIFACT_BYTES = 512;

/** The four kinds of bundles of the public instance, with the public case of the same kind where they differ in name. */
export const BUNDLE_KINDS = ["happy-path-v0.3", "rekor2", "dsse", "rekor2-dsse"] as const;

/** One kind of bundles. */
export type BundleKind = (typeof BUNDLE_KINDS)[number];

/** A bundle and the bytes that it is about. */
export interface Specimen {
  readonly json: Uint8Array;
  readonly artifact: Uint8Array;
}

/** Bundles with what is needed to verify them. */
export interface Corpus {
  readonly specimens: readonly Specimen[];
  readonly trustedRootJson: string;
  readonly issuer: string;
  readonly subject: string;
  readonly nowMs: number;
}

/** Makes the bundles of one kind; some seconds. */
export async function makeCorpus(kind: BundleKind): Promise<Corpus> {
  const sigstore = await createVirtualSigstore({
    seed: `bench ${kind}`,
    certificateAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
    timestampAuthorityAlgorithm: "PKIX_ECDSA_P384_SHA_384",
    hasRotatedKeys: true,
  });
  const specimens: Specimen[] = [];
  for (let number = 0; number < CORPUS_SIZE; number++) specimens.push(await makeSpecimen(sigstore, kind, number));
  const { issuer, subject } = WORKFLOW_RUN;
  return { specimens, trustedRootJson: sigstore.trustedRootJson, issuer, subject, nowMs: sigstore.nowMs };
}

async function makeSpecimen(sigstore: VirtualSigstore, kind: BundleKind, number: number): Promise<Specimen> {
  const artifact = seededBytes("bench", `artifact ${kind} ${number}`, ARTIFACT_BYTES);
  const rekor = kind.startsWith("rekor2") ? 2 : 1;
  const options: SigningOptions = {
    rekor,
    entryKind: "dsse",
    identity: WORKFLOW_RUN,
    lies: crowdedLog(rekor, number),
  };
  const { json } = kind.endsWith("dsse")
    ? await sigstore.signStatement(provenanceOf(artifact, number), options)
    : await sigstore.signMessage(artifact, options);
  return { json: new TextEncoder().encode(json), artifact };
}
