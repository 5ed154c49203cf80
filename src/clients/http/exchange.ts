/**
 * One request and its answer over node:http or node:https: no redirects, no retries.
 *
 * Not `fetch`, which in Node takes neither certificates of the caller's nor a proxy from anywhere but the environment of the
 * process. Leaves out: compressed answers, which are not asked for, cookies, HTTP/2.
 */
import { Agent, request as requestPlain } from "node:http";
import type { ClientRequest, ClientRequestArgs, IncomingMessage, RequestOptions } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import { connect } from "node:net";
import type { LookupFunction, NetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { concatBytes } from "../../encoding/bytes.ts";
import { isSigstoreError } from "../../errors.ts";
import type { ExchangeFailure, HttpRequest, HttpResponse, Outcome } from "./http-request.ts";

/** What connections are made with. */
export interface ConnectionOptions {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case, are read from it; this machine itself is never asked through a proxy. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** PEM certificates trusted besides those of the platform. */
  readonly caCertificates?: string;
  /** For services that ask who is calling (mutual TLS); PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly privateKey: string };
}

/** Connections that are kept open between requests. */
export interface Connections {
  /** Begins a request, which is sent when its body is ended. */
  begin(url: URL, options: RequestOptions): Promise<ClientRequest>;
  /** Closes those that are open. */
  close(): void;
}

/** The longest that a timer of Node can wait. */
const MOST_MILLISECONDS = 2 ** 31 - 1;
const PROXY_NAMES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/** What only TLS knows; agents of node:http look at it all the same. */
interface TlsOptions extends RequestOptions {
  readonly servername: string;
}

/** Makes the pools of connections. TLS is loaded when it is first needed: that takes as long as starting Node does. */
export function openConnections(options: ConnectionOptions): Connections {
  const { environment = {}, caCertificates, clientCertificate } = options;
  const proxies = PROXY_NAMES.map((name) => [name, environment[name]] as const).filter(([, value]) => value);
  const direct = { keepAlive: true };
  const proxied = { ...direct, ...(proxies.length > 0 && { proxyEnv: Object.fromEntries(proxies) }) };
  const plain = new Agent(proxied);
  const plainHere = new LoopbackAgent(direct);
  const secureAgents = new Map<typeof direct, SecureAgent>();
  const openSecure = async (way: typeof direct): Promise<SecureAgent> => {
    const [{ Agent: Secure }, { getCACertificates }] = await Promise.all([import("node:https"), import("node:tls")]);
    const agent =
      secureAgents.get(way) ??
      new Secure({
        ...way,
        ...(caCertificates !== undefined && { ca: [...getCACertificates("default"), caCertificates] }),
        ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.privateKey }),
      });
    secureAgents.set(way, agent);
    return agent;
  };
  return {
    async begin(url, request) {
      // What is asked of this machine stays on it: a proxy would get tokens in the clear, and has a localhost of its own.
      const isHere = isLoopback(url.hostname);
      // Without a server name of TLS, which nobody asks for here, node:http would look for one, for milliseconds.
      const unnamed: TlsOptions = { servername: "" };
      const agentOptions = { ...request, ...unnamed, agent: isHere ? plainHere : plain };
      if (url.protocol !== "https:") return requestPlain(url, agentOptions);
      const way = isHere ? direct : proxied;
      // Addresses of this machine are looked up by nobody.
      const lookup = isHere ? { lookup: lookupLoopback } : {};
      const [{ request: requestSecure }, agent] = await Promise.all([import("node:https"), openSecure(way)]);
      return requestSecure(url, { ...request, ...lookup, agent });
    },
    close() {
      for (const agent of [plain, plainHere, ...secureAgents.values()]) agent.destroy();
    },
  };
}

/** RFC 6761 §6.3 and RFC 1122 §3.2.1.3: names and addresses that stay on this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** RFC 6761 §6.3: names of localhost "SHOULD NOT" be asked of DNS servers "and instead [be] generated": the loopback addresses. */
const lookupLoopback: LookupFunction = (_, options, answer) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (options.all === true) answer(null, addresses);
  else answer(null, "127.0.0.1", 4);
};

/**
 * Connects to this machine, by IPv4 or else by IPv6. A name, even one that is looked up by nobody, would have Node load its resolver and
 * compile its patterns of addresses, which takes longer than signing.
 */
class LoopbackAgent extends Agent {
  override createConnection(
    options: ClientRequestArgs,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const attempt = (address: string, onError: (error: Error, stream: Duplex) => void): void => {
      const socket = connect({ ...options, host: address } as NetConnectOpts);
      const failed = (error: Error): void => onError(error, socket);
      socket.once("error", failed).once("connect", () => {
        socket.off("error", failed);
        done(null, socket);
      });
    };
    const { host } = options;
    if (!isLoopbackName(host ?? "")) attempt(host ?? "", done);
    else attempt("127.0.0.1", (error, socket) => attempt("::1", () => done(error, socket)));
  }
}

