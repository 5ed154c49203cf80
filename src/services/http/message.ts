/**
 * Requests and answers as services see them: plain values, so that a handler is a function and its tests need no port.
 *
 * A service that declares its own, narrower shapes fits too. Leaves out: streams; bodies are bounded and whole.
 */
import { utf8Encode } from "../../encoding/text.ts";

/** A request that was read whole. */
export interface ServiceRequest {
  /** In capitals. */
  readonly method: string;
  /** As sent, without the query, still percent-encoded; begins with a slash. */
  readonly path: string;
  /** What follows the question mark, still encoded; empty when there is none. */
  readonly query: string;
  /** Names in lower case; of a name that came several times, the values joined with commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** IP address of the connection's other end: the client's, or its proxy's. */
  readonly remoteAddress: string;
}

/** An answer. `content-length` is the server's to set. */
export interface ServiceResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers requests. What it throws is answered as an internal error, and told to the server's owner alone. */
export type ServiceHandler = (request: ServiceRequest) => Promise<ServiceResponse>;

/** An answer with these bytes, or this text in UTF-8. */
export function respond(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): ServiceResponse {
  return { status, headers, body: typeof body === "string" ? utf8Encode(body) : body };
}

/** A JSON answer; `value` is plain data. */
export function respondJson(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return respond(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
}

/** A plain text answer. */
export function respondText(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return respond(status, { "content-type": "text/plain; charset=utf-8", ...headers }, text);
}
