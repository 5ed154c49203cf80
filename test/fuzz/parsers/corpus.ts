/**
 * What the mutations of parsers begin with: the whole bundles and trusted roots of the cases, and everything inside them.
 */
import { base64Decode } from "../../../src/encoding/base64.ts";
import { serializePem } from "../../../src/encoding/pem.ts";
import { utf8Encode } from "../../../src/encoding/text.ts";
import { parseBundle } from "../../../src/formats/bundle/bundle.ts";
import type { Bundle } from "../../../src/formats/bundle/bundle.ts";
import { serializeTlogEntry } from "../../../src/formats/bundle/tlog-entry.ts";
import { CLIENT_TRUST_CONFIG_MEDIA_TYPE } from "../../../src/formats/client-trust-config.ts";
import { serializeDsseEnvelope } from "../../../src/formats/dsse.ts";
import { parseTimestampResponse, serializeTimestampRequest } from "../../../src/formats/rfc3161.ts";
import { embeddedScts, serializeSct, serializeSctList } from "../../../src/formats/sct.ts";
import { parseTrustedRoot } from "../../../src/formats/trusted-root.ts";
import { parseCertificate } from "../../../src/formats/x509/certificate.ts";
import { OID } from "../../../src/formats/x509/oids.ts";
import { instances } from "../../../src/policy/instances/instances.ts";
import { parseNote } from "../../../src/tlog/signed-note.ts";
import type { FuzzCase } from "../verify/fuzz-case.ts";

/** Sound pieces of every format. */
export interface Corpus {
  readonly bundles: readonly Uint8Array[];
  readonly trustedRoots: readonly Uint8Array[];
  readonly signingConfigs: readonly Uint8Array[];
  readonly clientTrustConfigs: readonly Uint8Array[];
  readonly tlogEntries: readonly Uint8Array[];
  readonly entryBodies: readonly Uint8Array[];
  readonly envelopes: readonly Uint8Array[];
  readonly statements: readonly Uint8Array[];
  readonly certificates: readonly Uint8Array[];
  readonly publicKeys: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
  readonly sctLists: readonly Uint8Array[];
  readonly scts: readonly Uint8Array[];
  readonly timestamps: readonly Uint8Array[];
  readonly timestampTokens: readonly Uint8Array[];
  readonly tstInfos: readonly Uint8Array[];
  readonly timestampRequests: readonly Uint8Array[];
  readonly signingCertificates: readonly Uint8Array[];
  readonly notes: readonly string[];
  readonly pemTexts: readonly string[];
}

/** Takes the cases apart. */
export function makeCorpus(cases: readonly FuzzCase[]): Corpus {
  const bundles = cases.map(({ bundle }) => parseBundle(bundle));
  const roots = [...new Set(cases.map(({ trustedRoot }) => trustedRoot))];
  const certificates = distinct([...bundles.flatMap(certificatesOf), ...roots.flatMap(certificatesOfRoot)]);
  const publicKeys = distinct([
    ...certificates.map((der) => parseCertificate(der).spki),
    ...roots.flatMap((root) => parseTrustedRoot(root).tlogs.map((log) => log.publicKey)),
  ]);
  return {
    bundles: cases.map(({ bundle }) => utf8Encode(bundle)),
    trustedRoots: roots.map(utf8Encode),
    certificates,
    publicKeys,
    pemTexts: [
      ...certificates.slice(0, 6).map((der) => serializePem("CERTIFICATE", der)),
      ...publicKeys.slice(0, 6).map((der) => serializePem("PUBLIC KEY", der)),
    ],
    ...trustConfigs(),
    ...contentsOf(bundles),
    ...timestampsOf(bundles),
    ...sctsOf(certificates),
  };
}

function trustConfigs(): Pick<Corpus, "signingConfigs" | "clientTrustConfigs"> {
  const v01 = {
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.1+json",
    caUrl: "https://ca.example",
    oidcUrl: "https://login.example",
    tlogUrls: ["https://log.example"],
    tsaUrls: ["https://time.example"],
  };
  const configs = [
    JSON.stringify(v01),
    ...instances.flatMap(({ signingConfig }) => (signingConfig === undefined ? [] : [signingConfig])),
  ];
  const both = instances.flatMap(({ trustedRoot, signingConfig }) =>
    signingConfig === undefined
      ? []
      : [
          {
            mediaType: CLIENT_TRUST_CONFIG_MEDIA_TYPE,
            trustedRoot: JSON.parse(trustedRoot) as unknown,
            signingConfig: JSON.parse(signingConfig) as unknown,
          },
        ],
  );
  return {
    signingConfigs: configs.map(utf8Encode),
    clientTrustConfigs: both.map((one) => utf8Encode(JSON.stringify(one))),
  };
}

