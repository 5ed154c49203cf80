/**
 * Where a browser may be sent with a code (RFC 8252 §7.3; RFC 9700 §2.1 and §4.1), and the shape of what is sent along.
 *
 * Programs on the person's machine listen on a port that nobody knows beforehand, so for them any port and path of the loopback
 * addresses counts as registered; all else must equal a registered address. `urn:ietf:wg:oauth:2.0:oob`, and this provider's own
 * `/callback`, mean: show the code to the person. Leaves out: schemes of apps, fragments, queries of the client's own.
 */
import type { OidcClient } from "./config.ts";

/** What stock clients send when they cannot be reached. */
const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";

/** Characters of a path as RFC 3986 has them; no backslash, no fragment, no user name, nothing that two readers could read differently. */
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[1-9]\d{0,4})?(\/[A-Za-z0-9\-._~%!$&'()*+,;=:@/]*)?$/;
const MOST_CHARACTERS = 512;

/**
 * RFC 9700 §2.1: "authorization servers MUST utilize exact string matching except for port numbers in localhost redirection URIs of
 * native apps".
 */
export function isRedirectAllowed(uri: string, client: OidcClient, issuer: string): boolean {
  if (uri.length > MOST_CHARACTERS) return false;
  if (isOutOfBand(uri, issuer) || (client.redirectUris ?? []).includes(uri)) return true;
  return LOOPBACK.test(uri) && URL.canParse(uri);
}

/** True when the code is to be shown instead of sent. */
export function isOutOfBand(uri: string, issuer: string): boolean {
  return uri === OUT_OF_BAND || uri === `${issuer}/callback`;
}

/** A registered address: https, or http on the loopback; without user name, fragment or query. */
export function isRegistrable(uri: string): boolean {
  if (LOOPBACK.test(uri)) return true;
  if (!/^https:\/\/[A-Za-z0-9\-.:[\]]+(\/[A-Za-z0-9\-._~%!$&'()*+,;=:@/]*)?$/.test(uri)) return false;
  return uri.length <= MOST_CHARACTERS && URL.canParse(uri);
}

/** `uri` with `parameters`, which hold the answer. */
export function addressWithAnswer(uri: string, parameters: Readonly<Record<string, string>>): string {
  return `${uri}?${new URLSearchParams(parameters).toString()}`;
}

/**
 * What a Content-Security-Policy names so that a form of ours may end at `uri`: browsers hold the redirect after a form to `form-action` too.
 * The policy's grammar knows no IPv6 addresses; there the scheme alone is named.
 */
export function formActionOf(uri: string): string {
  const { origin, hostname, protocol } = new URL(uri);
  return hostname.startsWith("[") ? protocol : origin;
}

/** Host and port of `uri`, to be shown. */
export function hostOf(uri: string): string {
  return new URL(uri).host;
}
