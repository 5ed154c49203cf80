/**
 * Signs and verifies with the published packages of sigstore-js, as anybody's program would that uses them.
 *
 * `client.ts sign --packages DIR --signing-config F --token-file F --bundle OUT [--statement] FILE`
 * `client.ts verify --packages DIR --trusted-root F --identity SUBJECT --issuer URL --bundle B FILE`
 *
 * `--statement` signs FILE, an in-toto statement, in a DSSE envelope. Exit status: 0 yes, 1 no.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** The little of the packages that is used here; they are installed only when the suite is run. */
interface SignPackage {
  readonly FulcioSigner: new (options: object) => object;
  readonly RekorWitness: new (options: object) => object;
  readonly TSAWitness: new (options: object) => object;
  readonly DSSEBundleBuilder: new (options: object) => BundleBuilder;
  readonly MessageSignatureBundleBuilder: new (options: object) => BundleBuilder;
}

interface BundleBuilder {
  create(artifact: object): Promise<object>;
}

interface SigstoreBundle {
  readonly content: { readonly $case: string };
}

interface BundlePackage {
  readonly bundleFromJSON: (json: unknown) => SigstoreBundle;
  readonly bundleToJSON: (bundle: object) => unknown;
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

interface ServiceList {
  readonly caUrls: readonly [{ readonly url: string }];
  readonly rekorTlogUrls: readonly { readonly url: string; readonly majorApiVersion: number }[];
  readonly tsaUrls: readonly { readonly url: string }[];
}

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    packages: { type: "string", default: "" },
    "signing-config": { type: "string", default: "" },
    "trusted-root": { type: "string", default: "" },
    "token-file": { type: "string", default: "" },
    bundle: { type: "string", default: "" },
    statement: { type: "boolean", default: false },
    identity: { type: "string", default: "" },
    issuer: { type: "string", default: "" },
  },
});
const NETWORK = { timeout: 30_000, retry: 0 };
const load = createRequire(join(flags.packages, "package.json"));
const { bundleFromJSON, bundleToJSON } = load("@sigstore/bundle") as BundlePackage;

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

async function sign(data: Buffer): Promise<void> {
  const { FulcioSigner, RekorWitness, TSAWitness, ...builders } = load("@sigstore/sign") as SignPackage;
  const { caUrls, rekorTlogUrls, tsaUrls } = readJson(flags["signing-config"]) as ServiceList;
  const token = readFileSync(flags["token-file"], "utf8").trim();
  const identityProvider = { getToken: async () => Promise.resolve(token) };
  const signer = new FulcioSigner({ fulcioBaseURL: caUrls[0].url, identityProvider, ...NETWORK });
  const witnesses = [
    ...rekorTlogUrls.map(
      ({ url, majorApiVersion }) => new RekorWitness({ rekorBaseURL: url, majorApiVersion, ...NETWORK }),
    ),
    // A signing config names the whole address of a timestamp authority; the package wants what stands before this.
    ...tsaUrls.map(({ url }) => new TSAWitness({ tsaBaseURL: url.replace("/api/v1/timestamp", ""), ...NETWORK })),
  ];
  const Builder = flags.statement ? builders.DSSEBundleBuilder : builders.MessageSignatureBundleBuilder;
  const artifact = flags.statement ? { data, type: "application/vnd.in-toto+json" } : { data };
  const bundle = await new Builder({ signer, witnesses }).create(artifact);
  writeFileSync(flags.bundle, JSON.stringify(bundleToJSON(bundle)));
}

async function verify(data: Buffer): Promise<void> {
  const { toSignedEntity, toTrustMaterial, Verifier } = load("@sigstore/verify") as VerifyPackage;
  const { TrustedRoot } = load("@sigstore/protobuf-specs") as TrustPackage;
  const trust = toTrustMaterial(TrustedRoot.fromJSON(readJson(flags["trusted-root"])));
  const bundle = bundleFromJSON(readJson(flags.bundle));
  const artifact = bundle.content.$case === "messageSignature" ? data : undefined;
  const verifier = new Verifier(trust, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
  const policy = { subjectAlternativeName: flags.identity, extensions: { issuer: flags.issuer } };
  const signer = verifier.verify(toSignedEntity(bundle, artifact), policy);
  if (signer.identity?.subjectAlternativeName !== flags.identity) throw new Error("no identity came back");
  await Promise.resolve();
}

/** An error with what it was caused by, down to the service's own words. */
function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${chainOf(error.cause)}`;
}

const [action, path = ""] = positionals;
try {
  await (action === "sign" ? sign : verify)(readFileSync(path));
} catch (error) {
  console.error(chainOf(error));
  process.exitCode = 1;
}
