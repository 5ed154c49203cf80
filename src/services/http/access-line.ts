/**
 * A line a request for the log of a server's owner.
 *
 * Neither query, headers nor body, where tokens and passwords are; of the path nothing that is as long as a secret, for clients make
 * mistakes. What is not plain ASCII is escaped, so that nobody writes lines of his own into the log.
 */
import type { ServedRequest } from "./server.ts";

const LONGEST_SEGMENT = 64;
const LONGEST_PATH = 256;
const LONGEST_METHOD = 16;

/** Such as `127.0.0.1 POST /api/v2/log/entries 201 812 B in, 2911 B out, 12.4 ms`. */
export function accessLine(served: ServedRequest): string {
  const { remoteAddress, method, status, requestBytes, responseBytes, elapsedMs } = served;
  const sizes = `${requestBytes} B in, ${responseBytes} B out, ${elapsedMs.toFixed(1)} ms`;
  return `${remoteAddress} ${method.slice(0, LONGEST_METHOD)} ${plainPath(served.path)} ${status} ${sizes}`;
}

/** A path as a log may show it. */
export function plainPath(path: string): string {
  const segments = path.split("/").map((segment) => (segment.length > LONGEST_SEGMENT ? "…" : segment));
  const whole = segments.join("/");
  const shown = whole.length > LONGEST_PATH ? `${whole.slice(0, LONGEST_PATH)}…` : whole;
  return shown.replaceAll(
    /[^\u{21}-\u{7e}…]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
