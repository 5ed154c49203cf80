/**
 * RFC 5280 §4.2.1.6: GeneralName, the kinds of names in a subject alternative name.
 *
 * E-mail, URI, DNS name, IP address and text in an otherName (Fulcio's user names) are read; other kinds are kept as they
 * are. Leaves out: whether a text is a proper URI or address, which identity rules judge by exact comparison.
 */
import {
  contextConstructed,
  contextPrimitive,
  DerReader,
  type DerElement,
  der,
  derStringText,
  TAG,
} from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { ipAddressText, parseIpAddress } from "./ip-address.ts";
import { OID } from "./oids.ts";

/** One name. `raw` of kind "other" is the whole element, `tag` its identifier octet. */
export type GeneralName =
  | { readonly kind: "email" | "uri" | "dns" | "ip"; readonly value: string }
  | { readonly kind: "otherName"; readonly oid: string; readonly value: string }
  | { readonly kind: "other"; readonly tag: number; readonly raw: Uint8Array };

const TAG_OTHER_NAME = contextConstructed(0);
const TAG_EMAIL = contextPrimitive(1);
const TAG_DNS = contextPrimitive(2);
const TAG_DIRECTORY_NAME = contextConstructed(4);
const TAG_URI = contextPrimitive(6);
const TAG_IP = contextPrimitive(7);

/** Kinds that are kept unread: x400Address, directoryName, ediPartyName, registeredID. */
const UNREAD_TAGS: ReadonlySet<number> = new Set([
  contextConstructed(3),
  TAG_DIRECTORY_NAME,
  contextConstructed(5),
  contextPrimitive(8),
]);

function refuse(expected: string, got: string): never {
  throw new SigstoreError("certificate-invalid", `expected ${expected}, got ${got}`);
}

/** Reads the content of a GeneralNames SEQUENCE. @throws SigstoreError `certificate-invalid`, `der-invalid`, `utf8-invalid` */
export function readGeneralNames(list: DerReader): GeneralName[] {
  // RFC 5280 4.2.1.6: GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName.
  if (list.done) refuse("a name", "an empty list of names");
  const names: GeneralName[] = [];
  while (!list.done) {
    if (names.push(readGeneralName(list.any())) > LIMITS.generalNames)
      refuse(`at most ${LIMITS.generalNames} names`, "more");
  }
  return names;
}

function readGeneralName(element: DerElement): GeneralName {
  switch (element.tag) {
    case TAG_EMAIL:
      return { kind: "email", value: ia5Text(element.content) };
    case TAG_DNS:
      return { kind: "dns", value: ia5Text(element.content) };
    case TAG_URI:
      return { kind: "uri", value: ia5Text(element.content) };
    case TAG_IP:
      return {
        kind: "ip",
        value: ipAddressText(element.content) ?? refuse("an IP address of 4 or 16 octets", `${element.content.length}`),
      };
    case TAG_OTHER_NAME:
      return readOtherName(element);
    default:
      if (!UNREAD_TAGS.has(element.tag))
        refuse("a kind of name that RFC 5280 knows", `tag 0x${element.tag.toString(16)}`);
      return { kind: "other", tag: element.tag, raw: element.raw };
  }
}

function ia5Text(content: Uint8Array): string {
  return derStringText({ tag: TAG.ia5String, content, raw: content }) ?? refuse("an IA5String", "another string");
}

/** OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY DEFINED BY type-id }. */
function readOtherName(element: DerElement): GeneralName {
  const fields = new DerReader(element.content);
  const oid = fields.oid();
  const wrapper = fields.explicit(0);
  fields.end();
  // Fulcio, docs/oid-info.md: 1.3.6.1.4.1.57264.1.7 holds a UTF8String.
  if (wrapper.peekTag() !== TAG.utf8String && oid !== OID.fulcioUserName) {
    wrapper.any();
    wrapper.end();
    return { kind: "other", tag: element.tag, raw: element.raw };
  }
  const value = wrapper.utf8String();
  wrapper.end();
  return { kind: "otherName", oid, value };
}

/** One name as an element. @throws TypeError when the text does not fit its kind */
export function serializeGeneralName(name: GeneralName): Uint8Array {
  switch (name.kind) {
    case "email":
      return der.raw(TAG_EMAIL, ia5Octets(name.value));
    case "dns":
      return der.raw(TAG_DNS, ia5Octets(name.value));
    case "uri":
      return der.raw(TAG_URI, ia5Octets(name.value));
    case "ip":
      return der.raw(TAG_IP, ipOctets(name.value));
    case "otherName":
      return der.implicit(0, otherNameContent(name.oid, name.value), true);
    case "other":
      return name.raw;
  }
}

/** A directoryName around a ready Name. */
export function serializeDirectoryName(name: Uint8Array): Uint8Array {
  return der.raw(TAG_DIRECTORY_NAME, name);
}

function ia5Octets(text: string): Uint8Array {
  return new DerReader(der.ia5String(text)).element(TAG.ia5String).content;
}

function ipOctets(text: string): Uint8Array {
  const octets = parseIpAddress(text);
  if (octets === undefined) throw new TypeError("expected an IP address, got other text");
  return octets;
}

function otherNameContent(oid: string, value: string): Uint8Array {
  const inner = new DerReader(der.sequence(der.oid(oid), der.explicit(0, der.utf8String(value))));
  return inner.element(TAG.sequence).content;
}
