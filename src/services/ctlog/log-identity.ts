/**
 * Who a CT log is, and how it signs its tree heads (RFC 6962 §3.5; C2SP static-ct-api, "Checkpoints").
 *
 * Tree heads have a time, which never goes back: not behind an entry, and not behind an earlier head, whatever the clock does.
 * Leaves out: SCTs (service.ts).
 */
import { checkpointText } from "../../authority/checkpoint.ts";
import { ctLogId } from "../../authority/sct.ts";
import type { Signer } from "../../crypto/signer.ts";
import { signNote } from "../../tlog/signed-note.ts";
import { parseTreeHeadSignature, treeHeadSigner, treeHeadVerifier } from "../../tlog/tree-head.ts";
import type { LogIdentity } from "../tiled-log/log-identity.ts";

/** The clock of one CT log: what it has read is remembered, so that no tree head is older than what it covers. */
export class TreeHeadClock {
  readonly #nowMs: () => number;
  #entryMs = 0;
  #headMs = 0;

  /** @param nowMs the clock: milliseconds since 1970 */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The time now, which an entry may bear. */
  readonly nowMs = (): number => {
    const nowMs = Math.floor(this.#nowMs());
    this.noteEntry(nowMs);
    return nowMs;
  };

  /** There is an entry of this time. */
  noteEntry(timeMs: number): void {
    this.#entryMs = Math.max(this.#entryMs, timeMs);
  }

  /** There is a tree head of this time. */
  noteHead(timeMs: number): void {
    this.#headMs = Math.max(this.#headMs, timeMs);
  }

  /** Milliseconds since the newest tree head. */
  get headAgeMs(): number {
    return this.#nowMs() - this.#headMs;
  }

  /**
   * The time of the next tree head. RFC 6962 §3.5: "The timestamp MUST be at least as recent as the most recent SCT timestamp in
   * the tree. Each subsequent timestamp MUST be more recent than the timestamp of the previous update."
   */
  nextHeadMs(): number {
    this.#headMs = Math.max(Math.floor(this.#nowMs()), this.#entryMs, this.#headMs + 1);
    return this.#headMs;
  }
}

/**
 * A CT log of this origin and key.
 * @param origin "the submission prefix of the log as a schema-less URL with no trailing slashes"
 * @throws TypeError for a key that is neither ECDSA P-256 nor RSA, and an origin that is no key name
 */
export function ctLogIdentity(origin: string, signer: Signer, clock: TreeHeadClock): LogIdentity {
  const verifier = treeHeadVerifier(origin, signer.publicKey);
  return {
    origin,
    logId: ctLogId(signer.publicKey.spki),
    verifier: {
      ...verifier,
      verify(text, signature) {
        if (!verifier.verify(text, signature)) return false;
        // A head of our own: the next one is later.
        clock.noteHead(Number(parseTreeHeadSignature(signature).timestampMs));
        return true;
      },
    },
    signCheckpoint: (head) =>
      signNote(checkpointText({ origin }, head), treeHeadSigner(origin, signer, BigInt(clock.nextHeadMs()))),
  };
}
