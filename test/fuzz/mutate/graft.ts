/**
 * Parts of another document in place of one's own, any mixture of them: how evidence of one signature is passed off as that
 * of another.
 */
import type { Random } from "../random.ts";
import { copyTree, readJsonTree, writeJsonTree } from "./json-tree.ts";
import type { JsonNode } from "./json-tree.ts";

/** The document with parts of `donor`; undefined where either is no JSON. */
export function graftJson(document: string, donor: string, random: Random): string | undefined {
  const [own, foreign] = [readJsonTree(document), readJsonTree(donor)];
  return own === undefined || foreign === undefined ? undefined : writeJsonTree(graft(own, foreign, random));
}

/** A node of either side, or one that is grafted further inside. */
function graft(own: JsonNode, foreign: JsonNode, random: Random): JsonNode {
  if (own.kind === "object" && foreign.kind === "object") {
    const theirs = new Map(foreign.members);
    return {
      kind: "object",
      members: own.members.map(([name, value]) => [name, choose(value, theirs.get(name), random)]),
    };
  }
  if (own.kind === "array" && foreign.kind === "array") {
    const items = own.items.map((item, index) => choose(item, foreign.items[index], random));
    return { kind: "array", items: random.chance(1, 4) ? [...items, ...foreign.items.map(copyTree)] : items };
  }
  return random.chance(1, 2) ? own : copyTree(foreign);
}

function choose(own: JsonNode, foreign: JsonNode | undefined, random: Random): JsonNode {
  if (foreign === undefined) return own;
  switch (random.below(3)) {
    case 0:
      return own;
    case 1:
      return copyTree(foreign);
    default:
      return graft(own, foreign, random);
  }
}
