/**
 * Rekor v2 as a service: a proposal in, the entry with its proof out (rekor-tiles, internal/server/service.go).
 *
 * The same proposal twice is one entry: the second answer is the first entry. Leaves out: HTTP (handler.ts), and everything that
 * makes the entry durable and proved (services/tiled-log).
 */
import type { TlogEntry } from "../../formats/bundle/bundle.ts";
import { hashLeaf } from "../../tlog/merkle.ts";
import type { TiledLog } from "../tiled-log/tiled-log.ts";
import type { Admission } from "./admission-port.ts";

/** An entry that is in the log. */
export interface CreatedEntry {
  readonly entry: TlogEntry;
  /** False when it was there before. */
  readonly isNew: boolean;
}

/** The service: `admission` says what is let in, `log` keeps it. Whoever made them stops them. */
export class RekorService {
  readonly log: TiledLog;
  readonly #admission: Admission;

  constructor(log: TiledLog, admission: Admission) {
    this.log = log;
    this.#admission = admission;
  }

  /**
   * Logs the proposal in the body of a request, and returns when a published checkpoint covers it; undefined when the body
   * proposes nothing.
   * @throws SigstoreError as `Admission` and `TiledLog.submit`
   */
  async createEntry(requestBody: Uint8Array): Promise<CreatedEntry | undefined> {
    const admitted = await this.#admission.admit(requestBody);
    if (admitted === undefined) return undefined;
    const { body, kindVersion } = admitted;
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
