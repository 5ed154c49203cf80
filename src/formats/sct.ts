/**
 * RFC 6962 §3.2–3.3: signed certificate timestamps, and what exactly they are signed over.
 *
 * Reads and writes lists with extensions (static-ct-api's leaf index among them), and takes a certificate back to what the
 * log saw by cutting bytes out, never by writing the certificate anew. Leaves out: versions other than v1, precertificate
 * signing certificates, and the signature itself (verify/).
 */
import { ByteBuilder, ByteReader, concatBytes } from "../encoding/bytes.ts";
import { contextConstructed, DerReader, der, derHeader, TAG } from "../encoding/der.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { parsingAs } from "./parse-error.ts";
import { type Certificate, findExtension } from "./x509/certificate.ts";
import { OID } from "./x509/oids.ts";

/** One SCT. `timestampMs` is milliseconds since 1970; the algorithms are RFC 5246's numbers (sha256 4, ecdsa 3). */
export interface Sct {
  readonly version: 0;
  readonly logId: Uint8Array;
  readonly timestampMs: bigint;
  readonly extensions: Uint8Array;
  readonly hashAlgorithm: number;
  readonly signatureAlgorithm: number;
  readonly signature: Uint8Array;
}

/** What a log acknowledges: a precertificate (hash of the issuer's SPKI, TBS without poison and list) or a certificate. */
export type SctEntry =
  | { readonly type: "precertificate"; readonly issuerKeyHash: Uint8Array; readonly tbs: Uint8Array }
  | { readonly type: "x509"; readonly certificate: Uint8Array };

const LOG_ID_BYTES = 32;

function refuse(expected: string, got: string): never {
  throw new SigstoreError("sct-invalid", `expected ${expected}, got ${got}`);
}

/**
 * Parses a TLS SignedCertificateTimestampList.
 *
 * @throws SigstoreError `sct-invalid`
 */
export function parseSctList(bytes: Uint8Array): Sct[] {
  return parsingAs("sct-invalid", "a list of SCTs", () => {
    const outer = new ByteReader(bytes, "SCT list");
    const list = new ByteReader(outer.vector16(), "SCT list");
    outer.end();
    // RFC 6962 3.3: SerializedSCT sct_list <1..2^16-1>.
    if (list.remaining === 0) refuse("at least one SCT", "an empty list");
    const scts: Sct[] = [];
    while (list.remaining > 0) {
      if (scts.push(readSct(list.vector16())) > LIMITS.scts) refuse(`at most ${LIMITS.scts} SCTs`, "more");
    }
    return scts;
  });
}

/** Parses one SignedCertificateTimestamp. @throws SigstoreError `sct-invalid` */
export function parseSct(bytes: Uint8Array): Sct {
  return parsingAs("sct-invalid", "an SCT", () => readSct(bytes));
}

function readSct(bytes: Uint8Array): Sct {
  const reader = new ByteReader(bytes, "SCT");
  const version = reader.u8();
  if (version !== 0) refuse("an SCT of version 0 (v1)", `version ${version}`);
  const logId = reader.bytes(LOG_ID_BYTES);
  const timestampMs = reader.u64();
  const extensions = reader.vector16();
  const hashAlgorithm = reader.u8();
  const signatureAlgorithm = reader.u8();
  const signature = reader.vector16();
  reader.end();
  return { version, logId, timestampMs, extensions, hashAlgorithm, signatureAlgorithm, signature };
}

/** One SCT in TLS encoding. */
export function serializeSct(sct: Sct): Uint8Array {
  return new ByteBuilder()
    .u8(sct.version)
    .bytes(sct.logId)
    .u64(sct.timestampMs)
    .vector16(sct.extensions)
    .u8(sct.hashAlgorithm)
    .u8(sct.signatureAlgorithm)
    .vector16(sct.signature)
    .build();
}

/** A SignedCertificateTimestampList in TLS encoding. */
export function serializeSctList(scts: readonly Sct[]): Uint8Array {
  const list = new ByteBuilder();
  for (const sct of scts) list.vector16(serializeSct(sct));
  return new ByteBuilder().vector16(list.build()).build();
}

/** Value of the certificate extension `OID.sctList`: the list inside an OCTET STRING. */
export function serializeSctListExtension(scts: readonly Sct[]): Uint8Array {
  return der.octetString(serializeSctList(scts));
}

/**
 * The SCTs that a certificate carries; empty when it has no such extension.
 *
 * @throws SigstoreError `sct-invalid`
 */
