/**
 * Changes to DER that keep it DER around the change: elements dropped, doubled, exchanged, nested, their tags, lengths
 * and contents changed, with every length around them written anew.
 *
 * Reads with a small tolerant reader of its own, so that it does not share the faults of the reader it tests.
 */
import type { Random } from "../random.ts";
import { otherS } from "./malleate.ts";
import { mutateBytes } from "./mutate-bytes.ts";

/** An element with either children or content. `prefix` stands before the children: the unused bits of a BIT STRING. */
interface Element {
  tag: number;
  children: Element[] | undefined;
  content: Uint8Array;
  prefix: Uint8Array;
  /** How its length is written: 0 for the shortest form, else so many octets; -1 for the indefinite form. */
  lengthForm: number;
}

const MOST_ELEMENTS = 4000;
const DEEPEST = 40;
const EMPTY = new Uint8Array(0);
const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x1f, 0x30, 0x31, 0x80, 0xa0, 0xa1,
  0xa3,
];

/** The input after one to three changes, or undefined where it is no DER. `others` lend their elements. */
export function mutateDer(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array | undefined {
  const roots = readElements(bytes, 0);
  if (roots === undefined || roots.length === 0) return undefined;
  for (let count = random.small(3); count > 0; count -= 1) changeOne(roots, random, others);
  return writeElements(roots);
}

/** The input with one ECDSA signature in it replaced by its twin (r, n − s); undefined where it holds none. */
export function malleateDer(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  const roots = readElements(bytes, 0);
  const signatures = roots === undefined ? [] : listsOf(roots).flat().filter(isSignature);
  if (roots === undefined || signatures.length === 0) return undefined;
  const [r, s] = random.pick(signatures).children ?? [];
  const twin = r === undefined || s === undefined ? undefined : otherS(r.content, s.content);
  if (s === undefined || twin === undefined) return undefined;
  s.content = twin;
  return writeElements(roots);
}

/** Two long INTEGERs in a SEQUENCE. (RSA keys look alike, but their exponent is short.) */
function isSignature({ tag, children }: Element): boolean {
  return (
    tag === 0x30 && children?.length === 2 && children.every((child) => child.tag === 0x02 && child.content.length > 24)
  );
}

function changeOne(roots: Element[], random: Random, others: readonly Uint8Array[]): void {
  const lists = listsOf(roots).filter((list) => list.length > 0);
  if (lists.length === 0) return;
  const list = random.pick(lists);
  const at = random.below(list.length);
  const element = list[at];
  if (element !== undefined) random.pick(CHANGES)({ list, at, element, random, others });
}

interface Place {
  readonly list: Element[];
  readonly at: number;
  readonly element: Element;
  readonly random: Random;
  readonly others: readonly Uint8Array[];
}

function changeContent({ element, random, others }: Place): void {
  const leaves = listsOf([element]).flat();
  const leaf = random.pick(leaves);
  if (leaf.children === undefined) leaf.content = mutateBytes(leaf.content, random, others);
}

/** INTEGERs and times where it matters: padded, negative, zero, huge. */
function changeValue({ element, random }: Place): void {
  if (element.children !== undefined) return;
  const zero = Uint8Array.of(0);
  element.content = random.pick([
    zero,
    EMPTY,
    concat(zero, element.content),
    concat(Uint8Array.of(0xff), element.content),
    element.content.toReversed(),
    random.bytes(300),
  ]);
}

/** A time at the edges of what can be told, or none. */
function changeTime({ element, random }: Place): void {
  const times = listsOf([element])
    .flat()
    .filter(({ tag }) => tag === 0x17 || tag === 0x18);
  if (times.length === 0) return;
  const time = random.pick(times);
  time.tag = random.chance(1, 2) ? 0x18 : time.tag;
  time.content = Buffer.from(random.pick(TIMES));
}

const TIMES = [
  "00000101000000Z",
  "00010101000000Z",
  "99991231235959Z",
  "99991231235959.999Z",
  "20240230000000Z",
  "20240229235960Z",
  "500101000000Z",
  "491231235959Z",
  "20240101000000+0000",
  "",
];

function changeTag({ element, random }: Place): void {
  element.tag = random.chance(1, 3) ? element.tag ^ (1 << random.below(8)) : random.pick(TAGS);
}

function changeLength({ element, random }: Place): void {
  element.lengthForm = random.pick([-1, 1, 2, 3, 4, 5]);
}

function drop({ list, at }: Place): void {
  list.splice(at, 1);
}

function double({ list, at, element, random }: Place): void {
  const copies = random.chance(1, 20) ? 300 : 1;
  list.splice(at, 0, ...Array.from({ length: copies }, () => element));
}

function exchange({ list, at, random }: Place): void {
  const [moved] = list.splice(at, 1);
  if (moved !== undefined) list.splice(random.below(list.length + 1), 0, moved);
}

function nest({ list, at, element, random }: Place): void {
  let inner = element;
  const tag = random.pick([0x30, 0x31, 0xa0, 0x04]);
  for (let depth = random.chance(1, 10) ? 60 : 1; depth > 0; depth -= 1) inner = constructed(tag, [inner]);
  list[at] = inner;
}

function unwrap({ list, at, element }: Place): void {
  if (element.children !== undefined) list.splice(at, 1, ...element.children);
}

/** Another element of the same input, or one of another input, in this place or beside it. */
function borrow({ list, at, random, others }: Place): void {
  const foreign = readElements(random.pick(others), 0);
  const choices = foreign === undefined ? [] : listsOf(foreign).flat();
  if (choices.length > 0) list.splice(at, random.below(2), random.pick(choices));
}

const CHANGES: readonly ((place: Place) => void)[] = [
  changeContent,
  changeContent,
  changeContent,
  changeValue,
  changeTime,
  changeTag,
  changeLength,
  drop,
  double,
  exchange,
  nest,
  unwrap,
  borrow,
];

/** Every list of siblings, the outermost first. */
function listsOf(roots: Element[]): Element[][] {
  const lists = [roots];
  for (const list of lists) {
    for (const { children } of list) if (children !== undefined && lists.length < MOST_ELEMENTS) lists.push(children);
  }
  return lists;
}

function constructed(tag: number, children: Element[]): Element {
  return { tag, children, content: EMPTY, prefix: EMPTY, lengthForm: 0 };
}

/** The elements that `bytes` consists of, or undefined where it does not. */
function readElements(bytes: Uint8Array, depth: number): Element[] | undefined {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = readHeader(bytes, at);
    if (header === undefined || depth > DEEPEST || elements.length > MOST_ELEMENTS) return undefined;
    const content = bytes.subarray(header.start, header.end);
    elements.push(readElement(header.tag, content, depth));
    at = header.end;
  }
  return elements;
}

