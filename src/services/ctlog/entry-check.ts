/**
 * What a CT log promises of its entries beyond the tree (C2SP static-ct-api; RFC 6962 §3.1 to §3.4), for the check of a whole log.
 *
 * The tree hashes no precertificate and no issuer, so both are held to what it hashes: the index, the part of the precertificate that
 * was signed, and each certificate to the next. Leaves out: which roots the log accepts, and when.
 */
import { defaultAlgorithm } from "../../crypto/algorithms.ts";
import { sha256 } from "../../crypto/digest.ts";
import type { PublicKey } from "../../crypto/keys.ts";
import { verifySignature } from "../../crypto/verify.ts";
import { equalBytes } from "../../encoding/bytes.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { leafIndexOfSct, parseSct, precertificateTbs } from "../../formats/sct.ts";
import { merkleTreeLeaf, parseTileLeaf, type TileLeaf } from "../../formats/tile-leaf.ts";
import { type Certificate, parseCertificate } from "../../formats/x509/certificate.ts";
import { UNEXPECTED } from "../tiled-log/fsck-leftovers.ts";
import type { EntryRules } from "../tiled-log/fsck.ts";
import type { FileReader } from "../tiled-log/published.ts";
import type { StoredEntry } from "../tiled-log/storage.ts";
import { duplicateKeyOf } from "./duplicate-key.ts";
import { isIssuerPath, issuerPath } from "./issuer-files.ts";
import { isSignedBy, type Issuer, issuerOf } from "./issuer.ts";

/** The rules for the log among `files`; `key` is the log's own, for SCTs in its state. */
export class CtEntryRules implements EntryRules {
  readonly #files: FileReader;
  readonly #key: PublicKey;
  /** By path; hostile logs name what they like, so failures are kept as well as issuers. */
  readonly #issuers = new Map<string, Promise<Issuer>>();
  /** Links that hold, as the paths of both. */
  readonly #links = new Set<string>();

  constructor(files: FileReader, key: PublicKey) {
    this.#files = files;
    this.#key = key;
  }

  /** Index, precertificate and issuers of an entry. */
  checkEntry(entry: Uint8Array, index: bigint): Promise<string | undefined> {
    return told(async () => {
      const leaf = parseTileLeaf(entry);
      const leafIndex = leafIndexOfSct(leaf);
      if (leafIndex !== index)
        throw wrong(`the leaf index ${index}`, leafIndex === undefined ? "none" : `${leafIndex}`);
      await this.#checkChain(leaf);
    });
  }

  /** The entry by which it is found again, its time, and its SCT. */
  checkStored({ bytes, timeMs, duplicateKey, acknowledgement }: StoredEntry): string | undefined {
    return toldNow(() => {
      const { timestampMs, entry, extensions } = parseTileLeaf(bytes);
      if (timestampMs !== BigInt(timeMs)) throw wrong(`the time ${timestampMs}`, `${timeMs}`);
      if (!equalBytes(duplicateKey, duplicateKeyOf(entry))) throw wrong("the key of the certificate", "another");
      if (acknowledgement === undefined) throw wrong("an SCT", "none");
      const sct = parseSct(acknowledgement);
      if (sct.timestampMs !== timestampMs || !equalBytes(sct.extensions, extensions))
        throw wrong("an SCT of the entry's time and index", "another");
      // What an SCT signs is what the leaf hashes.
      if (!verifySignature(this.#key, defaultAlgorithm(this.#key), merkleTreeLeaf(bytes), sct.signature))
        throw wrong("an SCT signed by the log", "one that does not verify");
    });
  }

  /** Issuers, which may be there before the entry that names them. */
  checkFile(path: string, bytes: Uint8Array): string | undefined {
    if (!isIssuerPath(path)) return UNEXPECTED;
    return path === issuerPath(sha256(bytes)) ? undefined : "expected the certificate with this SHA-256, got another";
  }

  async #checkChain({ entry, precertificate, issuers: fingerprints }: TileLeaf): Promise<void> {
    const [issuer, ...above] = await Promise.all(fingerprints.map((fingerprint) => this.#issuer(fingerprint)));
    if (issuer === undefined) throw wrong("an issuer", "none");
    const leaf = parseCertificate(entry.type === "x509" ? entry.certificate : (precertificate ?? new Uint8Array(0)));
    if (entry.type === "precertificate") checkPrecertificate(entry, leaf, issuer);
    if (!isSignedBy(leaf, issuer)) throw wrong("a certificate signed by its issuer", "another signature");
    let below = issuer;
    for (const [place, one] of above.entries()) {
      const link = `${hexEncode(fingerprints[place] ?? new Uint8Array(0))} ${hexEncode(fingerprints[place + 1] ?? new Uint8Array(0))}`;
      if (!this.#links.has(link) && !isSignedBy(below.certificate, one))
        throw wrong("issuers that are each signed by the next", "another signature");
      this.#links.add(link);
      below = one;
    }
  }

  #issuer(fingerprint: Uint8Array): Promise<Issuer> {
    const path = issuerPath(fingerprint);
    const known = this.#issuers.get(path) ?? this.#readIssuer(path, fingerprint);
    this.#issuers.set(path, known);
    return known;
  }

  async #readIssuer(path: string, fingerprint: Uint8Array): Promise<Issuer> {
    const bytes = await this.#files.read(path);
    if (bytes === undefined || !equalBytes(sha256(bytes), fingerprint))
      throw wrong(`the issuer at ${path}`, bytes === undefined ? "none" : "another certificate");
    return issuerOf(parseCertificate(bytes));
  }
}

function checkPrecertificate(
  entry: Extract<TileLeaf["entry"], { type: "precertificate" }>,
  precertificate: Certificate,
  issuer: Issuer,
): void {
  if (!equalBytes(precertificateTbs(precertificate), entry.tbs))
    throw wrong("the precertificate of the entry", "another");
  if (!equalBytes(sha256(issuer.certificate.spki), entry.issuerKeyHash))
    throw wrong("the issuer whose key the entry names", "another");
}

function wrong(expected: string, got: string): SigstoreError {
  return new SigstoreError("tile-invalid", `expected ${expected}, got ${got}`);
}

async function told(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

function toldNow(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

/** Only what a log can be blamed for; a connection that breaks is the reader's affair. */
function wordsOf(error: unknown): string {
  if (!isSigstoreError(error) || /^(?:service|storage)-|^cancelled$/.test(error.code)) throw error;
  return error.message;
}
