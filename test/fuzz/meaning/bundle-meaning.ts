/**
 * Does a changed bundle that still verifies say the same as the original? Decided without the parsers under test.
 *
 * The claim (content, signature, signer) must be equal. Of the evidence each piece must be equal in all that somebody
 * signed, or be left out of account for want of trust; and enough must remain.
 */
import { createHash } from "node:crypto";
import { Judgement } from "./judgement.ts";
import { at, hexAt, integerAt, listAt, readPlain, textAt, Unreadable } from "./plain.ts";
import type { RootMeaning } from "./root-meaning.ts";
import { isSameSignature, timestampParts } from "./tlv.ts";
import type { TimestampParts } from "./tlv.ts";

/** An entry of a bundle; bytes as hex. */
export interface EntryMeaning {
  readonly logId: string;
  readonly logIndex: string;
  readonly integratedTime: string;
  readonly kind: string;
  readonly body: string;
  readonly promise: string | undefined;
  readonly proof: string | undefined;
  /** Text and signature lines of the checkpoint. */
  readonly checkpoint: string | undefined;
}

/** What a bundle says; bytes as hex. */
export interface BundleMeaning {
  readonly mediaType: string;
  readonly version: string;
  readonly leaf: string | undefined;
  readonly otherCertificates: string;
  readonly hint: string;
  /** Kind of content, signatures, payload and its type. */
  readonly claim: string;
  readonly messageDigest: string | undefined;
  readonly keyid: string;
  readonly entries: readonly EntryMeaning[];
  readonly timestamps: readonly { readonly raw: string; readonly parts: TimestampParts }[];
}

/** Reads what a bundle says. Throws where it cannot be read, in whatever way. */
export function bundleMeaning(text: string): BundleMeaning {
  const bundle = readPlain(text);
  const material = at(bundle, "verificationMaterial");
  const chain = listAt(material, "x509CertificateChain", "certificates").map((one) => hexAt(one, "rawBytes"));
  const signatures = listAt(bundle, "dsseEnvelope", "signatures");
  const mediaType = textAt(bundle, "mediaType");
  return {
    mediaType,
    version: /v(?:ersion=)?(0\.\d)/.exec(mediaType)?.[1] ?? "",
    leaf: hexAt(material, "certificate", "rawBytes") ?? chain[0],
    otherCertificates: chain.slice(1).join(),
    hint: textAt(material, "publicKey", "hint"),
    claim: JSON.stringify([
      hexAt(bundle, "messageSignature", "signature"),
      hexAt(bundle, "dsseEnvelope", "payload"),
      textAt(bundle, "dsseEnvelope", "payloadType"),
      signatures.map((one) => hexAt(one, "sig")),
    ]),
    messageDigest: digestText(bundle),
    keyid: signatures.map((one) => textAt(one, "keyid")).join(),
    entries: listAt(material, "tlogEntries").map(entryMeaning),
    timestamps: listAt(material, "timestampVerificationData", "rfc3161Timestamps").map(timestampMeaning),
  };
}

const HASH_NAMES: Readonly<Record<string, string>> = {
  SHA2_256: "sha256",
  SHA2_384: "sha384",
  SHA2_512: "sha512",
  1: "sha256",
  2: "sha384",
  3: "sha512",
};

/** `sha256:` and hex, or undefined where there is no hint, or one without anything in it. */
function digestText(bundle: unknown): string | undefined {
  const algorithm = at(bundle, "messageSignature", "messageDigest", "algorithm");
  const digest = hexAt(bundle, "messageSignature", "messageDigest", "digest");
  if (algorithm === undefined && digest === undefined) return undefined;
  return `${HASH_NAMES[String(algorithm)] ?? "none"}:${digest}`;
}

function entryMeaning(entry: unknown): EntryMeaning {
  const proof = at(entry, "inclusionProof");
  const promise = at(entry, "inclusionPromise");
  return {
    logId: hexAt(entry, "logId", "keyId") ?? "",
    logIndex: integerAt(entry, "logIndex"),
    integratedTime: integerAt(entry, "integratedTime"),
    kind: `${textAt(entry, "kindVersion", "kind")} ${textAt(entry, "kindVersion", "version")}`,
    body: hexAt(entry, "canonicalizedBody") ?? "",
    promise: promise === undefined ? undefined : (hexAt(promise, "signedEntryTimestamp") ?? ""),
    proof: proof === undefined ? undefined : proofText(proof),
    checkpoint: at(proof, "checkpoint", "envelope") === undefined ? undefined : textAt(proof, "checkpoint", "envelope"),
  };
}

