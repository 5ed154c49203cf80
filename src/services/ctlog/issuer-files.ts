/**
 * The issuers of a CT log's entries, each one file `issuer/<sha256 in hex>` (C2SP static-ct-api, "Issuers").
 *
 * They lie among the log's files and are written before the entry that names them. Leaves out: who is an issuer (chain.ts).
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import type { LogFiles } from "../tiled-log/storage.ts";

const FOLDER = "issuer";
const FINGERPRINT = /^[0-9a-f]{64}$/;

/** Where the issuer with this SHA-256 lies below the log's prefix. */
export function issuerPath(fingerprint: Uint8Array): string {
  return `${FOLDER}/${hexEncode(fingerprint)}`;
}

/** True for a path that {@link issuerPath} writes. */
export function isIssuerPath(path: string): boolean {
  return path.startsWith(`${FOLDER}/`) && FINGERPRINT.test(path.slice(FOLDER.length + 1));
}

/** Issuers, DER, and the SHA-256 of each. */
interface IssuersOfChain {
  readonly issuers: readonly Uint8Array[];
  readonly issuerFingerprints: readonly Uint8Array[];
}

/** Keeps issuers; calls may run at once. */
export class IssuerFiles {
  readonly #files: LogFiles;
  /** By path: those that are durable, or on their way. */
  readonly #kept = new Map<string, Promise<void>>();

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** Returns when every certificate is durable. @throws SigstoreError `storage-failed`, and then it may be tried again */
  async keep({ issuers, issuerFingerprints }: IssuersOfChain): Promise<void> {
    await Promise.all(issuers.map((certificate, at) => this.#keepOne(certificate, issuerFingerprints[at])));
  }

  #keepOne(certificate: Uint8Array, fingerprint = sha256(certificate)): Promise<void> {
    const path = issuerPath(fingerprint);
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const writing = this.#files.write([{ path, bytes: certificate }]).catch((error: unknown) => {
      this.#kept.delete(path);
      throw error;
    });
    this.#kept.set(path, writing);
    return writing;
  }
}
