/**
 * Identity providers on ports of their own, for a browser to log in at; and a program that waits for its answer, as stock ones do.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceHandler } from "../../src/services/http/message.ts";
import { mount } from "../../src/services/http/mount.ts";
import { type RunningServer, startServer } from "../../src/services/http/server.ts";
import type { OidcOptions } from "../../src/services/oidc/config.ts";
import { testProvider, type TestProvider } from "../oidc-provider.ts";

/** A provider that is served. */
export interface ServedProvider extends TestProvider {
  stop(): Promise<void>;
}

/** Serves a provider below `/auth` of a free port. */
export async function serveProvider(options: Partial<OidcOptions> = {}): Promise<ServedProvider> {
  const served: { handler?: ServiceHandler } = {};
  const server: RunningServer = await startServer({
    handler: async (request) => {
      if (served.handler === undefined) throw new Error("expected a provider by now");
      return served.handler(request);
    },
    port: 0,
    nowMs: Date.now,
  });
  const provider = await testProvider({ issuer: `http://localhost:${server.port}/auth`, ...options });
  served.handler = mount({ "/auth": provider.handler });
  return { ...provider, stop: () => server.stop() };
}

/** A program that waits for a code on a free port. */
export class WaitingProgram {
  readonly redirectUri: string;
  /** The places that were asked for, one for each request. */
  readonly asked: string[];
  readonly #server: Server;

  private constructor(server: Server, host: string, asked: string[]) {
    this.#server = server;
    this.asked = asked;
    this.redirectUri = `http://${host}:${(server.address() as AddressInfo).port}/auth/callback`;
  }

  static async listen(host: "localhost" | "127.0.0.1" | "[::1]" = "localhost"): Promise<WaitingProgram> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(200, { "content-type": "text/html" }).end("<title>Back</title><h1>Back at the program</h1>");
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, host === "[::1]" ? "::1" : "127.0.0.1", resolve);
    });
    return new WaitingProgram(server, host, asked);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
