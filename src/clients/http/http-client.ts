/**
 * The one way out to the network: HTTP with a time for everything, a bounded number of tries, and care for secrets
 * (RFC 9110; RFC 9700 §4.10 for tokens in requests).
 *
 * An answer is whole or an error. Redirects are followed by hand: with a secret, or with a body, never to another origin, and
 * never from TLS to plain text. Leaves out: caching, compression.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SigstoreError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { exchange, openConnections } from "./exchange.ts";
import type { ConnectionOptions, Connections } from "./exchange.ts";
import { answerError, cancelledError, outcomeError } from "./http-error.ts";
import type { HttpRequest, HttpResponse, Outcome } from "./http-request.ts";
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
    this.#checkSecrets(request);
    for (let triesMade = 1; ; triesMade += 1) {
      if (request.signal?.aborted === true) throw cancelledError(request);
      const outcome = await this.#try(request);
      if (outcome.kind === "answered" && isUnderstood(request, outcome.response)) return outcome.response;
      const waitMs = waitBeforeRetry(request, outcome, triesMade, this.#policy);
      if (waitMs === undefined) throw outcomeError(request, outcome, triesMade);
      await waitFor(waitMs, request);
    }
  }

  /** Closes kept connections. */
  close(): void {
    this.#connections.close();
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

  async #try(request: HttpRequest): Promise<Outcome> {
    const deadline = AbortSignal.timeout(Math.min(request.timeoutMs ?? this.#timeoutMs, this.#patienceMs));
    const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
    let url = new URL(request.url);
    for (let redirects = 0; ; redirects += 1) {
      const outcome = await exchange(request, url, this.#headersOf(request), this.#connections, signal);
      if (request.signal?.aborted === true) throw cancelledError(request);
      const next = outcome.kind === "answered" ? redirectOf(request, outcome.response, url) : undefined;
      if (next === undefined) return outcome;
      if (redirects === LIMITS.redirects)
        throw answerError(request, `at most ${LIMITS.redirects} redirects`, "one more");
      url = next;
    }
  }

  #headersOf({ headers, body }: HttpRequest): Record<string, string> {
    const length = typeof body === "string" ? new TextEncoder().encode(body).length : body?.length;
    return {
      "user-agent": this.#userAgent,
      ...(length !== undefined && { "content-length": String(length) }),
      ...headers,
    };
  }
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
  const carries = request.method !== "GET" || (request.secrets ?? []).length > 0;
  const got = `a redirect to ${to.protocol.startsWith("http") ? addressOf(to.href) : to.protocol}`;
  if (carries && to.origin !== from.origin) throw answerError(request, "an answer from where it was sent", got);
  // RFC 9110 §15.4: only 307 and 308 keep the method.
  if (request.method !== "GET" && status < 307) throw answerError(request, "an answer to a POST", got);
  const isDowngrade = from.protocol === "https:" && to.protocol !== "https:";
  if (isDowngrade || !to.protocol.startsWith("http")) throw answerError(request, "an answer over TLS", got);
  return to;
}

/** RFC 6761 §6.3 and RFC 1122 §3.2.1.3: names and addresses that stay on this machine. */
function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
