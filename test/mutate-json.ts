/**
 * Changes to one place of a JSON document: for tests that a reader answers every wrong document with an error of its own.
 */

/** A document with one change, and where it was made. */
export interface MutatedDocument {
  /** For example `verificationMaterial.tlogEntries[0].logIndex = -1`. */
  readonly change: string;
  readonly text: string;
}

const REPLACEMENTS: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53,
  "",
  "x",
  "-1",
  "9223372036854775808",
  [],
  [[]],
  {},
  { x: 1 },
];

/** Every document that comes of replacing, removing or adding one member or element of `document`. */
export function* mutateJson(document: unknown): Generator<MutatedDocument> {
  yield* mutate(document, "", (changed) => JSON.stringify(changed));
}

type Rebuild = (changed: unknown) => string | undefined;

function* mutate(value: unknown, path: string, rebuild: Rebuild): Generator<MutatedDocument> {
  for (const replacement of REPLACEMENTS) yield* made(`${path} = ${JSON.stringify(replacement)}`, rebuild(replacement));
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) yield* mutateElements(value as unknown[], path, rebuild);
  else yield* mutateMembers(value as Record<string, unknown>, path, rebuild);
}

function* mutateElements(items: unknown[], path: string, rebuild: Rebuild): Generator<MutatedDocument> {
  yield* made(`${path}: last element doubled`, rebuild([...items, ...items.slice(-1)]));
  for (const [index, item] of items.entries()) {
    yield* mutate(item, `${path}[${index}]`, (changed) => rebuild(items.with(index, changed)));
  }
}

function* mutateMembers(object: Record<string, unknown>, path: string, rebuild: Rebuild): Generator<MutatedDocument> {
  yield* made(`${path}: unknown member`, rebuild({ ...object, unknownMember: 1 }));
  yield* made(`${path}: member __proto__`, rebuild({ ...object, ["__proto__"]: {} }));
  for (const [key, member] of Object.entries(object)) {
    const { [key]: removed, ...others } = object;
    yield* made(`${path}.${key} removed`, removed === undefined ? undefined : rebuild(others));
    yield* mutate(member, `${path}.${key}`, (changed) => rebuild({ ...object, [key]: changed }));
  }
}

function* made(change: string, text: string | undefined): Generator<MutatedDocument> {
  if (text !== undefined) yield { change, text };
}
