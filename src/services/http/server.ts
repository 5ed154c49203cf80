/**
 * The server shell: HTTP/1.1 on node:http, with bounds on everything that a client sends or withholds (RFC 9112).
 *
 * A request reaches its handler whole and within its limits, or not at all: too large is 413, too slow 408, malformed 400. What
 * a handler throws is answered 500 without a word of it. `stop` lets what has begun end. Leaves out: HTTP/2, and what a proxy
 * in front does better (certificates from an authority, rate limits by network).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { LIMITS } from "../../limits.ts";
import type { ServiceHandler, ServiceRequest, ServiceResponse } from "./message.ts";
import { respondRpcStatus } from "./rpc-status.ts";

/** What a client may take its time for, and how much it may send. */
export interface ServerBounds {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  /** From the first byte of a request to the last of its headers, and of its body. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** A connection without a request. */
  readonly idleMs: number;
  readonly connections: number;
  /** How long `stop` waits for what has begun. */
  readonly stopMs: number;
}

/** What holds unless something else is said. */
const DEFAULT_BOUNDS: ServerBounds = {
  bodyBytes: LIMITS.requestBytes,
  headerBytes: LIMITS.requestHeaderBytes,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 65_000,
  connections: 20_000,
  stopMs: 30_000,
};

/** A request that was answered, for logs and metrics; neither query nor headers, where secrets may be. */
export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly elapsedMs: number;
  readonly remoteAddress: string;
  /** What the handler threw, if it did. */
  readonly error?: unknown;
}

/** How a server is started. */
export interface ServerOptions {
  readonly handler: ServiceHandler;
  /** Loopback unless something else is said. */
  readonly host?: string;
  /** A second address to listen on, at the same port, where this machine has it. */
  readonly secondHost?: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly bounds?: Partial<ServerBounds>;
  /** PEM of certificate chain and key; plain HTTP without. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** The clock: milliseconds. */
  readonly nowMs: () => number;
  readonly observe?: (served: ServedRequest) => void;
}

/** A server that listens. */
export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Takes no new connections, lets requests end for a while, then closes what is left. */
  stop(): Promise<void>;
}

/** Listens, and returns when it does; rejects with the system's error when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const shell: Shell = { ...options, bounds, isStopping: false };
  const { host = "127.0.0.1", secondHost, port } = options;
  const make = (): Listener => makeListener(shell, options);
  const listeners =
    secondHost === undefined ? [await listen(make, host, port)] : await listenTwice(make, host, secondHost, port);
  const { address, port: actualPort } = addressOf(listeners[0]);
  const stop = async (): Promise<void> => {
    shell.isStopping = true;
    await Promise.all(listeners.map((listener) => stopListener(listener, bounds.stopMs)));
  };
  return { host: address, port: actualPort, stop };
}

/** What listens at one address. */
interface Listener {
  readonly server: Server;
  /** The connections that are open now. */
  readonly open: ReadonlySet<Socket>;
}

function makeListener(shell: Shell, options: ServerOptions): Listener {
  const server = makeServer(options, shell.bounds, (incoming, outgoing) => {
    inTurn(incoming.socket, async () => {
      try {
        await serve(shell, incoming, outgoing);
      } catch {
        // Nothing that a client could be told: its connection is all that can be ended.
        outgoing.destroy();
      }
    });
  });
  server.on("clientError", refuseMalformed);
  return { server, open: openConnections(server, options.tls !== undefined) };
}

/** What serving a request needs to know of its server. */
interface Shell extends Pick<ServerOptions, "handler" | "nowMs" | "observe"> {
  readonly bounds: ServerBounds;
  /** From then on each answer is the last one of its connection. */
  isStopping: boolean;
}

function makeServer(
  { tls }: ServerOptions,
  bounds: ServerBounds,
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const settings = {
    maxHeaderSize: bounds.headerBytes,
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    keepAliveTimeout: bounds.idleMs,
    connectionsCheckingInterval: Math.min(1000, bounds.headersMs),
  };
  const server =
    tls === undefined
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, cert: tls.certificate, key: tls.key, minVersion: "TLSv1.2" }, listener);
  server.maxConnections = bounds.connections;
  // Their bytes are bounded; by their number, Node would drop some in silence.
  server.maxHeadersCount = 0;
  // Of connections on which nothing moves: also those of clients that do not take their answer.
  server.timeout = bounds.requestMs + bounds.idleMs;
  return server;
}

