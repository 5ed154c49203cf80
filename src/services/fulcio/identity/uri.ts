/**
 * URIs as Go's net/url reads and writes them, so that the names in our certificates are the original's, byte for byte.
 *
 * Covers what issuers and identities are: scheme, host, path, query, fragment. Leaves out: user information with a password, opaque
 * addresses (`mailto:`), zones of IPv6.
 */
import { utf8Encode } from "../../../encoding/text.ts";

/** An address taken apart; `host` with its port. `text` is how Go writes it: escaped where it must be. */
export interface Uri {
  readonly scheme: string;
  readonly host: string;
  readonly hostname: string;
  readonly path: string;
  readonly text: string;
}

const SCHEME = /^([a-zA-Z][-+.a-zA-Z0-9]*):/;
const BAD_PERCENT = /%(?![0-9a-fA-F]{2})/;
const HOST = /^(?:[^@[\]/?#]*@)?(?:[-._~!$&'()*+,;=a-zA-Z0-9\u0080-\uffff]*|\[[0-9a-fA-F:.]+\])(?::\d*)?$/;
/** net/url, validEncoded: what may stand in a path as it is. */
const PLAIN_PATH = /^[-._~$&+,/:;=@!'()*[\]%a-zA-Z0-9]*$/;
/** net/url, shouldEscape: what stays in a path that is escaped anew. */
const KEPT_IN_PATH = /^[-._~$&+,/:;=@a-zA-Z0-9]$/;

/** The parts of `text`, or undefined where Go refuses it. */
export function parseUri(text: string): Uri | undefined {
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) return undefined;
  const [beforeFragment, fragment] = splitAt(text, "#");
  const scheme = SCHEME.exec(beforeFragment)?.[1];
  const rest = scheme === undefined ? beforeFragment : beforeFragment.slice(scheme.length + 1);
  const [beforeQuery, query] = splitAt(rest, "?");
  // net/url: "first path segment in URL cannot contain colon", and an address without "//" is opaque.
  if (scheme !== undefined && !beforeQuery.startsWith("/")) return undefined;
  if (scheme === undefined && /^[^/]*:/.test(beforeQuery)) return undefined;
  const hasHost = beforeQuery.startsWith("//");
  const pathStart = hasHost ? beforeQuery.indexOf("/", 2) : 0;
  const host = hasHost ? beforeQuery.slice(2, pathStart < 0 ? undefined : pathStart) : "";
  const path = pathStart < 0 ? "" : beforeQuery.slice(pathStart);
  if (!HOST.test(host) || BAD_PERCENT.test(path) || BAD_PERCENT.test(fragment ?? "")) return undefined;
  const lowerScheme = scheme?.toLowerCase() ?? "";
  const head = (scheme === undefined ? "" : `${lowerScheme}:`) + (hasHost ? `//${host}` : "");
  const tail = (query === undefined ? "" : `?${query}`) + (fragment === undefined ? "" : `#${escapePath(fragment)}`);
  return { scheme: lowerScheme, host, hostname: hostnameOf(host), path, text: head + escapePath(path) + tail };
}

function splitAt(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function hostnameOf(host: string): string {
  const withoutUser = host.slice(host.lastIndexOf("@") + 1);
  return withoutUser.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

/** As it is where it may stand so; else its octets, escaped anew. */
function escapePath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  let escaped = "";
  for (const octet of unescaped(path)) {
    const character = String.fromCharCode(octet);
    escaped += KEPT_IN_PATH.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

function unescaped(path: string): Uint8Array {
  const octets: number[] = [];
  for (const part of path.split(/(%[0-9a-fA-F]{2})/))
    if (/^%[0-9a-fA-F]{2}$/.test(part)) octets.push(Number.parseInt(part.slice(1), 16));
    else for (const octet of utf8Encode(part)) octets.push(octet);
  return Uint8Array.from(octets);
}

/** Go's `URL.JoinPath`: `base` with `elements` as further parts of its path, `.`, `..` and empty parts resolved; undefined where Go refuses. */
export function joinUri(base: string, ...elements: readonly string[]): string | undefined {
  const uri = parseUri(base);
  if (uri === undefined) return undefined;
  const joined = [uri.path, ...elements].join("/");
  const segments: string[] = [];
  for (const segment of joined.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const slash = elements.at(-1)?.endsWith("/") === true && segments.length > 0 ? "/" : "";
  const path = `/${segments.join("/")}${slash}`;
  return parseUri(`${uri.scheme}://${uri.host}${path.replaceAll("?", "%3F").replaceAll("#", "%23")}`)?.text;
}
