/**
 * Parsers as targets: any input is answered with a value or a `SigstoreError`; and what a writer makes of a value is read
 * back as the same.
 */
import { isDeepStrictEqual } from "node:util";
import { isSigstoreError } from "../../../src/errors.ts";
import { mutateBytes, randomBytes } from "../mutate/mutate-bytes.ts";
import { mutateDer } from "../mutate/mutate-der.ts";
import { mutateJson } from "../mutate/mutate-json.ts";
import { mutateText } from "../mutate/mutate-text.ts";
import type { Random } from "../random.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzInput, FuzzTarget } from "../target.ts";

/** Values that must be equal: what was read, and what was read of what was written. Undefined where nothing is to compare. */
export type RoundTrip = readonly [unknown, unknown] | undefined;

/** A parser of bytes or of text. */
export interface ParserDefinition<Input, Value> {
  readonly name: string;
  /** What mutations begin with; at least one. */
  readonly corpus: readonly Input[];
  /** Reads the input, and all that can be asked of what it says; refuses by a `SigstoreError`. */
  readonly read: (input: Input) => Value;
  readonly again?: (value: Value) => RoundTrip;
}

/** What bytes are made of: mutations keep to it for the most part. */
export type Shape = "der" | "json" | "bytes";

/** A parser of bytes. */
export function bytesTarget<Value>(shape: Shape, definition: ParserDefinition<Uint8Array, Value>): FuzzTarget {
  const input = (bytes: Uint8Array): FuzzInput => ({
    attempt: () => attempt(definition, bytes),
    encode: () => Buffer.from(bytes).toString("base64"),
  });
  return {
    name: definition.name,
    make: (random) => input(mutantOf(shape, definition.corpus, random)),
    decode: (text) => input(Uint8Array.from(Buffer.from(text, "base64"))),
  };
}

/** A parser of text, which may hold lone surrogates as any JavaScript string. */
export function textTarget<Value>(definition: ParserDefinition<string, Value>): FuzzTarget {
  const input = (text: string): FuzzInput => ({
    attempt: () => attempt(definition, text),
    encode: () => Buffer.from(text, "utf16le").toString("base64"),
  });
  return {
    name: definition.name,
    make: (random) =>
      input(random.chance(1, 40) ? randomText(random) : mutateText(random.pick(definition.corpus), random)),
    decode: (text) => input(Buffer.from(text, "base64").toString("utf16le")),
  };
}

/** Runs one reader after another over a value; a refusal of one does not keep the others from being tried. */
export function tryAll<Value>(value: Value, ...readers: readonly ((value: Value) => unknown)[]): Value {
  for (const read of readers) {
    try {
      read(value);
    } catch (error) {
      if (!isSigstoreError(error)) throw error;
    }
  }
  return value;
}

function attempt<Input, Value>({ read, again }: ParserDefinition<Input, Value>, input: Input): string {
  let value: Value;
  try {
    value = read(input);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    checkError(error.message);
    return error.code;
  }
  const pair = again?.(value);
  if (pair !== undefined && !isDeepStrictEqual(pair[0], pair[1]))
    throw new FuzzFailure("expected the same value after writing and reading, got another");
  return "read";
}

/** A hostile input must not make long messages. (What may not go to a terminal is the command's to escape.) */
function checkError(message: string): void {
  if (message.length > 2000)
    throw new FuzzFailure(`expected a message of at most 2000 characters, got ${message.length}`);
}

function mutantOf(shape: Shape, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  if (random.chance(1, 60)) return randomBytes(random);
  const seed = random.pick(corpus);
  if (shape === "bytes" || random.chance(1, 4)) return mutateBytes(seed, random, corpus);
  return shape === "der"
    ? (mutateDer(seed, random, corpus) ?? mutateBytes(seed, random, corpus))
    : jsonMutantOf(seed, corpus, random);
}

function jsonMutantOf(seed: Uint8Array, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const text = new TextDecoder().decode(seed);
  const mutant = mutateJson(text, random, [new TextDecoder().decode(random.pick(corpus))]);
  return mutant === undefined ? mutateBytes(seed, random, corpus) : new TextEncoder().encode(mutant.text);
}

function randomText(random: Random): string {
  return Array.from({ length: random.below(40) }, () =>
    String.fromCharCode(random.chance(3, 4) ? random.below(128) : random.below(0x10000)),
  ).join("");
}