function listen(make: () => Listener, host: string, port: number): Promise<Listener> {
  const listener = make();
  const { server } = listener;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off("error", reject);
      resolve(listener);
    });
  });
}

/** The connections that are open now. */
function openConnections(server: Server, isTls: boolean): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on(isTls ? "secureConnection" : "connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return open;
}

function addressOf({ server }: Listener): AddressInfo {
  return server.address() as AddressInfo;
}

/** A port that is free at one address may be taken at the other; of those that the system chooses, so many are tried. */
const CHOICES_OF_PORT = 8;

/** The second address is done without where the machine does not have it. */
async function listenTwice(
  make: () => Listener,
  host: string,
  secondHost: string,
  port: number,
): Promise<readonly [Listener, ...Listener[]]> {
  for (let choice = 1; ; choice++) {
    const first = await listen(make, host, port);
    try {
      return [first, await listen(make, secondHost, addressOf(first).port)];
    } catch (error) {
      const code = codeOf(error);
      if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return [first];
      await stopListener(first, 0);
      if (port !== 0 || code !== "EADDRINUSE" || choice === CHOICES_OF_PORT) throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

async function stopListener({ server, open }: Listener, stopMs: number): Promise<void> {
  // Nothing was taken from these: to Node they are not idle, and would keep it waiting.
  for (const socket of open) if (!turns.has(socket)) socket.destroy();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), stopMs);
  await closed;
  clearTimeout(timer);
}

/** Connections of which a request is being answered, each with the end of the last that came. */
const turns = new WeakMap<Socket, Promise<void>>();

/**
 * Requests of one connection are answered one after another: a client that sends very many at once, and reads nothing, costs one
 * answer and not all of them. `run` must not reject.
 */
function inTurn(socket: Socket, run: () => Promise<void>): void {
  const before = turns.get(socket);
  turns.set(socket, before === undefined ? run() : runAfter(before, socket, run));
}

async function runAfter(before: Promise<void>, socket: Socket, run: () => Promise<void>): Promise<void> {
  await before;
  if (!socket.destroyed) await run();
}

async function serve(shell: Shell, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { handler, bounds, nowMs, observe } = shell;
  const startMs = nowMs();
  const read = await readBody(incoming, bounds.bodyBytes);
  if (read.kind === "gone") return;
  const { request, response, error } = await answer(handler, incoming, read, bounds);
  if (shell.isStopping) outgoing.setHeader("connection", "close");
  await send(outgoing, response, request.method === "HEAD", isUnread(read));
  observe?.({
    method: request.method,
    path: request.path,
    status: response.status,
    requestBytes: request.body.length,
    responseBytes: response.body.length,
    elapsedMs: nowMs() - startMs,
    remoteAddress: request.remoteAddress,
    ...(error !== undefined && { error }),
  });
}

function isUnread(read: BodyRead): boolean {
  return read.kind === "too large" && read.isUnread;
}

type BodyRead =
  | { readonly kind: "whole"; readonly body: Uint8Array }
  /** `isUnread`: there is more to come, and the connection cannot go on. */
  | { readonly kind: "too large"; readonly isUnread: boolean }
  | { readonly kind: "gone" };

/** A client that still sends reads no answer: so much of a body that is too large is read and thrown away. */
const DISCARDED_BODIES = 8;

/** The whole body, or that it is too large. */
function readBody(incoming: IncomingMessage, maximumBytes: number): Promise<BodyRead> {
  const announced = Number(incoming.headers["content-length"] ?? 0);
  if (announced > DISCARDED_BODIES * maximumBytes) return Promise.resolve({ kind: "too large", isUnread: true });
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maximumBytes) chunks = [];
      if (bytes > DISCARDED_BODIES * maximumBytes) {
        incoming.pause();
        resolve({ kind: "too large", isUnread: true });
      }
    });
    incoming.on("end", () => {
      resolve(bytes > maximumBytes ? { kind: "too large", isUnread: false } : { kind: "whole", body: joined(chunks) });
    });
    incoming.on("error", () => resolve({ kind: "gone" }));
    incoming.on("close", () => resolve({ kind: "gone" }));
  });
}

function joined(chunks: readonly Buffer[]): Uint8Array {
  const [only] = chunks;
  const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
}

interface Answered {
  readonly request: ServiceRequest;
  readonly response: ServiceResponse;
  readonly error?: unknown;
}

