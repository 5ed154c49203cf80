/**
 * Discovery documents and keys over HTTP: the port of issuer-keys.ts on the client of clients/http.
 *
 * Redirects come back as they are, for issuer-keys.ts to judge. Where an issuer has authorities of its own, they are trusted for it alone.
 * The cluster's service account token goes only where `isCluster` is said. Leaves out: reading the cluster's files (the instance).
 */
import type { HttpOptions } from "../../clients/http/http-client.ts";
import { HttpClient } from "../../clients/http/http-client.ts";
import type { HttpRequest } from "../../clients/http/http-request.ts";
import { LIMITS } from "../../limits.ts";
import type { IssuerHttp } from "./issuer-keys.ts";

/** The cluster's own Kubernetes API: who vouches for it (PEM), and with what we ask it; read anew each time, as both are rotated. */
export interface ClusterAccess {
  readonly read: () => Promise<{ readonly caCertificates: string; readonly token: string | undefined }>;
}

/** The original waits ten seconds for a discovery document. */
const TIMEOUT_MS = 10_000;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Fetches with clients of these options, one for each set of authorities. */
export function issuerHttp(options: HttpOptions, cluster?: ClusterAccess): IssuerHttp & { readonly close: () => void } {
  const clients = new Map<string, HttpClient>();
  const clientFor = (caCertificates: string): HttpClient => {
    let client = clients.get(caCertificates);
    if (client === undefined) {
      const authorities = [options.caCertificates ?? "", caCertificates].join("\n").trim();
      client = new HttpClient({ ...options, ...(authorities !== "" && { caCertificates: authorities }) });
      clients.set(caCertificates, client);
    }
    return client;
  };
  return {
    async get(url, { caCertificates, isCluster }) {
      const access = isCluster ? await cluster?.read() : undefined;
      const client = clientFor(access?.caCertificates ?? caCertificates);
      const { status, headers, bytes } = await client.send(requestOf(url, access?.token));
      return { status, location: headers.get("location"), body: bytes };
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

function requestOf(url: string, token: string | undefined): HttpRequest {
  return {
    service: "OpenID issuer",
    method: "GET",
    url,
    headers: { accept: "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    secrets: token === undefined ? [] : [token],
    maxBytes: LIMITS.serviceAnswerBytes,
    repeat: "always",
    timeoutMs: TIMEOUT_MS,
    understood: REDIRECTS,
  };
}
