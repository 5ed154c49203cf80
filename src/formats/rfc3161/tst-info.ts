/**
 * RFC 3161 §2.4.2: TSTInfo, what a timestamp says; and MessageImprint, what it says it of.
 *
 * Serial number and nonce are integers of either sign: authorities in use write 20 random octets as they are, so that every
 * second serial number is negative. A fraction of genTime is cut to milliseconds. Leaves out: what extensions mean.
 */
import { contextConstructed, contextPrimitive, DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { readAlgorithmIdentifier, serializeAlgorithmIdentifier } from "../algorithm-identifier.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import { type Extension, readExtensions, serializeExtensions } from "../x509/extension-list.ts";

/** Which digest of what was stamped; `hashAlgorithm` is an object identifier. */
export interface MessageImprint {
  readonly hashAlgorithm: string;
  readonly digest: Uint8Array;
}

/** What a timestamp says. `raw` is the whole TSTInfo element; `accuracyMs` may have a fraction; `tsaName` is a whole GeneralName. */
export interface TstInfo {
  readonly raw: Uint8Array;
  readonly policy: string;
  readonly messageImprint: MessageImprint;
  readonly serialNumber: bigint;
  readonly genTimeMs: number;
  readonly accuracyMs?: number;
  readonly ordering: boolean;
  readonly nonce?: bigint;
  readonly tsaName?: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** Fields of a TSTInfo to be written; octets of serial number or nonce are unsigned, big-endian; `accuracyMs` in whole milliseconds. */
export interface TstInfoFields {
  readonly policy: string;
  readonly messageImprint: MessageImprint;
  readonly serialNumber: bigint | Uint8Array;
  readonly genTimeMs: number;
  readonly accuracyMs?: number | undefined;
  readonly ordering?: boolean;
  readonly nonce?: bigint | Uint8Array | undefined;
  readonly tsaName?: Uint8Array | undefined;
  readonly extensions?: readonly Extension[];
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("timestamp-invalid", `expected ${expected}, got ${got}`);
}

/**
 * Parses a TSTInfo.
 *
 * @throws SigstoreError `timestamp-invalid`, or `input-too-large`
 */
export function parseTstInfo(bytes: Uint8Array): TstInfo {
  requireSize(bytes, LIMITS.timestampBytes, "a timestamp");
  return parsingAs("timestamp-invalid", "a TSTInfo", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const tstInfo = readTstInfo(bytes, fields);
    fields.end();
    return tstInfo;
  });
}

function readTstInfo(raw: Uint8Array, fields: DerReader): TstInfo {
  const version = fields.smallInteger();
  if (version !== 1) refuse("a TSTInfo of version 1", `${version}`);
  const policy = fields.oid();
  const messageImprint = readMessageImprint(fields);
  const serialNumber = readLargeInteger(fields, "serial number");
  const genTimeMs = fields.fractionalTime();
  const accuracyMs = fields.peekTag() === TAG.sequence ? readAccuracy(fields.sequence()) : undefined;
  const ordering = fields.peekTag() === TAG.boolean && readOrdering(fields);
  const nonce = fields.peekTag() === TAG.integer ? readLargeInteger(fields, "nonce") : undefined;
  const tsaName = fields.peekTag() === contextConstructed(0) ? readTsaName(fields.explicit(0)) : undefined;
  const extensions = fields.peekTag() === contextConstructed(1) ? readExtensions(fields.explicit(1)) : [];
  return {
    raw,
    policy,
    messageImprint,
    serialNumber,
    genTimeMs,
    ordering,
    extensions,
    ...(accuracyMs === undefined ? {} : { accuracyMs }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(tsaName === undefined ? {} : { tsaName }),
  };
}

/** Reads a MessageImprint. @throws SigstoreError `timestamp-invalid`, `der-invalid` */
export function readMessageImprint(reader: DerReader): MessageImprint {
  const fields = reader.sequence();
  const { oid, parameters } = readAlgorithmIdentifier(fields);
  // RFC 5754 2: the parameters of SHA-2 are absent, and NULL must be accepted.
  if (parameters !== undefined && (parameters[0] !== TAG.null || parameters.length !== 2))
    refuse("a hash algorithm without parameters", "some");
  const digest = fields.octetString();
  fields.end();
  if (digest.length === 0) refuse("a digest", "none");
  return { hashAlgorithm: oid, digest };
}

/** A MessageImprint as one element, NULL parameters left out (RFC 5754 §2). */
export function serializeMessageImprint(imprint: MessageImprint): Uint8Array {
  return der.sequence(serializeAlgorithmIdentifier(imprint.hashAlgorithm), der.octetString(imprint.digest));
}

/** Reads an INTEGER of either sign and of a size that nonces and serial numbers have. @throws SigstoreError `timestamp-invalid` */
export function readLargeInteger(reader: DerReader, what: string): bigint {
  const size = reader.peekRaw().length;
  if (size > LIMITS.timestampIntegerBytes)
    refuse(`a ${what} of at most ${LIMITS.timestampIntegerBytes} octets`, `${size}`);
  return reader.integer();
}

/** Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] INTEGER (1..999) OPTIONAL }. */
function readAccuracy(fields: DerReader): number {
  const seconds = fields.peekTag() === TAG.integer ? fields.smallInteger() : 0;
  const millis = readThousandth(fields, 0);
  const micros = readThousandth(fields, 1);
  fields.end();
  return seconds * 1000 + millis + micros / 1000;
}

function readThousandth(fields: DerReader, number: number): number {
  const content = fields.optional(contextPrimitive(number))?.content;
  if (content === undefined) return 0;
  const value = new DerReader(der.raw(TAG.integer, content)).smallInteger();
  if (value < 1 || value > 999) refuse("an accuracy part of 1 to 999", `${value}`);
  return value;
}

function readOrdering(fields: DerReader): true {
  // X.690 11.5: a component equal to its default value (FALSE) shall not be encoded.
  return fields.boolean() || refuse("FALSE to be left out of ordering", "an explicit one");
}

function readTsaName(wrapper: DerReader): Uint8Array {
  const name = wrapper.rawAny();
  wrapper.end();
  return name;
}

/** A TSTInfo as one element. @throws TypeError when genTime or accuracy are no whole milliseconds */
export function serializeTstInfo(fields: TstInfoFields): Uint8Array {
  const elements = [
    der.integer(1),
    der.oid(fields.policy),
    serializeMessageImprint(fields.messageImprint),
    der.integer(fields.serialNumber),
    der.generalizedTime(fields.genTimeMs),
  ];
  if (fields.accuracyMs !== undefined) elements.push(serializeAccuracy(fields.accuracyMs));
  if (fields.ordering === true) elements.push(der.boolean(true));
  if (fields.nonce !== undefined) elements.push(der.integer(fields.nonce));
  if (fields.tsaName !== undefined) elements.push(der.explicit(0, fields.tsaName));
  if (fields.extensions !== undefined && fields.extensions.length > 0) {
    elements.push(
      der.implicit(1, new DerReader(serializeExtensions(fields.extensions)).element(TAG.sequence).content, true),
    );
  }
  return der.sequence(...elements);
}

function serializeAccuracy(accuracyMs: number): Uint8Array {
  if (!Number.isSafeInteger(accuracyMs) || accuracyMs < 0)
    throw new TypeError(`expected an accuracy in whole milliseconds, got ${accuracyMs}`);
  const seconds = Math.floor(accuracyMs / 1000);
  const millis = accuracyMs % 1000;
  const parts: Uint8Array[] = [];
  if (seconds > 0) parts.push(der.integer(seconds));
  if (millis > 0) parts.push(der.implicit(0, new DerReader(der.integer(millis)).element(TAG.integer).content, false));
  return der.sequence(...parts);
}
