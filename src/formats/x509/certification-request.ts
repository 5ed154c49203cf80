/**
 * RFC 2986 (PKCS #10): certification requests, with which a client shows that it holds a key.
 *
 * Fulcio takes the key out of one and nothing else: subject and attributes must be well-formed and are kept unread. Leaves out: the
 * signature (whoever issues verifies it over `info`).
 */
import { contextConstructed, DerReader, TAG } from "../../encoding/der.ts";
import { parsePem } from "../../encoding/pem.ts";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from "../algorithm-identifier.ts";
import { parsingAs, requireSize } from "../parse-error.ts";

/** A certification request; `info` is what is signed, `spki` the key that is to be certified, both whole elements. */
export interface CertificationRequest {
  readonly info: Uint8Array;
  readonly spki: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

const LABELS: readonly string[] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/**
 * The request in the one PEM block of `text`.
 *
 * @throws SigstoreError `pem-invalid`, `certification-request-invalid`, `input-too-large`
 */
export function parseCertificationRequestPem(text: string): CertificationRequest {
  const [block, ...others] = parsePem(text);
  if (block === undefined || others.length > 0) throw invalid("one PEM block", `${others.length + 1}`);
  if (!LABELS.includes(block.label)) throw invalid("a PEM block CERTIFICATE REQUEST", block.label);
  return parseCertificationRequest(block.bytes);
}

/**
 * Parses a DER CertificationRequest.
 *
 * @throws SigstoreError `certification-request-invalid`, `input-too-large`
 */
function parseCertificationRequest(bytes: Uint8Array): CertificationRequest {
  requireSize(bytes, LIMITS.certificateBytes, "a certification request");
  return parsingAs("certification-request-invalid", "a certification request", () => {
    const outer = new DerReader(bytes);
    const fields = outer.sequence();
    outer.end();
    const info = fields.peekRaw();
    const spki = readInfo(fields.sequence());
    const signatureAlgorithm = readAlgorithmIdentifier(fields);
    const signature = fields.bitString();
    fields.end();
    if (signature.unusedBits !== 0) throw invalid("a signature of whole octets", "unused bits");
    return { info, spki, signatureAlgorithm, signature: signature.bytes };
  });
}

/** CertificationRequestInfo ::= SEQUENCE { version INTEGER { v1(0) }, subject Name, subjectPKInfo, attributes [0] }. */
function readInfo(fields: DerReader): Uint8Array {
  const version = fields.smallInteger();
  if (version !== 0) throw invalid("version 1", `version ${version + 1}`);
  fields.raw(TAG.sequence);
  const spki = fields.raw(TAG.sequence);
  // Some writers leave the attributes out where there are none.
  fields.optional(contextConstructed(0));
  fields.end();
  return spki;
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError(
    "certification-request-invalid",
    `expected a certification request with ${expected}, got ${got}`,
  );
}