async function answer(
  handler: ServiceHandler,
  incoming: IncomingMessage,
  read: BodyRead,
  bounds: ServerBounds,
): Promise<Answered> {
  const request = requestOf(incoming, read.kind === "whole" ? read.body : new Uint8Array(0));
  const defect = defectOf(incoming, request);
  if (defect !== undefined) return { request, response: defect };
  if (read.kind !== "whole") return { request, response: tooLarge(incoming, bounds.bodyBytes, isUnread(read)) };
  try {
    return { request, response: await handler(request) };
  } catch (error) {
    return { request, response: respondRpcStatus("INTERNAL", "internal error"), error };
  }
}

function requestOf(incoming: IncomingMessage, body: Uint8Array): ServiceRequest {
  const { url = "/", method = "GET" } = incoming;
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  const absolute = ABSOLUTE_FORM.exec(url);
  if (absolute !== null) headers["host"] = absolute[1];
  const target = absolute === null ? url : (absolute[2] ?? "/");
  const mark = target.indexOf("?");
  const [path, query] = mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
  return { method, path: path === "" ? "/" : path, query, headers, body, remoteAddress: remoteAddressOf(incoming) };
}

/**
 * RFC 9112 §3.2.2: "a server MUST accept the absolute-form in requests", and "MUST ignore the received Host header field (if any) and
 * instead replace it with the host information of the request-target". An address with user information is none of ours.
 */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;

function remoteAddressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? "";
}

const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s,/?#@[\]:]*)(?::\d*)?$/i;

/** The refusal of what no two servers would read alike; undefined when nothing is wrong. The connection ends with it. */
function defectOf(incoming: IncomingMessage, { path, headers }: ServiceRequest): ServiceResponse | undefined {
  const { rawHeaders, httpVersion } = incoming;
  const coding = headers["transfer-encoding"];
  if (httpVersion !== "1.1" && (httpVersion !== "1.0" || coding !== undefined))
    return malformed("expected HTTP/1.1, or HTTP/1.0 without transfer coding");
  // RFC 9112 §6.1: "A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501".
  if (coding !== undefined && coding.toLowerCase() !== "chunked")
    return malformed("expected the transfer coding chunked alone", 501);
  if (rawHeaders.length > 2 * LIMITS.requestHeaders)
    return malformed(`expected at most ${LIMITS.requestHeaders} headers, got ${rawHeaders.length / 2}`, 431);
  if (!path.startsWith("/")) return malformed("expected a request target that begins with a slash");
  // RFC 9112 §3.2: "A server MUST respond with a 400 […] to any request message that contains more than one Host header field line
  // or a Host header field with an invalid field value."
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === "host") hosts += 1;
  if (hosts > 1) return malformed("expected one Host header, got several");
  return HOST.test(headers["host"] ?? "") ? undefined : malformed("expected a host in the Host header");
}

function malformed(message: string, status = 400): ServiceResponse {
  return respondRpcStatus("INVALID_ARGUMENT", message, { status, headers: { connection: "close" } });
}

function tooLarge(incoming: IncomingMessage, maximumBytes: number, mustClose: boolean): ServiceResponse {
  const length = incoming.headers["content-length"];
  const got = length ?? "more";
  return respondRpcStatus(
    "INVALID_ARGUMENT",
    `http: request body too large: expected at most ${maximumBytes} bytes, got ${got}`,
    { status: 413, ...(mustClose && { headers: { connection: "close" } }) },
  );
}

/** Sends an answer; after one to a body that was not read the connection is of no more use. */
function send(outgoing: ServerResponse, response: ServiceResponse, isHead: boolean, mustClose: boolean): Promise<void> {
  const { status, headers, body } = response;
  const length = status === 204 || status === 304 ? {} : { "content-length": body.length };
  return new Promise((resolve) => {
    outgoing.on("close", () => resolve());
    outgoing.on("finish", () => resolve());
    if (mustClose && outgoing.socket !== null) closeLater(outgoing.socket);
    outgoing.writeHead(status, { ...headers, ...length });
    outgoing.end(isHead ? undefined : body);
  });
}

/** How long a client that was answered before it had sent all may go on, before the connection is cut. */
const LINGER_MS = 2000;

/**
 * RFC 9112 §9.6: to be read, the last answer must not be overtaken by a reset; so the server "performs a half-close by closing only
 * the write side", and reads on for a while. Node does so when it ends a connection, and this is what it calls then.
 */
function closeLater(socket: Socket): void {
  socket.destroySoon = (): void => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  };
}

const MALFORMED_STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Answers what is no HTTP request; the connection ends with it. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = MALFORMED_STATUS[error.code ?? ""] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
