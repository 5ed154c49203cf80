/**
 * Changes to a string of a document, by what it seems to hold: base64 of DER, of JSON or of text; a signed note; a time;
 * a number; or anything.
 */
import { Buffer } from "node:buffer";
import type { Random } from "../random.ts";
import { flipOneBit, mutateBytes } from "./mutate-bytes.ts";
import { malleateDer, mutateDer } from "./mutate-der.ts";
import { mutateText } from "./mutate-text.ts";

/** A changed string, and how. */
export interface StringMutant {
  readonly value: string;
  readonly how: string;
}

/** What a mutation of a string may take from, and how it changes a document within. */
export interface StringSurroundings {
  /** Strings of the same and of other documents. */
  readonly others: readonly string[];
  /** A changed JSON document, with what was changed in words; undefined where the text is none. */
  readonly mutateDocument: (
    text: string,
    random: Random,
  ) => { readonly text: string; readonly change: string } | undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const TIME = /^\d{4}-\d\d-\d\dT/;
const NOTE_LINE = /^(\u2014 \S+ )(\S+)$/m;

/** The string after one change. */
export function mutateString(value: string, random: Random, surroundings: StringSurroundings): StringMutant {
  if (random.chance(1, 12)) return { value: random.pick(surroundings.others), how: "another string" };
  if (TIME.test(value)) return { value: mutateTime(value, random), how: "time" };
  if (BASE64.test(value) && random.chance(9, 10)) return mutateBase64(value, random, surroundings);
  if (NOTE_LINE.test(value) && random.chance(1, 3)) return mutateNoteLine(value, random);
  return { value: mutateText(value, random), how: "text" };
}

function mutateTime(value: string, random: Random): string {
  const ms = Date.parse(value);
  const steps = [1, 1000, 60_000, 86_400_000, 31_536_000_000];
  if (Number.isNaN(ms) || random.chance(1, 4)) {
    return random.pick([
      "",
      "0000-00-00T00:00:00Z",
      "0001-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
      mutateText(value, random),
    ]);
  }
  return new Date(ms + random.pick(steps) * random.pick([1, -1])).toISOString();
}

/** A signature line of a note: the same signature in another form, or a bit of it changed. */
function mutateNoteLine(value: string, random: Random): StringMutant {
  const lines = [...value.matchAll(new RegExp(NOTE_LINE.source, "gm"))];
  const line = random.pick(lines);
  const [, start = "", encoded = ""] = line;
  const bytes = Uint8Array.from(Buffer.from(encoded, "base64"));
  const twin = random.chance(1, 2) ? malleateDer(bytes.slice(4), random) : undefined;
  const changed = twin === undefined ? flipOneBit(bytes, random) : Buffer.concat([bytes.subarray(0, 4), twin]);
  const replacement = `${start}${Buffer.from(changed).toString("base64")}`;
  const text = value.slice(0, line.index) + replacement + value.slice(line.index + line[0].length);
  return { value: text, how: twin === undefined ? "note signature" : "note signature, other s" };
}

function mutateBase64(value: string, random: Random, surroundings: StringSurroundings): StringMutant {
  const bytes = Uint8Array.from(Buffer.from(value, "base64"));
  const lenders = surroundings.others
    .filter((other) => BASE64.test(other))
    .map((other) => Uint8Array.from(Buffer.from(other, "base64")));
  const { inner, how } = mutateInner(bytes, random, lenders.length === 0 ? [bytes] : lenders, surroundings);
  return { value: spell(Buffer.from(inner).toString("base64"), random), how: `base64 ${how}` };
}

interface InnerMutant {
  readonly inner: Uint8Array;
  readonly how: string;
}

function mutateInner(
  bytes: Uint8Array,
  random: Random,
  lenders: readonly Uint8Array[],
  { mutateDocument }: StringSurroundings,
): InnerMutant {
  const twin = random.chance(1, 10) ? malleateDer(bytes, random) : undefined;
  if (twin !== undefined) return { inner: twin, how: "signature, other s" };
  if (random.chance(1, 3)) return { inner: flipOneBit(bytes, random), how: "bit" };
  if (random.chance(1, 4)) return { inner: mutateBytes(bytes, random, lenders), how: "bytes" };
  const text = Buffer.from(bytes).toString("utf8");
  const mutant = text.startsWith("{") ? mutateDocument(text, random) : undefined;
  if (mutant !== undefined) return { inner: Uint8Array.from(Buffer.from(mutant.text)), how: `json ${mutant.change}` };
  if (text.startsWith("-----BEGIN"))
    return { inner: Uint8Array.from(Buffer.from(mutateText(text, random))), how: "pem" };
  const der = mutateDer(bytes, random, lenders);
  return der === undefined ? { inner: mutateBytes(bytes, random, lenders), how: "bytes" } : { inner: der, how: "der" };
}

/** Seldom another spelling of the same base64. */
function spell(text: string, random: Random): string {
  if (!random.chance(1, 30)) return text;
  return random.pick([
    text.replace(/=+$/, ""),
    text.replaceAll("+", "-").replaceAll("/", "_"),
    `${text.slice(0, 40)}\n${text.slice(40)}`,
    ` ${text}`,
    `${text}=`,
    text.replace(/.(=*)$/, "/$1"),
  ]);
}
