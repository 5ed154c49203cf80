/**
 * Where another verifier may answer otherwise than we do, each with the reason. What is not here is a failure.
 */
import type { FuzzCase } from "./verify/fuzz-case.ts";
import type { ChangedPart } from "./verify/verification-target.ts";

/** A mutant on which we and a peer disagree. */
export interface Difference {
  readonly peer: string;
  readonly fuzzCase: FuzzCase;
  readonly part: ChangedPart;
  /** What was changed, in words. */
  readonly change: string;
  /** The changed part. */
  readonly content: string;
  /** Code and message of our refusal; empty where we accept. */
  readonly code: string;
  readonly message: string;
  /** The peer's message; empty where it accepts. */
  readonly theirs: string;
}

/** A difference that is understood. */
export interface ExplainedDifference {
  readonly name: string;
  readonly accepts: "only we" | "only the peer";
  readonly matches: (difference: Difference) => boolean;
  readonly why: string;
}

/** Cases that a peer does not verify even unchanged, and why. */
export const UNVERIFIED_CASES: ReadonlyMap<string, string> = new Map([
  ["sigstore-go/message-p256-log-rsa-ctlog", "it does not read trusted roots v0.2"],
  ["sigstore-go/message-rsa-rekor1", "it verifies inclusion promises by ECDSA alone"],
  ["cosign/statement-managed-key", "it skips a DSSE signature whose key id is not that of the key"],
  ["sigstore-go/statement-rekor2-dsse", "it reads hashedrekord alone of Rekor v2's entries"],
]);

const ROOT_CONTENT = /failed to parse (certificate|public key)|tlog public key is not|unsupported tlog public key type/;
const NOTE_NAME = /loading note verifier|parse "|without baseUrl|note has no verifiable signatures/;
const UNSIGNED_TIMESTAMP =
  /unable to verify signed timestamps: (error parsing response|certificate embedded in the TSR)/;
const PROOF_CODES = ["tlog-proof-invalid", "tlog-proof-index-mismatch", "tlog-checkpoint-mismatch"];

/** Accepted by us alone: each of these deserves the most thorough look. */
const ONLY_WE: readonly Omit<ExplainedDifference, "accepts">[] = [
  {
    name: "root read when needed",
    matches: ({ part, theirs }) => part === "trustedRoot" && ROOT_CONTENT.test(theirs),
    why: "a key or certificate of the trusted root that this bundle does not need is not read; the peers read all of them first",
  },
  {
    name: "trusted root v0.2",
    matches: ({ part, theirs }) => part === "trustedRoot" && /unsupported TrustedRoot media type/.test(theirs),
    why: "the peers do not read trusted roots v0.2 yet",
  },
  {
    name: "order of a timestamp chain",
    matches: ({ part, theirs }) => part === "trustedRoot" && /leaf certificate must be present/.test(theirs),
    why: "the leaf is found wherever it stands in the trusted root; the peers want it first",
  },
  {
    name: "address of a log",
    matches: ({ part, theirs }) => part === "trustedRoot" && NOTE_NAME.test(theirs),
    why: "the log ID of an Ed25519 log is the hash of origin and key, which binds the origin; the peers compare it with the address",
  },
  {
    name: "log listed twice",
    matches: ({ part, theirs }) =>
      part === "trustedRoot" && /not enough verified log entries|not enough verified SCTs/.test(theirs),
    why: "several logs with one ID are tried one after another; the peers keep the last",
  },
  {
    name: "v0.1 without checkpoint",
    matches: ({ fuzzCase, theirs }) =>
      fuzzCase.bundle.includes("version=0.1") &&
      /inclusion proof (missing required checkpoint|checkpoint empty)/.test(theirs),
    why: "in v0.1 the promise is the evidence; the peers want a checkpoint with every proof",
  },
  {
    name: "entry left out unread",
    matches: ({ part, theirs, fuzzCase }) =>
      part === "bundle" &&
      countOf(fuzzCase, "canonicalizedBody") > 1 &&
      /entry body is not a recognizable/.test(theirs),
    why: "an entry of a log that nobody trusts is left out without reading its body; the peers read all of them first",
  },
  {
    name: "unsigned part of a timestamp",
    matches: ({ part, theirs }) => part === "bundle" && UNSIGNED_TIMESTAMP.test(theirs),
    why: "certificates and unsigned attributes in a timestamp are not looked at: trust comes from the trusted root; the peers read them",
  },
  {
    name: "base64 in lines",
    matches: ({ content, theirs }) =>
      /[A-Za-z0-9+/]\\n[A-Za-z0-9+/]|"\\n[A-Za-z0-9+/]/.test(content) &&
      /new-bundle-format|invalid value for bytes field/.test(theirs),
    why: "line breaks in base64 are skipped wherever they stand; protojson does so only where the length stays a multiple of four",
  },
  {
    name: "message digest absent",
    matches: ({ change }) => change.includes("messageDigest"),
    why: "the digest in a bundle is a hint that must not be trusted; the peers cannot do without it",
  },
  {
    name: "time of a managed key",
    matches: ({ fuzzCase, theirs }) =>
      fuzzCase.signer.kind === "key" && /threshold not met for verified signed timestamps/.test(theirs),
    why: "a managed key needs no time; cosign was told by a flag to want a timestamp",
  },
  {
    name: "key id of an envelope",
    matches: ({ change, theirs }) => change.includes("keyid") && /could not verify envelope/.test(theirs),
    why: "DSSE: the key id is a hint that nobody signed; the peers skip a signature whose key id is not that of the key",
  },
];

