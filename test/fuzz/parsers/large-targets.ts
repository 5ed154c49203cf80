/**
 * Large inputs that are hostile by their size: what takes time in proportion to its square shows here, and nowhere else.
 */
import { base64Decode, base64Encode } from "../../../src/encoding/base64.ts";
import { der, derStringText, readDer, TAG } from "../../../src/encoding/der.ts";
import { hexDecode } from "../../../src/encoding/hex.ts";
import { parseJson } from "../../../src/encoding/json.ts";
import { parsePem, serializePem } from "../../../src/encoding/pem.ts";
import { parseRfc3339 } from "../../../src/encoding/time.ts";
import { isSigstoreError } from "../../../src/errors.ts";
import { parseSignedData } from "../../../src/formats/cms.ts";
import { recognizeDocument } from "../../../src/formats/document.ts";
import { parseStatement } from "../../../src/formats/in-toto.ts";
import { parseSctList } from "../../../src/formats/sct.ts";
import { parseSigningConfig } from "../../../src/formats/signing-config.ts";
import { parseCertificate } from "../../../src/formats/x509/certificate.ts";
import { compilePattern, matchesPattern } from "../../../src/policy/pattern.ts";
import { parseCheckpoint } from "../../../src/tlog/checkpoint.ts";
import { parseNote } from "../../../src/tlog/signed-note.ts";
import { loadTrust } from "../../../src/verdict/trust.ts";
import { judge } from "../../../src/verdict/verdict.ts";
import { readJsonTree, placesOf, replaceAt, scalar, stringOf, writeJsonTree } from "../mutate/json-tree.ts";
import type { FuzzInput, FuzzTarget } from "../target.ts";
import type { FuzzCase } from "../verify/fuzz-case.ts";

const MIB = 1 << 20;

/** Makes an input of about `size` bytes and hands it to a parser. */
type Try = (size: number) => unknown;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fill = (piece: string, size: number): string => piece.repeat(Math.max(1, Math.floor(size / piece.length)));

const JSON_TRIES: Readonly<Record<string, Try>> = {
  numbers: (size) => parseJson(`[${fill("0,", size)}0]`),
  objects: (size) => parseJson(`[${fill("{},", size)}{}]`),
  strings: (size) => parseJson(`[${fill('"a\\n",', size)}""]`),
  names: (size) => parseJson(`{${Array.from({ length: size / 10 }, (_, index) => `"${index}":0`).join()}}`),
  escapes: (size) => parseJson(`"${fill("\\u00e9", size)}"`),
  backslashes: (size) => parseJson(`"${fill("\\\\", size)}"`),
  "open escapes": (size) => parseJson(`["${fill('\\"', size)}`),
  "one bad escape": (size) => parseJson(`"${fill("\\n", size)}\\x"`),
  "control at the end": (size) => parseJson(`[${fill('"a",', size)}"\u0001"]`),
  nesting: (size) => parseJson(fill("[", size)),
  digits: (size) => parseJson(fill("1", size)),
  "white space": (size) => parseJson(`${fill(" \n", size)}x`),
  "a statement of subjects": (size) =>
    parseStatement(
      bytes(
        `{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[${fill('{"digest":{"x":"y"}},', size)}{"digest":{"x":"y"}}]}`,
      ),
    ),
  "a long address": (size) =>
    parseSigningConfig(
      `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json","caUrl":"https://${fill("a.", size / 2)}"}`,
    ),
  "no document": (size) => recognizeDocument(fill("a ", size)),
};

const NOTATION_TRIES: Readonly<Record<string, Try>> = {
  "base64 with an end that is none": (size) => base64Decode(`${fill("AAAA", size)}A==A`),
  padding: (size) => base64Decode(fill("=", size)),
  hex: (size) => hexDecode(`${fill("0", size)}g0`),
  "a time": (size) => parseRfc3339(`2024-01-01T00:00:00.${fill("1", size)}Z`),
  "PEM blocks": (size) => parsePem(fill(serializePem("X", new Uint8Array(1)), size)),
  "PEM beginnings": (size) => parsePem(fill("-----BEGIN X\n", size)),
  "PEM lines": (size) => parsePem(`-----BEGIN X-----\n${fill("\n \t", size)}!\n-----END X-----\n`),
  "note of lines": (size) => parseNote(`${fill("a\n\n", size)}\u2014 x `),
  "note of names": (size) => parseNote(`a\n\n\u2014 ${fill("x\u2003", size)} AAAA\n`),
  "checkpoint of lines": (size) => parseCheckpoint(`o\n1\n${base64Encode(new Uint8Array(32))}\n${fill("x\n", size)}`),
};

