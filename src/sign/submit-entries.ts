/**
 * Entries in transparency logs (client specification 2.1.7; rekor-v2 client specification): proposed, and checked.
 *
 * A message is a hashedrekord. An envelope is a dsse entry in Rekor v1; Rekor v2 takes hashedrekord alone, over the digest of
 * the envelope's pre-authentication encoding.
 */
import type { SignatureAlgorithm } from "../crypto/algorithms.ts";
import { SigstoreError } from "../errors.ts";
import type { TlogEntry } from "../formats/bundle/bundle.ts";
import { CheckLog } from "../verify/checks.ts";
import { checkEntryBodies } from "../verify/entry-body.ts";
import type { SignedContent } from "../verify/signed-content.ts";
import { verifyTlogEntries } from "../verify/tlog-entry.ts";
import type { EntryProposal, TransparencyLog } from "./ports.ts";
import { checkProvedTime } from "./proved-time.ts";
import { holdToAnswer } from "./service-answer.ts";
import type { SigningContext } from "./signing-context.ts";
import { entryVerifierOf } from "./signing-key.ts";
import type { SigningKey } from "./signing-key.ts";
import { askTogether } from "./together.ts";

/** An entry in each log of `context`, in their order; errors as `signMessage`. */
export async function submitEntries(
  signed: SignedContent,
  key: SigningKey,
  context: SigningContext,
): Promise<readonly TlogEntry[]> {
  const calls = context.logs.map(
    (log) => async (signal: AbortSignal) => submitEntry(signed, key, log, { ...context, signal }),
  );
  return askTogether(calls, context.signal);
}

/** Refuses a key whose signatures a log does not take, before anything is signed. @throws SigstoreError `algorithm-unsupported` */
export function checkLogsTakeKey(kind: "message" | "envelope", key: SigningKey, { logs }: SigningContext): void {
  const { algorithm } = key.signer;
  for (const { address, majorApiVersion } of logs) {
    const isDsse = kind === "envelope" && majorApiVersion === 1;
    if (isDsse ? isTakenInDsse(algorithm) : isTakenAsDigest(algorithm)) continue;
    throw new SigstoreError(
      "algorithm-unsupported",
      `expected a key whose signatures the transparency log ${address} takes, got ${algorithm.name}`,
      {
        hint: isDsse
          ? "for statements Rekor v1 takes P-256, RSA by PKCS #1 v1.5 and pure Ed25519"
          : "logs take ECDSA with the hash of the curve, RSA by PKCS #1 v1.5 and Ed25519ph",
      },
    );
  }
}

/** rekor-tiles algorithm registry and Rekor v1's hashedrekord: Ed25519 prehashed, no RSA-PSS. */
function isTakenAsDigest({ scheme, hash, deprecated }: SignatureAlgorithm): boolean {
  return !deprecated && scheme !== "rsa-pss" && hash !== undefined;
}

/** Rekor v1 verifies envelopes with SHA-256 whatever the curve, and Ed25519 pure. */
function isTakenInDsse({ scheme, hash }: SignatureAlgorithm): boolean {
  return scheme === "ed25519" || (hash === "sha256" && scheme !== "rsa-pss");
}

async function submitEntry(
  signed: SignedContent,
  key: SigningKey,
  log: TransparencyLog,
  context: SigningContext,
): Promise<TlogEntry> {
  const entry = await log.submitEntry(proposalFor(signed, key, log), { signal: context.signal });
  const asked = { service: "transparency log", address: log.address };
  holdToAnswer(asked, "an entry", () => checkEntry(entry, signed, key, log, context));
  return entry;
}

function proposalFor(
  { signature, message, envelope }: SignedContent,
  key: SigningKey,
  log: TransparencyLog,
): EntryProposal {
  const verifier = entryVerifierOf(key);
  if (envelope !== undefined && log.majorApiVersion === 1) return { kind: "dsse", envelope, verifier };
  const algorithm = key.signer.algorithm.hash ?? "sha256";
  return { kind: "hashedrekord", digest: { algorithm, digest: message.get(algorithm) }, signature, verifier };
}

function checkEntry(
  entry: TlogEntry,
  content: SignedContent,
  key: SigningKey,
  { majorApiVersion }: TransparencyLog,
  context: SigningContext,
): void {
  const checks = new CheckLog();
  checks.enter("tlog-entry");
  const [verified] = verifyTlogEntries([entry], context.trust, checks);
  const [skipped] = checks.checks;
  if (verified === undefined)
    throw new SigstoreError(skipped?.code ?? "tlog-log-unknown", skipped?.summary ?? "got no entry");
  // sigstore_bundle.proto: from v0.2 on an inclusion proof with a checkpoint MUST be there.
  if (verified.checkpoint === undefined)
    throw new SigstoreError("bundle-checkpoint-missing", "expected an inclusion proof with a checkpoint, got none");
  if (majorApiVersion === 1 && !verified.hasPromise)
    throw new SigstoreError("bundle-promise-missing", "expected an inclusion promise from a Rekor v1 log, got none");
  const { algorithm, publicKey } = key.signer;
  const certificate = key.kind === "certificate" ? key.certificate.raw : undefined;
  checkEntryBodies([verified], { content, verifier: { certificate, spki: publicKey.spki }, algorithm }, checks);
  if (verified.integratedTime !== undefined) checkProvedTime(verified.integratedTime, key, context);
}
