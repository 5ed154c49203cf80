/**
 * Small falsifications of certificates before they are signed.
 */
import type { CertificateFields } from "../authority/issuing-authority.ts";
import type { Extension } from "../formats/x509/extension-list.ts";
import type { Lie } from "./lie-hooks.ts";

/** Puts `extension` in the place of the one with its object identifier, or at the end. */
export function setExtension(extension: Extension): Lie<CertificateFields> {
  return (fields) => {
    const isThere = fields.extensions.some(({ oid }) => oid === extension.oid);
    const extensions = isThere
      ? fields.extensions.map((one) => (one.oid === extension.oid ? extension : one))
      : [...fields.extensions, extension];
    return { ...fields, extensions };
  };
}

/** Leaves out the extension with this object identifier. */
export function removeExtension(oid: string): Lie<CertificateFields> {
  return (fields) => ({ ...fields, extensions: fields.extensions.filter((one) => one.oid !== oid) });
}
