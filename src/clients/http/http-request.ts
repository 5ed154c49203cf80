/**
 * What is asked over HTTP and what is answered (RFC 9110), with all that decides how carefully it is asked.
 */

/** One request to a service. */
export interface HttpRequest {
  /** What the service is, for errors: "certificate authority". */
  readonly service: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | StreamedBody;
  /**
   * Tokens, codes and the like that the request carries. They go to this host alone, over TLS or loopback alone, and are cut
   * out of whatever the service says back.
   */
  readonly secrets?: readonly string[];
  /**
   * A redirect of a GET to another origin is followed, without the Authorization header: registries
   * keep what they hand out elsewhere, under addresses that need no credentials.
   */
  readonly leavesCredentialsBehind?: boolean;
  /** Most bytes of an answer. */
  readonly maxBytes: number;
  /** "always": a repeated request does no harm. "untaken": repeat only what the service surely did not take up. */
  readonly repeat: "always" | "untaken";
  /** Milliseconds for one try; the client's own otherwise. */
  readonly timeoutMs?: number;
  /** Answers besides 2xx that the caller understands. */
  readonly understood?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** A body that is not held in memory. */
export interface StreamedBody {
  /** Its bytes. */
  readonly size: number;
  /** Begins it, once for each try. */
  open(): AsyncIterable<Uint8Array>;
}

/** An answer whose body is read as it comes. */
export interface HttpStream {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  /** Read to its end, or left by `return`, which closes the connection. Throws SigstoreError where it breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A whole answer. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; of a repeated header the values joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** Why there is no whole answer. */
export interface ExchangeFailure {
  readonly reason: "unreachable" | "insecure" | "timeout" | "broken" | "too-large";
  /** True when the service cannot have acted on the request. */
  readonly isUntaken: boolean;
  /** What the platform said. */
  readonly said: string;
  /** Its code, such as ECONNREFUSED. */
  readonly code: string;
}

/** How one try ended. */
export type Outcome =
  | { readonly kind: "answered"; readonly response: HttpResponse }
  | { readonly kind: "failed"; readonly failure: ExchangeFailure };
