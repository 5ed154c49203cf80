/**
 * A second reader of proto3 JSON, which shares nothing with the one under test: `JSON.parse`, names in lowerCamelCase, null
 * for absent, and Node's own base64.
 */
import { Buffer } from "node:buffer";

/** The second reader cannot read it, or not in one way only: a verifier that accepts it is wrong. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** The document as plain values: names in lowerCamelCase, null members dropped. */
export function readPlain(text: string): unknown {
  const value = normalized(JSON.parse(text) as unknown);
  refuseDuplicates(text);
  return value;
}

/** `JSON.parse` takes the last of several members of one name, others the first: who accepts such a document errs. */
function refuseDuplicates(text: string): void {
  const open: Set<string>[] = [];
  let last = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") addName(open.at(-1), last);
    last = token;
  }
}

function addName(names: Set<string> | undefined, quoted: string): void {
  const name = JSON.parse(quoted) as string;
  if (names?.has(name) === true) throw new Unreadable(`${name} stands there twice`);
  names?.add(name);
}

function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== "object" || value === null) return value;
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const key = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (members.has(key)) throw new Unreadable(`${key} stands there twice`);
    if (member !== null) members.set(key, normalized(member));
  }
  return members;
}

/** The member at a path, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) current = current instanceof Map ? (current.get(name) as unknown) : undefined;
  return current;
}

/** The list at a path; empty where it is absent. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path) ?? [];
  if (!Array.isArray(list)) throw new Unreadable(`${path.join(".")} is no list`);
  return list as readonly unknown[];
}

/** The text at a path; empty where it is absent. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const text = at(value, ...path) ?? "";
  if (typeof text !== "string") throw new Unreadable(`${path.join(".")} is no text`);
  return text;
}

/** The integer at a path, as decimal text; "0" where it is absent. */
export function integerAt(value: unknown, ...path: readonly string[]): string {
  const number = at(value, ...path) ?? 0;
  if (typeof number === "number" && Number.isSafeInteger(number)) return String(number);
  if (typeof number === "string" && /^-?\d+$/.test(number)) return BigInt(number).toString();
  throw new Unreadable(`${path.join(".")} is no integer`);
}

/** The bytes at a path, as hex; undefined where they are absent. */
export function hexAt(value: unknown, ...path: readonly string[]): string | undefined {
  const text = at(value, ...path);
  if (text === undefined) return undefined;
  if (typeof text !== "string") throw new Unreadable(`${path.join(".")} is no base64`);
  // Go's base64 skips line breaks, and such bundles are about.
  const joined = text.replaceAll(/\r?\n/g, "");
  const bytes = Buffer.from(joined, "base64");
  if (bytes.toString("base64") !== joined) throw new Unreadable(`${path.join(".")} is no canonical base64`);
  return bytes.toString("hex");
}

/** Milliseconds of the RFC 3339 time at a path, fractions finer than that cut off; undefined where it is absent. */
export function timeAt(value: unknown, ...path: readonly string[]): number | undefined {
  const text = textAt(value, ...path);
  if (text === "") return undefined;
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(ms)) throw new Unreadable(`${path.join(".")} is no time`);
  return ms;
}
