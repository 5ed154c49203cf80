/**
 * Strict reading of proto3 JSON messages (protobuf.dev, "ProtoJSON Format") and of JSON objects of the same manner.
 *
 * lowerCamelCase and snake_case names are read, null means absent, 64-bit integers are strings or integers, bytes are
 * standard base64 (line breaks in it are skipped), enum values are names or numbers. Refused, with the path of the field:
 * unknown fields, a field under both names, two members of one oneof, numbers out of range. Leaves out what Sigstore's
 * messages do not use: maps, floating point, Any, Duration, base64url bytes, integers with an exponent or a fraction.
 */
import { base64Decode } from "../encoding/base64.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { parseRfc3339 } from "../encoding/time.ts";
import { SigstoreError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

/** The fields of one message: each name that may stand in the text, to the name by which the reader asks for it. */
export interface MessageFields {
  get(name: string): string | undefined;
  values(): Iterable<string>;
}

/** Fields of a protobuf message, named in lowerCamelCase; their snake_case names are accepted too. */
export function messageFields(...names: readonly string[]): MessageFields {
  return new ProtoFields(names);
}

/** Fields of a JSON object that has one spelling only, such as a Rekor v1 entry body. */
export function objectFields(...names: readonly string[]): MessageFields {
  return new Map(names.map((name) => [name, name]));
}

/** The names of a protobuf message; a run of the command reads few of all messages, so they are spelt out when one is read. */
class ProtoFields implements MessageFields {
  readonly #names: readonly string[];
  #fields: Map<string, string> | undefined;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get(name: string): string | undefined {
    return this.#all().get(name);
  }

  values(): Iterable<string> {
    return this.#all().values();
  }

  #all(): Map<string, string> {
    this.#fields ??= new Map(this.#names.flatMap((name) => [[name, name] as const, [snakeCase(name), name] as const]));
    return this.#fields;
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const LINE_BREAK = /\r?\n/g;
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,19})$/;
const INT64_LIMIT = 1n << 63n;
const UINT32_LIMIT = 2 ** 32;
const SHOWN_CHARACTERS = 64;

/** Where a message stands in the document; paths are put together only when an error needs one. */
interface Position {
  readonly parent: MessageReader | undefined;
  readonly name: string;
  readonly index: number | undefined;
}

/**
 * Reads the fields of one message. Every refusal is a `SigstoreError` with the code given at the root and a message
 * such as `verificationMaterial.tlogEntries[0].logIndex: expected a non-negative integer, got -1`.
 */
export class MessageReader {
  readonly #members: JsonObject;
  readonly #code: ErrorCode;
  readonly #position: Position;

  private constructor(value: JsonValue, fields: MessageFields, code: ErrorCode, position: Position) {
    this.#code = code;
    this.#position = position;
    if (!isObject(value)) throw this.#refuseSelf("an object", value);
    this.#members = this.#known(value, fields);
  }

  /** The outermost message of a document; `what` names it in errors, `code` is the code of all of them. */
  static root(value: JsonValue, fields: MessageFields, code: ErrorCode, what: string): MessageReader {
    return new MessageReader(value, fields, code, { parent: undefined, name: what, index: undefined });
  }

  /** Path of this message from the root, empty for the root. */
  get path(): string {
    const { parent, name, index } = this.#position;
    if (parent === undefined) return "";
    return parent.#pathOf(index === undefined ? name : `${name}[${index}]`);
  }

  /** The value of a field as it is, or undefined when it is absent or null. */
  value(name: string): JsonValue | undefined {
    return this.#members[name] ?? undefined;
  }

  /** A field of message type, or undefined. */
  message(name: string, fields: MessageFields): MessageReader | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    return new MessageReader(value, fields, this.#code, { parent: this, name, index: undefined });
  }

  /** A field of message type that must be there. */
  requireMessage(name: string, fields: MessageFields): MessageReader {
    return this.message(name, fields) ?? this.#missing(name, "an object");
  }

  /** A repeated field of message type; empty when absent. */
  messages(name: string, fields: MessageFields): MessageReader[] {
    return this.#list(name).map(
      (value, index) => new MessageReader(value, fields, this.#code, { parent: this, name, index }),
    );
  }

  /** A string; empty when absent. */
  string(name: string): string {
    const value = this.value(name) ?? "";
    if (typeof value !== "string") throw this.refuse(name, "a string", value);
    return value;
  }

  /** A string that must not be empty. */
  requireString(name: string): string {
    const value = this.string(name);
    return value === "" ? this.#missing(name, "a string") : value;
  }

