/**
 * Changes to a JSON document, field by field: dropped, doubled, renamed, exchanged, of another type, of another value,
 * and what is inside a string that is base64, DER, JSON or text again.
 *
 * Answers what was changed, in words, for reports.
 */
import type { Random } from "../random.ts";
import { copyTree, placesOf, readJsonTree, replaceAt, scalar, stringOf, treeOf, writeJsonTree } from "./json-tree.ts";
import type { JsonNode, JsonPlace } from "./json-tree.ts";
import { mutateString } from "./mutate-string.ts";

/** A changed document. */
export interface JsonMutant {
  readonly text: string;
  readonly change: string;
}

interface Scene {
  readonly root: JsonNode;
  readonly places: readonly JsonPlace[];
  readonly random: Random;
  /** Other documents of the same kind, which lend their values. */
  readonly others: readonly string[];
}

/** The document after one change, seldom after several; undefined where it is no JSON. */
export function mutateJson(document: string, random: Random, others: readonly string[]): JsonMutant | undefined {
  const tree = readJsonTree(document);
  if (tree === undefined) return undefined;
  const changes: string[] = [];
  for (let count = random.chance(1, 6) ? 2 : 1; count > 0; count -= 1) {
    const places = placesOf(tree).filter(({ parent }) => parent !== undefined);
    if (places.length === 0) break;
    changes.push(changeOne({ root: tree, places, random, others }));
  }
  const space = random.chance(1, 10) ? random.pick([" ", "\n", "\t", "\r\n  "]) : "";
  return { text: writeJsonTree(tree, space), change: changes.join("; ") };
}

function changeOne(scene: Scene): string {
  const { random, places } = scene;
  const place = random.pick(places);
  // Most of the meaning is in strings: half of the changes go there.
  const strings = places.filter(({ node }) => stringOf(node) !== undefined);
  if (strings.length > 0 && random.chance(1, 2)) return changeString(random.pick(strings), scene);
  return random.pick(CHANGES)(place, scene);
}

type Change = (place: JsonPlace, scene: Scene) => string;

const changeString: Change = (place, { random, places }) => {
  const text = stringOf(place.node);
  if (text === undefined || place.node.kind !== "scalar") return `${place.path}: nothing`;
  const others = places.map(({ node }) => stringOf(node)).filter((other) => other !== undefined);
  const mutateDocument = (inner: string, choices: Random): JsonMutant | undefined => mutateJson(inner, choices, []);
  const { value, how } = mutateString(text, random, { others, mutateDocument });
  place.node.text = random.chance(1, 20) ? escaped(value) : JSON.stringify(value);
  return `${place.path}: ${how}`;
};

const drop: Change = (place) => {
  replaceAt(place);
  return `${place.path} dropped`;
};

const double: Change = (place, { random }) => {
  const copies = random.chance(1, 20) ? 40 : 2;
  replaceAt(place, ...Array.from({ length: copies }, () => copyTree(place.node)));
  return `${place.path} ${copies} times`;
};

const retype: Change = (place, { random }) => {
  const node = random.pick(REPLACEMENTS)(place.node);
  replaceAt(place, node);
  return `${place.path} = ${writeJsonTree(node).slice(0, 40)}`;
};

/** Moves a value of this document, or of another, to this place. */
const transplant: Change = (place, { random, places, others }) => {
  const foreign = others.length > 0 && random.chance(2, 3) ? placesOfDocument(random.pick(others)) : places;
  const samePlaces = foreign.length > 0 ? foreign : places;
  const alike = samePlaces.filter(({ path }) => withoutIndices(path) === withoutIndices(place.path));
  const source = random.pick(alike.length > 0 && random.chance(4, 5) ? alike : samePlaces);
  replaceAt(place, copyTree(source.node));
  return `${place.path} from ${source.path}`;
};

const exchange: Change = (place, { random }) => {
  const { parent, index, path } = place;
  if (parent === undefined || parent.kind === "scalar") return "nothing";
  const list: unknown[] = parent.kind === "array" ? parent.items : parent.members;
  const to = random.below(list.length);
  [list[index], list[to]] = [list[to], list[index]];
  return `${path} exchanged with sibling ${to}`;
};

const rename: Change = (place, { random, places }) => {
  const { parent, index, path } = place;
  if (parent?.kind !== "object") return "nothing";
  const member = parent.members[index];
  if (member === undefined) return "nothing";
  const name = random.pick([
    snakeCase(member[0]),
    "__proto__",
    "constructor",
    member[0].toUpperCase(),
    "unknown",
    nameOf(random.pick(places).path),
  ]);
  member[0] = name;
  return `${path} renamed ${name}`;
};

