/**
 * Identity tokens as a client holds them: a JWT (RFC 7519) whose claims are read and whose signature is not verified.
 *
 * For whom a token was made, until when it is good and whom it names decide whether it is worth sending; whether it is
 * genuine, the certificate authority finds out. A token is a key: its text leaves this class through `reveal` alone, and
 * no error holds any of it. Leaves out: encrypted tokens, and every check that needs the issuer's keys.
 */
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { isSigstoreError, SigstoreError } from "../errors.ts";
import { type Jwt, parseJwt } from "./jwt.ts";

const HINT = "an identity token is a JWT for the audience sigstore, such as a CI system or a login hands out";

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
  constructor(text: string, { algorithm, claims }: Jwt) {
    this.#text = text;
    this.algorithm = algorithm;
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
  return new IdentityToken(token, parse(token));
}

/** Who reads what the user gave is told what an identity token is. */
function parse(token: string): Jwt {
  try {
    return parseJwt(token);
  } catch (error) {
    if (!isSigstoreError(error)) throw error;
    throw new SigstoreError(error.code, error.message, { hint: HINT });
  }
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

function invalid(expected: string, got: string): SigstoreError {
  return new SigstoreError("identity-token-invalid", `expected an identity token with ${expected}, got ${got}`, {
    hint: HINT,
  });
}
