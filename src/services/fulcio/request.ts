/**
 * Requests for certificates as stock clients write them (fulcio.proto, fulcio_legacy.proto through grpc-gateway).
 *
 * Three styles reach `/api/v2/signingCert`: token in the header and key with proof (cosign, sigstore-go), token in the body and key with
 * proof (sigstore-js), token in the header and a certification request (sigstore-python). Unknown members are passed over; both spellings
 * of names are read; bytes are base64 of either alphabet, with or without padding.
 */
import { base64Decode } from "../../encoding/base64.ts";
import { type JsonObject, type JsonValue, parseJson } from "../../encoding/json.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { SigstoreError } from "../../errors.ts";
import { isObject } from "../../formats/proto-json.ts";
import { LIMITS } from "../../limits.ts";
import type { KeyProof } from "./possession.ts";
import type { SigningCertificateCall } from "./service.ts";

/** The call in a body of `/api/v2/signingCert`. @throws SigstoreError `json-invalid`, `input-too-large` and others of notation */
export function parseV2Request(body: Uint8Array, authorization: string): SigningCertificateCall {
  const message = objectOf(parseJson(body, { maxBytes: LIMITS.certificateRequestBytes }), "the request");
  const inBody = textField(objectField(message, "credentials"), "oidcIdentityToken");
  const csr = field(message, "certificateSigningRequest");
  const keyRequest = field(message, "publicKeyRequest");
  if (csr !== undefined && keyRequest !== undefined)
    throw invalid("one of publicKeyRequest and certificateSigningRequest", "both");
  return {
    token: inBody === "" ? tokenOfHeader(authorization) : inBody,
    proof: csr === undefined ? v2Possession(objectOf(keyRequest ?? {}, "publicKeyRequest")) : requestProof(message),
  };
}

function v2Possession(keyRequest: JsonObject): KeyProof {
  const content = textField(objectField(keyRequest, "publicKey"), "content");
  return { kind: "possession", publicKey: utf8Encode(content), signature: bytesField(keyRequest, "proofOfPossession") };
}

/** The call in a body of `/api/v1/signingCert`; the token is in the header alone. Errors as above. */
export function parseV1Request(body: Uint8Array, authorization: string): SigningCertificateCall {
  const message = objectOf(parseJson(body, { maxBytes: LIMITS.certificateRequestBytes }), "the request");
  const hasRequest = bytesField(message, "certificateSigningRequest").length > 0;
  return {
    token: tokenOfHeader(authorization),
    proof: hasRequest
      ? requestProof(message)
      : {
          kind: "possession",
          publicKey: bytesField(objectField(message, "publicKey"), "content"),
          signature: bytesField(message, "signedEmailAddress"),
        },
  };
}

function requestProof(message: JsonObject): KeyProof {
  return { kind: "certificationRequest", pem: bytesField(message, "certificateSigningRequest") };
}

/** fulcio, cmd/app/http.go: the first "Bearer " is taken out, and what is left is the token. */
function tokenOfHeader(authorization: string): string {
  return authorization.replace(/Bearer /i, "");
}

/** A member under its lowerCamelCase or its snake_case name; null is absent. */
function field(message: JsonObject, name: string): JsonValue | undefined {
  const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return message[name] ?? message[snake] ?? undefined;
}

function objectField(message: JsonObject, name: string): JsonObject {
  return objectOf(field(message, name) ?? {}, name);
}

function textField(message: JsonObject, name: string): string {
  const value = field(message, name) ?? "";
  if (typeof value !== "string") throw invalid(`${name} as a text`, "another value");
  return value;
}

function bytesField(message: JsonObject, name: string): Uint8Array {
  const text = textField(message, name).replaceAll("-", "+").replaceAll("_", "/");
  return base64Decode(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
}

function objectOf(value: JsonValue, what: string): JsonObject {
  if (!isObject(value)) throw invalid(`${what} as a JSON object`, "other JSON");
  return value;
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("json-invalid", `expected ${expected}, got ${got}`);
}
