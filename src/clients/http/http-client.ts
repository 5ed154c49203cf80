/**
 * The one way out to the network: HTTP with a time for everything, a bounded number of tries, and care for secrets
 * (RFC 9110; RFC 9700 §4.10 for tokens in requests).
 *
 * An answer is whole or an error. Redirects are followed by hand: with a secret, or with a body, never to another origin, and
 * never from TLS to plain text. Leaves out: caching, compression.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { concatBytes } from "../../encoding/bytes.ts";
import { isSigstoreError, SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { beginExchange, exchange, headersOf, isLoopback, openConnections, openDeadline } from "./exchange.ts";
import type { BegunAnswer, ConnectionOptions, Connections, Deadline } from "./exchange.ts";
import { answerError, cancelledError, outcomeError } from "./http-error.ts";
import type { HttpRequest, HttpResponse, HttpStream, Outcome } from "./http-request.ts";
import { waitBeforeRetry } from "./retry.ts";
import type { RetryPolicy } from "./retry.ts";
import { addressOf } from "./said.ts";

/** How a client behaves; everything has a default. */
export interface HttpOptions extends ConnectionOptions {
  /** Milliseconds for one try; 30 seconds. */
  readonly timeoutMs?: number;
  /** Milliseconds that no try may exceed, whatever the service is known to need: how patient the user is. */
  readonly patienceMs?: number;
  /** Tries in all; 3. */
  readonly tries?: number;
  /** Milliseconds before the second try; 250. */
  readonly firstWaitMs?: number;
  /** Chance for the jitter of waits, from 0 to below 1. */
  readonly random?: () => number;
  readonly userAgent?: string;
  /** Sends secrets over plain http to any host, not only to this machine. */
  readonly plainSecretsUnsafe?: boolean;
}

/** An answer that is read as it comes, besides those that are whole. */
interface Streamed {
  readonly kind: "streamed";
  readonly response: Omit<HttpResponse, "bytes">;
  readonly body: AsyncIterable<Uint8Array>;
}
type Exchanged = Outcome | Streamed;
type ExchangeOnce = (...way: Parameters<typeof exchange>) => Promise<Exchanged>;

/** Sends requests. Keeps connections open between them: one client serves a whole command. */
export class HttpClient {
  readonly #connections: Connections;
  readonly #policy: RetryPolicy;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;
  readonly #userAgent: string;
  readonly #plainSecrets: boolean;

  constructor(options: HttpOptions = {}) {
    this.#connections = openConnections(options);
    const { tries = 3, firstWaitMs = 250, random = Math.random } = options;
    this.#policy = { tries, firstWaitMs, random };
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY;
    this.#userAgent = options.userAgent ?? "sigstore-ts";
    this.#plainSecrets = options.plainSecretsUnsafe ?? false;
  }

  /**
   * The answer to `request`, with a status of 2xx or one that it understands.
   *
   * @throws SigstoreError `service-unreachable`, `service-timeout`, `service-unavailable` (429 and 5xx), `service-refused` (other
   * statuses), `service-answer-invalid` (broken, too large, a redirect that is not followed), `cancelled`; TypeError for a bad address
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const answer = await this.#persist(request, async (...way) => exchange(...way));
    if (answer.kind !== "answered") throw new Error("an answer that nobody reads");
    return answer.response;
  }

  /**
   * The answer to `request`, its body read as it comes; the time for a try is then the longest silence. What comes after
   * `maxBytes` bytes is an error. A body that breaks off is not asked for again: the caller knows what it has.
   *
   * @throws SigstoreError as `send`; the body throws `service-answer-invalid`, `service-timeout`, `cancelled`
   */
  async stream(request: HttpRequest): Promise<HttpStream> {
    const answer = await this.#persist(request, async (sent, url, headers, connections, deadline) => {
      const begun = await beginExchange(sent, url, headers, connections, deadline);
      if (begun.kind === "failed") return begun;
      const response = { status: begun.message.statusCode ?? 0, headers: headersOf(begun.message) };
      // What is no answer to the question is short, and read whole for what it says.
      if (response.status < 200 || response.status > 299) return readRefusal(request, response, begun);
      return { kind: "streamed", response, body: streamOf(sent, begun, deadline) };
    });
    if (answer.kind === "streamed") return { ...answer.response, body: answer.body };
    const { status, headers, bytes } = answer.response;
    return { status, headers, body: only(bytes) };
  }

  /** Closes kept connections. */
  close(): void {
    this.#connections.close();
  }

  async #persist(request: HttpRequest, exchangeOnce: ExchangeOnce): Promise<Exclude<Exchanged, { kind: "failed" }>> {
    this.#checkSecrets(request);
    for (let triesMade = 1; ; triesMade += 1) {
      if (request.signal?.aborted === true) throw cancelledError(request);
      const outcome = await this.#try(request, exchangeOnce);
      if (outcome.kind === "streamed") return outcome;
      if (outcome.kind === "answered" && isUnderstood(request, outcome.response)) return outcome;
      const waitMs = waitBeforeRetry(request, outcome, triesMade, this.#policy);
      if (waitMs === undefined) throw outcomeError(request, outcome, triesMade);
      await waitFor(waitMs, request);
    }
  }

  #checkSecrets({ service, url, secrets = [] }: HttpRequest): void {
    const { protocol, hostname } = new URL(url);
    if (protocol !== "https:" && protocol !== "http:")
      throw new TypeError(`expected an http or https address of the ${service}, got ${protocol}`);
    if (protocol === "https:" || secrets.length === 0 || this.#plainSecrets || isLoopback(hostname)) return;
    throw new SigstoreError(
      "service-unreachable",
      `expected an https address of the ${service} to send a token to, got ${addressOf(url)}`,
      { hint: "use https: over plain http anybody on the way could sign with the token" },
    );
  }

  async #try(request: HttpRequest, exchangeOnce: ExchangeOnce): Promise<Exchanged> {
    const deadline = openDeadline(Math.min(request.timeoutMs ?? this.#timeoutMs, this.#patienceMs), request.signal);
    const outcome = await this.#follow(request, exchangeOnce, deadline);
    if (outcome.kind !== "streamed") deadline.end();
    return outcome;
  }

  async #follow(request: HttpRequest, exchangeOnce: ExchangeOnce, deadline: Deadline): Promise<Exchanged> {
    const from = new URL(request.url);
    for (let url = from, redirects = 0; ; redirects += 1) {
      const headers = this.#headersOf(request, url.origin === from.origin);
      const outcome = await exchangeOnce(request, url, headers, this.#connections, deadline);
      if (request.signal?.aborted === true) throw cancelledError(request);
      const next = outcome.kind === "answered" ? redirectOf(request, outcome.response, url) : undefined;
      if (next === undefined) return outcome;
      if (redirects === LIMITS.redirects)
        throw answerError(request, `at most ${LIMITS.redirects} redirects`, "one more");
      url = next;
    }
  }

  #headersOf({ headers = {}, body }: HttpRequest, isAtHome: boolean): Record<string, string> {
    const length = sizeOf(body);
    const sent = Object.entries(headers).filter(([name]) => isAtHome || name !== "authorization");
    return {
      "user-agent": this.#userAgent,
      ...(length !== undefined && { "content-length": String(length) }),
      ...Object.fromEntries(sent),
    };
  }
}

