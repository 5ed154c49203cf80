/**
 * Parts of another document in place of one's own, any mixture of them: how evidence of one signature is passed off as that
 * of another.
 */
import type { Random } from "../random.ts";
import { copyTree, placesOf, readJsonTree, replaceAt, writeJsonTree } from "./json-tree.ts";
import type { JsonNode } from "./json-tree.ts";

/** The document with one part of `donor`, or with any mixture of its parts; undefined where either is no JSON. */
export function graftJson(document: string, donor: string, random: Random): string | undefined {
  const [own, foreign] = [readJsonTree(document), readJsonTree(donor)];
  if (own === undefined || foreign === undefined) return undefined;
  return writeJsonTree(random.chance(1, 2) ? graftOne(own, foreign, random) : graft(own, foreign, random));
}

/** Puts the donor's node into one place that both have. */
function graftOne(own: JsonNode, foreign: JsonNode, random: Random): JsonNode {
  const theirs = new Map(placesOf(foreign).map(({ path, node }) => [path, node]));
  const place = random.pick(placesOf(own).filter(({ path, parent }) => parent !== undefined && theirs.has(path)));
  const node = theirs.get(place.path);
  if (node !== undefined) replaceAt(place, copyTree(node));
  return own;
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
