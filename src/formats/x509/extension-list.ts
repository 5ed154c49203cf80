/**
 * RFC 5280 §4.1.2.9 and §4.2: a list of extensions, in certificates and in TSTInfo, read and written without asking what they mean.
 *
 * Unknown extensions are kept; duplicates are refused. Leaves out: the meaning (extensions.ts, fulcio-extensions.ts).
 */
import { type DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";

/** One extension: `value` is what its OCTET STRING holds. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Reads the content of an Extensions SEQUENCE. @throws SigstoreError `certificate-invalid`, `der-invalid` */
export function readExtensions(list: DerReader): Extension[] {
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  // RFC 5280 4.1.2.9: Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension.
  if (list.done) refuse("an extension", "an empty list");
  while (!list.done) {
    const extension = readExtension(list.sequence());
    // RFC 5280 4.2: "A certificate MUST NOT include more than one instance of a particular extension."
    if (seen.has(extension.oid)) refuse("each extension once", `${extension.oid} twice`);
    seen.add(extension.oid);
    if (extensions.push(extension) > LIMITS.certificateExtensions)
      refuse(`at most ${LIMITS.certificateExtensions} extensions`, "more");
  }
  return extensions;
}

function readExtension(fields: DerReader): Extension {
  const oid = fields.oid();
  let critical = false;
  if (fields.peekTag() === TAG.boolean) {
    critical = fields.boolean();
    // X.690 11.5: "The encoding of a set value or sequence value shall not include an encoding for any component value which is equal to its default value."
    if (!critical) refuse("FALSE to be left out of an extension", "an explicit one");
  }
  const value = fields.octetString();
  fields.end();
  return { oid, critical, value };
}

/** The extension with this object identifier, or undefined. */
export function findExtension(
  certificate: { readonly extensions: readonly Extension[] },
  oid: string,
): Extension | undefined {
  for (const extension of certificate.extensions) if (extension.oid === oid) return extension;
  return undefined;
}

/** Extensions as one SEQUENCE element. */
export function serializeExtensions(extensions: readonly Extension[]): Uint8Array {
  return der.sequence(...extensions.map(serializeExtension));
}

function serializeExtension(extension: Extension): Uint8Array {
  const oid = der.oid(extension.oid);
  const value = der.octetString(extension.value);
  return extension.critical ? der.sequence(oid, der.boolean(true), value) : der.sequence(oid, value);
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("certificate-invalid", `expected ${expected}, got ${got}`);
}