function proofText(proof: unknown): string {
  const hashes = listAt(proof, "hashes").map((hash) => hexAt(new Map([["hash", hash]]), "hash"));
  return JSON.stringify([integerAt(proof, "logIndex"), integerAt(proof, "treeSize"), hexAt(proof, "rootHash"), hashes]);
}

function timestampMeaning(timestamp: unknown): BundleMeaning["timestamps"][number] {
  const raw = hexAt(timestamp, "signedTimestamp") ?? "";
  return { raw, parts: timestampParts(raw) };
}

/** Compares a mutant that verifies with its original under the same trusted root. */
export function compareBundles(
  original: BundleMeaning,
  mutantText: string,
  root: RootMeaning,
  artifact: Uint8Array,
): Judgement {
  const judgement = new Judgement();
  let mutant: BundleMeaning;
  try {
    mutant = bundleMeaning(mutantText);
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
    judgement.forbid(`unreadable to the second reader: ${error.message}`);
    return judgement;
  }
  compareClaims(original, mutant, artifact, judgement);
  const liveEntries = compareEntries(original, mutant, root, judgement);
  const liveTimestamps = compareTimestamps(original, mutant, root, judgement);
  if (liveEntries.length === 0) judgement.forbid("no log entry of the original is left");
  const hasTime = liveTimestamps > 0 || liveEntries.some(({ promise }) => promise !== undefined);
  if (original.leaf !== undefined && !hasTime) judgement.forbid("no time of the original is left");
  if (judgement.allowed.size === 0) judgement.allow("notation");
  return judgement;
}

function compareClaims(
  original: BundleMeaning,
  mutant: BundleMeaning,
  artifact: Uint8Array,
  judgement: Judgement,
): void {
  if (mutant.claim !== original.claim) judgement.forbid("another signature, payload or payload type");
  if (mutant.leaf !== original.leaf) judgement.forbid("another certificate");
  if (mutant.mediaType !== original.mediaType) judgement.allow("media-type");
  if (mutant.otherCertificates !== original.otherCertificates) judgement.allow("certificate-chain");
  if (mutant.hint !== original.hint) judgement.allow("hint");
  if (mutant.keyid !== original.keyid) {
    const agrees = mutant.keyid === "" || mutant.hint === "" || mutant.keyid === mutant.hint;
    judgement.allowIf(agrees, "keyid", "a key id that contradicts the hint");
  }
  if (mutant.messageDigest !== original.messageDigest) {
    const [algorithm = "", digest] = (mutant.messageDigest ?? "").split(":");
    const isTrue =
      mutant.messageDigest === undefined || createHash(algorithm).update(artifact).digest("hex") === digest;
    judgement.allowIf(isTrue, "message-digest", "a digest hint that is not that of the artifact");
  }
}

/** The mutant's entries that say what an entry of the original says. */
function compareEntries(
  original: BundleMeaning,
  mutant: BundleMeaning,
  root: RootMeaning,
  judgement: Judgement,
): readonly EntryMeaning[] {
  const live: EntryMeaning[] = [];
  for (const entry of mutant.entries) {
    const source = original.entries.find(({ logId, body }) => logId === entry.logId && body === entry.body);
    if (source !== undefined) {
      compareEntry(source, entry, mutant.version, judgement);
      live.push(entry);
    } else {
      judgement.allowIf(
        !root.tlogs.some(({ logId }) => logId === entry.logId),
        "entry-left-out",
        "an entry of a trusted log that is not the original's",
      );
    }
  }
  if (live.length < original.entries.length) judgement.allow("entry-dropped");
  return live;
}

function compareEntry(source: EntryMeaning, entry: EntryMeaning, version: string, judgement: Judgement): void {
  const isPromised = entry.promise !== undefined;
  if (entry.kind !== source.kind) judgement.forbid("another kind of entry");
  if (entry.logIndex !== source.logIndex)
    judgement.allowIf(!isPromised && isOfShard(entry), "log-index", "another log index than promised or proved");
  if (entry.integratedTime !== source.integratedTime)
    judgement.allowIf(!isPromised, "integrated-time", "another time than promised");
  comparePromise(source, entry, judgement);
  const isPromiseEnough = version === "0.1" && isPromised;
  if (entry.proof !== source.proof) {
    if (entry.proof === undefined) judgement.allowIf(isPromiseEnough, "proof-dropped", "no proof");
    else judgement.allowIf(isPromiseEnough && entry.checkpoint === undefined, "proof-unsigned", "another proof");
  }
  compareCheckpoint(source.checkpoint, entry.checkpoint, isPromiseEnough, judgement);
}

