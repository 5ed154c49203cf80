/**
 * Client of an RFC 3161 timestamp authority over HTTP (RFC 3161 §3.4).
 *
 * The address is the whole one to post to. Leaves out: what a timestamp says, which sign/ checks.
 */
import { LIMITS } from "../limits.ts";
import type { CallOptions, TimestampAuthority } from "../sign/ports.ts";
import type { HttpClient } from "./http/http-client.ts";
import { answerError } from "./http/http-error.ts";
import type { HttpRequest } from "./http/http-request.ts";

const REPLY_TYPE = "application/timestamp-reply";

/** A timestamp authority that answers at `address`. */
export class TimestampAuthorityClient implements TimestampAuthority {
  readonly address: string;
  readonly #http: HttpClient;

  constructor(address: string, http: HttpClient) {
    this.address = address;
    this.#http = http;
  }

  /** Sends a TimeStampReq; errors as `HttpClient.send`. */
  async requestTimestamp(query: Uint8Array, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const request: HttpRequest = {
      service: "timestamp authority",
      method: "POST",
      url: this.address,
      headers: { "content-type": "application/timestamp-query", accept: REPLY_TYPE },
      body: query,
      maxBytes: LIMITS.timestampBytes,
      repeat: "always",
      signal,
    };
    const { headers, bytes } = await this.#http.send(request);
    const type = headers.get("content-type") ?? "";
    // RFC 3161 §3.4: the reply has the content type application/timestamp-reply.
    if (type.split(";", 1)[0]?.trim().toLowerCase() === REPLY_TYPE) return bytes;
    throw answerError(request, "a timestamp (application/timestamp-reply)", type === "" ? "no content type" : type);
  }
}