function readHeader(bytes: Uint8Array, at: number): { tag: number; start: number; end: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 3) return undefined;
  let length = octets === 0 ? first : 0;
  for (let index = 0; index < octets; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + octets;
  return start + length > bytes.length ? undefined : { tag: bytes[at] ?? 0, start, end: start + length };
}

/** Opens constructed elements, and OCTET STRINGs and BIT STRINGs that hold DER. */
function readElement(tag: number, content: Uint8Array, depth: number): Element {
  const isBitString = tag === 0x03 && content[0] === 0;
  const prefix = isBitString ? content.subarray(0, 1) : EMPTY;
  const mayHold = (tag & 0x20) !== 0 || ((tag === 0x04 || isBitString) && content.length > prefix.length + 1);
  const children = mayHold ? readElements(content.subarray(prefix.length), depth + 1) : undefined;
  return { tag, children, content, prefix: children === undefined ? EMPTY : prefix, lengthForm: 0 };
}

function writeElements(elements: readonly Element[]): Uint8Array {
  return concat(...elements.map((element) => writeElement(element, 0)));
}

function writeElement(element: Element, depth: number): Uint8Array {
  const { children, prefix, lengthForm } = element;
  const inner =
    children === undefined || depth > 200 ? [element.content] : children.map((child) => writeElement(child, depth + 1));
  const content = concat(prefix, ...inner);
  const end = lengthForm === -1 ? Uint8Array.of(0, 0) : EMPTY;
  return concat(Uint8Array.of(element.tag, ...lengthOctets(content.length, lengthForm)), content, end);
}

function lengthOctets(length: number, form: number): readonly number[] {
  if (form === -1) return [0x80];
  if (form === 0 && length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0 || octets.length < form; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