type ContentParts = "tlogEntries" | "entryBodies" | "envelopes" | "statements" | "signatures" | "notes";

function contentsOf(bundles: readonly Bundle[]): Pick<Corpus, ContentParts> {
  const entries = bundles.flatMap(({ material }) => material.tlogEntries);
  const envelopes = bundles.flatMap(({ content }) => (content.kind === "dsseEnvelope" ? [content.envelope] : []));
  return {
    tlogEntries: entries.map((entry) => utf8Encode(JSON.stringify(serializeTlogEntry(entry)))),
    entryBodies: entries.map((entry) => entry.canonicalizedBody),
    envelopes: envelopes.map((envelope) => utf8Encode(JSON.stringify(serializeDsseEnvelope(envelope)))),
    statements: envelopes.map(({ payload }) => payload),
    signatures: bundles.map(({ content }) =>
      content.kind === "messageSignature"
        ? content.signature
        : (content.envelope.signatures[0]?.signature ?? new Uint8Array(0)),
    ),
    notes: entries.flatMap(({ inclusionProof }) =>
      inclusionProof?.checkpoint === undefined ? [] : [inclusionProof.checkpoint],
    ),
  };
}

type TimestampKinds = "timestamps" | "timestampTokens" | "tstInfos" | "timestampRequests" | "signingCertificates";

function timestampsOf(bundles: readonly Bundle[]): Pick<Corpus, TimestampKinds> {
  const timestamps = bundles.flatMap(({ material }) => material.timestamps);
  const tokens = timestamps.flatMap((response) => parseTimestampResponse(response).token ?? []);
  const attributes = tokens.flatMap(({ signedData }) =>
    signedData.signerInfos.flatMap(({ signedAttributes }) => [
      signedAttributes?.values.get(OID.signingCertificateV2),
      signedAttributes?.values.get(OID.signingCertificate),
    ]),
  );
  return {
    timestamps,
    timestampTokens: tokens.map(({ signedData }) => signedData.raw),
    tstInfos: tokens.map(({ tstInfo }) => tstInfo.raw),
    timestampRequests: tokens.map(({ tstInfo }) =>
      serializeTimestampRequest({
        messageImprint: tstInfo.messageImprint,
        nonce: 7n,
        policy: "1.2.3",
        certificatesWanted: true,
      }),
    ),
    signingCertificates: attributes.filter((value) => value !== undefined),
  };
}

function sctsOf(certificates: readonly Uint8Array[]): Pick<Corpus, "sctLists" | "scts"> {
  const lists = certificates.map((der) => embeddedScts(parseCertificate(der))).filter((scts) => scts.length > 0);
  return { sctLists: lists.map(serializeSctList), scts: lists.flat().map(serializeSct) };
}

function certificatesOf({ material: { key } }: Bundle): readonly Uint8Array[] {
  return key.kind === "certificate" ? key.certificates : [];
}

function certificatesOfRoot(text: string): readonly Uint8Array[] {
  const { certificateAuthorities, timestampAuthorities } = parseTrustedRoot(text);
  return [...certificateAuthorities, ...timestampAuthorities].flatMap(({ certificates }) => certificates);
}

function distinct(all: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(all.map((bytes) => [Buffer.from(bytes).toString("base64"), bytes])).values()];
}

/** Lines of signatures of notes. */
export function signatureLines(notes: readonly string[]): readonly string[] {
  return notes.flatMap((note) =>
    note
      .slice(note.lastIndexOf("\n\n") + 2)
      .split("\n")
      .filter((line) => line !== ""),
  );
}

/** Texts of notes without their signatures. */
export function noteTexts(notes: readonly string[]): readonly string[] {
  return notes.map((note) => parseNote(note).text);
}

/** The bytes of a signature line behind the key ID. */
export function lineSignature(line: string): Uint8Array {
  return base64Decode(line.split(" ").at(-1) ?? "").subarray(4);
}