const DER_TRIES: Readonly<Record<string, Try>> = {
  nesting: (size) => readDer(nested(size)),
  "elements of a CMS": (size) => parseSignedData(signedDataOf(size)),
  "a certificate of extensions": (size) =>
    parseCertificate(der.sequence(der.raw(TAG.sequence, bytes(fill("0\u0003\u0006\u0001*", size))), der.null())),
  "a text of two octets each": (size) => derStringText(readDer(der.raw(TAG.bmpString, bytes(fill("\u0000a", size))))),
  "an SCT list": () => parseSctList(Uint8Array.of(0xff, 0xff, ...new Uint8Array(0xffff))),
};

const PATTERN_TRIES: Readonly<Record<string, Try>> = {
  "a pattern of many states": (size) =>
    matchesPattern(compilePattern("((a?){1000}(a?){1000})*b"), fill("a", Math.min(size, 4096))),
  "a pattern of nested stars": (size) => matchesPattern(compilePattern("((a*)*)*b"), fill("a", Math.min(size, 65_536))),
  "a pattern of repeats": () => compilePattern("((((a{0,9}){0,9}){0,9}){0,9}){0,9}"),
  "a pattern of groups": () => compilePattern(`${"(".repeat(511)}${")".repeat(511)}`),
};

/** One target that tries them all, at sizes from 1 KiB to 4 MiB; an input is told by name and size. */
export function largeTarget([first]: readonly FuzzCase[]): FuzzTarget {
  const tries = new Map([
    ...named("json", JSON_TRIES),
    ...named("notation", NOTATION_TRIES),
    ...named("der", DER_TRIES),
    ...named("pattern", PATTERN_TRIES),
    ...(first === undefined ? [] : bundleTries(first)),
  ]);
  const names = [...tries.keys()];
  const input = (name: string, size: number): FuzzInput => ({
    attempt: () => attempt(tries.get(name), size),
    encode: () => `${name}:${size}`,
  });
  return {
    name: "large",
    most: 400,
    make: (random) => input(random.pick(names), random.pick([1024, 65_536, MIB, 4 * MIB])),
    decode: (text) => input(text.slice(0, text.lastIndexOf(":")), Number(text.slice(text.lastIndexOf(":") + 1))),
  };
}

function named(kind: string, tries: Readonly<Record<string, Try>>): [string, Try][] {
  return Object.entries(tries).map(([name, one]) => [`${kind}: ${name}`, one]);
}

function attempt(run: Try | undefined, size: number): string {
  if (run === undefined) throw new TypeError("expected the name of a large input");
  try {
    run(size);
    return "read";
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    return error.code;
  }
}

/** Every string of a sound bundle, made large in turn, as text and as base64 of zeros, in lines too; judged as a whole. */
function bundleTries({ bundle, trustedRoot, artifact, nowMs }: FuzzCase): [string, Try][] {
  const trust = loadTrust({ trustedRoot, source: "fuzz" });
  const strings = placesOf(readJsonTree(bundle) ?? scalar(null)).filter(({ node }) => stringOf(node) !== undefined);
  const judgeWith = (path: string, value: string): unknown => {
    const tree = readJsonTree(bundle) ?? scalar(null);
    const place = placesOf(tree).find((one) => one.path === path);
    if (place !== undefined) replaceAt(place, scalar(value));
    return judge({ bundle: writeJsonTree(tree), artifact: { kind: "bytes", bytes: artifact }, trust, nowMs });
  };
  return strings.flatMap(({ path }): [string, Try][] => [
    [`bundle: ${path} as text`, (size) => judgeWith(path, fill("x", size))],
    [`bundle: ${path} as base64`, (size) => judgeWith(path, fill("AAAA", size))],
    [`bundle: ${path} as lines`, (size) => judgeWith(path, fill("AAAA\n", size))],
  ]);
}

function nested(size: number): Uint8Array {
  let inner = der.null();
  while (inner.length < Math.min(size, 4096)) inner = der.sequence(inner);
  return inner;
}

function signedDataOf(size: number): Uint8Array {
  const many = bytes(fill("\u0005\u0000", Math.min(size, MIB / 2)));
  const signedData = der.sequence(
    der.integer(3),
    der.set(),
    der.sequence(der.oid("1.2")),
    der.implicit(0, many, true),
    der.raw(TAG.set, many),
  );
  return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, signedData));
}
