/**
 * The part of JSON Schema 2020-12 that our own schemas use, so that every JSON answer in the scripts can be held against them.
 *
 * An unknown keyword is an error: a schema must not promise what is not checked.
 */
import { readFileSync } from "node:fs";

/** A schema or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

const ANNOTATIONS: ReadonlySet<string> = new Set(["$schema", "$id", "$defs", "title", "description", "examples"]);

type Check = (argument: never, value: unknown, at: Place) => string[];

interface Place {
  readonly path: string;
  readonly root: Schema;
  readonly schema: Schema;
}

/** Everything in which `value` does not meet `schema`; empty where it does. */
export function findViolations(schema: Schema, value: unknown, root: Schema = schema, path = "$"): string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return [];
    const check = CHECKS[keyword];
    if (check === undefined) throw new TypeError(`unknown keyword ${keyword} at ${path}`);
    return check(argument as never, value, { path, root, schema });
  });
}

const CHECKS: Readonly<Record<string, Check>> = {
  $ref: (reference: string, value, { root, path }) => {
    if (reference.startsWith("#")) return findViolations(resolve(root, reference), value, root, path);
    const other = readSchema(reference);
    return findViolations(other, value, other, path);
  },
  type: (types: string | readonly string[], value, { path }) =>
    [types].flat().includes(typeOf(value)) || (typeOf(value) === "integer" && [types].flat().includes("number"))
      ? []
      : [`${path}: expected ${String(types)}, got ${typeOf(value)}`],
  const: (wanted: unknown, value, { path }) =>
    value === wanted ? [] : [`${path}: expected ${String(wanted)}, got ${String(value)}`],
  enum: (wanted: readonly unknown[], value, { path }) =>
    wanted.includes(value) ? [] : [`${path}: expected one of ${wanted.join(", ")}, got ${String(value)}`],
  pattern: (pattern: string, value, { path }) =>
    typeof value !== "string" || new RegExp(pattern, "u").test(value)
      ? []
      : [`${path}: expected ${pattern}, got ${value}`],
  minimum: (minimum: number, value, { path }) =>
    typeof value !== "number" || value >= minimum ? [] : [`${path}: expected at least ${minimum}`],
  items: (items: Schema, value, { root, path }) =>
    Array.isArray(value) ? value.flatMap((item, index) => findViolations(items, item, root, `${path}[${index}]`)) : [],
  properties: (properties: Readonly<Record<string, Schema>>, value, { root, path }) =>
    Object.entries(properties).flatMap(([name, schema]) =>
      isObject(value) && Object.hasOwn(value, name) ? findViolations(schema, value[name], root, `${path}.${name}`) : [],
    ),
  required: (names: readonly string[], value, { path }) =>
    isObject(value)
      ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}: expected ${name}`)
      : [],
  additionalProperties: (others: Schema | boolean, value, { root, path, schema }) => {
    if (!isObject(value)) return [];
    const known = Object.keys(schema["properties"] ?? {});
    const extra = Object.keys(value).filter((name) => !known.includes(name));
    if (typeof others === "boolean") return others ? [] : extra.map((name) => `${path}: unexpected ${name}`);
    return extra.flatMap((name) => findViolations(others, value[name], root, `${path}.${name}`));
  },
  anyOf: (choices: readonly Schema[], value, { root, path }) => {
    const found = choices.map((choice) => findViolations(choice, value, root, path));
    return found.some((violations) => violations.length === 0) ? [] : found.flat();
  },
  allOf: (parts: readonly Schema[], value, { root, path }) =>
    parts.flatMap((part) => findViolations(part, value, root, path)),
  if: (condition: Schema, value, { root, path, schema }) =>
    findViolations(condition, value, root, path).length === 0
      ? findViolations((schema["then"] ?? {}) as Schema, value, root, path)
      : [],
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; `if` above applies it
  then: () => [],
};

/** The published schema in the file `name`. */
export function readSchema(name: string): Schema {
  const folder = new URL("../../docs/schemas/", import.meta.url);
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Schema;
}

function resolve(root: Schema, reference: string): Schema {
  const parts = reference.replace(/^#\//, "").split("/");
  let found: unknown = root;
  for (const part of parts) found = isObject(found) ? found[part] : undefined;
  if (!isObject(found)) throw new TypeError(`unknown reference ${reference}`);
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