function sizeOf(body: HttpRequest["body"]): number | undefined {
  if (typeof body === "string") return new TextEncoder().encode(body).length;
  return body instanceof Uint8Array ? body.length : body?.size;
}

async function readRefusal(
  request: HttpRequest,
  response: Omit<HttpResponse, "bytes">,
  { message, failureOf }: BegunAnswer,
): Promise<Outcome> {
  const chunks: Uint8Array[] = [];
  try {
    let length = 0;
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > LIMITS.serviceAnswerBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    // A redirect or refusal is understood without its body.
    if (request.signal?.aborted === true) return { kind: "failed", failure: failureOf(error) };
  }
  return { kind: "answered", response: { ...response, bytes: concatBytes(...chunks) } };
}

async function* streamOf(
  request: HttpRequest,
  { message, failureOf }: BegunAnswer,
  deadline: Deadline,
): AsyncIterable<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      deadline.extend();
      length += chunk.length;
      if (length > request.maxBytes) throw answerError(request, `at most ${request.maxBytes} bytes`, "more than that");
      yield chunk;
    }
  } catch (error) {
    if (isSigstoreError(error)) throw error;
    if (request.signal?.aborted === true) throw cancelledError(request);
    throw outcomeError(request, { kind: "failed", failure: failureOf(error) }, 1);
  } finally {
    deadline.end();
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function isUnderstood({ understood = [] }: HttpRequest, { status }: HttpResponse): boolean {
  return (status >= 200 && status < 300) || understood.includes(status);
}

async function waitFor(waitMs: number, request: HttpRequest): Promise<void> {
  try {
    await sleep(waitMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
  } catch (error) {
    if (request.signal?.aborted === true) throw cancelledError(request);
    throw error;
  }
}

/** Where `response` sends us, or undefined when nowhere; throws for a place to which this request must not go. */
function redirectOf(request: HttpRequest, { status, headers }: HttpResponse, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || request.understood?.includes(status) === true) return undefined;
  const location = headers.get("location");
  if (location === undefined || !URL.canParse(location, from.href))
    throw answerError(request, "an answer", `a redirect (status ${status}) to nowhere`);
  const to = new URL(location, from.href);
  const isRead = request.method === "GET" || request.method === "HEAD";
  const mayLeave = isRead && request.leavesCredentialsBehind === true;
  const carries = !mayLeave && (!isRead || (request.secrets ?? []).length > 0);
  const got = `a redirect to ${to.protocol.startsWith("http") ? addressOf(to.href) : to.protocol}`;
  if (carries && to.origin !== from.origin) throw answerError(request, "an answer from where it was sent", got);
  // RFC 9110 §15.4: only 307 and 308 keep the method.
  if (!isRead && status < 307) throw answerError(request, `an answer to a ${request.method}`, got);
  const isDowngrade = from.protocol === "https:" && to.protocol !== "https:";
  if (isDowngrade || !to.protocol.startsWith("http")) throw answerError(request, "an answer over TLS", got);
  return to;
}
