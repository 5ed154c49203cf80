/**
 * Local servers for tests, which behave as they are told: honestly, slowly, by halves, or not at all.
 */
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a test looks at it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How a server answers its `count`-th request, from 1 on. */
export type Behaviour = (response: ServerResponse, request: SeenRequest, count: number) => unknown;

/** A running server. */
export interface LocalServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** What ends a server: the context of a test. */
export interface TestScope {
  after(end: () => void): void;
}

/** Starts a server on a port of its own that ends with the test. */
export async function startServer(scope: TestScope, behaviour: Behaviour): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      Promise.resolve(behaviour(response, request, requests.length)).catch((error: unknown) =>
        response.destroy(error as Error),
      );
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  scope.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, requests };
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

/** Promises more than it sends, and hangs up. */
export function sendHalf(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-length": String(2 * text.length) });
  response.write(text, () => response.destroy());
}

/** An address where nobody listens. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => {
    server.close(closed);
  });
  return `http://localhost:${port}`;
}
