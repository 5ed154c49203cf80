/**
 * Changes to a string of a document, by what it seems to hold: base64 of DER, of JSON or of text; a signed note; a time;
 * a number; or anything.
 */
import { Buffer } from "node:buffer";
import type { Random } from "../random.ts";
import { malleate } from "./malleate.ts";
import { flipOneBit, mutateBytes } from "./mutate-bytes.ts";
import { mutateDer } from "./mutate-der.ts";
import { mutateJson } from "./mutate-json.ts";
import { mutateText } from "./mutate-text.ts";

/** A changed string, and how. */
export interface StringMutant {
  readonly value: string;
  readonly how: string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const TIME = /^\d{4}-\d\d-\d\dT/;

/** The string after one change; `others` are strings to take from. */
export function mutateString(value: string, random: Random, others: readonly string[]): StringMutant {
  if (random.chance(1, 12)) return { value: random.pick(others), how: "another string" };
  if (TIME.test(value)) return { value: mutateTime(value, random), how: "time" };
  if (BASE64.test(value) && random.chance(9, 10)) return mutateBase64(value, random, others);
  return { value: mutateText(value, random), how: "text" };
}

function mutateTime(value: string, random: Random): string {
  const ms = Date.parse(value);
  const steps = [1, 1000, 60_000, 86_400_000, 31_536_000_000];
  if (Number.isNaN(ms) || random.chance(1, 4)) return random.pick(["", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", mutateText(value, random)]);
  return new Date(ms + random.pick(steps) * random.pick([1, -1])).toISOString();
}

function mutateBase64(value: string, random: Random, others: readonly string[]): StringMutant {
  const bytes = Uint8Array.from(Buffer.from(value, "base64"));
  const lenders = others.filter((other) => BASE64.test(other)).map((other) => Uint8Array.from(Buffer.from(other, "base64")));
  const { inner, how } = mutateInner(bytes, random, lenders.length === 0 ? [bytes] : lenders);
  return { value: spell(Buffer.from(inner).toString("base64"), random), how: `base64 ${how}` };
}

function mutateInner(bytes: Uint8Array, random: Random, lenders: readonly Uint8Array[]): { inner: Uint8Array; how: string } {
  if (random.chance(1, 10)) {
    const other = malleate(bytes, random);
    if (other !== undefined) return { inner: other, how: "other signature of the same" };
  }
  if (random.chance(1, 3)) return { inner: flipOneBit(bytes, random), how: "bit" };
  if (random.chance(1, 4)) return { inner: mutateBytes(bytes, random, lenders), how: "bytes" };
  const text = Buffer.from(bytes).toString("latin1");
  if (text.startsWith("{")) {
    const mutant = mutateJson(Buffer.from(bytes).toString("utf8"), random, []);
    if (mutant !== undefined) return { inner: Uint8Array.from(Buffer.from(mutant.text)), how: `json ${mutant.change}` };
  }
  if (text.startsWith("-----BEGIN")) return { inner: Uint8Array.from(Buffer.from(mutateText(text, random), "latin1")), how: "pem" };
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
