/**
 * Notation: base64, hex, UTF-8, JSON, PEM, DER, times.
 */
import {
  base64Decode,
  base64Encode,
  base64UrlDecode,
  base64UrlEncode,
  nativeBase64,
  portableBase64,
} from "../../../src/encoding/base64.ts";
import { ByteReader } from "../../../src/encoding/bytes.ts";
import { canonicalizeJson } from "../../../src/encoding/canonical-json.ts";
import { encodeOid } from "../../../src/encoding/der-oid.ts";
import { DerReader, derStringText, readDer, TAG } from "../../../src/encoding/der.ts";
import type { DerElement } from "../../../src/encoding/der.ts";
import { hexDecode, hexEncode } from "../../../src/encoding/hex.ts";
import { serializeJson } from "../../../src/encoding/json-writer.ts";
import { parseJson } from "../../../src/encoding/json.ts";
import type { JsonValue } from "../../../src/encoding/json.ts";
import { parsePem, serializePem } from "../../../src/encoding/pem.ts";
import { utf8Decode, utf8Encode } from "../../../src/encoding/text.ts";
import { formatRfc3339, parseRfc3339 } from "../../../src/encoding/time.ts";
import { FuzzFailure } from "../target.ts";
import type { FuzzTarget } from "../target.ts";
import type { Corpus } from "./corpus.ts";
import { bytesTarget, textTarget, tryAll } from "./parser-target.ts";

const JSON_TEXTS = [
  '{"a":[1,2.5,-3e7,"x\\u00e9\\n",true,false,null],"b":{"c":"\\ud83d\\ude00"}}',
  "[]",
  '"\\\\\\""',
  "12345678901234567890",
  "[[[[{}]]]]",
];
const TIMES = [
  "2024-03-19T17:26:26Z",
  "2024-03-19T17:26:26.123456789+02:00",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "1969-12-31T23:59:59-23:59",
];
const OIDS = [
  "1.2.840.113549.1.9.16.2.47",
  "2.25.329800735698586629295641978511506172918",
  "0.9.2342.19200300.100.1.25",
  "1.3.6.1.4.1.57264.1.24",
];

/** All targets of encoding/. */
export function encodingTargets(corpus: Corpus): readonly FuzzTarget[] {
  const { bundles, certificates, timestamps, pemTexts } = corpus;
  const texts = bundles.map((bytes) => new TextDecoder().decode(bytes));
  return [
    bytesTarget("json", {
      name: "encoding/json",
      corpus: [...bundles, ...corpus.entryBodies, ...corpus.statements],
      read: parseJson,
      again: jsonRoundTrip,
    }),
    textTarget({
      name: "encoding/json-text",
      corpus: [...JSON_TEXTS, ...texts],
      read: readJsonText,
      again: jsonRoundTrip,
    }),
    bytesTarget("bytes", {
      name: "encoding/utf8",
      corpus: [...bundles.slice(0, 3), utf8Encode("é—😀\u0000")],
      read: utf8Decode,
      again: (text) => [text, utf8Decode(utf8Encode(text))],
    }),
    textTarget({
      name: "encoding/base64",
      corpus: ["", "AA==", "AAA=", "AAAA", base64Encode(certificates[0] ?? utf8Encode("x"))],
      read: readBase64,
      again: (bytes) => [bytes, base64Decode(base64Encode(bytes))],
    }),
    textTarget({
      name: "encoding/base64url",
      corpus: ["", "AA", "AAA", "AAAA", "-_-_"],
      read: base64UrlDecode,
      again: (bytes) => [bytes, base64UrlDecode(base64UrlEncode(bytes))],
    }),
    textTarget({
      name: "encoding/hex",
      corpus: ["", "00ff", "DEADbeef"],
      read: hexDecode,
      again: (bytes) => [bytes, hexDecode(hexEncode(bytes))],
    }),
    textTarget({
      name: "encoding/time",
      corpus: TIMES,
      read: readTime,
      again: (ms) => [ms, parseRfc3339(formatRfc3339(ms))],
    }),
    textTarget({
      name: "encoding/pem",
      corpus: [...pemTexts, pemTexts.join("some text\n")],
      read: parsePem,
      again: (blocks) => [blocks, parsePem(blocks.map(({ label, bytes }) => serializePem(label, bytes)).join(""))],
    }),
    bytesTarget("der", { name: "encoding/der", corpus: [...certificates, ...timestamps], read: readDerDeeply }),
    textTarget({ name: "encoding/oid", corpus: OIDS, read: encodeOid }),
    bytesTarget("bytes", {
      name: "encoding/byte-reader",
      corpus: [...corpus.scts, ...corpus.sctLists],
      read: readByScript,
    }),
  ];
}