/** Rekor v1 counts through all its shards, and the proof speaks of one of them. */
function isOfShard({ checkpoint }: EntryMeaning): boolean {
  return / - \d+$/.test((checkpoint ?? "").split("\n", 1)[0] ?? "");
}

function comparePromise(source: EntryMeaning, entry: EntryMeaning, judgement: Judgement): void {
  if (entry.promise === source.promise) return;
  if (entry.promise === undefined) judgement.allow("promise-dropped");
  else judgement.allowIf(isSameSignature(entry.promise, source.promise ?? ""), "signature-twin", "another promise");
}

function compareCheckpoint(
  source: string | undefined,
  checkpoint: string | undefined,
  isPromiseEnough: boolean,
  judgement: Judgement,
): void {
  if (checkpoint === source) return;
  if (checkpoint === undefined) {
    judgement.allowIf(isPromiseEnough, "checkpoint-dropped", "no checkpoint");
    return;
  }
  const [text, lines] = splitNote(checkpoint);
  const [sourceText, sourceLines] = splitNote(source ?? "");
  if (text !== sourceText) judgement.forbid("another checkpoint");
  // The log's own line is either there as it was, or in its twin; which line is the log's is the first of the origin's name.
  const names = new Set(sourceLines.filter(isLogLine(sourceText)).map(nameOf));
  const own = lines.filter((line) => names.has(nameOf(line)) && sourceLines.some((other) => isSameLine(line, other)));
  judgement.allowIf(
    own.length > 0,
    lines.some((line) => sourceLines.includes(line)) && own.every((line) => sourceLines.includes(line))
      ? "cosignature"
      : "signature-twin",
    "no signature line of the log",
  );
}

function splitNote(note: string): readonly [string, readonly string[]] {
  const end = note.lastIndexOf("\n\n");
  return [
    note.slice(0, end + 1),
    note
      .slice(end + 2)
      .split("\n")
      .filter((line) => line !== ""),
  ];
}

function isLogLine(text: string): (line: string) => boolean {
  const origin = text.split("\n", 1)[0] ?? "";
  return (line) => origin === nameOf(line) || origin.startsWith(`${nameOf(line)} - `);
}

function nameOf(line: string): string {
  return line.split(" ")[1] ?? "";
}

/** The same name, key ID and signature, or its twin. */
function isSameLine(line: string, other: string): boolean {
  if (line === other) return true;
  const [signature, otherSignature] = [line, other].map((one) =>
    Buffer.from(one.split(" ")[2] ?? "", "base64").toString("hex"),
  );
  if (nameOf(line) !== nameOf(other) || signature?.slice(0, 8) !== otherSignature?.slice(0, 8)) return false;
  return isSameSignature(signature?.slice(8) ?? "", otherSignature?.slice(8) ?? "");
}

/** How many of the mutant's timestamps say what one of the original says. */
function compareTimestamps(
  original: BundleMeaning,
  mutant: BundleMeaning,
  root: RootMeaning,
  judgement: Judgement,
): number {
  let live = 0;
  for (const { raw, parts } of mutant.timestamps) {
    const sameBytes = original.timestamps.some((other) => other.raw === raw);
    const source = original.timestamps.find(
      ({ parts: other }) =>
        other.tstInfo === parts.tstInfo &&
        other.signedAttributes === parts.signedAttributes &&
        other.signer === parts.signer,
    );
    if (source === undefined) {
      judgement.allowIf(
        !root.timestampSigners.has(parts.signer),
        "timestamp-left-out",
        "another timestamp of a trusted authority",
      );
      continue;
    }
    live += 1;
    if (parts.signature !== source.parts.signature)
      judgement.allowIf(
        isSameSignature(parts.signature, source.parts.signature),
        "signature-twin",
        "another signature on a timestamp",
      );
    else if (!sameBytes) judgement.allow("timestamp-unsigned-part");
  }
  if (mutant.timestamps.length < original.timestamps.length) judgement.allow("timestamp-dropped");
  if (mutant.timestamps.length > original.timestamps.length) judgement.allow("timestamp-twice");
  return live;
}
