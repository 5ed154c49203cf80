/**
 * Where a browser brings the answer of a login: a server on this machine, for one answer (RFC 8252 §7.3 and §8.3).
 *
 * Listens on 127.0.0.1 alone, on a port of the system's choice; takes an answer with the state of this login and no other.
 */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { equalBytes } from "../../encoding/bytes.ts";
import { utf8Encode } from "../../encoding/text.ts";

/** The path that stock clients register with identity providers. */
const CALLBACK_PATH = "/auth/callback";

/** What came back: the code, or the provider's error. */
export type LoginAnswer =
  | { readonly kind: "code"; readonly code: string; readonly issuer: string | undefined }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** A server that waits for one answer. */
export class LoopbackServer {
  /** Where the browser is to be sent back to. */
  readonly redirectUri: string;
  /** The answer with this login's state. */
  readonly answer: Promise<LoginAnswer>;
  readonly #server: Server;

  private constructor(server: Server, answer: Promise<LoginAnswer>) {
    this.#server = server;
    this.answer = answer;
    this.redirectUri = `http://localhost:${(server.address() as AddressInfo).port}${CALLBACK_PATH}`;
  }

  /** Listens. @throws what node:net throws when no port is to be had */
  static async listen(state: string): Promise<LoopbackServer> {
    const { promise, resolve } = Promise.withResolvers<LoginAnswer>();
    const server = createServer((request, response) => {
      const answer = answerIn(request, state);
      if (answer === undefined) return refuse(response);
      show(response, answer);
      resolve(answer);
    });
    server.requestTimeout = 10_000;
    await new Promise<void>((listening, failed) => {
      server.once("error", failed);
      server.listen(0, "127.0.0.1", listening);
    });
    return new LoopbackServer(server, promise);
  }

  /** Ends; an answer on its way to the browser is still brought there. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }
}

function answerIn(request: IncomingMessage, state: string): LoginAnswer | undefined {
  const { url = "/" } = request;
  // Any page may ask here for anything, such as `//`: what is no address is none of ours.
  if (!URL.canParse(url, "http://localhost")) return undefined;
  const address = new URL(url, "http://localhost");
  if (request.method !== "GET" || address.pathname !== CALLBACK_PATH) return undefined;
  const { searchParams } = address;
  // RFC 6749 §10.12: "The client MUST implement CSRF protection for its redirection URI".
  if (!equalBytes(utf8Encode(searchParams.get("state") ?? ""), utf8Encode(state))) return undefined;
  const code = searchParams.get("code");
  if (code !== null && code !== "") return { kind: "code", code, issuer: searchParams.get("iss") ?? undefined };
  const description = searchParams.get("error_description") ?? "";
  return { kind: "error", error: searchParams.get("error") ?? "no code", description };
}

function refuse(response: ServerResponse): void {
  send(response, 404, "Nothing here", "This page belongs to another login.");
}

function show(response: ServerResponse, answer: LoginAnswer): void {
  if (answer.kind === "code")
    send(response, 200, "You are logged in", "You can close this window and go back to the terminal.");
  else send(response, 400, "The login did not succeed", "Go back to the terminal: it says why.");
}

/** A page without scripts, links or anything of the request's. */
function send(response: ServerResponse, status: number, title: string, words: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>${title}</title>` +
      `<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui;max-width:32rem;margin:20vh auto;padding:0 1rem}</style>` +
      `<h1>${title}</h1><p>${words}</p></html>`,
  );
}
