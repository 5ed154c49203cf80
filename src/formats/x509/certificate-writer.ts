/**
 * RFC 5280 §4.1: writes what a certificate authority signs, and the certificate around it.
 *
 * The caller chooses serial number, times and extensions, and signs; what comes out, certificate.ts accepts. Leaves out:
 * unique identifiers, and any check that the content makes sense (authority/).
 */
import { der } from "../../encoding/der.ts";
import { type Extension, serializeExtensions } from "./extension-list.ts";

/** Fields of a certificate to be signed. `serialNumber` is an unsigned big-endian magnitude; algorithm, names and key are ready elements. */
export interface TbsCertificateFields {
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly spki: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** The TBSCertificate, version 3, as one element; the extensions in the order given. @throws TypeError for times with milliseconds */
export function serializeTbsCertificate(fields: TbsCertificateFields): Uint8Array {
  const elements = [
    der.explicit(0, der.integer(2)),
    der.integer(fields.serialNumber),
    fields.signatureAlgorithm,
    fields.issuer,
    der.sequence(der.time(fields.notBeforeMs), der.time(fields.notAfterMs)),
    fields.subject,
    fields.spki,
  ];
  if (fields.extensions.length > 0) elements.push(der.explicit(3, serializeExtensions(fields.extensions)));
  return der.sequence(...elements);
}

/** The certificate: what was signed, the algorithm as it stands inside, and the signature. */
export function serializeCertificate(
  tbs: Uint8Array,
  signatureAlgorithm: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  return der.sequence(tbs, signatureAlgorithm, der.bitString(signature));
}
