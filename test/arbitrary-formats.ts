/** Arbitrary values of the JSON formats, for the round-trip properties of their readers and writers. */
import * as fc from "fast-check";
import type { Bundle, BundleContent, TlogEntry } from "../src/formats/bundle/bundle.ts";
import { BUNDLE_MEDIA_TYPES } from "../src/formats/bundle/bundle.ts";
import type { DsseEnvelope } from "../src/formats/dsse.ts";
import { DIGEST_LENGTH } from "../src/formats/hash-algorithm.ts";
import type { HashAlgorithmName, NamedDigest } from "../src/formats/hash-algorithm.ts";
import { KEY_DETAILS_NUMBERS } from "../src/formats/key-details.ts";
import type { Verifier002 } from "../src/formats/rekor/entry-body.ts";
import { SIGNING_CONFIG_MEDIA_TYPES } from "../src/formats/signing-config.ts";
import type { ServiceEndpoint, SigningConfig } from "../src/formats/signing-config.ts";
import { TRUSTED_ROOT_MEDIA_TYPES } from "../src/formats/trusted-root.ts";
import type { AuthorityInstance, LogInstance, TrustedRoot, ValidityRange } from "../src/formats/trusted-root.ts";

/** Bytes, at least one. */
export const someBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 40 });
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const someText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const int64 = fc.bigInt(0n, (1n << 63n) - 1n);
const timeMs = fc.integer({ min: Date.parse("1970-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") });
const keyDetails = fc.constantFrom(...[...KEY_DETAILS_NUMBERS.keys()].slice(1));

