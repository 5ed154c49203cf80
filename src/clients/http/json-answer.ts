/**
 * JSON that services answer with: any fields besides those that are read, since services grow.
 *
 * Formats that are believed (bundles, trusted roots) are read strictly elsewhere; what is read here is only looked at.
 */
import { base64Decode } from "../../encoding/base64.ts";
import { parseJson } from "../../encoding/json.ts";
import type { JsonObject, JsonValue } from "../../encoding/json.ts";
import { isSigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";
import { answerError } from "./http-error.ts";
import type { AnsweringService } from "./http-error.ts";

/** The fields of one object of an answer; every refusal is `service-answer-invalid` and names service and field. */
export class JsonAnswer {
  readonly #service: AnsweringService;
  readonly #object: JsonObject;
  readonly #path: string;

  private constructor(service: AnsweringService, object: JsonObject, path: string) {
    this.#service = service;
    this.#object = object;
    this.#path = path;
  }

  /** The object in `bytes`. */
  static parse(service: AnsweringService, bytes: Uint8Array): JsonAnswer {
    const value = holdToJson(service, () => parseJson(bytes));
    if (!isObject(value)) throw answerError(service, "a JSON object", "other JSON");
    return new JsonAnswer(service, value, "");
  }

  /** Names of the fields. */
  get names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** The object in a field, or undefined when it is absent or null. */
  find(name: string): JsonAnswer | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return isObject(value) ? this.#inner(value, name) : this.#refuse(name, "an object");
  }

  /** The object in a field that must be there. */
  object(name: string): JsonAnswer {
    return this.find(name) ?? this.#refuse(name, "an object");
  }

  /** The objects in a field; none when it is absent. */
  objects(name: string): readonly JsonAnswer[] {
    return this.#list(name).map((value, index) =>
      isObject(value) ? this.#inner(value, `${name}[${index}]`) : this.#refuse(name, "objects"),
    );
  }

  /** A text that is there and not empty, or undefined. */
  findText(name: string): string | undefined {
    const value = this.#value(name) ?? "";
    if (typeof value !== "string") this.#refuse(name, "a text");
    return value === "" ? undefined : value;
  }

  /** A text that must be there. */
  text(name: string): string {
    return this.findText(name) ?? this.#refuse(name, "a text");
  }

  /** Texts; none when the field is absent. */
  texts(name: string): readonly string[] {
    return this.#list(name).map((value) => (typeof value === "string" ? value : this.#refuse(name, "texts")));
  }

  /** A whole number from 0 on. */
  integer(name: string): bigint {
    const value = this.#value(name);
    if (typeof value === "bigint" && value >= 0n) return value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    return this.#refuse(name, "a whole number");
  }

  /** A number of seconds from 0 on, or undefined. */
  findSeconds(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return typeof value === "number" && value >= 0 ? value : this.#refuse(name, "a number of seconds");
  }

  /** Bytes in base64 that must be there. */
  bytes(name: string): Uint8Array {
    const text = this.text(name);
    return this.read(name, () => base64Decode(text));
  }

  /** Bytes in base64, or undefined where the field is absent or empty. */
  findBytes(name: string): Uint8Array | undefined {
    return this.findText(name) === undefined ? undefined : this.bytes(name);
  }

  /** What `read` makes of a field; its refusal becomes one of this answer. */
  read<Value>(name: string, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
      throw answerError(this.#service, `${this.#pathOf(name)} that can be read`, error.message);
    }
  }

  /** The fields as they are. */
  raw(): JsonObject {
    return this.#object;
  }

  #value(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  #list(name: string): readonly JsonValue[] {
    const value = this.#value(name) ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  #inner(object: JsonObject, name: string): JsonAnswer {
    return new JsonAnswer(this.#service, object, this.#pathOf(name));
  }

  #pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #refuse(name: string, expected: string): never {
    const got = this.#value(name) === undefined ? "none" : "something else";
    throw answerError(this.#service, `${expected} in ${this.#pathOf(name)}`, got);
  }
}

function holdToJson(service: AnsweringService, read: () => JsonValue): JsonValue {
  try {
    return read();
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw answerError(service, "JSON", error.message);
  }
}
