/**
 * X.690 Distinguished Encoding Rules: a strict reader; the writer `der` is beside it.
 *
 * Definite minimal lengths, single-octet tags, minimal INTEGERs and object identifiers, BOOLEAN 00 or FF, zero padding bits,
 * the strings' own alphabets, exact times, no trailing octets, nesting bounded by LIMITS.derDepth. Everything handed out is a
 * slice of the input, never a copy. Leaves out: BER, the order of SET OF elements (who needs it checks it), REAL, and types
 * that our formats do not use.
 */
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { decodeOid } from "./der-oid.ts";
import { contextConstructed, TAG, tagText } from "./der-tags.ts";
import { decodeGeneralizedTime, decodeUtcTime } from "./der-time.ts";
import { hexEncode } from "./hex.ts";
import { utf8Decode } from "./text.ts";

export { contextConstructed, contextPrimitive, TAG, tagText } from "./der-tags.ts";
export { der, derHeader } from "./der-writer.ts";

/** One element: its identifier octet, its content, and header and content together; all slices of the input. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

/** A BIT STRING: its octets and how many low bits of the last one do not count (they are zero). */
export interface DerBitString {
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

/**
 * The one element that `bytes` holds.
 *
 * @throws SigstoreError `der-invalid` when the element is malformed or anything follows it
 */
export function readDer(bytes: Uint8Array): DerElement {
  const reader = new DerReader(bytes);
  const element = reader.any();
  reader.end();
  return element;
}

/** Reads the elements of a constructed value in order. Every method throws SigstoreError `der-invalid` on what is not DER. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #depth: number;
  #position: number;
  /** Bounds of the element that #next has just passed: its content runs from #content to #position. */
  #start = 0;
  #content = 0;

  /** A reader of `bytes[start, end)`, the content octets of an element that is nested `depth` levels deep. */
  constructor(bytes: Uint8Array, depth = 0, start = 0, end: number = bytes.length) {
    if (depth > LIMITS.derDepth)
      throw new SigstoreError("der-invalid", `expected at most ${LIMITS.derDepth} levels of DER, got more`);
    this.#bytes = bytes;
    this.#depth = depth;
    this.#position = start;
    this.#end = end;
  }

  /** True when nothing is left. */
  get done(): boolean {
    return this.#position === this.#end;
  }

  /** Identifier octet of the next element, or undefined at the end. */
  peekTag(): number | undefined {
    return this.#position < this.#end ? this.#bytes[this.#position] : undefined;
  }

  /** Where the next element begins, counted from the start of the bytes that the outermost reader was made over. */
  get offset(): number {
    return this.#position;
  }

  /** Passes over the next element, whatever it is. */
  skip(): void {
    this.#next();
  }