/** Accepted by a peer alone: we are stricter. */
const ONLY_THE_PEER: readonly Omit<ExplainedDifference, "accepts">[] = [
  {
    name: "kind of an entry",
    matches: ({ code, message }) =>
      code === "tlog-entry-kind-mismatch" || (code === "bundle-invalid" && message.includes(".kindVersion")),
    why: "the peers take kind and version from the body alone",
  },
  {
    name: "proof of a Rekor v2 entry",
    matches: ({ code, message, fuzzCase }) =>
      isRekorV2(fuzzCase) &&
      (PROOF_CODES.includes(code) ||
        (code === "bundle-invalid" && /\.(inclusionProof\.|canonicalizedBody)/.test(message))),
    why: "the peers make the body of a v2 entry themselves, and take size and root from the checkpoint and the index from the entry: what the bundle says of body, root, size and index of the proof may be anything",
  },
  {
    name: "integers",
    matches: ({ code, message }) =>
      code === "bundle-invalid" && /: expected an? (non-negative )?integer, got "/.test(message),
    why: "protojson takes the number at the beginning of the text and leaves the rest",
  },
  {
    name: "base64",
    matches: ({ message }) => /: expected (canonical )?base64, got|rawBytes: expected base64/.test(message),
    why: "Go's decoder takes the URL alphabet, absent padding and bits that stand for nothing; the peers do not read what they do not need",
  },
  {
    name: "ranges of a trusted root",
    matches: ({ code, message }) =>
      code === "trusted-root-invalid" && /validFor(\.(start|end))?: expected/.test(message),
    why: "a range needs a start, and no end before it; of authorities the peers take absence for always",
  },
  {
    name: "sizes",
    matches: ({ message }) => /: expected at most \d+ (bytes|elements)/.test(message),
    why: "identifiers and chains have upper bounds here",
  },
  {
    name: "promise among several entries",
    matches: ({ code, fuzzCase }) => code === "tlog-promise-invalid" && countOf(fuzzCase, "canonicalizedBody") > 1,
    why: "the peers leave an entry out whose promise does not hold; here evidence of somebody trusted that does not hold refuses the bundle",
  },
  {
    name: "timestamp among several times",
    matches: ({ code, part, fuzzCase }) => part === "bundle" && code.startsWith("timestamp-") && timesOf(fuzzCase) > 1,
    why: "the peers leave a timestamp out that does not hold or cannot be read, where another time is enough",
  },
  {
    name: "timestamp that is no DER",
    matches: ({ code, part, message }) =>
      part === "bundle" && code === "timestamp-invalid" && message.includes("malformed bytes"),
    why: "timestamps are read as DER; the peers read BER and mend lengths on the way",
  },
  {
    name: "type of a timestamp's content",
    matches: ({ code, part, message }) => part === "bundle" && code === "timestamp-invalid" && /TSTInfo/.test(message),
    why: "the type beside the content must be TSTInfo as the signed attribute says; the peers look at neither",
  },
  {
    name: "timestamp authority among several",
    matches: ({ code, part, fuzzCase }) =>
      part === "trustedRoot" && (code.startsWith("key-") || code.startsWith("timestamp-")) && timesOf(fuzzCase) > 1,
    why: "the peers leave a timestamp out whose authority cannot be used, where another time is enough",
  },
  {
    name: "keys of a trusted root",
    matches: ({ code, part }) => part === "trustedRoot" && code === "key-invalid",
    why: "keys are read strictly; Go passes over what follows the parameters of the algorithm",
  },
  {
    name: "certificate of a timestamp",
    matches: ({ code, part, message }) =>
      part === "trustedRoot" &&
      code === "timestamp-signature-invalid" &&
      message.includes("another certificate for the same key"),
    why: "the signing certificate attribute names the whole certificate; the peers do not compare it with that of the trusted root",
  },
  {
    name: "leaf inside a timestamp",
    matches: ({ code, part }) => part === "trustedRoot" && code === "timestamp-authority-unknown",
    why: "the leaf must be in the trusted root; the peers take the one inside the timestamp where it leads to a trusted root certificate",
  },
  {
    name: "range of a Rekor v2 log",
    matches: ({ code, part, fuzzCase }) =>
      part === "trustedRoot" && code === "tlog-log-not-valid-then" && isRekorV2(fuzzCase),
    why: "a proved time must lie in the log's range; the peers do not look at it without integrated time",
  },
  {
    name: "promise without bytes",
    matches: ({ code, content }) =>
      code === "tlog-promise-invalid" &&
      /inclusionPromise":\s*\{\s*(\}|"signedEntryTimestamp":\s*(""|null))/.test(content),
    why: "a promise without bytes cannot hold; to the peers it is none, and the proof is enough",
  },
  {
    name: "index of a Rekor v1 entry",
    matches: ({ code, fuzzCase }) => code === "tlog-proof-index-mismatch" && hasShard(fuzzCase),
    why: "the index in all shards cannot be below that in one of them; without a promise the peers do not look at it",
  },
  {
    name: "tree size of a Rekor v1 proof",
    matches: ({ code, fuzzCase }) => code === "tlog-checkpoint-mismatch" && hasShard(fuzzCase),
    why: "the proof's tree size must be that of the checkpoint; the peers compare the root hash alone, to which another size can lead too",
  },
  {
    name: "certificates of a trusted root",
    matches: ({ code, part }) => part === "trustedRoot" && code === "certificate-invalid",
    why: "certificates are read strictly; Go passes over elements behind the extensions, and more",
  },
  {
    name: "certificates beside the leaf",
    matches: ({ code, fuzzCase }) =>
      (code === "certificate-invalid" || code === "bundle-root-certificate") &&
      fuzzCase.bundle.includes("x509CertificateChain"),
    why: "they must be certificates and no roots; the peers do not read them",
  },
  {
    name: "name in a checkpoint",
    matches: ({ code, fuzzCase }) =>
      ["tlog-checkpoint-signature-invalid", "note-invalid", "checkpoint-invalid"].includes(code) && hasShard(fuzzCase),
    why: "of Rekor v1 the peers look for the key ID alone in the lines of a note, and read notes less strictly",
  },
  {
    name: "path in a trusted root",
    matches: ({ code, part }) => part === "trustedRoot" && code === "certificate-path-invalid",
    why: "key identifiers are held to, and only a self-issued or last certificate that may issue is an anchor; Go takes any certificate in the last place, and key identifiers for advice",
  },
  {
    name: "SCT among several",
    matches: ({ code, fuzzCase }) => code.startsWith("sct-") && fuzzCase.name === "message-p384-authorities",
    why: "the peers leave an SCT out that does not hold, where another is enough",
  },
];

/** Every difference that is understood. */
export const DIFFERENCES: readonly ExplainedDifference[] = [
  ...ONLY_WE.map((one) => ({ ...one, accepts: "only we" }) as const),
  ...ONLY_THE_PEER.map((one) => ({ ...one, accepts: "only the peer" }) as const),
];

function isRekorV2({ bundle }: FuzzCase): boolean {
  return bundle.includes('"0.0.2"') && !bundle.includes('"intoto"');
}

/** True where a checkpoint is of a shard of Rekor v1, whose origin ends with a number. */
function hasShard({ bundle }: FuzzCase): boolean {
  return /"envelope":\s*"[^"\\]* - \d+\\n/.test(bundle);
}

function countOf({ bundle }: FuzzCase, member: string): number {
  return bundle.split(`"${member}"`).length - 1;
}

/** Times that a bundle proves; a managed key needs none. */
function timesOf(fuzzCase: FuzzCase): number {
  if (fuzzCase.signer.kind === "key") return Number.POSITIVE_INFINITY;
  return countOf(fuzzCase, "signedTimestamp") + countOf(fuzzCase, "signedEntryTimestamp");
}
