/**
 * The peer in process: the packages of sigstore-js that its own clients verify with, used as they use them.
 */
import { createRequire } from "node:module";
import type { Corpus, Specimen } from "./corpus.ts";

/** The little of the packages that is used here; they are installed only when a measurement is run. */
interface BundlePackage {
  readonly bundleFromJSON: (json: unknown) => { readonly content: { readonly $case: string } };
}

interface TrustPackage {
  readonly TrustedRoot: { fromJSON(json: unknown): unknown };
}

interface VerifyPackage {
  readonly toTrustMaterial: (root: unknown) => unknown;
  readonly toSignedEntity: (bundle: unknown, artifact: Buffer | undefined) => unknown;
  readonly Verifier: new (
    trust: unknown,
    options: object,
  ) => {
    verify(entity: unknown, policy: object): { readonly identity?: { readonly subjectAlternativeName?: string } };
  };
}

/** Loads the peer with the trusted root of `corpus`; what is answered verifies one bundle, from its text on, and throws where it does not hold. */
export function loadSigstoreVerify({ trustedRootJson, issuer, subject }: Corpus): (specimen: Specimen) => void {
  const load = createRequire(import.meta.url);
  const { bundleFromJSON } = load("@sigstore/bundle") as BundlePackage;
  const { TrustedRoot } = load("@sigstore/protobuf-specs") as TrustPackage;
  const { toSignedEntity, toTrustMaterial, Verifier } = load("@sigstore/verify") as VerifyPackage;
  const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRootJson)));
  const verifier = new Verifier(trust, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
  const policy = { subjectAlternativeName: subject, extensions: { issuer } };
  const decoder = new TextDecoder();
  return ({ json, artifact }) => {
    const bundle = bundleFromJSON(JSON.parse(decoder.decode(json)));
    const message = bundle.content.$case === "messageSignature" ? Buffer.from(artifact) : undefined;
    const signer = verifier.verify(toSignedEntity(bundle, message), policy);
    if (signer.identity?.subjectAlternativeName !== subject) throw new Error("the peer named no signer");
  };
}
