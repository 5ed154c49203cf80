/**
 * JSON as a tree that can say what a JavaScript value cannot: a member twice, any spelling of a number or a string, any
 * white space. For mutations; reads with `JSON.parse`.
 */

/** A value as it is to be written. A scalar is its own text. */
export type JsonNode =
  | { readonly kind: "object"; readonly members: [name: string, value: JsonNode][] }
  | { readonly kind: "array"; readonly items: JsonNode[] }
  | { readonly kind: "scalar"; text: string };

/** The tree of a JSON text, or undefined where it is none. */
export function readJsonTree(text: string): JsonNode | undefined {
  try {
    return treeOf(JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The tree of a value. */
export function treeOf(value: unknown): JsonNode {
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return scalar(value);
  return { kind: "object", members: Object.entries(value).map(([name, member]) => [name, treeOf(member)]) };
}

/** A scalar of a value. */
export function scalar(value: unknown): JsonNode {
  return { kind: "scalar", text: JSON.stringify(value) ?? "null" };
}

/** The text of a tree. `space` stands between tokens. */
export function writeJsonTree(node: JsonNode, space = ""): string {
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "array":
      return `[${space}${node.items.map((item) => writeJsonTree(item, space)).join(`,${space}`)}${space}]`;
    case "object": {
      const members = node.members.map(
        ([name, value]) => `${JSON.stringify(name)}:${space}${writeJsonTree(value, space)}`,
      );
      return `{${space}${members.join(`,${space}`)}${space}}`;
    }
  }
}

/** A copy that shares nothing. */
export function copyTree(node: JsonNode): JsonNode {
  switch (node.kind) {
    case "scalar":
      return { ...node };
    case "array":
      return { kind: "array", items: node.items.map(copyTree) };
    case "object":
      return { kind: "object", members: node.members.map(([name, value]) => [name, copyTree(value)]) };
  }
}

/** A node with its place: the node around it, where in it, and a path for people. */
export interface JsonPlace {
  readonly node: JsonNode;
  readonly parent: JsonNode | undefined;
  readonly index: number;
  readonly path: string;
}

/** Every place of a tree, from the outside inwards. */
export function placesOf(root: JsonNode): JsonPlace[] {
  const places: JsonPlace[] = [{ node: root, parent: undefined, index: 0, path: "" }];
  for (const { node, path } of places) {
    if (node.kind === "array") {
      for (const [index, item] of node.items.entries())
        places.push({ node: item, parent: node, index, path: `${path}[${index}]` });
    } else if (node.kind === "object") {
      for (const [index, [name, value]] of node.members.entries()) {
        places.push({ node: value, parent: node, index, path: path === "" ? name : `${path}.${name}` });
      }
    }
  }
  return places;
}

/** Puts another node, or several, or none into a place that has a parent. */
export function replaceAt({ parent, index }: JsonPlace, ...nodes: readonly JsonNode[]): void {
  if (parent?.kind === "array") parent.items.splice(index, 1, ...nodes);
  if (parent?.kind !== "object") return;
  const name = parent.members[index]?.[0] ?? "";
  parent.members.splice(index, 1, ...nodes.map((node): [string, JsonNode] => [name, node]));
}

/** The string in a node, or undefined where it is something else. */
export function stringOf(node: JsonNode): string | undefined {
  if (node.kind !== "scalar" || !node.text.startsWith('"')) return undefined;
  const value: unknown = JSON.parse(node.text);
  return typeof value === "string" ? value : undefined;
}
