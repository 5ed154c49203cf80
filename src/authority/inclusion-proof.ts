/**
 * The inclusion proof that a log hands back with an entry (RFC 6962 §2.1.1; protobuf-specs, sigstore_rekor.proto).
 *
 * Proof and checkpoint are of one tree head: proofs to a root that nobody signed are worth nothing. Leaves out: where the
 * tree's hashes are kept.
 */
import type { InclusionProof } from "../formats/bundle/bundle.ts";
import { type HashReader, proveInclusion } from "../tlog/prove.ts";
import type { TreeHead } from "./checkpoint.ts";

/**
 * Proves that the leaf `logIndex` is in the tree of `head`; `checkpoint` is the signed note of that head.
 *
 * @throws SigstoreError `proof-invalid` unless logIndex < treeSize and `reader` holds the tree up to there
 */
export function inclusionProof(
  reader: HashReader,
  logIndex: bigint,
  head: TreeHead,
  checkpoint: string,
): InclusionProof {
  const { treeSize, rootHash } = head;
  return { logIndex, treeSize, rootHash, hashes: proveInclusion(reader, logIndex, treeSize), checkpoint };
}
