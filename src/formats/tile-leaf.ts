/**
 * Entries of a static CT log (C2SP static-ct-api, "Log entries"; RFC 6962 §3.4): what a leaf hashes, and what lies beside it.
 *
 * A data tile is one such entry after another, without lengths. Leaves out: whether certificates can be read, and tiles of hashes.
 */
import { ByteBuilder, ByteReader, concatBytes } from "../encoding/bytes.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type SctEntry, sctSignatureInput } from "./sct.ts";

/** An entry of a CT log. */
export interface TileLeaf {
  readonly timestampMs: bigint;
  readonly entry: SctEntry;
  /** CT extensions in TLS encoding: the leaf index. */
  readonly extensions: Uint8Array;
  /** The whole precertificate, of which `entry` holds the part to be signed; undefined for certificates. */
  readonly precertificate: Uint8Array | undefined;
  /** SHA-256 of each issuer in the submitted chain, up to the accepted root. */
  readonly issuers: readonly Uint8Array[];
}

/** RFC 6962 §3.1: x509_entry(0), precert_entry(1). */
const X509_ENTRY = 0;
const PRECERT_ENTRY = 1;

const FINGERPRINT_BYTES = 32;

/** RFC 6962 §3.4: `Version` v1 and `MerkleLeafType` timestamped_entry, which stand before a TimestampedEntry in what is hashed. */
const LEAF_START = Uint8Array.of(0, 0);

/** Bytes of the longest entry: certificate and precertificate, numbers, and the hashes of a chain. */
export const MAX_TILE_LEAF_BYTES: number =
  2 * LIMITS.certificateBytes + 1024 + LIMITS.chainCertificates * FINGERPRINT_BYTES;

/** Writes an entry; {@link parseTileLeaves} reads it back. */
export function serializeTileLeaf({ timestampMs, entry, extensions, precertificate, issuers }: TileLeaf): Uint8Array {
  const builder = new ByteBuilder().bytes(timestampedEntry(sctSignatureInput({ timestampMs, extensions, entry })));
  if (precertificate !== undefined) builder.vector24(precertificate);
  return builder.vector16(concatBytes(...issuers)).build();
}

/** RFC 6962: what an SCT signs and what a leaf hashes begin with two zero octets each, and go on with the same TimestampedEntry. */
function timestampedEntry(signed: Uint8Array): Uint8Array {
  return signed.subarray(LEAF_START.length);
}

/**
 * The `count` entries of a data tile, each as its own bytes (views).
 * @throws SigstoreError `tile-invalid` when there are fewer or more, or one is no entry
 */
export function splitTileLeaves(bytes: Uint8Array, count: number): Uint8Array[] {
  const reader = new ByteReader(bytes, "data tile", "tile-invalid");
  const leaves: Uint8Array[] = [];
  while (reader.remaining > 0 && leaves.length < count) {
    const start = bytes.length - reader.remaining;
    readTileLeaf(reader);
    leaves.push(bytes.subarray(start, bytes.length - reader.remaining));
  }
  reader.end();
  if (leaves.length !== count) throw invalid(`a data tile of ${count} entries`, `${leaves.length}`);
  return leaves;
}

/** Reads one entry. @throws SigstoreError `tile-invalid` */
export function parseTileLeaf(bytes: Uint8Array): TileLeaf {
  const reader = new ByteReader(bytes, "log entry", "tile-invalid");
  const leaf = readTileLeaf(reader);
  reader.end();
  return leaf;
}

/** RFC 6962 §3.4: the MerkleTreeLeaf of an entry, which is hashed, and is also what its SCT signs. @throws SigstoreError `tile-invalid` */
export function merkleTreeLeaf(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes, "log entry", "tile-invalid");
  readTimestampedEntry(reader);
  return concatBytes(LEAF_START, bytes.subarray(0, bytes.length - reader.remaining));
}

function readTileLeaf(reader: ByteReader): TileLeaf {
  const timestamped = readTimestampedEntry(reader);
  const precertificate = timestamped.entry.type === "precertificate" ? reader.vector24() : undefined;
  const chain = reader.vector16();
  if (chain.length % FINGERPRINT_BYTES !== 0)
    throw invalid(`hashes of ${FINGERPRINT_BYTES} bytes of the issuers`, `${chain.length} bytes`);
  const issuers = Array.from({ length: chain.length / FINGERPRINT_BYTES }, (_, at) =>
    chain.subarray(at * FINGERPRINT_BYTES, (at + 1) * FINGERPRINT_BYTES),
  );
  return { ...timestamped, precertificate, issuers };
}

function readTimestampedEntry(reader: ByteReader): Pick<TileLeaf, "timestampMs" | "entry" | "extensions"> {
  const timestampMs = reader.u64();
  const type = reader.u16();
  if (type !== X509_ENTRY && type !== PRECERT_ENTRY) throw invalid("an entry of type 0 or 1", `type ${type}`);
  const entry: SctEntry =
    type === X509_ENTRY
      ? { type: "x509", certificate: reader.vector24() }
      : { type: "precertificate", issuerKeyHash: reader.bytes(FINGERPRINT_BYTES), tbs: reader.vector24() };
  return { timestampMs, entry, extensions: reader.vector16() };
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("tile-invalid", `expected ${expected}, got ${got}`);
}
