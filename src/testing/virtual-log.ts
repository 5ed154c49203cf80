/**
 * A transparency log of the virtual Sigstore, Rekor v1 (with promises) or v2 (without), whole in memory.
 *
 * Each submission is answered with a proof to a checkpoint signed for it alone. Leaves out: duplicates, and everything that a
 * log does for others than the submitter.
 */
import { rekorV1Log, rekorV2Log, signCheckpoint, type SigningLog, type TreeHead } from "../authority/checkpoint.ts";
import type { LoggedEntry } from "../authority/entry.ts";
import { inclusionProof } from "../authority/inclusion-proof.ts";
import { type PromisedEntry, signPromise } from "../authority/promise.ts";
import type { Signer } from "../crypto/signer.ts";
import { utf8Encode } from "../encoding/text.ts";
import type { InclusionProof, TlogEntry } from "../formats/bundle/bundle.ts";
import type { LogInstance, ValidityRange } from "../formats/trusted-root.ts";
import { MemoryTree } from "../tlog/memory-tree.ts";
import type { NoteSigner } from "../tlog/signed-note.ts";
import type { LogLies } from "./lie-hooks.ts";

/** How a virtual log is made. */
export interface VirtualLogOptions {
  readonly version: 1 | 2;
  readonly hostname: string;
  readonly signer: Signer;
  readonly validFor: ValidityRange;
  /** Rekor v1: number of the tree, and entries of the shards before it. */
  readonly treeId?: bigint;
  readonly firstIndex?: bigint;
  /** Entries of others that are there already. */
  readonly earlierEntries: number;
}

/** What is submitted, and how the log is to answer. */
export interface Submission {
  readonly entry: LoggedEntry;
  /** Rekor v1 alone: when it took the entry in. */
  readonly integratedTimeSeconds: bigint;
  /** Rekor v1 alone: false leaves out promise or proof. */
  readonly hasPromise: boolean;
  readonly hasProof: boolean;
  /** Entries of others between this one and the checkpoint. */
  readonly laterEntries?: number;
  readonly cosigners?: readonly NoteSigner[];
  readonly lies?: LogLies;
}

/** A log with one key. */
export class VirtualLog {
  readonly version: 1 | 2;
  readonly log: SigningLog;
  readonly instance: LogInstance;
  readonly tree: MemoryTree = new MemoryTree();
  readonly #firstIndex: bigint;

  constructor(options: VirtualLogOptions) {
    const { hostname, signer } = options;
    this.version = options.version;
    this.log =
      options.version === 1 ? rekorV1Log(hostname, options.treeId ?? 1n, signer) : rekorV2Log(hostname, signer);
    this.instance = logInstance({
      baseUrl: `https://${hostname}`,
      signer,
      validFor: options.validFor,
      logId: this.log.logId,
    });
    this.#firstIndex = options.firstIndex ?? 0n;
    this.addEntries(options.earlierEntries);
  }

  /** Appends entries of others. */
  addEntries(count: number): void {
    for (let added = 0; added < count; added += 1)
      this.tree.appendEntry(utf8Encode(`${this.log.origin} ${this.tree.size}`));
  }

  /** Logs an entry and answers as the log would, but for the lies that are asked of it. */
  async submit(submission: Submission): Promise<TlogEntry> {
    const { lies = {}, hasPromise, hasProof } = submission;
    const { body, kindVersion } = lies.loggedEntry?.(submission.entry) ?? submission.entry;
    const index = this.tree.appendEntry(body);
    this.addEntries(submission.laterEntries ?? 0);
    const isV1 = this.version === 1;
    const logIndex = this.#firstIndex + index;
    const integratedTimeSeconds = isV1 ? submission.integratedTimeSeconds : 0n;
    const { logId } = this.log;
    const promised = { body, integratedTimeSeconds, logId, logIndex };
    const answer: TlogEntry = {
      logIndex,
      logId,
      kindVersion,
      integratedTimeSeconds,
      inclusionPromise: isV1 && hasPromise ? await this.#promise(promised, lies) : undefined,
      inclusionProof: hasProof ? await this.#prove(index, submission.cosigners ?? [], lies) : undefined,
      canonicalizedBody: body,
    };
    return lies.tlogEntry?.(answer) ?? answer;
  }

  async #promise(promised: PromisedEntry, lies: LogLies): Promise<Uint8Array> {
    return signPromise(this.log.signer, lies.promisedEntry?.(promised) ?? promised);
  }

  /** Proof and checkpoint of the tree as it is now, which is where the lies begin: the log signs what it is told to. */
  async #prove(index: bigint, cosigners: readonly NoteSigner[], lies: LogLies): Promise<InclusionProof> {
    const honestHead: TreeHead = { treeSize: this.tree.size, rootHash: this.tree.rootHash() };
    const honestProof = inclusionProof(this.tree, index, honestHead, "");
    const proof = lies.proof?.(honestProof) ?? honestProof;
    const head = lies.treeHead?.(honestHead) ?? honestHead;
    const log = lies.checkpointLog?.(this.log) ?? this.log;
    const note = await signCheckpoint(log, head, cosigners);
    return { ...proof, checkpoint: lies.checkpoint?.(note) ?? note };
  }
}

/** A log as an entry of a trusted root. */
export function logInstance(options: {
  readonly baseUrl: string;
  readonly signer: Signer;
  readonly validFor: ValidityRange;
  readonly logId: Uint8Array;
}): LogInstance {
  const { baseUrl, signer, validFor, logId } = options;
  return {
    baseUrl,
    operator: "sigstore.test",
    keyDetails: signer.algorithm.name,
    publicKey: signer.publicKey.spki,
    validFor,
    logId,
    checkpointKeyId: undefined,
  };
}
