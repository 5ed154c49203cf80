/**
 * Signing in the virtual Sigstore: what a client and four services do together, in the order in which they do it.
 *
 * Certificate, signature, timestamps over the signature, log entries, bundle. Every value passes by its lie.
 */
import {
  dsseV1Entry,
  dsseV2Entry,
  hashedRekordV1Entry,
  hashedRekordV2Entry,
  intotoV1Entry,
  type LoggedEntry,
  type SignedDigest,
  signedDigestOfEnvelope,
} from "../authority/entry.ts";
import { randomSerialNumber } from "../authority/serial-number.ts";
import { digest } from "../crypto/digest.ts";
import type { Signer } from "../crypto/signer.ts";
import {
  BUNDLE_MEDIA_TYPE_V03,
  type Bundle,
  type BundleContent,
  type KeyMaterial,
  serializeBundle,
  type TlogEntry,
} from "../formats/bundle/bundle.ts";
import { type DsseEnvelope, preAuthEncoding } from "../formats/dsse.ts";
import type { Verifier002 } from "../formats/rekor/entry-body.ts";
import type { NoteSigner } from "../tlog/signed-note.ts";
import { PERSON } from "./identities.ts";
import type { Lies } from "./lie-hooks.ts";
import type { EntryKind, SignedBundle, SigningOptions } from "./signing-options.ts";
import type { VirtualCertificateAuthority } from "./virtual-certificate-authority.ts";
import { issueVirtualCertificate } from "./virtual-certificate.ts";
import type { VirtualCtLog } from "./virtual-ct-log.ts";
import type { VirtualKeys } from "./virtual-keys.ts";
import type { VirtualLog } from "./virtual-log.ts";
import type { VirtualTimestampAuthority } from "./virtual-timestamp-authority.ts";
import { issueVirtualTimestamp } from "./virtual-timestamp.ts";

/** What is to be signed: bytes as they are, or the payload of an envelope. */
export type ContentToSign =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "envelope"; readonly payloadType: string; readonly payload: Uint8Array };

/** Who takes part in a signature, chosen and complete. */
export interface SigningParties {
  readonly keys: VirtualKeys;
  readonly signer: Signer;
  readonly certificateAuthority: VirtualCertificateAuthority;
  readonly ctLogs: readonly VirtualCtLog[];
  readonly logs: readonly VirtualLog[];
  readonly timestampAuthorities: readonly VirtualTimestampAuthority[];
  readonly witnesses: readonly NoteSigner[];
  readonly atMs: number;
}

/** A moment within the certificate's validity: its parts follow each other by a second. */
const SECOND_MS = 1000;

/** Signs `content`. */
export async function signContent(
  content: ContentToSign,
  parties: SigningParties,
  options: SigningOptions,
): Promise<SignedBundle> {
  const lies = options.lies ?? {};
  const certificate = options.managedKey === undefined ? await issueCertificate(parties, options, lies) : undefined;
  const signed = await makeSignature(content, parties.signer, options, lies);
  const timestamps = await stamp(signatureOf(signed), parties, options, lies);
  const verifier = verifierOf(parties.signer, certificate);
  const tlogEntries = await logSignature({ content, signed, verifier }, parties, options, lies);
  const honest: Bundle = {
    mediaType: mediaTypeOf(options),
    version: options.bundleVersion ?? "0.3",
    material: { key: keyMaterial(certificate, parties, options), tlogEntries, timestamps },
    content: signed,
  };
  const bundle = lies.bundle?.(honest) ?? honest;
  const identity = certificate === undefined ? undefined : (options.identity ?? PERSON);
  return { bundle, json: serializeBundle(bundle), publicKey: parties.signer.publicKey.spki, certificate, identity };
}

async function issueCertificate(parties: SigningParties, options: SigningOptions, lies: Lies): Promise<Uint8Array> {
  return issueVirtualCertificate({
    authority: parties.certificateAuthority,
    ctLogs: parties.ctLogs,
    identity: options.identity ?? PERSON,
    spki: parties.signer.publicKey.spki,
    serialNumber: randomSerialNumber(parties.keys.random),
    notBeforeMs: parties.atMs,
    sctMs: options.sctMs ?? parties.atMs,
    lies,
  });
}

async function makeSignature(
  content: ContentToSign,
  signer: Signer,
  options: SigningOptions,
  lies: Lies,
): Promise<BundleContent> {
  const honestBytes =
    content.kind === "message" ? content.bytes : preAuthEncoding(content.payloadType, content.payload);
  const honest = await signer.sign(lies.signedBytes?.(honestBytes) ?? honestBytes);
  const signature = lies.signature?.(honest) ?? honest;
  if (content.kind === "envelope") {
    const { payload, payloadType } = content;
    const envelope: DsseEnvelope = {
      payload,
      payloadType,
      signatures: [{ signature, keyid: options.managedKey?.keyid ?? "" }],
    };
    return { kind: "dsseEnvelope", envelope: lies.envelope?.(envelope) ?? envelope };
  }
  const algorithm = signer.algorithm.hash ?? "sha256";
  return {
    kind: "messageSignature",
    messageDigest: { algorithm, digest: digest(algorithm, content.bytes) },
    signature,
  };
}

