/**
 * Reads an outline as what subjects and issuers are: an address with scheme, host and path, or an e-mail address.
 */
import { MARK } from "./outline.ts";

/** An outline that begins with scheme and `://`. */
export interface Address {
  readonly scheme: string;
  /** Up to the first slash that stands literally. */
  readonly host: string;
  /** Whether a slash, or the end of the whole, closes the host. */
  readonly path: string | undefined;
}

/** The parts of an outline that begins with a literal scheme; undefined for any other. */
export function readAddress(outline: string): Address | undefined {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(?:\/(.*))?$/isu.exec(outline);
  if (parts === null) return undefined;
  const [, scheme = "", host = "", path] = parts;
  return { scheme: scheme.toLowerCase(), host, path };
}

/** An outline that looks like an e-mail address. */
export interface EmailAddress {
  readonly user: string;
  readonly domain: string;
}

/** The parts of an outline with an @ and neither scheme nor slash; undefined for any other. */
export function readEmailAddress(outline: string): EmailAddress | undefined {
  const at = outline.lastIndexOf("@");
  if (at === -1 || outline.includes("/")) return undefined;
  return { user: outline.slice(0, at), domain: outline.slice(at + 1) };
}

/** True when a host accepts hosts of strangers: nothing fixed, or open in a way that can leave the host. */
export function isOpenHost(host: string): boolean {
  if (host === "" || host.includes(MARK.anything)) return true;
  const fixed = host.slice(lastMark(host) + 1);
  return lastMark(host) !== -1 && !/^\.[^.]+\..+$/u.test(fixed);
}

/** Index of the last code unit of the last mark that stands for more than one character; -1 without. */
function lastMark(host: string): number {
  const ends = [MARK.anyName, MARK.varying].map((mark) => {
    const at = host.lastIndexOf(mark);
    return at === -1 ? -1 : at + mark.length - 1;
  });
  return Math.max(...ends);
}
