/**
 * Compact JSON (RFC 8259) of values that `parseJson` reads: members in their order, integers exact.
 *
 * For texts that are signed or stored as they are; where two writers must agree byte for byte, canonical-json.ts.
 */
import { LIMITS } from "../limits.ts";
import type { JsonValue } from "./json.ts";

/** The JSON text of `value`. A number that is not finite, a lone surrogate or too deep nesting is a `TypeError`. */
export function serializeJson(value: JsonValue): string {
  return serialize(value, 0);
}

function serialize(value: JsonValue, depth: number): string {
  if (depth > LIMITS.jsonDepth) throw new TypeError(`expected nesting of at most ${LIMITS.jsonDepth}, got more`);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError(`expected a finite number, got ${value}`);
  if (typeof value === "string" && !value.isWellFormed()) throw new TypeError("expected well-formed text");
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => serialize(item, depth + 1)).join(",")}]`;
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${serialize(item, depth + 1)}`);
  return `{${members.join(",")}}`;
}
