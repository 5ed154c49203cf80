/**
 * Timestamp requests as JSON (timestamp-authority, pkg/api/timestamp.go, `JSONRequest`), for clients without a DER writer.
 *
 * Unknown members are passed over and null is absent, as Go reads them. Leaves out: names in other than their own case.
 */
import { DIGEST_OID } from "../../authority/algorithm-identifier.ts";
import { base64Decode } from "../../encoding/base64.ts";
import { type JsonObject, type JsonValue, parseJson } from "../../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import type { TimestampRequest } from "../../formats/rfc3161.ts";
import { OID } from "../../formats/x509/oids.ts";
import { LIMITS } from "../../limits.ts";
import { refuse, type TimestampRefusal } from "./refusal.ts";

const HASH_OID: ReadonlyMap<string, string> = new Map([...Object.entries(DIGEST_OID), ["sha1", OID.sha1]]);
const MOST_ARCS = 128;

/** The request in a JSON body, or why there is none in it. */
export function parseJsonTimestampRequest(body: Uint8Array): TimestampRequest | TimestampRefusal {
  if (body.length > LIMITS.timestampJsonBytes)
    return refuse(
      "tooLarge",
      `expected a JSON request of at most ${LIMITS.timestampJsonBytes} bytes, got ${body.length}`,
    );
  try {
    return readRequest(parseJson(body, { maxBytes: LIMITS.timestampJsonBytes }));
  } catch (error) {
    if (isSigstoreError(error)) return refuse("failed", error.message);
    throw error;
  }
}

function readRequest(value: JsonValue): TimestampRequest | TimestampRefusal {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("a JSON object", "another value");
  const hashName = textOf(value, "hashAlgorithm");
  const hashAlgorithm = HASH_OID.get(hashName.toLowerCase());
  if (hashAlgorithm === undefined) throw invalid("hashAlgorithm sha256, sha384 or sha512", JSON.stringify(hashName));
  const policy = textOf(value, "tsaPolicyOID");
  if (policy !== "" && !isDottedText(policy))
    return refuse("policyTooLong", "expected tsaPolicyOID as numbers with dots between, 128 at most, got other text");
  const nonce = nonceOf(value);
  return {
    messageImprint: { hashAlgorithm, digest: base64Decode(textOf(value, "artifactHash")) },
    certificatesWanted: flagOf(value, "certificates"),
    extensions: [],
    ...(policy === "" ? {} : { policy }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function textOf(object: JsonObject, name: string): string {
  const value = object[name] ?? "";
  if (typeof value !== "string") throw invalid(`${name} as a text`, "another value");
  return value;
}

function flagOf(object: JsonObject, name: string): boolean {
  const value = object[name] ?? false;
  if (typeof value !== "boolean") throw invalid(`${name} as true or false`, "another value");
  return value;
}

function nonceOf({ nonce }: { readonly nonce?: JsonValue }): bigint | undefined {
  if (nonce === undefined || nonce === null) return undefined;
  if (typeof nonce !== "bigint" && !Number.isSafeInteger(nonce)) throw invalid("nonce as an integer", "another value");
  const value = BigInt(nonce as bigint | number);
  const limit = 1n << BigInt(8 * LIMITS.timestampIntegerBytes - 1);
  if (value >= limit || value < -limit)
    throw invalid(`a nonce of at most ${LIMITS.timestampIntegerBytes} octets`, "a larger one");
  return value;
}

function isDottedText(text: string): boolean {
  const arcs = text.split(".", MOST_ARCS + 1);
  return arcs.length <= MOST_ARCS && arcs.every((arc) => /^[0-9]{1,39}$/.test(arc));
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("timestamp-invalid", `expected ${expected}, got ${got}`);
}