function isLoopbackName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}

/** A time that begins again whenever something comes. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Something came. */
  extend(): void;
  /** It is not needed any more. */
  end(): void;
}

/** A deadline in `timeoutMs`; `signal` ends it too. */
export function openDeadline(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(timeoutMs, MOST_MILLISECONDS));
  timer.unref();
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    extend: () => timer.refresh(),
    end: () => clearTimeout(timer),
  };
}

/** Sends `request` to `url` and reads the whole answer; the deadline ends it at any point. Never throws but for a bad `url`. */
export async function exchange(
  request: HttpRequest,
  url: URL,
  headers: Readonly<Record<string, string>>,
  connections: Connections,
  deadline: Deadline,
): Promise<Outcome> {
  const begun = await beginExchange(request, url, headers, connections, deadline);
  if (begun.kind === "failed") return begun;
  const { message, failureOf } = begun;
  try {
    const bytes = await readBody(message, request.maxBytes);
    if (bytes === undefined) return tooLarge(request.maxBytes);
    return { kind: "answered", response: { status: message.statusCode ?? 0, headers: headersOf(message), bytes } };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error) };
  }
}

/** An answer that has begun. */
export interface BegunAnswer {
  readonly kind: "begun";
  readonly message: IncomingMessage;
  /** What an error of reading its body means. */
  readonly failureOf: (error: unknown) => ExchangeFailure;
}

/** Sends `request` to `url`, until the answer begins. Never throws but for a bad `url`. */
export async function beginExchange(
  request: HttpRequest,
  url: URL,
  headers: Readonly<Record<string, string>>,
  connections: Connections,
  deadline: Deadline,
): Promise<BegunAnswer | Extract<Outcome, { kind: "failed" }>> {
  const { signal } = deadline;
  const sent = await connections.begin(url, { method: request.method, headers, signal });
  try {
    const message = await firstBytes(sent, request.body, deadline);
    return {
      kind: "begun",
      message,
      failureOf: (error) => describeFailure(error, sent, true, signal.aborted),
    };
  } catch (error) {
    if (!sent.closed) sent.destroy();
    if (isSigstoreError(error)) throw error;
    return { kind: "failed", failure: describeFailure(error, sent, false, signal.aborted) };
  }
}

async function firstBytes(
  sent: ClientRequest,
  body: HttpRequest["body"],
  deadline: Deadline,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    // The listener stays: an error after the answer began is told by the answer's own stream.
    sent.on("error", reject);
    if (typeof body !== "object" || body instanceof Uint8Array) sent.end(body);
    else sendStream(sent, body.open(), deadline).catch(reject);
  });
}

/** Sends what `chunks` gives, no faster than it is taken; stops where the service has answered before it has all. */
async function sendStream(sent: ClientRequest, chunks: AsyncIterable<Uint8Array>, deadline: Deadline): Promise<void> {
  for await (const chunk of chunks) {
    if (sent.destroyed) return;
    deadline.extend();
    if (sent.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      sent.once("drain", resolve);
      sent.once("close", resolve);
    });
  }
  sent.end();
}

/** The whole body; undefined once it is longer than `maxBytes`, and then the rest is not read. */
async function readBody(message: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

/** The headers of an answer by lower-case name. */
export function headersOf(message: IncomingMessage): HttpResponse["headers"] {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(message.headersDistinct)) headers.set(name, values?.join(", ") ?? "");
  return headers;
}

function tooLarge(maxBytes: number): Outcome {
  const said = `more than ${maxBytes} bytes`;
  return { kind: "failed", failure: { reason: "too-large", isUntaken: false, said, code: "" } };
}

/** Errors before a connection stands. */
const UNREACHABLE = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EHOSTDOWN",
];
/** A name that does not exist will not in a second; a proxy that refuses will not either. */
const TLS = /CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO/;

function describeFailure(error: unknown, sent: ClientRequest, isAnswered: boolean, isEnded: boolean): ExchangeFailure {
  const said = error instanceof Error ? innermost(error).message : String(error);
  const code = codeOf(error);
  // An ended request fails as its stream does, which is not always by an AbortError.
  if (isEnded) return { reason: "timeout", isUntaken: false, said, code };
  if (UNREACHABLE.includes(code)) return { reason: "unreachable", isUntaken: true, said, code };
  if (code === "ERR_PROXY_TUNNEL") return { reason: "unreachable", isUntaken: true, said, code };
  if (TLS.test(code)) return { reason: "insecure", isUntaken: true, said, code };
  // A kept connection that the service has closed meanwhile: nothing was taken up (node:http, request.reusedSocket).
  return { reason: "broken", isUntaken: sent.reusedSocket && !isAnswered, said, code };
}

/** Node gathers the failures of several addresses of one name. */
function innermost(error: Error): Error {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "";
}
