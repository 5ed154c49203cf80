/**
 * RFC 3161 §2.4.1: TimeStampReq, what a client asks of an authority.
 *
 * Leaves out: which hash algorithms and policies are accepted (services/tsa).
 */
import { contextConstructed, DerReader, der, TAG } from "../../encoding/der.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parsingAs, requireSize } from "../parse-error.ts";
import { type Extension, readExtensions, serializeExtensions } from "../x509/extension-list.ts";
import { type MessageImprint, readLargeInteger, readMessageImprint, serializeMessageImprint } from "./tst-info.ts";

/** A request for a timestamp; `certificatesWanted` asks for the authority's certificate in the token. */
export interface TimestampRequest {
  readonly messageImprint: MessageImprint;
  readonly policy?: string;
  readonly nonce?: bigint;
  readonly certificatesWanted: boolean;
  readonly extensions: readonly Extension[];
}

/** Fields of a request to be written; octets of a nonce are unsigned, big-endian. */
export interface TimestampRequestFields {
  readonly messageImprint: MessageImprint;
  readonly policy?: string | undefined;
  readonly nonce?: bigint | Uint8Array | undefined;
  readonly certificatesWanted: boolean;
  readonly extensions?: readonly Extension[];
}

/**
 * Parses a TimeStampReq.
 *
 * @throws SigstoreError `timestamp-invalid`, or `input-too-large`
 */
export function parseTimestampRequest(bytes: Uint8Array): TimestampRequest {
  requireSize(bytes, LIMITS.timestampBytes, "a timestamp request");
  return parsingAs("timestamp-invalid", "a timestamp request", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const request = readRequest(fields);
    fields.end();
    return request;
  });
}

function readRequest(fields: DerReader): TimestampRequest {
  const version = fields.smallInteger();
  if (version !== 1) refuse("a request of version 1", `${version}`);
  const messageImprint = readMessageImprint(fields);
  const policy = fields.peekTag() === TAG.oid ? fields.oid() : undefined;
  const nonce = fields.peekTag() === TAG.integer ? readLargeInteger(fields, "nonce") : undefined;
  const certificatesWanted = fields.peekTag() === TAG.boolean && readCertificatesWanted(fields);
  const extensions = fields.peekTag() === contextConstructed(0) ? readExtensions(fields.explicit(0)) : [];
  return {
    messageImprint,
    certificatesWanted,
    extensions,
    ...(policy === undefined ? {} : { policy }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function readCertificatesWanted(fields: DerReader): true {
  // X.690 11.5: a component equal to its default value (FALSE) shall not be encoded.
  return fields.boolean() || refuse("FALSE to be left out of certReq", "an explicit one");
}

function refuse(expected: string, got: string): never {
  throw new SigstoreError("timestamp-invalid", `expected ${expected}, got ${got}`);
}

/** A TimeStampReq. */
export function serializeTimestampRequest(request: TimestampRequestFields): Uint8Array {
  const elements = [der.integer(1), serializeMessageImprint(request.messageImprint)];
  if (request.policy !== undefined) elements.push(der.oid(request.policy));
  if (request.nonce !== undefined) elements.push(der.integer(request.nonce));
  if (request.certificatesWanted) elements.push(der.boolean(true));
  if (request.extensions !== undefined && request.extensions.length > 0) {
    elements.push(
      der.implicit(0, new DerReader(serializeExtensions(request.extensions)).element(TAG.sequence).content, true),
    );
  }
  return der.sequence(...elements);
}
