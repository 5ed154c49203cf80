/**
 * RFC 5280 §4.1.1.2: AlgorithmIdentifier, as it stands in keys, certificates and CMS.
 *
 * Says which algorithm is named and keeps the parameters as they are; what they mean is crypto's. Leaves out: nothing.
 */
import { type DerReader, der } from "../encoding/der.ts";

/** An algorithm's object identifier, its parameters (one whole element) and the whole structure as it stood. */
export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Uint8Array | undefined;
  readonly raw: Uint8Array;
}

/** Reads the AlgorithmIdentifier that is next. @throws SigstoreError `der-invalid` */
export function readAlgorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  const raw = reader.peekRaw();
  const fields = reader.sequence();
  const oid = fields.oid();
  const parameters = fields.done ? undefined : fields.rawAny();
  fields.end();
  return { oid, parameters, raw };
}

/** An AlgorithmIdentifier as one element; `parameters` is a ready element. */
export function serializeAlgorithmIdentifier(oid: string, parameters?: Uint8Array): Uint8Array {
  return parameters === undefined ? der.sequence(der.oid(oid)) : der.sequence(der.oid(oid), parameters);
}