  /** A repeated string; empty when absent. */
  strings(name: string): string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value !== "string") throw this.refuse(`${name}[${index}]`, "a string", value);
      return value;
    });
  }

  /** Bytes in base64, or undefined when absent. */
  bytes(name: string): Uint8Array | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : this.#decode(name, value);
  }

  /** Bytes in base64, at least one, at most `most`. */
  requireBytes(name: string, most: number = Number.POSITIVE_INFINITY): Uint8Array {
    const bytes = this.bytes(name);
    if (bytes === undefined || bytes.length === 0) return this.#missing(name, "base64");
    if (bytes.length > most) throw this.error(name, `expected at most ${most} bytes, got ${bytes.length}`);
    return bytes;
  }

  /** Repeated bytes in base64; empty when absent. */
  bytesList(name: string): Uint8Array[] {
    return this.#list(name).map((value, index) => this.#decode(`${name}[${index}]`, value));
  }

  /** An int64 that must not be negative; 0 when absent. */
  nonNegativeInt64(name: string): bigint {
    const value = this.value(name) ?? 0;
    const integer = this.#integer(name, value);
    if (integer < 0n) throw this.refuse(name, "a non-negative integer", value);
    if (integer >= INT64_LIMIT) throw this.refuse(name, "an integer below 2^63", value);
    return integer;
  }

  /** A uint32; 0 when absent. */
  uint32(name: string): number {
    const value = this.value(name) ?? 0;
    const integer = Number(this.#integer(name, value));
    if (integer < 0 || integer >= UINT32_LIMIT) throw this.refuse(name, "an integer from 0 to 2^32 - 1", value);
    return integer;
  }

  /** The name of an enum value, given by name or number; `numbers` holds all that are known. 0 when absent. */
  enumeration(name: string, numbers: ReadonlyMap<string, number>): string {
    const value = this.value(name) ?? 0;
    if (typeof value === "string" && numbers.has(value)) return value;
    if (typeof value === "number") {
      for (const [known, number] of numbers) if (number === value) return known;
    }
    throw this.refuse(name, `one of ${[...numbers.keys()].join(", ")}`, value);
  }

  /** A google.protobuf.Timestamp as milliseconds since 1970, or undefined when absent. */
  timestampMs(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw this.refuse(name, "an RFC 3339 time", value);
    try {
      return parseRfc3339(value);
    } catch (cause) {
      throw this.#wrap(name, cause);
    }
  }

  /** The one member of a oneof that is there, or undefined; two at once are refused. */
  oneOf<Name extends string>(names: readonly Name[]): Name | undefined {
    const present = names.filter((name) => this.value(name) !== undefined);
    if (present.length > 1)
      throw this.error("", `expected only one of ${names.join(", ")}, got ${present.join(" and ")}`);
    return present[0];
  }

  /** The one member of a oneof, which must be there. */
  requireOneOf<Name extends string>(names: readonly Name[]): Name {
    const present = this.oneOf(names);
    if (present === undefined) throw this.error("", `expected one of ${names.join(", ")}, got none`);
    return present;
  }

  /** Refuses more than `maximum` elements. */
  limit(name: string, maximum: number): void {
    const { length } = this.#list(name);
    if (length > maximum) throw this.error(name, `expected at most ${maximum} elements, got ${length}`);
  }

  /** An error about the value of a field: `path: expected …, got …`. */
  refuse(name: string, expected: string, value: JsonValue | undefined): SigstoreError {
    return this.error(name, `expected ${expected}, got ${describeJson(value)}`);
  }

  /** An error about a field, or about the whole message when `name` is empty. */
  error(name: string, message: string, cause?: unknown): SigstoreError {
    const path = name === "" ? this.path : this.#pathOf(name);
    const where = path === "" ? this.#rootName() : path;
    return new SigstoreError(this.#code, `${where}: ${message}`, cause === undefined ? {} : { cause });
  }

  #known(object: JsonObject, fields: MessageFields): JsonObject {
    let renamed: JsonObject | undefined;
    for (const key of Object.keys(object)) {
      const name = fields.get(key);
      if (name === undefined) throw this.#unknown(key, fields);
      if (name === key) continue;
      renamed ??= Object.assign(Object.create(null) as JsonObject, object);
      if (name in renamed) throw this.error(name, `expected the field once, got it as ${name} and as ${key}`);
      renamed[name] = object[key] ?? null;
    }
    return renamed ?? object;
  }

  #unknown(key: string, fields: MessageFields): SigstoreError {
    const known = [...new Set(fields.values())].join(", ");
    return this.error("", `expected the fields ${known}, got unknown field ${describeJson(key)}`);
  }

  #list(name: string): readonly JsonValue[] {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value)) throw this.refuse(name, "an array", value);
    return value;
  }

  #decode(name: string, value: JsonValue): Uint8Array {
    if (typeof value !== "string") throw this.refuse(name, "a base64 string", value);
    try {
      // Bundles with base64 in lines are about, since Go's decoder skips line breaks; all else stays strict.
      return base64Decode(value.includes("\n") ? value.replaceAll(LINE_BREAK, "") : value);
    } catch (cause) {
      throw this.#wrap(name, cause);
    }
  }

  #integer(name: string, value: JsonValue): bigint {
    if (typeof value === "string" && DECIMAL.test(value)) return BigInt(value);
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    throw this.refuse(name, "an integer", value);
  }

  #missing(name: string, expected: string): never {
    throw this.refuse(name, expected, this.value(name));
  }

  #wrap(name: string, cause: unknown): SigstoreError {
    if (!(cause instanceof SigstoreError)) throw cause;
    return this.error(name, cause.message, cause);
  }

  #refuseSelf(expected: string, value: JsonValue): SigstoreError {
    return this.error("", `expected ${expected}, got ${describeJson(value)}`);
  }

  #pathOf(name: string): string {
    const path = this.path;
    return path === "" ? name : `${path}.${name}`;
  }

  #rootName(): string {
    return this.#position.parent === undefined ? this.#position.name : this.#position.parent.#rootName();
  }
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in the words of an error message: short, and quoted where it is text. */
export function describeJson(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  if (typeof value !== "string") return String(value).slice(0, SHOWN_CHARACTERS);
  const shown = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return JSON.stringify(shown);
}
