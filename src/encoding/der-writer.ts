/**
 * X.690 Distinguished Encoding Rules: the writer. Every function returns one whole element, header and content.
 *
 * What is written here, the reader of der.ts accepts. Leaves out: what our formats do not use.
 */
import { compareBytes, concatBytes } from "./bytes.ts";
import { encodeOid } from "./der-oid.ts";
import { contextConstructed, contextPrimitive, TAG } from "./der-tags.ts";
import { generalizedTimeText, utcTimeText } from "./der-time.ts";
import { utf8Encode } from "./text.ts";

/** Identifier and length octets of an element with `length` content octets: for who joins the content himself. */
export function derHeader(tag: number, length: number): Uint8Array {
  const header = new Uint8Array(headerBytes(length));
  putHeader(header, tag, length);
  return header;
}

function headerBytes(length: number): number {
  let bytes = 2;
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes += 1;
  return bytes;
}

/** Writes the header of an element with `length` content octets to the beginning of `into`; returns where the content begins. */
function putHeader(into: Uint8Array, tag: number, length: number): number {
  const bytes = headerBytes(length);
  into[0] = tag;
  into[1] = bytes === 2 ? length : 0x80 | (bytes - 2);
  let rest = length;
  for (let index = bytes - 1; index > 1; index--) {
    into[index] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function element(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(headerBytes(length) + length);
  let offset = putHeader(whole, tag, length);
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Object identifiers that were written before: authorities write the same few for ever. */
const written = new Map<string, Uint8Array>();
const WRITTEN_KEPT = 512;

/** The element of an object identifier, which nobody may change. */
function oidElement(text: string): Uint8Array {
  const known = written.get(text);
  if (known !== undefined) return known;
  const made = element(TAG.oid, [encodeOid(text)]);
  if (written.size < WRITTEN_KEPT) written.set(text, made);
  return made;
}

function ascii(tag: number, text: string, alphabet: RegExp): Uint8Array {
  if (!alphabet.test(text)) throw new TypeError("expected text of the string type's alphabet, got other characters");
  return element(tag, [utf8Encode(text)]);
}

/** Two's complement of `value` in as few octets as possible. */
function integerOctets(value: bigint): Uint8Array {
  let size = 1;
  while (BigInt.asIntN(8 * size, value) !== value) size += 1;
  const hex = BigInt.asUintN(8 * size, value)
    .toString(16)
    .padStart(2 * size, "0");
  return Uint8Array.from({ length: size }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/** Content octets of the INTEGER whose magnitude is `magnitude`, unsigned big-endian, leading zeros allowed. */
function unsignedOctets(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const trimmed = magnitude.length === 0 ? Uint8Array.of(0) : magnitude.subarray(start);
  return ((trimmed[0] ?? 0) & 0x80) === 0 ? trimmed : concatBytes(Uint8Array.of(0), trimmed);
}

/** DER elements from values. Misuse (characters outside a string's alphabet, a time outside the calendar) is a TypeError. */
export const der = {
  /** Any tag over ready content octets. */
  raw(tag: number, content: Uint8Array): Uint8Array {
    return element(tag, [content]);
  },
  /** SEQUENCE of ready elements. */
  sequence(...parts: Uint8Array[]): Uint8Array {
    return element(TAG.sequence, parts);
  },
  /** SET of ready elements in the order given. */
  set(...parts: Uint8Array[]): Uint8Array {
    return element(TAG.set, parts);
  },
  /** SET OF ready elements, sorted as X.690 §11.6 wants it. */
  setOf(...parts: Uint8Array[]): Uint8Array {
    return element(TAG.set, [...parts].sort(compareBytes));
  },
  /** INTEGER; octets are an unsigned big-endian magnitude. */
  integer(value: bigint | number | Uint8Array): Uint8Array {
    return element(TAG.integer, [value instanceof Uint8Array ? unsignedOctets(value) : integerOctets(BigInt(value))]);
  },
  /** ENUMERATED. */
  enumerated(value: number): Uint8Array {
    return element(TAG.enumerated, [integerOctets(BigInt(value))]);
  },
  /** OBJECT IDENTIFIER from dotted text; the same octets each time, not to be changed. */
  oid(text: string): Uint8Array {
    return oidElement(text);
  },
  /** OCTET STRING. */
  octetString(bytes: Uint8Array): Uint8Array {
    return element(TAG.octetString, [bytes]);
  },
  /** BIT STRING; the unused low bits of the last octet must be zero. */
  bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
    const last = bytes[bytes.length - 1] ?? 0xff;
    if (unusedBits < 0 || unusedBits > 7 || (unusedBits > 0 && (last & ((1 << unusedBits) - 1)) !== 0)) {
      throw new TypeError("expected a bit string whose unused bits are zero, got others");
    }
    return element(TAG.bitString, [Uint8Array.of(unusedBits), bytes]);
  },
  /** UTF8String. */
  utf8String(text: string): Uint8Array {
    return element(TAG.utf8String, [utf8Encode(text)]);
  },
  /** PrintableString. */
  printableString(text: string): Uint8Array {
    return ascii(TAG.printableString, text, /^[A-Za-z0-9 '()+,\-./:=?]*$/);
  },
  /** IA5String. */
  ia5String(text: string): Uint8Array {
    // eslint-disable-next-line no-control-regex -- IA5String is ASCII, controls included
    return ascii(TAG.ia5String, text, /^[\u0000-\u007f]*$/);
  },
  /** BOOLEAN. */
  boolean(value: boolean): Uint8Array {
    return element(TAG.boolean, [Uint8Array.of(value ? 0xff : 0x00)]);
  },
  /** NULL. */
  null(): Uint8Array {
    return element(TAG.null, []);
  },
  /** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on (and before 1950); whole seconds. */
  time(ms: number): Uint8Array {
    const year = new Date(ms).getUTCFullYear();
    if (ms % 1000 !== 0) throw new TypeError(`expected whole seconds, got ${ms} ms`);
    if (year >= 1950 && year <= 2049) return element(TAG.utcTime, [utf8Encode(utcTimeText(ms))]);
    return der.generalizedTime(ms);
  },
  /** GeneralizedTime; milliseconds are written when there are any (RFC 3161 genTime alone may have them). */
  generalizedTime(ms: number): Uint8Array {
    return element(TAG.generalizedTime, [utf8Encode(generalizedTimeText(ms))]);
  },
  /** EXPLICIT tag `[number]` around a ready element. */
  explicit(number: number, inner: Uint8Array): Uint8Array {
    return element(contextConstructed(number), [inner]);
  },
  /** IMPLICIT tag `[number]` over content octets of a primitive or constructed type. */
  implicit(number: number, content: Uint8Array, constructed: boolean): Uint8Array {
    return element(constructed ? contextConstructed(number) : contextPrimitive(number), [content]);
  },
};