/** A record as an ordinary object, so that it compares deep-equal with what readers make. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** A digest of the right length. */
export const namedDigest: fc.Arbitrary<NamedDigest> = fc
  .constantFrom<HashAlgorithmName>("sha256", "sha384", "sha512")
  .chain((algorithm) => {
    const length = DIGEST_LENGTH[algorithm];
    return record({
      algorithm: fc.constant(algorithm),
      digest: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

/** A DSSE envelope. */
export const dsseEnvelope: fc.Arbitrary<DsseEnvelope> = record({
  payload: fc.uint8Array({ maxLength: 60 }),
  payloadType: someText,
  signatures: fc.array(record({ signature: someBytes, keyid: text }), { maxLength: 3 }),
});

/** A tlog entry, with and without promise, proof and checkpoint. */
export const tlogEntry: fc.Arbitrary<TlogEntry> = record({
  logIndex: int64,
  logId: someBytes,
  kindVersion: record({ kind: someText, version: someText }),
  integratedTimeSeconds: int64,
  inclusionPromise: optional(someBytes),
  inclusionProof: optional(
    record({
      logIndex: int64,
      rootHash: someBytes,
      treeSize: int64,
      hashes: fc.array(someBytes, { maxLength: 4 }),
      checkpoint: optional(text),
    }),
  ),
  canonicalizedBody: someBytes,
});

const bundleContent: fc.Arbitrary<BundleContent> = fc.oneof(
  record({
    kind: fc.constant("messageSignature" as const),
    messageDigest: optional(namedDigest),
    signature: someBytes,
  }),
  record({ kind: fc.constant("dsseEnvelope" as const), envelope: dsseEnvelope }),
);

const keyMaterial: fc.Arbitrary<Bundle["material"]["key"]> = fc.oneof(
  record({ kind: fc.constant("publicKey" as const), hint: text }),
  record({
    kind: fc.constant("certificate" as const),
    certificates: fc.tuple(someBytes),
    form: fc.constant("certificate" as const),
  }),
  record({
    kind: fc.constant("certificate" as const),
    certificates: fc.array(someBytes, { maxLength: 3 }),
    form: fc.constant("x509CertificateChain" as const),
  }),
);

/** A bundle of any version. */
export const bundle: fc.Arbitrary<Bundle> = fc
  .tuple(
    fc.constantFrom(...BUNDLE_MEDIA_TYPES),
    record({
      key: keyMaterial,
      tlogEntries: fc.array(tlogEntry, { maxLength: 3 }),
      timestamps: fc.array(someBytes, { maxLength: 3 }),
    }),
    bundleContent,
  )
  .map(([[mediaType, version], material, content]) => ({ mediaType, version, material, content }));

const validityRange: fc.Arbitrary<ValidityRange> = fc.tuple(timeMs, optional(timeMs)).map(([one, other]) => ({
  startMs: other === undefined ? one : Math.min(one, other),
  endMs: other === undefined ? undefined : Math.max(one, other),
}));

const logInstance: fc.Arbitrary<LogInstance> = record({
  baseUrl: text,
  operator: text,
  keyDetails,
  publicKey: someBytes,
  validFor: validityRange,
  logId: someBytes,
  checkpointKeyId: optional(someBytes),
});

const authorityInstance: fc.Arbitrary<AuthorityInstance> = record({
  uri: text,
  operator: text,
  organization: text,
  commonName: text,
  certificates: fc.array(someBytes, { minLength: 1, maxLength: 3 }),
  validFor: validityRange,
});

/** A trusted root v0.2. */
export const trustedRootV02: fc.Arbitrary<TrustedRoot> = record({
  mediaType: fc.constant(TRUSTED_ROOT_MEDIA_TYPES["0.2"]),
  tlogs: fc.array(logInstance, { maxLength: 2 }),
  ctlogs: fc.array(logInstance, { maxLength: 2 }),
  certificateAuthorities: fc.array(authorityInstance, { maxLength: 2 }),
  timestampAuthorities: fc.array(authorityInstance, { maxLength: 2 }),
});

/** The trusted root without what v0.1 has no fields for. */
export function asTrustedRootV01(root: TrustedRoot): TrustedRoot {
  const log = (one: LogInstance): LogInstance => ({ ...one, operator: "", checkpointKeyId: undefined });
  const authority = (one: AuthorityInstance): AuthorityInstance => ({ ...one, operator: "" });
  return {
    mediaType: TRUSTED_ROOT_MEDIA_TYPES["0.1"],
    tlogs: root.tlogs.map(log),
    ctlogs: root.ctlogs.map(log),
    certificateAuthorities: root.certificateAuthorities.map(authority),
    timestampAuthorities: root.timestampAuthorities.map(authority),
  };
}

const url = fc.webUrl();
const service: fc.Arbitrary<ServiceEndpoint> = record({
  url,
  majorApiVersion: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  validFor: optional(validityRange),
  operator: text,
});
const services = fc.array(service, { maxLength: 3 });
const selection: fc.Arbitrary<SigningConfig["tlogSelection"]> = optional(
  fc.oneof(
    record({ selector: fc.constantFrom("ANY" as const, "ALL" as const) }),
    record({ selector: fc.constant("EXACT" as const), count: fc.integer({ min: 1, max: 9 }) }),
  ) as fc.Arbitrary<NonNullable<SigningConfig["tlogSelection"]>>,
);

const signingConfigV02: fc.Arbitrary<SigningConfig> = record({
  mediaType: fc.constant(SIGNING_CONFIG_MEDIA_TYPES["0.2"]),
  version: fc.constant("0.2" as const),
  certificateAuthorities: services,
  identityProviders: services,
  tlogs: services,
  tlogSelection: selection,
  timestampAuthorities: services,
  timestampSelection: selection,
});

const plainServices = (maxLength: number): fc.Arbitrary<ServiceEndpoint[]> =>
  fc.array(
    url.map((address) => ({ url: address, majorApiVersion: 1, validFor: undefined, operator: "" })),
    { maxLength },
  );

const signingConfigV01: fc.Arbitrary<SigningConfig> = record({
  mediaType: fc.constant(SIGNING_CONFIG_MEDIA_TYPES["0.1"]),
  version: fc.constant("0.1" as const),
  certificateAuthorities: plainServices(1),
  identityProviders: plainServices(1),
  tlogs: plainServices(3),
  tlogSelection: fc.constant(undefined),
  timestampAuthorities: plainServices(3),
  timestampSelection: fc.constant(undefined),
});

/** A signing config of either version. */
export const signingConfig: fc.Arbitrary<SigningConfig> = fc.oneof(signingConfigV01, signingConfigV02);

/** The verifier of a Rekor v2 entry body. */
export const verifier002: fc.Arbitrary<Verifier002> = record({
  kind: fc.constantFrom("publicKey" as const, "x509Certificate" as const),
  rawBytes: someBytes,
  keyDetails,
});
