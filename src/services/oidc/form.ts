/**
 * Forms and queries (WHATWG URL, application/x-www-form-urlencoded), read strictly: UTF-8, no control characters, within bounds.
 *
 * RFC 6749 §3.1 and §3.2: a parameter without a value is as if it were left out; unknown ones are ignored; "Request and response
 * parameters MUST NOT be included more than once", so a name that came twice is remembered, and reading it refuses.
 */
import { utf8Decode } from "../../encoding/text.ts";
import { isSigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ServiceRequest } from "../http/message.ts";
import { refuse } from "./refusal.ts";

const FORM_TYPE = /^application\/x-www-form-urlencoded(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;

/** The fields of a form. */
export class FormFields {
  readonly #values = new Map<string, string>();
  readonly #repeated = new Set<string>();

  /** Notes one field. */
  add(name: string, value: string): void {
    if (this.#values.has(name)) this.#repeated.add(name);
    this.#values.set(name, value);
  }

  /** The value of `name`; undefined where it is absent or empty. @throws SigstoreError `login-refused` when it came twice */
  get(name: string): string | undefined {
    if (this.#repeated.has(name)) throw refuse("invalid_request", `expected the parameter ${name} once, got it twice`);
    const value = this.#values.get(name);
    return value === "" ? undefined : value;
  }

  /** As `get`. @throws SigstoreError `login-refused` when there is none */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw refuse("invalid_request", `expected the parameter ${name}, got none`);
    return value;
  }

  /** Refuses names that came twice, whether anybody reads them or not. @throws SigstoreError `login-refused` */
  requireNoRepetition(): void {
    for (const name of this.#repeated) if (/^[a-z_]{1,40}$/.test(name)) this.get(name);
    if (this.#repeated.size > 0) throw refuse("invalid_request", "expected each parameter once, got one twice");
  }
}

/** The fields of a text such as `a=1&b=2`. @throws SigstoreError `login-refused` */
export function parseFields(text: string): FormFields {
  if (text.length > LIMITS.loginFormBytes)
    throw refuse("invalid_request", `expected a form of at most ${LIMITS.loginFormBytes} bytes, got more`);
  const fields = new FormFields();
  const parts = text.split("&", LIMITS.loginFormFields + 1);
  if (parts.length > LIMITS.loginFormFields)
    throw refuse("invalid_request", `expected at most ${LIMITS.loginFormFields} fields, got more`);
  for (const part of parts) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const [name, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    fields.add(decoded(name), decoded(value));
  }
  return fields;
}

/** The form that is the body of a request. @throws SigstoreError `login-refused` */
export function readForm({ headers, body }: ServiceRequest): FormFields {
  if (!FORM_TYPE.test(headers["content-type"] ?? ""))
    throw refuse("invalid_request", "expected a form (application/x-www-form-urlencoded), got another content type");
  if (body.length > LIMITS.loginFormBytes)
    throw refuse("invalid_request", `expected a form of at most ${LIMITS.loginFormBytes} bytes, got more`);
  return parseFields(textOf(body));
}

function textOf(body: Uint8Array): string {
  try {
    return utf8Decode(body);
  } catch (error) {
    if (isSigstoreError(error, "utf8-invalid"))
      throw refuse("invalid_request", "expected a form in UTF-8, got other bytes");
    throw error;
  }
}

function decoded(text: string): string {
  const plain = decodedOctets(text.replaceAll("+", " "));
  if (CONTROLS.test(plain)) throw refuse("invalid_request", "expected a form without control characters, got some");
  return plain;
}

function decodedOctets(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw refuse("invalid_request", "expected percent-encoded UTF-8, got other octets");
    throw error;
  }
}