  /** True when the content of the next element begins with these octets; nothing is read. */
  nextContentStartsWith(octets: Uint8Array): boolean {
    this.#next();
    const length = this.#position - this.#content;
    this.#position = this.#start;
    if (length < octets.length) return false;
    for (let index = 0; index < octets.length; index++)
      if (this.#bytes[this.#content + index] !== octets[index]) return false;
    return true;
  }

  /** The next element, header and content together, without passing over it. */
  peekRaw(): Uint8Array {
    const raw = this.rawAny();
    this.#position = this.#start;
    return raw;
  }

  /** The next element, whatever it is. */
  any(): DerElement {
    const tag = this.#next();
    return { tag, content: this.#slice(), raw: this.#bytes.subarray(this.#start, this.#position) };
  }

  /** The next element, header and content together, whatever it is. */
  rawAny(): Uint8Array {
    this.#next();
    return this.#bytes.subarray(this.#start, this.#position);
  }

  /** The next element, which must have this tag. */
  element(tag: number): DerElement {
    this.#expect(tag);
    return { tag, content: this.#slice(), raw: this.#bytes.subarray(this.#start, this.#position) };
  }

  /** The next element, header and content together, which must have this tag. */
  raw(tag: number): Uint8Array {
    this.#expect(tag);
    return this.#bytes.subarray(this.#start, this.#position);
  }

  /** The next element if it has this tag, else undefined and nothing is read. */
  optional(tag: number): DerElement | undefined {
    return this.peekTag() === tag ? this.element(tag) : undefined;
  }

  /** Passes over the next element, which must have this tag, and hands out a reader of its content. */
  constructed(tag: number): DerReader {
    this.#expect(tag);
    return new DerReader(this.#bytes, this.#depth + 1, this.#content, this.#position);
  }

  /** A reader of the SEQUENCE that is next. */
  sequence(): DerReader {
    return this.constructed(TAG.sequence);
  }

  /** A reader of the SET that is next. */
  set(): DerReader {
    return this.constructed(TAG.set);
  }

  /** A reader of what stands inside the EXPLICIT tag `[number]`, which must be next. */
  explicit(number: number): DerReader {
    return this.constructed(contextConstructed(number));
  }

  /** The same if that tag is next, else undefined and nothing is read. */
  optionalExplicit(number: number): DerReader | undefined {
    return this.peekTag() === contextConstructed(number) ? this.explicit(number) : undefined;
  }

  /** Content octets of an INTEGER: two's complement, big-endian, minimal. */
  integerBytes(): Uint8Array {
    this.#integer();
    return this.#slice();
  }

  /** An INTEGER of any size and sign. */
  integer(): bigint {
    this.#integer();
    const value = BigInt(`0x${hexEncode(this.#slice())}`);
    const negative = ((this.#bytes[this.#content] ?? 0) & 0x80) !== 0;
    return negative ? value - (1n << BigInt(8 * (this.#position - this.#content))) : value;
  }

  /** An INTEGER from 0 to 2^47 − 1. */
  smallInteger(): number {
    this.#integer();
    if (this.#position - this.#content > 6 || ((this.#bytes[this.#content] ?? 0) & 0x80) !== 0) {
      this.#refuse("an INTEGER from 0 to 2^47 - 1", "one out of that range");
    }
    let value = 0;
    for (let index = this.#content; index < this.#position; index++) value = value * 256 + (this.#bytes[index] ?? 0);
    return value;
  }

  /** An OBJECT IDENTIFIER as dotted text. */
  oid(): string {
    this.#expect(TAG.oid);
    return decodeOid(this.#bytes, this.#content, this.#position);
  }

  /** A BOOLEAN. */
  boolean(): boolean {
    this.#expect(TAG.boolean);
    const octet = this.#bytes[this.#content] ?? 0;
    // X.690 11.1: "If the encoding represents the boolean value TRUE, its single contents octet shall have all eight bits set to one."
    if (this.#position - this.#content !== 1 || (octet !== 0x00 && octet !== 0xff))
      this.#refuse("a BOOLEAN 00 or FF", "other content");
    return octet === 0xff;
  }

  /** Octets of an OCTET STRING. */
  octetString(): Uint8Array {
    this.#expect(TAG.octetString);
    return this.#slice();
  }

  /** A BIT STRING. */
  bitString(): DerBitString {
    this.#expect(TAG.bitString);
    const unusedBits = this.#content < this.#position ? (this.#bytes[this.#content] ?? 0) : 8;
    if (unusedBits > 7) this.#refuse("a BIT STRING with 0 to 7 unused bits", "another count");
    const isEmpty = this.#position - this.#content === 1;
    const last = isEmpty ? 0 : (this.#bytes[this.#position - 1] ?? 0);
    // X.690 11.2.1: "Each unused bit in the final octet of the encoding of a bit string value shall be set to zero."
    if ((isEmpty && unusedBits !== 0) || (last & ((1 << unusedBits) - 1)) !== 0)
      this.#refuse("a BIT STRING whose unused bits are zero", "others");
    return { unusedBits, bytes: this.#bytes.subarray(this.#content + 1, this.#position) };
  }

  /** A NULL. */
  null(): void {
    this.#expect(TAG.null);
    if (this.#content !== this.#position) this.#refuse("a NULL without content", "content");
  }

  /** Text of a UTF8String. @throws SigstoreError `utf8-invalid` */
  utf8String(): string {
    this.#expect(TAG.utf8String);
    return utf8Decode(this.#slice());
  }

  /** Text of a PrintableString. */
  printableString(): string {
    this.#expect(TAG.printableString);
    return asciiText(this.#slice(), PRINTABLE);
  }

  /** Text of an IA5String. */
  ia5String(): string {
    this.#expect(TAG.ia5String);
    return asciiText(this.#slice(), IA5);
  }

  /** Time of a UTCTime or GeneralizedTime without fraction, milliseconds since 1970. */
  time(): number {
    const tag = this.#next();
    if (tag === TAG.utcTime) return decodeUtcTime(this.#bytes, this.#content, this.#position);
    if (tag === TAG.generalizedTime) return decodeGeneralizedTime(this.#bytes, this.#content, this.#position, false);
    return this.#refuse("a time", tagText(tag));
  }

  /** Time of a GeneralizedTime that may have a fraction of a second (cut to milliseconds), milliseconds since 1970. */
  fractionalTime(): number {
    this.#expect(TAG.generalizedTime);
    return decodeGeneralizedTime(this.#bytes, this.#content, this.#position, true);
  }

  /** Ends the reading. @throws SigstoreError `der-invalid` when something is left */
  end(): void {
    if (this.#position !== this.#end) {
      throw new SigstoreError(
        "der-invalid",
        `expected the end of a DER value at offset ${this.#position}, got ${this.#end - this.#position} more bytes`,
      );
    }
  }

  /** Passes over the next element and returns its tag. */
  #next(): number {
    const bytes = this.#bytes;
    const start = this.#position;
    if (this.#end - start < 2) this.#refuseHeader(start, "an element", "the end");
    const tag = bytes[start] ?? 0;
    if ((tag & 0x1f) === 0x1f) this.#refuseHeader(start, "a single-octet tag", "the high-tag-number form");
    const first = bytes[start + 1] ?? 0;
    const content = first < 0x80 ? start + 2 : start + 2 + (first & 0x7f);
    const length = first < 0x80 ? first : this.#longLength(start, first & 0x7f);
    if (length > this.#end - content)
      this.#refuseHeader(start, `${length} content octets`, `${Math.max(this.#end - content, 0)}`);
    this.#start = start;
    this.#content = content;
    this.#position = content + length;
    return tag;
  }

  /** The length in the long form of the element at `start`: `count` octets, big-endian. */
  #longLength(start: number, count: number): number {
    const bytes = this.#bytes;
    // X.690 10.1: "The definite form of length encoding shall be used, encoded in the minimum number of octets."
    if (count === 0) this.#refuseHeader(start, "a definite length", "the indefinite form");
    if (count > 4 || count > this.#end - start - 2)
      this.#refuseHeader(start, "a length that fits", `${count} length octets`);
    let length = 0;
    for (let index = start + 2; index < start + 2 + count; index++) length = length * 256 + (bytes[index] ?? 0);
    if (length < 0x80 || bytes[start + 2] === 0) this.#refuseHeader(start, "a minimal length", "a longer form");
    return length;
  }

  #expect(tag: number): void {
    const got = this.#next();
    if (got !== tag) this.#refuse(tagText(tag), tagText(got));
  }

  #integer(): void {
    this.#expect(TAG.integer);
    const length = this.#position - this.#content;
    const first = this.#bytes[this.#content] ?? 0;
    if (length === 0) this.#refuse("an INTEGER", "one without content");
    // X.690 8.3.2: the first nine bits of more than one octet "shall not all be ones; and shall not all be zero".
    const second = (this.#bytes[this.#content + 1] ?? 0) & 0x80;
    if (length > 1 && ((first === 0 && second === 0) || (first === 0xff && second !== 0)))
      this.#refuse("a minimal INTEGER", "a padded one");
  }

  #slice(): Uint8Array {
    return this.#bytes.subarray(this.#content, this.#position);
  }

  #refuse(expected: string, got: string): never {
    throw new SigstoreError("der-invalid", `expected ${expected} at offset ${this.#start}, got ${got}`);
  }

  #refuseHeader(offset: number, expected: string, got: string): never {
    throw new SigstoreError("der-invalid", `expected ${expected} at offset ${offset}, got ${got}`);
  }
}

/** The octets that a string type allows: an entry for each octet, 1 where it is allowed. */
type Alphabet = Uint8Array;

/** The alphabet of these ranges, each written as its first and its last character (one character: a range of one). */
function alphabetOf(...ranges: readonly string[]): Alphabet {
  const alphabet = new Uint8Array(256);
  for (const range of ranges) alphabet.fill(1, range.charCodeAt(0), range.charCodeAt(range.length - 1) + 1);
  return alphabet;
}

/** X.680 §41.4: letters, digits, space and `'()+,-./:=?`. */
const PRINTABLE = alphabetOf("AZ", "az", "09", " ", "')", "+/", ":", "=", "?");
const NUMERIC = alphabetOf(" ", "09");
const IA5 = alphabetOf("\u0000\u007f");
const VISIBLE = alphabetOf(" ~");

/** Text of octets of an alphabet, all of which lie in ASCII. */
function asciiText(bytes: Uint8Array, alphabet: Alphabet): string {
  for (const octet of bytes) {
    if (alphabet[octet] === 1) continue;
    throw new SigstoreError(
      "der-invalid",
      `expected characters of the string's alphabet, got octet 0x${octet.toString(16).padStart(2, "0")}`,
    );
  }
  return utf8Decode(bytes);
}

/**
 * Text of a string element of any type, its alphabet checked; undefined when the element is no string, or of a type whose
 * alphabet nobody agrees on (TeletexString, UniversalString).
 *
 * @throws SigstoreError `der-invalid`, `utf8-invalid`
 */
export function derStringText(element: DerElement): string | undefined {
  switch (element.tag) {
    case TAG.utf8String:
      return utf8Decode(element.content);
    case TAG.printableString:
      return asciiText(element.content, PRINTABLE);
    case TAG.numericString:
      return asciiText(element.content, NUMERIC);
    case TAG.ia5String:
      return asciiText(element.content, IA5);
    case TAG.visibleString:
      return asciiText(element.content, VISIBLE);
    case TAG.bmpString:
      return bmpText(element.content);
    default:
      return undefined;
  }
}

function bmpText(bytes: Uint8Array): string {
  if (bytes.length % 2 !== 0)
    throw new SigstoreError("der-invalid", "expected two octets a character in a BMPString, got an odd count");
  let text = "";
  for (let index = 0; index < bytes.length; index += 2) {
    const unit = ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
    if (unit >= 0xd800 && unit <= 0xdfff)
      throw new SigstoreError("der-invalid", "expected characters of the basic plane, got a surrogate");
    text += String.fromCharCode(unit);
  }
  return text;
}
