/**
 * One entry of the instance's log, read from its files as any client would, proved, and checked by the verifier's own code.
 *
 * What is said of who signed stands in the entry; what is checked is that the log holds it, that its signature holds, and that this
 * instance issued its certificate. Leaves out: the time of the signature, which the bundle proves and the log does not know.
 */
import { algorithmByName } from "../../crypto/algorithms.ts";
import { importPublicKey, keyIdentifier } from "../../crypto/keys.ts";
import { verifyDigestSignature } from "../../crypto/verify.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import type { TlogEntry } from "../../formats/bundle/bundle.ts";
import { type HashedRekord002, parseEntryBody } from "../../formats/rekor/entry-body.ts";
import { type Certificate, parseCertificate } from "../../formats/x509/certificate.ts";
import { certificateIdentity } from "../../policy/identity.ts";
import { parseEntryBundle } from "../../tlog/entry-bundle.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import { entryBundlePath, TILE_WIDTH } from "../../tlog/tile.ts";
import { verifyCertificatePath } from "../../verify/certificate-path.ts";
import { CheckLog } from "../../verify/checks.ts";
import { verifyScts } from "../../verify/sct.ts";
import { verifyTlogEntries } from "../../verify/tlog-entry.ts";
import type { TrustMaterial } from "../../verify/trust.ts";
import type { EntryCheck, EntryPage, EntrySigner } from "../../web/entry-page.ts";
import { provePublished, type PublishedHead } from "../tiled-log/published.ts";

/** An entry with all there is to say of it. */
export interface ShownEntry {
  readonly entry: TlogEntry;
  readonly page: EntryPage;
}

/** A log whose entries can be shown: one at work, or a frozen one. */
export interface ShownLog {
  readonly identity: { readonly origin: string; readonly logId: Uint8Array };
  readonly published: PublishedHead;
  readonly isFrozen?: boolean;
  /** A tile or bundle by its address below the log's prefix, or undefined. */
  readResource(path: string): Promise<Uint8Array | undefined>;
}

/** The entry at `index`, or undefined when the published log has none. @throws SigstoreError `storage-damaged`, `storage-failed` */
export async function readLogEntry(
  log: ShownLog,
  index: bigint,
  trust: TrustMaterial,
): Promise<ShownEntry | undefined> {
  const { published } = log;
  if (index >= published.treeSize) return undefined;
  const body = await readBody(log, index, published);
  const content = parseEntryBody(body);
  const { kind, version } = content;
  const files = { read: (path: string) => log.readResource(path) };
  const entry: TlogEntry = {
    logIndex: index,
    logId: log.identity.logId,
    kindVersion: { kind, version },
    integratedTimeSeconds: 0n,
    inclusionPromise: undefined,
    inclusionProof: await provePublished(files, published, index, hashLeaf(body)),
    canonicalizedBody: body,
  };
  const rekord = content.form === "hashedrekord-0.0.2" ? content : undefined;
  const signer = rekord && signerOf(rekord);
  const checks = rekord === undefined ? [] : contentChecks(rekord, trust);
  const page: EntryPage = {
    index,
    origin: log.identity.origin,
    treeSize: published.treeSize,
    isFrozen: log.isFrozen === true,
    kind: `${kind} ${version}`,
    digest: rekord && { algorithm: rekord.digestAlgorithm, hex: hexEncode(rekord.digest) },
    // The instance puts it there before anybody else can (first-entry.ts).
    isBeginning: index === 0n && signer?.kind === "key",
    signer: signer?.kind === "certificate" ? { ...signer, isCertified: checks.every((one) => one.isGood) } : signer,
    checks: [inclusionCheck(entry, trust), ...checks],
  };
  return { entry, page };
}

/** Who signed the entry, in a few words; for lists. */
export function whoSigned({ signer, isBeginning }: Pick<EntryPage, "signer" | "isBeginning">): string {
  if (isBeginning) return "the instance's trusted root";
  if (signer === undefined) return "";
  if (signer.kind === "key") return `key ${signer.fingerprintHex.slice(0, 16)}…`;
  return signer.isCertified ? signer.subject : "somebody whose name was not checked here";
}

