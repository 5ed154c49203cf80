/**
 * X.690 identifier octets, as whole octets: class, constructed bit and number together.
 *
 * Only the single-octet form exists here (tag numbers up to 30). Leaves out: the high-tag-number form, which no structure
 * that we read uses.
 */

/** Identifier octets of the universal types that our formats use; constructed types carry bit 0x20. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Identifier octet of context-specific tag `[number]`, constructed (an EXPLICIT tag, or an IMPLICIT one over a SEQUENCE or SET). */
export function contextConstructed(number: number): number {
  return 0xa0 | number;
}

/** Identifier octet of context-specific tag `[number]`, primitive (an IMPLICIT tag over a primitive type). */
export function contextPrimitive(number: number): number {
  return 0x80 | number;
}

const NAMES = new Map<number, string>(Object.entries(TAG).map(([name, tag]) => [tag, name]));

/** A tag in words, for errors: `sequence`, `[0] constructed`, `tag 0x41`. */
export function tagText(tag: number): string {
  const name = NAMES.get(tag);
  if (name !== undefined) return name;
  if ((tag & 0xc0) === 0x80) return `[${tag & 0x1f}] ${(tag & 0x20) === 0 ? "primitive" : "constructed"}`;
  return `tag 0x${tag.toString(16).padStart(2, "0")}`;
}
