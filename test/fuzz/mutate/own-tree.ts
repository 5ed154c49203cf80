/**
 * A log entry in a tree of its own: an inclusion proof that holds, to a root that nobody signed (RFC 6962, section 2.1).
 */
import { createHash } from "node:crypto";
import type { Random } from "../random.ts";

interface Entry {
  canonicalizedBody?: string;
  inclusionProof?: { hashes?: string[]; logIndex?: string; treeSize?: string; rootHash?: string };
}

/** The bundle with the proof of one entry made anew; undefined without one. Most often index and size stay as they are. */
export function moveToOwnTree(bundle: string, random: Random): string | undefined {
  const document = JSON.parse(bundle) as { verificationMaterial?: { tlogEntries?: Entry[] } };
  const entries = document.verificationMaterial?.tlogEntries ?? [];
  const entry = entries.length === 0 ? undefined : random.pick(entries);
  const proof = entry?.inclusionProof;
  if (entry === undefined || proof === undefined) return undefined;
  if (random.chance(1, 3)) Object.assign(proof, { logIndex: "0", treeSize: String(2 ** random.below(3)) });
  const [index, size] = [BigInt(proof.logIndex ?? 0), BigInt(proof.treeSize ?? 0)];
  const leaf = hash(Buffer.from([0]), Buffer.from(entry.canonicalizedBody ?? "", "base64"));
  const { root, siblings } = climb(leaf, index, size, random);
  Object.assign(proof, { hashes: siblings.map((one) => one.toString("base64")), rootHash: root.toString("base64") });
  return JSON.stringify(document);
}

/** From a leaf to a root, by siblings that are made up (RFC 9162, section 2.1.3.2). */
function climb(
  leaf: Buffer,
  index: bigint,
  size: bigint,
  random: Random,
): { root: Buffer; siblings: readonly Buffer[] } {
  const siblings: Buffer[] = [];
  let root = leaf;
  let [first, last] = [index, size - 1n];
  for (; last > 0n; first >>= 1n, last >>= 1n) {
    const isRight = (first & 1n) === 1n || first === last;
    if (isRight) while ((first & 1n) === 0n && first !== 0n) [first, last] = [first >> 1n, last >> 1n];
    if (first === 0n && isRight && last === 0n) break;
    const sibling = Buffer.from(random.bytes(32));
    siblings.push(sibling);
    root = isRight ? hash(Buffer.from([1]), sibling, root) : hash(Buffer.from([1]), root, sibling);
  }
  return { root, siblings };
}

function hash(...parts: readonly Buffer[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}