async function readBody(log: ShownLog, index: bigint, { treeSize }: PublishedHead): Promise<Uint8Array> {
  const bundle = index / BigInt(TILE_WIDTH);
  const left = treeSize - bundle * BigInt(TILE_WIDTH);
  const width = left < BigInt(TILE_WIDTH) ? Number(left) : TILE_WIDTH;
  const bytes = await log.readResource(entryBundlePath({ index: bundle, width }));
  const body = bytes && parseEntryBundle(bytes, width)[Number(index % BigInt(TILE_WIDTH))];
  if (body !== undefined) return body;
  throw new SigstoreError("storage-damaged", `expected the bundle with entry ${index}, got none`, {
    hint: "check the log: sigstore log fsck",
  });
}

function signerOf({ verifier }: HashedRekord002): EntrySigner {
  const { kind, rawBytes, keyDetails } = verifier;
  if (kind === "publicKey")
    return { kind: "key", algorithm: keyDetails, fingerprintHex: hexEncode(keyIdentifier(importPublicKey(rawBytes))) };
  const certificate = parseCertificate(rawBytes);
  const { notBeforeMs, notAfterMs } = certificate;
  return { kind: "certificate", isCertified: false, notBeforeMs, notAfterMs, ...identityOf(certificate) };
}

/** Certificates of others, which anybody can send to the log, may name nobody. */
function identityOf(certificate: Certificate): {
  subject: string;
  issuer: string;
  claims: readonly (readonly [string, string])[];
} {
  try {
    const { subject, issuer, extensions } = certificateIdentity(certificate);
    return { subject, issuer: issuer === "" ? "nobody" : issuer, claims: claimsOf(extensions) };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { subject: "Somebody without a name", issuer: "nobody", claims: [] };
  }
}

/** `sourceRepositoryUri` becomes `Source repository uri`. */
function claimsOf(extensions: Readonly<Record<string, string | undefined>>): readonly (readonly [string, string])[] {
  return Object.entries(extensions).flatMap(([name, value]) =>
    value === undefined ? [] : [[wordsOf(name), value] as const],
  );
}

function wordsOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function check(name: string, run: () => string): EntryCheck {
  try {
    return { name, isGood: true, words: run() };
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return { name, isGood: false, words: error.message };
  }
}

function inclusionCheck(entry: TlogEntry, trust: TrustMaterial): EntryCheck {
  return check("The log holds this entry", () => {
    const { inclusionProof: proof } = entry;
    const [verified] = verifyTlogEntries([entry], trust, new CheckLog());
    if (verified === undefined || proof === undefined)
      throw new SigstoreError("tlog-log-unknown", "expected a log of the trusted root, got another");
    return `a proof of ${proof.hashes.length} hashes leads from it to the root of all ${proof.treeSize} entries, which the log has signed`;
  });
}

function contentChecks(rekord: HashedRekord002, trust: TrustMaterial): readonly EntryCheck[] {
  const { kind, rawBytes } = rekord.verifier;
  const certificate = kind === "publicKey" ? undefined : parseCertificate(rawBytes);
  const signature = check("The signature holds", () => {
    const key = importPublicKey(certificate?.spki ?? rawBytes);
    const algorithm = algorithmByName(rekord.verifier.keyDetails);
    if (!verifyDigestSignature(key, algorithm, rekord.digest, rekord.signature))
      throw new SigstoreError("signature-invalid", "expected a signature over the digest by the key, got another");
    return `over the digest, by the key, as ${algorithm.name}`;
  });
  return certificate === undefined ? [signature] : [signature, ...certificateChecks(certificate, trust)];
}

function certificateChecks(certificate: Certificate, trust: TrustMaterial): readonly EntryCheck[] {
  const log = new CheckLog();
  let scts = 0;
  const path = check("This instance certified the signer", () => {
    const verified = verifyCertificatePath(certificate, trust, [], log);
    scts = verifyScts(verified, trust, log).length;
    return `by ${verified.authority.label}`;
  });
  if (!path.isGood) return [path];
  const publicity: EntryCheck = {
    name: "The certificate is on record, too",
    isGood: scts > 0,
    words: scts > 0 ? "in the CT log, which has signed that it is" : "expected the promise of the CT log, got none",
  };
  return [path, publicity];
}
