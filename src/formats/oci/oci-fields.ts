/**
 * Fields of an OCI document, each with its place for errors.
 *
 * Unknown fields are passed over, as image-spec's "Extensibility" demands ("MUST NOT generate an error"); duplicate keys and all
 * else that two readers could read differently, the JSON reader refuses.
 */
import type { JsonObject, JsonValue } from "../../encoding/json.ts";
import { SigstoreError } from "../../errors.ts";
import { describeJson, isObject } from "../proto-json.ts";

/** One object of a document. */
export class OciFields {
  readonly #object: JsonObject;
  readonly #path: string;

  constructor(object: JsonObject, path: string) {
    this.#object = object;
    this.#path = path;
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  /** A text that must be there. */
  text(name: string): string {
    return this.findText(name) ?? this.refuse(name, "a text");
  }

  /** A text, or undefined where the field is absent or empty. */
  findText(name: string): string | undefined {
    const value = this.#value(name) ?? "";
    if (typeof value !== "string") this.refuse(name, "a text");
    return value === "" ? undefined : value;
  }

  /** A whole number from 0 on. */
  size(name: string): number {
    const value = this.#value(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value === 0 ? 0 : value;
    return this.refuse(name, "a whole number from 0 on");
  }

  /** The object in a field, or undefined. */
  find(name: string): OciFields | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    return isObject(value) ? new OciFields(value, this.#pathOf(name)) : this.refuse(name, "an object");
  }

  /** The object in a field that must be there. */
  object(name: string): OciFields {
    return this.find(name) ?? this.refuse(name, "an object");
  }

  /** The objects in a field that must be there; at most `most`. */
  objects(name: string, most: number): readonly OciFields[] {
    return this.#list(name, most).map((value, index) =>
      isObject(value) ? new OciFields(value, this.#pathOf(`${name}[${index}]`)) : this.refuse(name, "objects"),
    );
  }

  /** The texts in a field; none where it is absent. */
  texts(name: string, most: number): readonly string[] {
    if (!this.has(name)) return [];
    return this.#list(name, most).map((value) => (typeof value === "string" ? value : this.refuse(name, "texts")));
  }

  /** Text by name, or undefined where the field is absent or empty. */
  findTextMap(name: string): ReadonlyMap<string, string> | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!isObject(value)) return this.refuse(name, "an object of texts");
    const entries = Object.entries(value).map(([key, text]): [string, string] =>
      typeof text === "string" ? [key, text] : this.refuse(name, "an object of texts"),
    );
    return entries.length === 0 ? undefined : new Map(entries);
  }

  /** @throws SigstoreError `oci-invalid`, naming the field and what stands there */
  refuse(name: string, expected: string): never {
    const got = describeJson(this.#value(name));
    throw new SigstoreError("oci-invalid", `${this.#pathOf(name)}: expected ${expected}, got ${got}`);
  }

  #list(name: string, most: number): readonly JsonValue[] {
    const value = this.#value(name);
    if (!Array.isArray(value)) return this.refuse(name, "a list");
    if (value.length <= most) return value;
    const message = `${this.#pathOf(name)}: expected at most ${most} entries, got ${value.length}`;
    throw new SigstoreError("input-too-large", message);
  }

  #value(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  #pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}
