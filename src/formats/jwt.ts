/**
 * JSON Web Tokens in compact form (RFC 7519; RFC 7515 §3.1), read strictly by who must judge them.
 *
 * Three parts, canonical base64url, JSON without duplicate names. No error holds any of the token. Leaves out: the signature
 * (crypto/jws.ts), which claims a token must have (services/), encrypted tokens, the JSON forms with several signatures.
 */
import { base64UrlDecode } from "../encoding/base64.ts";
import { type JsonObject, parseJson } from "../encoding/json.ts";
import { utf8Encode } from "../encoding/text.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isObject } from "./proto-json.ts";

/** A token taken apart; nothing of it is verified. */
export interface Jwt {
  /** `alg`: how it says it is signed. */
  readonly algorithm: string;
  /** `kid`: which key it says signed it. */
  readonly keyId: string | undefined;
  readonly claims: JsonObject;
  /** RFC 7515 §5.1: header and payload as they stand, which is what is signed. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Takes a token apart.
 *
 * @throws SigstoreError `identity-token-invalid`, without any of the text
 */
export function parseJwt(text: string): Jwt {
  if (text === "") throw invalid("a token", "none");
  if (text.length > LIMITS.identityTokenLength)
    throw invalid(`a token of at most ${LIMITS.identityTokenLength} characters`, `${text.length}`);
  // At most four parts are made, however many dots there are.
  const parts = text.split(".", 4);
  const [header = "", payload = "", signature = ""] = parts;
  // RFC 7515 §7.1: "BASE64URL(UTF8(JWS Protected Header)) || '.' || BASE64URL(JWS Payload) || '.' || BASE64URL(JWS Signature)".
  if (parts.length !== 3)
    throw invalid("a token of three parts with two dots between", `${parts.length} or more parts`);
  const fields = readObject(header, "header");
  // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the recipient, then the JWS
  // is invalid."
  if (fields["crit"] !== undefined) throw invalid("a token header without critical extensions", "some");
  return {
    algorithm: textOf(fields, "alg") ?? "",
    keyId: textOf(fields, "kid"),
    claims: readObject(payload, "payload"),
    signingInput: utf8Encode(`${header}.${payload}`),
    signature: readPart(signature, "signature"),
  };
}

function readPart(part: string, what: string): Uint8Array {
  try {
    return base64UrlDecode(part);
  } catch (error) {
    if (isSigstoreError(error)) throw invalid(`base64url in the token's ${what}`, "other characters");
    throw error;
  }
}

function readObject(part: string, what: string): JsonObject {
  const bytes = readPart(part, what);
  try {
    const value = parseJson(bytes);
    if (isObject(value)) return value;
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    // Without the message below, which may show some of the token.
    throw invalid(`JSON in the token's ${what}`, `something else (${error.code})`);
  }
  throw invalid(`a JSON object in the token's ${what}`, "other JSON");
}

function textOf(header: JsonObject, name: string): string | undefined {
  const value = header[name];
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${name} as a text in the token's header`, "another value");
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("identity-token-invalid", `expected ${expected}, got ${got}`);
}
