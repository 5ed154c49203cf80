/**
 * RFC 7468: textual encoding of certificates and keys.
 *
 * Reads any number of blocks with text of any kind around them, lines of any length and either line ending; labels must
 * match and the base64 must be canonical. Writes the strict form. RFC 1421 headers inside a block are refused but where
 * they are asked for: old encrypted keys alone have them.
 */
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { base64Decode, base64Encode } from "./base64.ts";

/** One block: its label (`CERTIFICATE`, `PUBLIC KEY`, …) and the bytes inside. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** A block with the headers that stood before its base64, in order; none as a rule. */
export interface PemBlockWithHeaders extends PemBlock {
  readonly headers: readonly PemHeader[];
}

/** RFC 1421 §4.6: one header, `DEK-Info: AES-128-CBC,…`. */
export interface PemHeader {
  readonly name: string;
  readonly value: string;
}

const BEGIN = "-----BEGIN ";
const DASHES = "-----";
const LINE_LENGTH = 64;

/** RFC 7468 §3: visible characters other than the hyphen, words joined by one space or hyphen. */
const LABEL = /^[!-,.-~]+(?:[ -][!-,.-~]+)*$/;

function refuse(expected: string, got: string, cause?: unknown): never {
  throw new SigstoreError("pem-invalid", `expected ${expected}, got ${got}`, cause === undefined ? {} : { cause });
}

/**
 * The blocks of a PEM text, in order; at least one.
 *
 * @throws SigstoreError `pem-invalid`
 */
export function parsePem(text: string): PemBlock[] {
  return parseBlocks(text, (label, body) => ({ label, bytes: decodeBody(body) }));
}

/**
 * The same, with RFC 1421 headers in the blocks that have any.
 *
 * @throws SigstoreError `pem-invalid`
 */
export function parsePemWithHeaders(text: string): PemBlockWithHeaders[] {
  return parseBlocks(text, (label, body) => {
    const { headers, rest } = takeHeaders(body);
    return { label, headers, bytes: decodeBody(rest) };
  });
}

function parseBlocks<Block>(text: string, read: (label: string, body: string) => Block): Block[] {
  const blocks: Block[] = [];
  let start = nextBegin(text, 0);
  while (start >= 0) {
    const labelEnd = text.indexOf(DASHES, start + BEGIN.length);
    if (labelEnd < 0) refuse("a BEGIN line that ends with five hyphens", "an open one");
    const label = text.slice(start + BEGIN.length, labelEnd);
    if (label.length > 64 || !LABEL.test(label)) refuse("a label such as CERTIFICATE", "other characters");
    const bodyStart = labelEnd + DASHES.length;
    const bodyEnd = text.indexOf(DASHES, bodyStart);
    const endLine = `-----END ${label}-----`;
    if (bodyEnd < 0 || !text.startsWith(endLine, bodyEnd))
      refuse(`the line ${endLine}`, bodyEnd < 0 ? "the end of the text" : "another line");
    blocks.push(read(label, text.slice(bodyStart, bodyEnd)));
    start = nextBegin(text, bodyEnd + endLine.length);
  }
  if (blocks.length === 0) refuse("a PEM block", "none");
  return blocks;
}

/** Index of the next BEGIN at the start of a line, or -1. */
function nextBegin(text: string, from: number): number {
  if (from === 0 && text.startsWith(BEGIN)) return 0;
  const lineFeed = text.indexOf(`\n${BEGIN}`, from);
  return lineFeed < 0 ? -1 : lineFeed + 1;
}

const HEADER = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/;

/** Headers end with an empty line; continued lines, which nobody writes in keys, are refused with everything else. */
function takeHeaders(body: string): { readonly headers: readonly PemHeader[]; readonly rest: string } {
  const lines = body.split("\n").map((line) => line.trimEnd());
  const headers: PemHeader[] = [];
  for (const line of lines.slice(1)) {
    const found = HEADER.exec(line);
    if (found === null) break;
    headers.push({ name: found[1] ?? "", value: found[2] ?? "" });
  }
  if (headers.length === 0) return { headers, rest: body };
  const end = 1 + headers.length;
  if (lines[0] !== "" || lines[end] !== "") refuse("an empty line after the headers", "other text");
  return { headers, rest: lines.slice(end).join("\n") };
}

function decodeBody(body: string): Uint8Array {
  if (!/^[ \t]*\r?\n/.test(body)) refuse("a line end after the BEGIN line", "other characters");
  try {
    return base64Decode(body.replace(/[ \t\r\n]+/g, ""));
  } catch (error) {
    if (isSigstoreError(error)) refuse("base64 between the BEGIN and END lines", "other text", error);
    throw error;
  }
}

/** One block as text, lines of 64 characters, ending with a line feed. @throws TypeError when the label is none */
export function serializePem(label: string, bytes: Uint8Array): string {
  if (!LABEL.test(label)) throw new TypeError("expected a label such as CERTIFICATE, got other characters");
  const body = base64Encode(bytes);
  let text = `${BEGIN}${label}${DASHES}\n`;
  for (let index = 0; index < body.length; index += LINE_LENGTH) text += `${body.slice(index, index + LINE_LENGTH)}\n`;
  return `${text}-----END ${label}-----\n`;
}

/** True when `text`, in UTF-8, is just what {@link serializePem} writes; without writing it. */
export function isSerializedPem(text: Uint8Array, label: string, bytes: Uint8Array): boolean {
  const head = `${BEGIN}${label}${DASHES}\n`;
  const body = base64Encode(bytes);
  const tail = `-----END ${label}-----\n`;
  const tailStart = text.length - tail.length;
  if (tailStart !== head.length + body.length + Math.ceil(body.length / LINE_LENGTH)) return false;
  if (!holdsAt(text, 0, head, 0, head.length) || !holdsAt(text, tailStart, tail, 0, tail.length)) return false;
  let at = head.length;
  for (let index = 0; index < body.length; index += LINE_LENGTH) {
    const end = Math.min(index + LINE_LENGTH, body.length);
    if (!holdsAt(text, at, body, index, end)) return false;
    at += end - index;
    if (text[at++] !== LINE_FEED) return false;
  }
  return true;
}

const LINE_FEED = 0x0a;

/** True when the octets from `at` on are the characters `start` to `end` of `expected`. */
function holdsAt(octets: Uint8Array, at: number, expected: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++)
    if (octets[at + index - start] !== expected.charCodeAt(index)) return false;
  return true;
}