/** The bytes that timestamps and entries speak of; of an envelope its first signature. */
function signatureOf(content: BundleContent): Uint8Array {
  if (content.kind === "messageSignature") return content.signature;
  return content.envelope.signatures[0]?.signature ?? new Uint8Array(0);
}

async function stamp(
  signature: Uint8Array,
  parties: SigningParties,
  options: SigningOptions,
  lies: Lies,
): Promise<readonly Uint8Array[]> {
  const timestamps: Uint8Array[] = [];
  for (const authority of parties.timestampAuthorities) {
    timestamps.push(
      await issueVirtualTimestamp({
        authority,
        stamped: signature,
        hash: options.timestampHash ?? "sha256",
        certificates: options.timestampCertificates,
        serialNumber: randomSerialNumber(parties.keys.random),
        genTimeMs: options.timestampMs ?? parties.atMs + SECOND_MS,
        lies,
      }),
    );
  }
  return timestamps;
}

/** A signature as an entry records it. */
interface Recorded {
  readonly content: ContentToSign;
  readonly signed: BundleContent;
  readonly verifier: Verifier002;
}

async function logSignature(
  recorded: Recorded,
  parties: SigningParties,
  options: SigningOptions,
  lies: Lies,
): Promise<readonly TlogEntry[]> {
  const entries: TlogEntry[] = [];
  const integratedTimeMs = options.integratedTimeMs ?? parties.atMs + 2 * SECOND_MS;
  for (const log of parties.logs) {
    const entry = entryFor(recorded, parties.signer, log.version, options.entryKind);
    const hasProof = options.hasProof ?? !(log.version === 1 && options.bundleVersion === "0.1");
    entries.push(
      await log.submit({
        entry,
        integratedTimeSeconds: BigInt(Math.floor(integratedTimeMs / 1000)),
        hasPromise: options.hasPromise ?? true,
        hasProof,
        laterEntries: options.laterEntries ?? 0,
        cosigners: parties.witnesses,
        lies,
      }),
    );
  }
  return entries;
}

function entryFor(
  { content, signed, verifier }: Recorded,
  signer: Signer,
  version: 1 | 2,
  kind: EntryKind | undefined,
): LoggedEntry {
  const algorithm = signer.algorithm.hash ?? "sha256";
  if (signed.kind === "messageSignature") {
    const bytes = content.kind === "message" ? content.bytes : new Uint8Array(0);
    return hashedRekordEntry(
      { algorithm, digest: digest(algorithm, bytes), signature: signed.signature },
      verifier,
      version,
    );
  }
  const { envelope } = signed;
  switch (kind ?? (version === 1 ? "dsse" : "hashedrekord")) {
    case "dsse":
      return version === 1 ? dsseV1Entry(envelope, verifier) : dsseV2Entry(envelope, verifier);
    case "intoto":
      return intotoV1Entry(envelope, verifier);
    case "hashedrekord":
      return hashedRekordEntry(signedDigestOfEnvelope(envelope, algorithm), verifier, version);
  }
}

function hashedRekordEntry(signed: SignedDigest, verifier: Verifier002, version: 1 | 2): LoggedEntry {
  return version === 1 ? hashedRekordV1Entry(signed, verifier) : hashedRekordV2Entry(signed, verifier);
}

function verifierOf(signer: Signer, certificate: Uint8Array | undefined): Verifier002 {
  const keyDetails = signer.algorithm.name;
  return certificate === undefined
    ? { kind: "publicKey", rawBytes: signer.publicKey.spki, keyDetails }
    : { kind: "x509Certificate", rawBytes: certificate, keyDetails };
}

/** Bundles before v0.3 carry the chain up to the root, which they leave out. */
function keyMaterial(
  certificate: Uint8Array | undefined,
  parties: SigningParties,
  options: SigningOptions,
): KeyMaterial {
  if (certificate === undefined) return { kind: "publicKey", hint: options.managedKey?.hint ?? "" };
  if ((options.bundleVersion ?? "0.3") === "0.3")
    return { kind: "certificate", form: "certificate", certificates: [certificate] };
  return {
    kind: "certificate",
    form: "x509CertificateChain",
    certificates: [certificate, ...parties.certificateAuthority.chain.slice(0, -1)],
  };
}

function mediaTypeOf({ mediaType, bundleVersion = "0.3" }: SigningOptions): string {
  if (mediaType !== undefined) return mediaType;
  return bundleVersion === "0.3"
    ? BUNDLE_MEDIA_TYPE_V03
    : `application/vnd.dev.sigstore.bundle+json;version=${bundleVersion}`;
}
