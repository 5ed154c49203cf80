/**
 * RFC 3161 §2.4.2: TimeStampResp and TimeStampToken.
 *
 * A token is CMS SignedData around a TSTInfo. Leaves out: signatures and certificates (verify/), failure codes.
 */
import { DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parseSignedData, type SignedData } from "../cms.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import { OID } from "../x509/oids.ts";
import { parseTstInfo, type TstInfo } from "./tst-info.ts";

/** A token: its SignedData and the TSTInfo inside. */
export interface TimestampToken {
  readonly signedData: SignedData;
  readonly tstInfo: TstInfo;
}

/** A response: PKIStatus (0 granted, 1 granted with modifications, others refused), the authority's words, and the token if granted. */
export interface TimestampResponse {
  readonly status: number;
  readonly statusText?: string;
  readonly token?: TimestampToken;
}

/**
 * Parses a TimeStampResp.
 *
 * @throws SigstoreError `timestamp-invalid`, or `input-too-large` above LIMITS.timestampBytes
 */
export function parseTimestampResponse(bytes: Uint8Array): TimestampResponse {
  requireSize(bytes, LIMITS.timestampBytes, "a timestamp response");
  return parsingAs("timestamp-invalid", "a timestamp response", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const { status, statusText } = readStatus(fields.sequence());
    const token = fields.done ? undefined : fields.raw(TAG.sequence);
    fields.end();
    requireTokenIfGranted(status, token);
    return {
      status,
      ...(statusText === undefined ? {} : { statusText }),
      ...(token === undefined ? {} : { token: parseTimestampToken(token) }),
    };
  });
}

function requireTokenIfGranted(status: number, token: Uint8Array | undefined): void {
  const isGranted = status === 0 || status === 1;
  // RFC 3161 2.4.2: "When the status contains the value zero or one, a TimeStampToken MUST be present. When status
  // contains a value other than zero or one, a TimeStampToken MUST NOT be present."
  if (isGranted === (token !== undefined)) return;
  throw new SigstoreError(
    "timestamp-invalid",
    isGranted ? "expected a token in a granted response, got none" : `expected no token with status ${status}, got one`,
  );
}

/** PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL, failInfo BIT STRING OPTIONAL }. */
function readStatus(fields: DerReader): { status: number; statusText: string | undefined } {
  const status = fields.smallInteger();
  const statusText = fields.peekTag() === TAG.sequence ? readFreeText(fields.sequence()) : undefined;
  if (!fields.done) fields.bitString();
  fields.end();
  return { status, statusText };
}

/** PKIFreeText ::= SEQUENCE SIZE (1..MAX) OF UTF8String. */
function readFreeText(list: DerReader): string {
  const texts = [list.utf8String()];
  while (!list.done) texts.push(list.utf8String());
  return texts.join("; ");
}

/**
 * Parses a TimeStampToken, a ContentInfo.
 *
 * @throws SigstoreError `timestamp-invalid`, `input-too-large`
 */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  requireSize(bytes, LIMITS.timestampBytes, "a timestamp token");
  const signedData = parsingAs("timestamp-invalid", "a timestamp token", () => parseSignedData(bytes));
  // RFC 3161 2.4.2: eContentType is id-ct-TSTInfo, and "the eContent SHALL be the DER-encoded value of TSTInfo".
  if (signedData.contentType !== OID.tstInfo || signedData.content === undefined) {
    throw new SigstoreError(
      "timestamp-invalid",
      `expected a TSTInfo inside a timestamp token, got ${signedData.content === undefined ? "no content" : `content of type ${signedData.contentType}`}`,
    );
  }
  return { signedData, tstInfo: parseTstInfo(signedData.content) };
}

/** A TimeStampResp: status 0 around a ready token, or another status with words. */
export function serializeTimestampResponse(response: {
  readonly status: number;
  readonly statusText?: string;
  readonly token?: Uint8Array;
}): Uint8Array {
  const { status, statusText, token } = response;
  const statusInfo =
    statusText === undefined
      ? der.sequence(der.integer(status))
      : der.sequence(der.integer(status), der.sequence(der.utf8String(statusText)));
  return token === undefined ? der.sequence(statusInfo) : der.sequence(statusInfo, token);
}
