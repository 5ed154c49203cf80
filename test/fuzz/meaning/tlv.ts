/**
 * A second reader of DER, which shares nothing with the one under test: tags, lengths and content as hex, and the few
 * structures whose parts must be told apart.
 */
import { Unreadable } from "./plain.ts";

/** One element: `raw` with its header, `content` without, both hex. */
export interface Tlv {
  readonly tag: string;
  readonly content: string;
  readonly raw: string;
}

/** The elements that these octets consist of. */
function elementsOf(hex: string): readonly Tlv[] {
  const elements: Tlv[] = [];
  let at = 0;
  while (at < hex.length) {
    const first = Number.parseInt(hex.slice(at + 2, at + 4), 16);
    const lengthDigits = first < 0x80 ? 0 : 2 * (first & 0x7f);
    const length = lengthDigits === 0 ? first : Number.parseInt(hex.slice(at + 4, at + 4 + lengthDigits), 16);
    const start = at + 4 + lengthDigits;
    const end = start + 2 * length;
    if (!(end <= hex.length)) throw new Unreadable("an element ends behind what holds it");
    elements.push({ tag: hex.slice(at, at + 2), content: hex.slice(start, end), raw: hex.slice(at, end) });
    at = end;
  }
  return elements;
}

/** The children of the first element of these octets, again and again along `path` (positions of children). */
function inside(hex: string, ...path: readonly number[]): readonly Tlv[] {
  let children = elementsOf(elementsOf(hex)[0]?.content ?? "");
  for (const position of path) children = elementsOf(children[position]?.content ?? "");
  return children;
}

/** What a certificate says, as far as trust goes; all hex, names and key as whole elements. */
export interface CertificateParts {
  readonly raw: string;
  readonly issuer: string;
  readonly serial: string;
  readonly subject: string;
  readonly spki: string;
  readonly extensions: string;
  /** Octets of the subject key identifier; empty where there is none. */
  readonly keyId: string;
}

/** The parts of a version 3 certificate. */
export function certificateParts(raw: string): CertificateParts {
  const [, serial, , issuer, , subject, spki, ...rest] = inside(raw, 0);
  const extensions = rest.find(({ tag }) => tag === "a3")?.content ?? "";
  const names = { issuer: issuer?.raw ?? "", serial: serial?.raw ?? "", subject: subject?.raw ?? "" };
  return { raw, ...names, spki: spki?.raw ?? "", extensions, keyId: extensionOctets(extensions, "0603551d0e") };
}

/** What the OCTET STRING inside the OCTET STRING of an extension holds; `oid` is a whole element; empty where it is absent. */
function extensionOctets(extensions: string, oid: string): string {
  const found = inside(extensions).find(({ content }) => content.startsWith(oid));
  const value = found === undefined ? undefined : elementsOf(found.content).at(-1);
  return value === undefined ? "" : (elementsOf(value.content)[0]?.content ?? "");
}

/** What a timestamp says and who says it, all hex. */
export interface TimestampParts {
  readonly tstInfo: string;
  readonly genTimeMs: number;
  readonly signedAttributes: string;
  readonly signature: string;
  /** Issuer and serial number, or `80` and the key identifier. */
  readonly signer: string;
}

/** The parts of an RFC 3161 response. */
export function timestampParts(response: string): TimestampParts {
  const token = inside(response)[1];
  const signedData = inside(token?.raw ?? "", 1, 0);
  const content = elementsOf(signedData[2]?.content ?? "")[1];
  const tstInfo = elementsOf(content?.content ?? "")[0]?.content ?? "";
  const signerInfo = elementsOf(elementsOf(signedData.at(-1)?.content ?? "")[0]?.content ?? "");
  const [, identifier] = signerInfo;
  const signature = signerInfo.find(({ tag }) => tag === "04")?.content ?? "";
  const signedAttributes = signerInfo.find(({ tag }) => tag === "a0")?.content ?? "";
  if (tstInfo === "" || identifier === undefined) throw new Unreadable("no timestamp");
  const signer = identifier.tag === "30" ? identifier.content : `80${identifier.content}`;
  return {
    tstInfo,
    genTimeMs: generalizedTime(inside(tstInfo)[4]?.content ?? ""),
    signedAttributes,
    signature,
    signer,
  };
}

function generalizedTime(hex: string): number {
  const text = Buffer.from(hex, "hex").toString("latin1");
  const [, year, month, day, hour, minute, second, fraction = ""] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  if (Number.isNaN(ms)) throw new Unreadable("no time in a timestamp");
  return ms;
}

/** The SCTs of a certificate: log ID (hex) and time. */
export function sctsOf({
  extensions,
}: CertificateParts): readonly { readonly logId: string; readonly timeMs: number }[] {
  // OBJECT IDENTIFIER 1.3.6.1.4.1.11129.2.4.2; the list begins with its own length.
  let list = extensionOctets(extensions, "060a2b06010401d679020402").slice(4);
  const scts = [];
  while (list.length > 0) {
    const end = 4 + 2 * Number.parseInt(list.slice(0, 4), 16);
    const sct = list.slice(4, end);
    scts.push({ logId: sct.slice(2, 66), timeMs: Number.parseInt(sct.slice(66, 82), 16) });
    list = list.slice(end);
  }
  return scts;
}

const ORDERS: readonly bigint[] = [
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
];

/** True for the same signature octets, or for ECDSA's (r, s) and (r, n − s), each in DER with nothing behind. */
export function isSameSignature(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return isTwin(a, b);
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

function isTwin(a: string, b: string): boolean {
  const [pairA, pairB] = [a, b].map((hex) => (hex.startsWith("30") && elementsOf(hex).length === 1 ? inside(hex) : []));
  const [r, s] = pairA ?? [];
  const [otherR, otherS] = pairB ?? [];
  if (pairA?.length !== 2 || pairB?.length !== 2 || r?.raw !== otherR?.raw) return false;
  const sum = BigInt(`0x${s?.content}`) + BigInt(`0x${otherS?.content}`);
  return ORDERS.includes(sum);
}