/** Whatever we read, the platform's own reader reads too, and as the same. */
function readJsonText(text: string): JsonValue {
  const value = parseJson(text);
  const other = JSON.parse(text) as JsonValue;
  if (serializeJson(asDoubles(value)) !== serializeJson(other))
    throw new FuzzFailure("expected the value that JSON.parse reads, got another");
  return value;
}

/** Integers as the platform has them. */
function asDoubles(value: JsonValue): JsonValue {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value)
    ? value.map(asDoubles)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asDoubles(item)]));
}

function jsonRoundTrip(value: JsonValue): readonly [unknown, unknown] {
  const text = serializeJson(value);
  tryAll(value, (one) => {
    const canonical = canonicalizeJson(one);
    if (canonicalizeJson(parseJson(canonical)) !== canonical)
      throw new FuzzFailure("expected canonical JSON to stay as it is, got another text");
  });
  return [text, serializeJson(parseJson(text))];
}

/** The platform's codec and the portable one refuse the same. */
function readBase64(text: string): Uint8Array {
  for (const variant of ["base64", "base64url"] as const) {
    const [native, portable] = [nativeBase64(variant)?.decode(text), portableBase64(variant).decode(text)];
    if (
      Buffer.from(native ?? []).compare(portable ?? new Uint8Array(0)) !== 0 ||
      (native === undefined) !== (portable === undefined)
    ) {
      throw new FuzzFailure(`expected both codecs of ${variant} to agree, got two answers`);
    }
  }
  return base64Decode(text);
}

function readTime(text: string): number {
  const ms = parseRfc3339(text);
  const other = Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
  if (ms !== other) throw new FuzzFailure(`expected the time that Date.parse reads (${other}), got ${ms}`);
  return ms;
}

function readDerDeeply(bytes: Uint8Array): DerElement {
  const element = readDer(bytes);
  walk(new DerReader(bytes));
  return element;
}

/** Every element by the reader of its type. */
function walk(reader: DerReader): void {
  while (!reader.done) {
    const tag = reader.peekTag() ?? 0;
    const element = reader.peekRaw();
    tryAll(element, (raw) => readPrimitive(new DerReader(raw), tag));
    if ((tag & 0x20) === 0) reader.skip();
    else walk(reader.constructed(tag));
  }
}

function readPrimitive(reader: DerReader, tag: number): unknown {
  switch (tag) {
    case TAG.boolean:
      return reader.boolean();
    case TAG.integer:
      return tryAll(reader, (one) => one.integer());
    case TAG.bitString:
      return reader.bitString();
    case TAG.oid:
      return reader.oid();
    case TAG.null:
      return reader.null();
    case TAG.utcTime:
    case TAG.generalizedTime:
      return reader.time();
    case TAG.octetString:
      return tryAll(reader.octetString(), readDerDeeply);
    default:
      return derStringText(reader.any());
  }
}

/** Lets the first bytes say what is read of the rest. */
function readByScript(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes.subarray(8));
  const steps = [
    () => reader.u8(),
    () => reader.u16(),
    () => reader.u24(),
    () => reader.u32(),
    () => reader.u64(),
    () => reader.vector8(),
    () => reader.vector16(),
    () => reader.vector24(),
  ];
  for (const step of bytes.subarray(0, 8)) steps[step & 7]?.();
  reader.end();
  return reader.remaining;
}
