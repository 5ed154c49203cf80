/**
 * A log as large as the public ones, without its million entries: the siblings of an entry are made up, and the virtual log
 * signs the root that they lead to. To a verifier the proof is like any other.
 */
import type { InclusionProof } from "../src/formats/bundle/bundle.ts";
import type { LogLies } from "../src/testing/lie-hooks.ts";
import { seededBytes } from "../src/testing/seed.ts";
import { hashLeaf } from "../src/tlog/merkle.ts";
import { rootFromInclusionProof } from "../src/tlog/proof.ts";

/** A perfect tree: every proof has this many hashes. */
const LEVELS = 20;
const TREE_SIZE = 2n ** BigInt(LEVELS);

/** Entries in the shards before this one; Rekor v2 counts in each shard alone. */
const FIRST_INDEX = { 1: 2_000_000_000n, 2: 0n } as const;

/** What a log of this version says instead of the truth when it takes in the `number`th entry. */
export function crowdedLog(version: 1 | 2, number: number): LogLies {
  const firstIndex = FIRST_INDEX[version];
  const logIndex = (BigInt(number) * 7919n) % TREE_SIZE;
  const hashes = Array.from({ length: LEVELS }, (_, level) => seededBytes("bench", `sibling ${number} ${level}`, 32));
  let rootHash: Uint8Array = new Uint8Array(32);
  return {
    loggedEntry: (entry) => {
      rootHash = rootFromInclusionProof({
        leafHash: hashLeaf(entry.body),
        index: logIndex,
        treeSize: TREE_SIZE,
        hashes,
      });
      return entry;
    },
    promisedEntry: (promised) => ({ ...promised, logIndex: firstIndex + logIndex }),
    proof: (proof): InclusionProof => ({ ...proof, logIndex, treeSize: TREE_SIZE, rootHash, hashes }),
    treeHead: () => ({ treeSize: TREE_SIZE, rootHash }),
    tlogEntry: (entry) => ({ ...entry, logIndex: firstIndex + logIndex }),
  };
}
