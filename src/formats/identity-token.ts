/**
 * Identity tokens as a client holds them: a JWT (RFC 7519) whose claims are read and whose signature is not verified.
 *
 * For whom a token was made, until when it is good and whom it names decide whether it is worth sending; whether it is
 * genuine, the certificate authority finds out. A token is a key: its text leaves this class through `reveal` alone, and
 * no error holds any of it. Leaves out: encrypted tokens, and every check that needs the issuer's keys.
 */
import { base64UrlDecode } from "../encoding/base64.ts";
import { parseJson } from "../encoding/json.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { SigstoreError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isObject } from "./proto-json.ts";

const COMPACT_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** A token, its text kept from logs and errors; nobody has vouched for its claims. */
export class IdentityToken {
  /** `alg` of the header, how the token says it is signed; empty where it does not say. */
  readonly algorithm: string;
  /** The claims as they stand in the token. */
  readonly claims: JsonObject;
  /** `iss`, who made the token. */
  readonly issuer: string;
  /** `sub`, whom it is about. */
  readonly subject: string;
  /** `aud`, for whom it was made. */
  readonly audiences: readonly string[];
  /** `exp`, milliseconds since 1970. */
  readonly expiresMs: number;
  /** `email`, where there is one. */
  readonly email: string | undefined;
  readonly #text: string;

  /** Use `parseIdentityToken`. */
  constructor(text: string, header: JsonObject, claims: JsonObject) {
    this.#text = text;
    this.algorithm = textOf(header["alg"]) ?? "";
    this.claims = claims;
    this.issuer = requireText(claims, "iss");
    this.subject = requireText(claims, "sub");
    this.audiences = readAudiences(claims["aud"]);
    this.expiresMs = requireSeconds(claims["exp"]) * 1000;
    this.email = textOf(claims["email"]);
  }

  /** The text of the token, for the header or body in which it is sent. */
  reveal(): string {
    return this.#text;
  }

  /** What may be shown: whom the token is about. */
  toString(): string {
    return `identity token of ${this.email ?? this.subject} by ${this.issuer}`;
  }

  /** What a log that serializes it shows: the same. */
  toJSON(): string {
    return this.toString();
  }
}

/**
 * The token in `text`; white space around it is left out.
 *
 * @throws SigstoreError `identity-token-invalid`, without any of the text
 */
export function parseIdentityToken(text: string): IdentityToken {
  const token = text.trim();
  if (token.length > LIMITS.identityTokenLength)
    throw invalid(`at most ${LIMITS.identityTokenLength} characters`, `${token.length}`);
  // RFC 7515 §3.1: three parts of base64url, separated by two dots.
  if (!COMPACT_FORM.test(token)) throw invalid("three parts of base64url with dots between", describeText(token));
  const [header = "", claims = ""] = token.split(".");
  return new IdentityToken(token, readPart(header, "a header"), readPart(claims, "claims"));
}

/** The cause is left out: its message may show some of the token. */
function readPart(part: string, what: string): JsonObject {
  try {
    const value = parseJson(base64UrlDecode(part));
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SigstoreError)) throw error;
    throw invalid(`${what} as JSON in base64url`, `something else (${error.code})`);
  }
  throw invalid(`${what} as a JSON object`, "other JSON");
}

function readAudiences(value: JsonValue | undefined): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}

function requireText(claims: JsonObject, name: string): string {
  return textOf(claims[name]) ?? refuseClaim(name, "a text");
}

function requireSeconds(value: JsonValue | undefined): number {
  if (typeof value === "number" && Number.isFinite(value)) return Math.floor(value);
  return refuseClaim("exp", "a number of seconds");
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function refuseClaim(name: string, expected: string): never {
  throw invalid(`the claim ${name} with ${expected}`, "none");
}

function describeText(token: string): string {
  if (token === "") return "nothing";
  return `${token.split(".").length} parts in ${token.length} characters`;
}

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("identity-token-invalid", `expected an identity token with ${expected}, got ${got}`, {
    hint: "an identity token is a JWT for the audience sigstore, such as a CI system or a login hands out",
  });
}
