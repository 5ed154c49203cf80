/**
 * Answers to browsers: pages with every header that keeps other pages away from them, and redirects (RFC 9700 §4.16; W3C Content Security
 * Policy 3; RFC 9110 §15.4.4).
 *
 * `Referrer-Policy` is `same-origin` and not `no-referrer`, for which browsers would send our own forms with `Origin: null`.
 */
import { sha256 } from "../../crypto/digest.ts";
import { base64Encode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { LOGIN_STYLE } from "../../web/login-style.ts";
import { respond, type ServiceResponse } from "../http/message.ts";

const STYLE_HASH = base64Encode(sha256(utf8Encode(LOGIN_STYLE)));

/** What may accompany a page. */
export interface PageOptions {
  readonly status?: number;
  /** Where a form of the page may end besides here. */
  readonly formAction?: string | undefined;
  readonly setCookie?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** RFC 9700 §4.16: "Authorization servers MUST prevent clickjacking attacks", by the policy and, for old browsers, by X-Frame-Options. */
function pageHeaders({ formAction, setCookie, retryAfterMs }: PageOptions): Readonly<Record<string, string>> {
  const ends = formAction === undefined ? "'self'" : `'self' ${formAction}`;
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${ends}; frame-ancestors 'none'; base-uri 'none'`,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    ...NO_STORE,
    ...(setCookie !== undefined && { "set-cookie": setCookie }),
    ...(retryAfterMs !== undefined && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
  };
}

/** RFC 6749 §5.1: "Cache-Control" with "no-store" and "Pragma" with "no-cache", wherever tokens or other secrets are. */
export const NO_STORE: Readonly<Record<string, string>> = { "cache-control": "no-store", pragma: "no-cache" };

/** A page as answer: 200 unless the options say another status, and with all headers that every page has. */
export function respondPage(text: string, options: PageOptions = {}): ServiceResponse {
  return respond(options.status ?? 200, pageHeaders(options), text);
}

/** RFC 9700 §4.12: "If an HTTP redirection […] is used, the server SHOULD use HTTP status code 303", so that no password is sent on. */
export function respondRedirect(location: string, setCookie?: string): ServiceResponse {
  const headers = { location, "referrer-policy": "no-referrer", ...NO_STORE };
  return respond(303, { ...headers, ...(setCookie !== undefined && { "set-cookie": setCookie }) }, "");
}