export function embeddedScts(certificate: Certificate): Sct[] {
  const extension = findExtension(certificate, OID.sctList);
  if (extension === undefined) return [];
  const list = parsingAs("sct-invalid", "the SCT list extension", () => {
    const reader = new DerReader(extension.value);
    const octets = reader.octetString();
    reader.end();
    return octets;
  });
  return parseSctList(list);
}

/** How an Extension of these types begins: its object identifier, a whole element. */
const SCT_LIST_START = der.oid(OID.sctList);
const POISON_START = der.oid(OID.poison);

/**
 * RFC 6962 §3.2: the TBSCertificate without SCT list and poison extension, which is what the log saw and signed.
 *
 * Everything kept stays byte for byte; only the three lengths around the extensions are written anew.
 */
export function precertificateTbs(certificate: Pick<Certificate, "tbs">): Uint8Array {
  const { tbs } = certificate;
  const body = new DerReader(tbs).sequence();
  const bodyStart = body.offset;
  while (!body.done && body.peekTag() !== contextConstructed(3)) body.skip();
  if (body.done) return tbs;
  const fields = tbs.subarray(bodyStart, body.offset);
  const kept = keptExtensions(tbs, body.explicit(3).sequence());
  if (kept.length === 0) return der.sequence(fields);
  let keptLength = 0;
  for (const run of kept) keptLength += run.length;
  const list = derHeader(TAG.sequence, keptLength);
  const wrapper = derHeader(contextConstructed(3), list.length + keptLength);
  const header = derHeader(TAG.sequence, fields.length + wrapper.length + list.length + keptLength);
  return concatBytes(header, fields, wrapper, list, ...kept);
}

/** The runs of extensions between those that are cut out. */
function keptExtensions(tbs: Uint8Array, list: DerReader): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let runStart = list.offset;
  while (!list.done) {
    const isCutOut = list.nextContentStartsWith(SCT_LIST_START) || list.nextContentStartsWith(POISON_START);
    if (isCutOut && list.offset > runStart) kept.push(tbs.subarray(runStart, list.offset));
    list.skip();
    if (isCutOut) runStart = list.offset;
  }
  if (list.offset > runStart) kept.push(tbs.subarray(runStart, list.offset));
  return kept;
}

/** RFC 6962 §3.2: the bytes that the log signs. */
export function sctSignatureInput(input: {
  readonly timestampMs: bigint;
  readonly extensions: Uint8Array;
  readonly entry: SctEntry;
}): Uint8Array {
  const { timestampMs, extensions, entry } = input;
  const signed = entry.type === "precertificate" ? entry.tbs : entry.certificate;
  // The exact length: version, kind, time, type, perhaps the key's hash, two lengths.
  const capacity = 17 + (entry.type === "precertificate" ? entry.issuerKeyHash.length : 0) + signed.length;
  const builder = new ByteBuilder(capacity + extensions.length).u8(0).u8(0).u64(timestampMs);
  if (entry.type === "precertificate") builder.u16(1).bytes(entry.issuerKeyHash);
  else builder.u16(0);
  return builder.vector24(signed).vector16(extensions).build();
}

const EXTENSION_LEAF_INDEX = 0;

/**
 * C2SP static-ct-api: the leaf index among the SCT's extensions, or undefined.
 *
 * @throws SigstoreError `sct-invalid`
 */
export function leafIndexOfSct(sct: Pick<Sct, "extensions">): bigint | undefined {
  return parsingAs("sct-invalid", "CT extensions", () => {
    const reader = new ByteReader(sct.extensions, "CT extensions");
    let leafIndex: bigint | undefined;
    while (reader.remaining > 0) {
      const type = reader.u8();
      const data = reader.vector16();
      if (type !== EXTENSION_LEAF_INDEX) continue;
      if (leafIndex !== undefined || data.length !== 5) refuse("one leaf index of 5 octets", "another extension");
      leafIndex = new ByteReader(concatBytes(new Uint8Array(3), data), "leaf index").u64();
    }
    return leafIndex;
  });
}

/** C2SP static-ct-api: SCT extensions with the leaf index alone. @throws TypeError from 2^40 on */
export function serializeLeafIndexExtension(leafIndex: bigint): Uint8Array {
  if (leafIndex < 0n || leafIndex >= 1n << 40n)
    throw new TypeError(`expected a leaf index below 2^40, got ${leafIndex}`);
  const octets = new ByteBuilder().u64(leafIndex).build().subarray(3);
  return new ByteBuilder().u8(EXTENSION_LEAF_INDEX).vector16(octets).build();
}
