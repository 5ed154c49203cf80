/**
 * Rekor v2 as a service: a proposal in, the entry with its proof out (rekor-tiles, internal/server/service.go).
 *
 * The same proposal twice is one entry: the second answer is the first entry. Leaves out: HTTP (handler.ts), and everything that
 * makes the entry durable and proved (services/tiled-log).
 */
import type { TlogEntry } from "../../formats/bundle/bundle.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import type { TiledLog } from "../tiled-log/tiled-log.ts";
import { admitProposal, REKOR_ALGORITHMS } from "./admission.ts";
import type { Proposal } from "./proposal.ts";

/** What the service logs to, and what it takes. */
export interface RekorServiceOptions {
  readonly log: TiledLog;
  /** Names of PublicKeyDetails; all that the original takes unless something else is said. */
  readonly algorithms?: readonly (typeof REKOR_ALGORITHMS)[number][];
}

/** An entry that is in the log. */
export interface CreatedEntry {
  readonly entry: TlogEntry;
  /** False when it was there before. */
  readonly isNew: boolean;
}

/** The service. */
export class RekorService {
  readonly log: TiledLog;
  readonly #algorithms: ReadonlySet<string>;

  constructor({ log, algorithms = REKOR_ALGORITHMS }: RekorServiceOptions) {
    this.log = log;
    this.#algorithms = new Set(algorithms);
  }

  /**
   * Logs a proposal, and returns when a published checkpoint covers it.
   * @throws SigstoreError as `admitProposal` and `TiledLog.submit`
   */
  async createEntry(proposal: Proposal): Promise<CreatedEntry> {
    const { body, kindVersion } = admitProposal(proposal, this.#algorithms);
    const logged = await this.log.submit({
      duplicateKey: hashLeaf(body),
      maximumBytes: body.length,
      serialize: () => body,
    });
    const entry: TlogEntry = {
      logIndex: logged.index,
      logId: this.log.identity.logId,
      kindVersion,
      // Rekor v2 says no time of its own: "integrated_time" stays 0.
      integratedTimeSeconds: 0n,
      inclusionPromise: undefined,
      inclusionProof: logged.proof,
      canonicalizedBody: logged.bytes,
    };
    return { entry, isNew: !logged.isDuplicate };
  }
}