const add: Change = ({ parent, path }, { random, places }) => {
  if (parent === undefined || parent.kind === "scalar") return "nothing";
  const value = random.chance(1, 2) ? copyTree(random.pick(places).node) : treeOf(random.pick(ADDED));
  if (parent.kind === "array") {
    parent.items.push(value);
    return `element added beside ${path}`;
  }
  const name = random.pick(["unknown", "__proto__", "toString", nameOf(random.pick(places).path), "$comment"]);
  parent.members.splice(random.below(parent.members.length + 1), 0, [name, value]);
  return `${name} added beside ${path}`;
};

const nest: Change = (place, { random }) => {
  let node = copyTree(place.node);
  const depth = random.chance(1, 8) ? 300 : random.small(4);
  for (let level = 0; level < depth; level += 1) {
    node = random.chance(1, 2) ? { kind: "array", items: [node] } : { kind: "object", members: [["a", node]] };
  }
  replaceAt(place, node);
  return `${place.path} nested ${depth} deep`;
};

/** Moves an end of a range of time, or gives it one: to any year about now. */
const changeRange: Change = (_, { random, places }) => {
  const ranges = places.filter(({ node }) => node.kind === "object" && node.members.some(([name]) => name === "start"));
  if (ranges.length === 0) return "nothing";
  const { node, path } = random.pick(ranges);
  if (node.kind !== "object") return "nothing";
  const end = random.pick(["start", "end"]);
  const moved = scalar(
    new Date(Date.UTC(2020 + random.below(12), random.below(12), 1 + random.below(28))).toISOString(),
  );
  const at = node.members.findIndex(([name]) => name === end);
  if (at < 0) node.members.push([end, moved]);
  else node.members[at] = [end, moved];
  return `${path}.${end} moved`;
};

const CHANGES: readonly Change[] = [
  drop,
  drop,
  double,
  retype,
  retype,
  transplant,
  transplant,
  exchange,
  rename,
  add,
  nest,
  changeRange,
  changeRange,
];

const ADDED: readonly unknown[] = [null, true, 0, "", "AAAA", [], {}, [{}], { keyId: "AAAA" }];
const RAW = [
  "-0",
  "1e3",
  "1.0",
  "1E400",
  "01",
  "0x10",
  "NaN",
  "'a'",
  "tru",
  '"\\ud800"',
  '"\\u0000"',
  "18446744073709551616",
  "-1",
  "9007199254740993",
  '"9223372036854775808"',
  '"9223372036854775807"',
  '"253402300800"',
  "9007199254740991",
];

/** Other types of the same value, other values of the same type. */
const REPLACEMENTS: readonly ((node: JsonNode) => JsonNode)[] = [
  () => scalar(null),
  () => scalar(""),
  () => treeOf([]),
  () => treeOf({}),
  () => scalar(true),
  () => scalar(0),
  () => scalar("0"),
  ...RAW.map((text) => (): JsonNode => ({ kind: "scalar", text })),
  ...[1, -1, 2 ** 32, 60_000, -60_000].map(
    (step) =>
      (node: JsonNode): JsonNode =>
        withNumber(node, (value) => value + step),
  ),
  ...[1, -1, 2 ** 32, 60, -60].map(
    (step) =>
      (node: JsonNode): JsonNode =>
        withNumber(node, (value) => value + step),
  ),
  (node) => withNumber(node, (value) => value, true),
];

/** A number, or a string of digits, changed; with `retyped` the one becomes the other. */
function withNumber(node: JsonNode, change: (value: number) => number, retyped = false): JsonNode {
  if (node.kind !== "scalar") return treeOf([copyTree(node)]);
  const isText = node.text.startsWith('"');
  const digits = /^"?(-?\d+)"?$/.exec(node.text)?.[1];
  if (digits === undefined) return scalar(7);
  const value = String(change(Number(digits)));
  return { kind: "scalar", text: isText === retyped ? value : `"${value}"` };
}

function placesOfDocument(document: string): JsonPlace[] {
  const tree = readJsonTree(document);
  return tree === undefined ? [] : placesOf(tree);
}

function withoutIndices(path: string): string {
  return path.replaceAll(/\[\d+\]/g, "[]");
}

function nameOf(path: string): string {
  return (
    path
      .replaceAll(/\[\d+\]/g, "")
      .split(".")
      .at(-1) ?? ""
  );
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The string in `\u` escapes. */
function escaped(value: string): string {
  const units = Array.from(
    { length: value.length },
    (_, index) => `\\u${value.charCodeAt(index).toString(16).padStart(4, "0")}`,
  );
  return `"${units.join("")}"`;
}
